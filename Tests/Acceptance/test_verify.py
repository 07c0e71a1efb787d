"""/verify, the forward-auth endpoint, and the identity headers of the gate."""

from urllib.parse import quote, urlsplit

import pytest

from equivalence import comparable
from token_requests import skip_loudly
from wire import call, exact, media_type, present

CONTRACTS = [
    "oauth",
    "problem",
    "smartcar-v2",
    "smartcar-v3",
    "shaid",
    "kordiam",
    "cyoda",
]
KINDS = [
    "absent",
    "expired",
    "revoked",
    "forbidden",
    "unknown",
    "bad_signature",
    "untrusted_issuer",
]
SPOOFED = "spoofed-by-the-caller"


def forwarded(issuer, path, method="GET"):
    """As Caddy and Traefik describe the request they hold."""
    address = urlsplit(issuer)
    return {
        "X-Forwarded-Method": method,
        "X-Forwarded-Proto": address.scheme,
        "X-Forwarded-Host": address.netloc,
        "X-Forwarded-Uri": path,
    }


def original(issuer, path, method="GET"):
    """As nginx is usually told to: method and URI, the host as it came."""
    return {"X-Original-Method": method, "X-Original-URI": path}


def identity(answer) -> dict:
    return {
        name.lower(): value
        for name, value in answer.headers.items()
        if name.lower().startswith("x-auth-")
    }


@pytest.fixture(params=[forwarded, original], ids=["forwarded", "original"])
def verify(request, issuer):
    def send(path, headers=None):
        described = request.param(issuer, path)
        return call("GET", f"{issuer}/verify", headers={**described, **(headers or {})})

    return send


def test_every_identity_header_is_on_every_200(verify, contracts, gate_path):
    names = {}
    for contract in CONTRACTS:
        token = contracts[contract]["tokens"]["valid"]
        answer = verify(gate_path(contract), present(contract, token))
        assert answer.status_code == 200, (contract, answer.text)
        assert answer.headers["Trace-Id"]
        assert any(identity(answer).values()), f"{contract}: nobody is identified"
        names[contract] = set(identity(answer))
    # Caddy passes a placeholder on for each header that is missing.
    assert set(map(frozenset, names.values())) == {frozenset(names["oauth"])}, names
    assert len(names["oauth"]) >= 2


def test_identity_headers_are_there_where_nobody_is_identified(
    verify, contracts, gate_path
):
    token = contracts["oauth"]["tokens"]["valid"]
    known = verify(gate_path("oauth"), present("oauth", token))
    public = verify("/cyoda/api/help/errors.UNAUTHORIZED")
    assert public.status_code == 200, public.text
    assert set(identity(public)) == set(identity(known))


def test_shaid_token_in_the_query_of_the_target(verify, contracts, gate_path):
    token = contracts["shaid"]["tokens"]["valid"]
    path = f"{gate_path('shaid')}?access_token={quote(token)}"
    assert verify(path).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_refusals_are_those_of_the_gate(verify, contracts, gate_path, contract, kind):
    entry = contracts[contract]
    if kind == "absent":
        headers = {}
    elif kind in entry["tokens"]:
        headers = present(contract, entry["tokens"][kind])
    else:
        pytest.skip(f"{contract} has no token that is {kind}")
    through = call("GET", entry["base"] + entry["protected"], headers=headers)
    asked = verify(gate_path(contract), headers)
    assert through.status_code == (403 if kind == "forbidden" else 401)
    gate, verified = comparable(through), comparable(asked)
    assert verified[0] == gate[0]
    assert verified[2] == gate[2]
    assert media_type(asked) == media_type(through)
    assert asked.headers.get("WWW-Authenticate") == through.headers.get(
        "WWW-Authenticate"
    )
    assert identity(asked) == {}


def test_no_target(issuer, contracts):
    token = contracts["oauth"]["tokens"]["valid"]
    answer = call("GET", f"{issuer}/verify", headers=present("oauth", token))
    assert 400 <= answer.status_code < 500


def test_identity_sent_by_the_caller_is_not_believed(verify, contracts, gate_path):
    token = contracts["oauth"]["tokens"]["valid"]
    genuine = verify(gate_path("oauth"), present("oauth", token))
    headers = {name: SPOOFED for name in identity(genuine)}
    answer = verify(gate_path("oauth"), {**headers, **present("oauth", token)})
    assert identity(answer) == identity(genuine)
    assert verify(gate_path("oauth"), headers).status_code == 401


def test_spoofed_identity_never_reaches_the_upstream(issuer, contracts, gate_path):
    token = contracts["oauth"]["tokens"]["valid"]
    bearer = present("oauth", token)
    whoami = call("GET", f"{issuer}/api/whoami", headers=bearer)
    if whoami.status_code == 404:
        skip_loudly("the sample API has no GET /api/whoami to show what reached it")
    assert whoami.status_code == 200, whoami.text
    genuine = {name.lower(): value for name, value in whoami.json().items()}
    names = set(
        identity(
            call(
                "GET",
                f"{issuer}/verify",
                headers={**forwarded(issuer, gate_path("oauth")), **bearer},
            )
        )
    )
    assert names
    spoofed = []
    for name in sorted(names | {"x-auth-subject", "x-auth-anything-else"}):
        # Servers that map headers to variables read all of these as one name.
        for spelling in (
            name,
            name.upper(),
            name.replace("-", "_"),
            name.replace("-", "_").title(),
        ):
            spoofed.append((spelling, SPOOFED))
    answer = exact(
        issuer, "GET", "/api/whoami", [*bearer.items(), *spoofed, *spoofed[:1]]
    )
    assert answer.status_code == 200, answer.text
    assert SPOOFED not in answer.text
    received = {name.lower(): value for name, value in answer.json().items()}
    assert received == genuine


def ambiguous(path: str) -> dict:
    """Spellings two parsers could read as two different paths."""
    head, _, last = path.rpartition("/")
    first = path.split("/")[1]
    return {
        "encoded slash": f"{head}%2f{last}",
        "encoded slash, upper case": f"{head}%2F{last}",
        "two slashes": f"{head}//{last}",
        "two slashes first": f"/{path}",
        "parameter": f"{head};x=y/{last}",
        "parameter last": f"{path};x",
        "backslash": f"{head}\\{last}",
        "encoded backslash": f"{head}%5c{last}",
        "dots": f"{head}/../{head.rpartition('/')[2]}/{last}",
        "dots across the mount": f"/{first}/../{first}/{path.split('/', 2)[2]}",
        "single dot": f"{head}/./{last}",
        "encoded dots": f"{head}/%2e%2e/{last}",
        "half encoded dots": f"{head}/.%2e/{last}",
        "dots before a parameter": f"{head}/..;/{last}",
        "double encoding": f"{head}%252f{last}",
        "double encoded dots": f"{head}/%252e%252e/{last}",
        "NUL": f"{path}%00",
        "bad escape": f"{path}%zz",
        "overlong slash": f"{head}%c0%af{last}",
    }


SPELLINGS = sorted(ambiguous("/a/b/c"))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("contract", ["oauth", "kordiam", "shaid"])
def test_ambiguous_target_at_verify(verify, contracts, gate_path, contract, spelling):
    # With a valid token, so that nothing but the target can be the reason.
    headers = present(contract, contracts[contract]["tokens"]["valid"])
    target = ambiguous(gate_path(contract))[spelling]
    answer = verify(target, headers)
    assert 400 <= answer.status_code < 500, (target, answer.status_code)
    assert identity(answer) == {}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("contract", ["oauth", "kordiam", "shaid"])
def test_ambiguous_target_at_the_gate(contracts, gate_path, contract, spelling):
    entry = contracts[contract]
    target = ambiguous(gate_path(contract))[spelling]
    headers = present(contract, entry["tokens"]["valid"]).items()
    answer = exact(entry["base"], "GET", target, headers)
    assert 400 <= answer.status_code < 500, (target, answer.status_code)


@pytest.mark.parametrize(
    "address", ["http://evil.example", "https://evil.example:443", "//evil.example"]
)
def test_absolute_target(verify, contracts, gate_path, issuer, address):
    headers = present("oauth", contracts["oauth"]["tokens"]["valid"])
    target = address + gate_path("oauth")
    assert 400 <= verify(target, headers).status_code < 500
    # As a request line the absolute form must be understood (RFC 9112 section 3.2.2);
    # only a proxy that asks about one is refused.


def test_two_descriptions_that_disagree(issuer, contracts, gate_path):
    headers = {
        **forwarded(issuer, "/cyoda/api/help/errors.UNAUTHORIZED"),
        **original(issuer, gate_path("oauth")),
    }
    # One of the two is public: nobody without a token may choose which one counts.
    answer = call("GET", f"{issuer}/verify", headers=headers)
    assert 400 <= answer.status_code < 500


def test_answers_of_both_ways_are_alike(issuer, contracts):
    """A refusal given on the event loop and one that went through the framework (it has a body) are the same bytes."""
    for name, entry in contracts.items():
        url = entry["base"] + entry["protected"]
        short = call("GET", url)
        long = call("GET", url, data=b"x")
        for answer in (short, long):
            for header in ("Trace-Id", "SC-Request-Id", "Date"):
                answer.headers.pop(header, None)
        assert short.status_code == long.status_code
        assert dict(short.headers) == dict(long.headers), name
        assert len(short.content) == len(long.content)
        assert short.reason == long.reason


@pytest.mark.parametrize("query", ["?%zz", "?#", "?" + "a" * 17_000], ids=["encoding", "fragment", "length"])
def test_a_target_of_its_own_that_cannot_be_read(issuer, contracts, gate_path, query):
    described = {**forwarded(issuer, gate_path("oauth")), **present("oauth", contracts["oauth"]["tokens"]["valid"])}
    for headers in (described, {**described, "Content-Length": "0"}):
        assert exact(issuer, "GET", f"/verify{query}", list(headers.items())).status_code == 400
