"""Provoking by header and by magic value: of single reasons, of whom, and what cannot be had.

That each code equals the real one in every contract is for test_provoke_everywhere.py.
"""

import pytest

import flows
from command_line import DONE, on
from provoking import HEADER, assert_provoked, shape
from wire import basic, call, exact, present


@pytest.fixture(scope="module")
def api(contracts):
    """Asks at a contract's protected route with its valid token."""

    def ask(contract, code=None, token="valid", path=None, method="GET", **headers):
        entry = contracts[contract]
        sent = present(contract, entry["tokens"].get(token, token)) if token else {}
        if code:
            sent[HEADER] = code
        return call(method, entry["base"] + (path or entry["protected"]), headers=sent | headers)

    return ask


ALL = ["oauth", "problem", "smartcar-v2", "smartcar-v3", "shaid", "kordiam", "cyoda"]
SIGNED = ["oauth", "problem", "smartcar-v3", "kordiam", "cyoda"]


@pytest.mark.parametrize("contract", SIGNED)
@pytest.mark.parametrize(
    "token, code, reason",
    [
        ("not_yet_valid", "ACCESS_TOKEN_NOT_YET_VALID", "token_not_yet_valid"),
        ("wrong_audience", "ACCESS_TOKEN_AUDIENCE_MISMATCH", "token_audience_mismatch"),
        ("untrusted_issuer", "ACCESS_TOKEN_INVALID", "token_issuer_untrusted"),
        ("bad_signature", "ACCESS_TOKEN_INVALID", "token_signature_invalid"),
    ],
)
def test_a_signed_token(api, contract, token, code, reason):
    assert_provoked(api(contract, f"{code};reason={reason}"), api(contract, token=token))


def test_what_the_front_door_says_before_it_knows_an_api(api, issuer, contracts):
    ambiguous = exact(issuer, "GET", "/api/../notes")
    code = "REQUEST_MALFORMED;reason=target_ambiguous"
    assert_provoked(api("oauth", code), ambiguous)
    assert_provoked(api("smartcar-v2", code), ambiguous)
    large = exact(issuer, "GET", "/api/notes", [("X-Large", "a" * 100_000)])
    assert_provoked(api("kordiam", "HEADERS_TOO_LARGE"), large)


# -- Endpoints for clients

ENDPOINTS = {
    "oauth": ("machine", ""),
    "smartcar-v2": ("smartcar", "/oauth/token"),
    "smartcar-v3": ("smartcar", "/oauth2/token"),
    "kordiam": ("kordiam", "/api/v2/auth/token"),
    "cyoda": ("cyoda", "/api/oauth/token"),
}


@pytest.fixture(scope="module")
def token_side(contracts, clients, token_endpoint):
    def ask(contract, parameters, code=None, secret=None, headers=None, **options):
        name, path = ENDPOINTS[contract]
        client = clients[name]
        url = token_endpoint if contract == "oauth" else contracts[contract]["base"] + path
        sent = basic(client["client_id"], secret or client["client_secret"]) if headers is None else dict(headers)
        if code:
            sent[HEADER] = code
        method = options.pop("method", "POST")
        return call(method, url, headers=sent, data=parameters, **options)

    return ask


GOOD = {"grant_type": "client_credentials"}


def test_introspection_and_revocation(issuer, clients):
    client = clients["machine"]
    headers = basic(client["client_id"], client["client_secret"])
    for path, code in [("introspect", "INTROSPECTION_INACTIVE"), ("revoke", "REVOCATION_IGNORED")]:
        url = f"{issuer}/oauth/{path}"
        real = call("POST", url, data={"token": "abc"}, headers=headers)
        assert_provoked(call("POST", url, data={"token": "abc"}, headers=headers | {HEADER: code}), real)
        missing = call("POST", url, data={}, headers=headers)
        malformed = call("POST", url, data={"token": "abc"}, headers=headers | {HEADER: "TOKEN_REQUEST_MALFORMED"})
        assert_provoked(malformed, missing)


def test_userinfo(issuer, manifest, contracts):
    address = f"{issuer}/oauth/userinfo"
    good = present("oauth", flows.web(manifest).tokens()["access_token"])
    for token, code in [("valid", "SCOPE_INSUFFICIENT"), ("expired", "ACCESS_TOKEN_EXPIRED")]:
        real = call("GET", address, headers=present("oauth", contracts["oauth"]["tokens"][token]))
        assert_provoked(call("GET", address, headers=good | {HEADER: code}), real)


# -- What cannot be had, and who may not


@pytest.mark.parametrize(
    "value, words",
    [
        ("NO_SUCH_CODE", "no such code"),
        ("ACCESS_TOKEN_EXPIRD", "perhaps ACCESS_TOKEN_EXPIRED"),
        ("CODE_REJECTED", "at the token"),
        ("ACCESS_TOKEN_EXPIRED;reason=code_reused", "token_expired"),
        ("ACCESS_TOKEN_EXPIRED;x=1", ";reason=REASON"),
        ("CONFIGURATION_INVALID", "at the terminal"),
    ],
)
def test_what_cannot_be_had_is_refused_and_says_what_can(api, value, words):
    answer = api("oauth", value)
    assert answer.status_code == 400
    assert answer.json()["code"] == "REQUEST_MALFORMED"
    assert words in answer.headers["Provoke-Problem"], answer.headers
    assert answer.headers["Provoke-Problem"].isascii()
    assert "Provoked" not in answer.headers


def test_who_is_not_proven_provokes_nothing_and_it_is_recorded(api, demo, issuer, clients, manifest):
    def counted():
        lines = call("GET", f"{issuer}/metrics").text.splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if 'code="PROVOCATION_IGNORED"' in line)

    before = counted()
    for answer, real in [
        (api("oauth", "UPSTREAM_TIMEOUT", token=None), api("oauth", token=None)),
        (api("oauth", "UPSTREAM_TIMEOUT", token="expired"), api("oauth", token="expired")),
    ]:
        assert "Provoked" not in answer.headers
        assert shape(answer) == shape(real)
    public = clients["public"]
    flow = flows.public(manifest)
    code = {"grant_type": "authorization_code", "code": "x", "client_id": public["client_id"]}
    answer = call("POST", flow.token, data=code, headers={HEADER: "STORAGE_UNAVAILABLE"})
    assert answer.status_code == 400 and "Provoked" not in answer.headers
    assert counted() == before + 3
    # The trace leads to the refusal that was given, which says that more was asked for.
    told = on(demo.data, "explain", answer.headers["Trace-Id"], "--format", "json").json()
    assert told["provoked"] is False and told["code"] == "CODE_REJECTED"
    assert told["request"]["provocation"] == "ignored"


def test_the_record_says_that_it_was_provoked(api, demo):
    answer = api("cyoda", "ACCESS_TOKEN_REVOKED;reason=token_revoked_by_containment")
    ran = on(demo.data, "explain", answer.headers["Trace-Id"])
    assert ran.code == DONE and ran.stdout.startswith("PROVOKED"), ran.output


# -- Magic values


@pytest.mark.parametrize("contract", ALL)
@pytest.mark.parametrize("kind", ["expired", "revoked_by_client"])
def test_a_magic_token_in_every_contract(api, contract, kind):
    real = api(contract, token={"expired": "expired", "revoked_by_client": "revoked"}[kind])
    assert_provoked(api(contract, token=f"test_token_{kind}"), real)


def test_magic_codes_and_refresh_tokens(token_side, manifest, clients, contracts):
    code = {"grant_type": "authorization_code", "redirect_uri": "x"}
    for value in ("test_code_reused", "test_code_expired"):
        provoked = token_side("smartcar-v2", code | {"code": value})
        real = token_side("smartcar-v2", code | {"code": "0f8fad5b-d9cb-469f-a165-70867728950e"})
        assert_provoked(provoked, real)
    again = {"grant_type": "refresh_token"}
    provoked = token_side("smartcar-v2", again | {"refresh_token": "test_refresh_token_reused"})
    real = token_side("smartcar-v2", again | {"refresh_token": "0f8fad5b-d9cb-469f-a165-70867728950e"})
    assert_provoked(provoked, real)
    stranger = token_side("smartcar-v2", again | {"refresh_token": "test_refresh_token_reused"}, secret="wrong")
    assert stranger.status_code == 401 and "Provoked" not in stranger.headers


def test_what_is_no_reason_is_no_magic(api):
    answer = api("oauth", token="test_of_something")
    assert answer.status_code == 401 and "Provoked" not in answer.headers
