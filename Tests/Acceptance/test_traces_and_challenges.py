"""What every answer carries: Trace-Id, challenges, Cache-Control."""

import pytest

from challenges import challenge_of, challenges
from token_requests import refresh, token_request
from wire import assert_not_stored, call, present

CONTRACTS = [
    "oauth",
    "problem",
    "smartcar-v2",
    "smartcar-v3",
    "shaid",
    "kordiam",
    "cyoda",
]
REFUSED = [
    "expired",
    "revoked",
    "unknown",
    "bad_signature",
    "untrusted_issuer",
    "not_yet_valid",
    "wrong_audience",
]
# What is said about a token that was presented must not be said about none.
ERROR_PARAMETERS = {"error", "error_description", "error_uri", "scope"}


def ask(contracts, contract, headers=None):
    entry = contracts[contract]
    return call("GET", entry["base"] + entry["protected"], headers=headers)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_manifest_tells_the_truth(contracts, contract):
    tokens = contracts[contract]["tokens"]
    answer = ask(contracts, contract, present(contract, tokens["valid"]))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Trace-Id"]
    for kind in REFUSED:
        if kind in tokens:
            answer = ask(contracts, contract, present(contract, tokens[kind]))
            assert answer.status_code == 401, (kind, answer.text)
    answer = ask(contracts, contract, present(contract, tokens["forbidden"]))
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("contract", CONTRACTS)
def test_challenge_without_credential_says_nothing_about_errors(contracts, contract):
    answer = ask(contracts, contract)
    assert answer.status_code == 401
    found = challenges(answer.headers["WWW-Authenticate"])
    assert found
    for scheme, parameters in found:
        assert parameters, f"{scheme} without a parameter"
        assert not ERROR_PARAMETERS & set(parameters)
    assert_not_stored(answer)
    assert answer.headers["Trace-Id"]


@pytest.mark.parametrize("contract", ["oauth", "problem", "kordiam", "smartcar-v2"])
def test_challenge_to_another_scheme_says_nothing_about_errors(contracts, contract):
    answer = ask(contracts, contract, {"Authorization": "Digest abc"})
    assert answer.status_code == 401
    parameters = challenge_of(answer, "bearer")
    assert parameters and not ERROR_PARAMETERS & set(parameters)


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize(
    "contract", ["oauth", "problem", "kordiam", "smartcar-v2", "smartcar-v3"]
)
def test_challenge_to_a_refused_token(contracts, contract, kind):
    tokens = contracts[contract]["tokens"]
    if kind not in tokens:
        pytest.skip(f"{contract} has no token that is {kind}")
    answer = ask(contracts, contract, present(contract, tokens[kind]))
    assert answer.status_code == 401
    assert challenge_of(answer, "bearer").get("error") == "invalid_token"
    assert_not_stored(answer)
    assert answer.headers["Trace-Id"]


@pytest.mark.parametrize("contract", ["shaid", "cyoda"])
def test_refusals_of_the_other_dialects_are_not_stored(contracts, contract):
    tokens = contracts[contract]["tokens"]
    for kind in (*REFUSED, "forbidden"):
        if kind in tokens:
            answer = ask(contracts, contract, present(contract, tokens[kind]))
            assert_not_stored(answer)
            assert answer.headers["Trace-Id"]


def test_insufficient_scope_names_the_scope(contracts):
    token = contracts["oauth"]["tokens"]["forbidden"]
    answer = ask(contracts, "oauth", present("oauth", token))
    assert answer.status_code == 403
    parameters = challenge_of(answer, "bearer")
    assert parameters["error"] == "insufficient_scope"
    assert parameters["scope"]
    assert_not_stored(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
        "/oauth/jwks",
        "/errors",
        "/errors/access-token-expired",
        "/errors/access-token-expired.md",
        "/errors/access-token-expired.json",
        "/errors/access-token-expired.txt",
        "/errors/access-token-expired.7",
        "/llms.txt",
        "/help",
        "/help/errors.UNAUTHORIZED",
        "/health/live",
        "/health/ready",
        "/login",
        "/no/such/path",
        "/kordiam/no/such/path",
        "/api/no/such/path",
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/userinfo",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_trace_is_on_every_answer(issuer, method, path):
    answer = call(method, issuer + path)
    assert answer.headers.get("Trace-Id"), answer.status_code
    assert answer.status_code < 500



def test_trace_is_on_redirects(issuer, clients):
    web = clients["web"]
    answer = call(
        "GET",
        f"{issuer}/oauth/authorize",
        params={
            "response_type": "code",
            "client_id": web["client_id"],
            "redirect_uri": web["redirect_uris"][0],
            "response_mode": "query",
            "scope": "openid api.read",
            # Nobody is signed in, and no page may be shown: refused by a redirect.
            "prompt": "none",
            "state": "s p",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        },
    )
    assert answer.status_code in (302, 303), answer.text
    assert answer.headers["Location"].startswith(web["redirect_uris"][0])
    assert "error=login_required" in answer.headers["Location"]
    assert answer.headers["Trace-Id"]
    # A trace id in a redirect would land in referrers and browser histories.
    assert answer.headers["Trace-Id"] not in answer.headers["Location"]


def test_every_answer_has_a_trace_of_its_own(contracts):
    traces = {ask(contracts, "oauth").headers["Trace-Id"] for _ in range(20)}
    assert len(traces) == 20


def test_callers_do_not_choose_the_trace(contracts):
    chosen = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "Trace-Id": chosen,
        "X-Request-Id": chosen,
        "traceparent": f"00-{chosen}-b7ad6b7169203331-01",
    }
    assert ask(contracts, "oauth", headers).headers["Trace-Id"] != chosen


def test_refusals_of_the_token_endpoint(token_endpoint, clients):
    machine = clients["machine"]
    wrong = {**machine, "client_secret": "wrong"}
    for answer in [
        token_request(token_endpoint, wrong, {"grant_type": "client_credentials"}),
        token_request(token_endpoint, machine, {"grant_type": "no-such-grant"}),
        refresh(token_endpoint, machine, "unknown"),
        call("GET", token_endpoint),
    ]:
        assert 400 <= answer.status_code < 500
        assert answer.headers["Trace-Id"]
        assert_not_stored(answer)


def test_the_error_page_a_challenge_names_can_be_read(contracts):
    token = contracts["oauth"]["tokens"]["expired"]
    answer = ask(contracts, "oauth", present("oauth", token))
    address = challenge_of(answer, "bearer")["error_uri"]
    assert call("GET", address).status_code == 200
