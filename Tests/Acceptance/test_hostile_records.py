"""What an attacker writes into a request must neither drive the operator's terminal or page, nor leave a credential in a
record, nor make the server late."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import flows
from command_line import new_machine, on
from demo_server import Demo
from mutation_world import World, decode, encode
from token_requests import token_request
from wire import call, exact, present

PASSWORD = "hunter2xyz"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = Demo(tmp_path_factory.mktemp("hostile"))
    yield World(server)
    assert server.stop() == 0, server.printed()[-4000:]


def forged(world, **claims):
    header, payload, _ = world.token().split(".")
    body = decode(payload) | claims
    return f"{header}.{encode(json.dumps(body).encode())}.{encode(bytes(64))}"


HOSTILE = "\u001b]0;pwned\u0007\u001b[2J\nFAKE LINE ok\u202e"
FENCED = "x\n```\n\n[Sign in again](https://evil.example/login)\n\n```\n"


def test_no_text_of_a_caller_drives_the_terminal(world):
    answer = world.api(token=forged(world, aud=[decode(world.token().split(".")[1])["aud"], HOSTILE, FENCED]))
    _, text = world.record(answer.headers["Trace-Id"])
    shown = on(world.data, "explain", answer.headers["Trace-Id"]).stdout
    assert "audience" in shown and "\\u{1b}" in shown
    for character in "\u001b\u0007\u202e":
        assert character not in shown
        assert json.dumps(character)[1:-1] not in text
    assert not any(line.strip().startswith("FAKE LINE") for line in shown.splitlines())
    assert not any(line.strip().startswith(("```", "[Sign")) for line in shown.splitlines())


def test_a_record_stays_small(world):
    answer = world.api(token=forged(world, aud=["y" * 5000], scope="z" * 5000))
    _, text = world.record(answer.headers["Trace-Id"])
    assert len(text) < 8000


def person(flow):
    return flow.tokens()["access_token"]


def placed(world, secret):
    """The secret in each place where nobody looks for it."""
    api = world.contracts["oauth"]["base"]
    yield "path", lambda: exact(world.issuer, "GET", f"/api/notes/{secret}/x")
    yield "user agent", lambda: call("GET", f"{api}/notes", headers={"User-Agent": f"curl {secret}"})
    yield "accept", lambda: call("GET", f"{api}/notes", headers={"Accept": f"text/{secret}"})
    yield "content type", lambda: call("GET", f"{api}/notes", headers={"Content-Type": secret})
    yield "query name", lambda: call("GET", f"{api}/notes?{secret}=1")
    yield "scheme", lambda: call("GET", f"{api}/notes", headers={"Authorization": f"{secret} {secret}"})
    yield "no scheme", lambda: call("GET", f"{api}/notes", headers={"Authorization": secret})
    yield "client_id", lambda: world.machine(id=secret)
    yield "scope", lambda: world.machine(scope=secret)
    yield "authorize", lambda: world.authorize(client_id=secret)


def test_no_token_stays_in_a_record_wherever_it_was_put(world):
    smartcar = flows.smartcar(world.manifest).tokens()
    secret = world.client("machine")["client_secret"]
    kept = []
    for name, planted in [
        ("UUID access token", smartcar["access_token"]),
        ("UUID refresh token", smartcar["refresh_token"]),
        ("secret", secret),
        ("secret without its beginning", secret.removeprefix("dws_")),
    ]:
        for place, send in placed(world, planted):
            trace = send().headers["Trace-Id"]
            _, text = world.record(trace)
            if planted in text:
                kept.append(f"{name} in {place}: {trace}")
    assert kept == []


def test_no_password_stays_in_a_record(world):
    machine, web = world.client("machine"), world.client("web")
    said = {"client_id": machine["client_id"], "grant_type": "client_credentials"}
    token = f"{world.issuer}/oauth/token"
    sent = {
        "twice": call("POST", token, data=[*said.items(), ("Password", PASSWORD), ("Password", PASSWORD)]),
        "spelled otherwise": call("POST", token, data=[*said.items(), ("clientSecret", PASSWORD), ("clientSecret", PASSWORD)]),
        "a template": world.api(authorization=f"Bearer ${PASSWORD}"),
        "a secret like a template": world.machine(secret=f"${PASSWORD}"),
        "a secret like an example": world.machine(secret=f"Insert-{PASSWORD}"),
        "in an address": world.authorize(redirect_uri=f"{web['redirect_uris'][0]}?pw={PASSWORD}"),
        "in a browser's name": call("GET", f"{world.issuer}/api/notes", headers={"User-Agent": f"http://ada:{PASSWORD}@h/"}),
        "in Basic": call("GET", f"{world.issuer}/api/notes",
                         headers={"Authorization": "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()}),
        "in a cookie": call("GET", f"{world.issuer}/api/notes?x={PASSWORD}", headers={"Cookie": f"token={PASSWORD}"}),
        "in JSON": call("POST", f"{world.contracts['kordiam']['base']}/api/v2/auth/token",
                        json={"client_id": PASSWORD, "client_secret": PASSWORD, "grant_type": PASSWORD}),
    }  # fmt: skip
    kept = {name for name, answer in sent.items() if PASSWORD in world.record(answer.headers["Trace-Id"])[1]}
    assert kept == set()


def test_a_public_client_that_names_itself_has_proven_nothing(world):
    answer = token_request(f"{world.issuer}/oauth/token", None, {
        "client_id": world.client("public")["client_id"], "grant_type": "refresh_token", "refresh_token": "dwr_" + "b" * 43,
    })  # fmt: skip
    record, _ = world.record(answer.headers["Trace-Id"])
    assert record["client_state"] == "claimed"


def test_hard_work_for_the_journal_delays_no_revocation(world):
    """Requests that cost the second look the most, while a client is disabled by another process."""
    made = [new_machine(world.data, f"m{n}", "--grant", "client_credentials", "--scope", "api.read") for n in range(20)]
    victim = made[-1]
    words = " ".join(f"pro{n}" for n in range(2000))
    token = f"{world.issuer}/oauth/token"

    def attack(_):
        body = {"client_id": made[0]["client_id"], "client_secret": "wrong", "grant_type": "client_credentials", "scope": words}
        return call("POST", token, data=body)

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(attack, n) for n in range(60)]
        assert on(world.data, "client", "disable", victim["client_id"]).code == 0
        disabled = time.monotonic()
        while token_request(token, victim, {"grant_type": "client_credentials"}).status_code == 200:
            assert time.monotonic() - disabled < 3
        for each in sent:
            each.result()
    # And every one of them is in the journal soon.
    last = sent[-1].result().headers["Trace-Id"]
    assert world.record(last)[0]
    assert call("GET", f"{world.issuer}/api/notes", headers=present("oauth", world.token())).status_code == 200
