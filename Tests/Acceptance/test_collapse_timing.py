"""Within a collapse group the causes take the same time: samples of each in turn, their medians and ranks compared.

What is asserted is generous, since the machine may be shared; what was measured stands at the end of the run.
"""

import http.client
import math
import random
import time
from statistics import NormalDist, median
from urllib.parse import urlencode, urlsplit

import pytest

import flows
from command_line import create_user, on
from demo_server import Demo
from mutation_world import World
from pages import Browser
from token_requests import token_request
from wire import basic, call, present

ROUNDS = 150
# A password's check takes long on purpose, and a name is throttled after a few attempts.
SIGN_IN_ROUNDS = 19
ATTEMPTS_A_NAME = 4
FACTOR = 2
SLACK_SECONDS = 0.001
PASSWORD = "a good password"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A demo of its own: no flood of another test is near."""
    server = Demo(tmp_path_factory.mktemp("timing"))
    yield World(server)
    assert server.stop() == 0, server.printed()[-4000:]


def rank(first, second) -> tuple[float, float]:
    """How often a sample of the second is the slower one, and how likely that is by chance (Mann and Whitney)."""
    ordered = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(place for place, (_, which) in enumerate(ordered, 1) if which)
    n, m = len(first), len(second)
    u = ranks - m * (m + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return u / (n * m), 2 * (1 - NormalDist().cdf(abs(z)))


class Sampler:
    """Times requests over one connection, the causes in an order drawn anew each round."""

    def __init__(self, issuer):
        address = urlsplit(issuer)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)

    def time(self, method, url, headers=None, form=None) -> tuple[float, int]:
        fields = dict(headers or {})
        body = None
        if form is not None:
            body, fields["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.connection.request(method, url, body, fields)
        answer = self.connection.getresponse()
        answer.read()
        return time.perf_counter() - start, answer.status

    def sample(self, causes: dict, rounds: int) -> dict[str, list[float]]:
        """`causes`: by name, what gives the request's parts for a round."""
        order = random.Random(5)
        names = list(causes)
        taken, statuses = {name: [] for name in names}, set()
        # The first round warms up both sides.
        for number in range(rounds + 1):
            order.shuffle(names)
            for name in names:
                seconds, status = self.time(**causes[name](number))
                statuses.add(status)
                if number:
                    taken[name].append(seconds)
        assert len(statuses) == 1, statuses
        return taken


def compare(request, world, group, causes, rounds=ROUNDS):
    """Notes the table's lines, and fails where a median is out of all proportion."""
    constant = {name: cause if callable(cause) else (lambda _, cause=cause: cause) for name, cause in causes.items()}
    taken = Sampler(world.issuer).sample(constant, rounds)
    (reference, first), *_ = taken.items()
    lines = request.config.stash.setdefault(SUMMARY, [])
    if not lines:
        lines.append(f"{'group':20}{'cause':34}{'n':>4}{'median ms':>11}{'ratio':>8}{'slower':>8}{'p':>9}")
    for name, seconds in taken.items():
        slower, chance = rank(first, seconds) if name != reference else (0.5, 1.0)
        ratio = median(seconds) / median(first)
        lines.append(
            f"{group:20}{name:34}{len(seconds):4}{1000 * median(seconds):11.3f}{ratio:8.2f}{slower:8.2f}{chance:9.1g}"
        )
    medians = {name: median(seconds) for name, seconds in taken.items()}
    assert max(medians.values()) <= FACTOR * min(medians.values()) + SLACK_SECONDS, medians


SUMMARY = pytest.StashKey[list]()


def posted(world, path, parameters, client):
    secret = basic(client["client_id"], client["client_secret"])
    return {"method": "POST", "url": f"{world.issuer}{path}", "headers": secret, "form": parameters}


def test_the_rank_test_tells_slow_from_fast():
    fast, slow = [1 + i / 100 for i in range(50)], [1.4 + i / 100 for i in range(50)]
    assert rank(fast, slow)[0] > 0.9 and rank(fast, slow)[1] < 1e-6
    assert rank(fast, fast[::-1])[1] > 0.5


def test_clients_that_fail(world, request):
    machine, disabled = world.clients["machine"], world.clients["disabled"]
    rotated = dict(world.new_client("rotated", "--grant", "client_credentials", "--scope", "api.read"))
    world.rotate("rotated")
    impostors = {
        "unknown": {"client_id": "no-such-client", "client_secret": machine["client_secret"]},
        "wrong secret": machine | {"client_secret": "wrong"},
        "nearly the right secret": machine | {"client_secret": machine["client_secret"][:-1] + "_"},
        "expired secret": rotated,
        "disabled": disabled,
    }
    grant = {"grant_type": "client_credentials"}
    compare(request, world, "clients", {n: posted(world, "/oauth/token", grant, c) for n, c in impostors.items()})


def test_codes_that_fail(world, request):
    web = world.clients["web"]
    flow, other = world.flow(), world.flow("public")
    assert flow.exchange(flow.given).status_code == 200
    assert flow.exchange(flow.given).status_code == 400
    codes = {"unknown": "x" * len(flow.given), "redeemed": flow.given, "another client's": other.given}
    more = {"grant_type": "authorization_code", "redirect_uri": flow.redirect_uri, "code_verifier": flow.verifier}
    compare(request, world, "codes", {n: posted(world, "/oauth/token", more | {"code": c}, web) for n, c in codes.items()})


def test_refresh_tokens_that_fail(world, request):
    web = world.clients["web"]
    replayed = world.tokens()["refresh_token"]
    successor = world.refresh(token=replayed).json()["refresh_token"]
    current = world.refresh(token=successor).json()["refresh_token"]
    assert world.refresh(token=replayed).status_code == 400
    tokens = {
        "unknown": "x" * len(replayed),
        "replayed": replayed,
        "unused, of the revoked family": current,
        "another client's": world.tokens("public")["refresh_token"],
    }
    more = {"grant_type": "refresh_token"}
    causes = {n: posted(world, "/oauth/token", more | {"refresh_token": t}, web) for n, t in tokens.items()}
    compare(request, world, "refresh tokens", causes)


@pytest.mark.parametrize("contract", ["oauth", "smartcar-v3", "shaid"])
def test_tokens_that_are_not_ours(world, contract, request):
    entry = world.contracts[contract]
    kinds = [kind for kind in ("unknown", "bad_signature", "untrusted_issuer", "revoked") if kind in entry["tokens"]]
    assert len(kinds) >= 2
    url = entry["base"] + entry["protected"]
    causes = {kind: {"method": "GET", "url": url, "headers": present(contract, entry["tokens"][kind])} for kind in kinds}
    compare(request, world, f"tokens {contract}", causes)


def test_signing_in(world, request):
    flow = flows.web(world.manifest)
    browser = flow.begin(Browser(world.issuer))
    form = browser.page.form_with("Sign in")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies)
    headers = {"Cookie": cookies, "Origin": world.issuer, "Referer": browser.answer.url}
    known = [f"known{number}@timing.example" for number in range(-(-(SIGN_IN_ROUNDS + 1) // ATTEMPTS_A_NAME))]
    for username in known:
        assert create_user(world.data, username, PASSWORD).code == 0
    disabled = [name.replace("known", "disabled") for name in known]
    for username in disabled:
        assert create_user(world.data, username, PASSWORD).code == 0
        assert on(world.data, "user", "disable", username).code == 0
    time.sleep(0.5)

    def attempt(names, password):
        def parts(number):
            form.labelled("Email", "Username").value = names[number // ATTEMPTS_A_NAME]
            form.labelled("Password").value = password
            target = form.action if form.action.startswith("http") else world.issuer + form.action
            return {"method": "POST", "url": target, "headers": headers, "form": form.sent(form.button("Sign in"))}

        return parts

    strangers = [name.replace("known", "nobody") for name in known]
    causes = {
        "unknown user": attempt(strangers, PASSWORD),
        "wrong password": attempt(known, "not the password"),
        "disabled user": attempt(disabled, PASSWORD),
    }
    compare(request, world, "sign-in", causes, SIGN_IN_ROUNDS)


def test_traces_that_a_developer_may_not_see(world, request):
    machine, web = world.clients["machine"], world.clients["web"]
    assert create_user(world.data, "dev@timing", PASSWORD).code == 0
    assert on(world.data, "user", "develops", "dev@timing", machine["client_id"]).code == 0
    browser = Browser(world.issuer)
    browser.open(f"{world.issuer}/login")
    browser.sign_in("dev@timing", PASSWORD)
    headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies), "Accept": "application/json"}
    foreign = token_request(f"{world.issuer}/oauth/token", web, {"grant_type": "client_credentials"}).headers["Trace-Id"]
    nobodys = call("GET", f"{world.issuer}/api/notes").headers["Trace-Id"]
    assert all(world.record(trace)[0] for trace in (foreign, nobodys))
    traces = {"unknown": "0123456789abcdef" * 2, "another client's": foreign, "nobody's": nobodys}
    url = f"{world.issuer}/developer/traces/"
    causes = {name: {"method": "GET", "url": url + trace, "headers": headers} for name, trace in traces.items()}
    compare(request, world, "trace not found", causes)


def test_introspection_of_dead_tokens(world, request):
    machine, tokens = world.clients["machine"], world.contracts["oauth"]["tokens"]
    presented = {
        "unknown": tokens["unknown"],
        "bad signature": tokens["bad_signature"],
        "revoked": tokens["revoked"],
        "expired": tokens["expired"],
        "another client's": world.token("kordiam"),
    }
    causes = {n: posted(world, "/oauth/introspect", {"token": token}, machine) for n, token in presented.items()}
    compare(request, world, "introspection", causes)
