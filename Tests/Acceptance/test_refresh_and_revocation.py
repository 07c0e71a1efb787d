"""conformance.md part 6: RT-01 to RT-05, IN-01 to IN-05 and RV-01 to RV-06."""

import pytest

from challenges import challenge_of
from token_requests import client_credentials, refresh, token_request
from wire import assert_not_stored, call, media_type, present


@pytest.fixture(scope="module")
def machine(clients):
    return clients["machine"]


@pytest.fixture(scope="module")
def introspection(issuer):
    return f"{issuer}/oauth/introspect"


@pytest.fixture(scope="module")
def revocation(issuer):
    return f"{issuer}/oauth/revoke"


@pytest.fixture
def fresh(token_endpoint, machine):
    return client_credentials(token_endpoint, machine)["access_token"]


@pytest.fixture(scope="module")
def status_at_the_api(contracts):
    entry = contracts["oauth"]

    def status(token):
        address = entry["base"] + entry["protected"]
        return call("GET", address, headers=present("oauth", token)).status_code

    return status


def assert_refused(answer, error, *statuses):
    assert answer.status_code in statuses, answer.text
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]
    assert_not_stored(answer)


def test_RT_01_refresh(token_endpoint, clients, web_refresh_tokens, status_at_the_api):
    token = web_refresh_tokens.take()
    answer = refresh(token_endpoint, clients["web"], token)
    assert answer.status_code == 200, answer.text
    assert_not_stored(answer)
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert type(body["expires_in"]) is int
    assert body["refresh_token"] != token
    assert status_at_the_api(body["access_token"]) == 200
    web_refresh_tokens.give_back(body["refresh_token"])


def test_RT_02_wider_scope(token_endpoint, clients, web_refresh_tokens):
    token = web_refresh_tokens.take()
    wider = refresh(token_endpoint, clients["web"], token, scope="openid api.write")
    assert_refused(wider, "invalid_scope", 400)
    # The mistake must not have cost the client its token.
    answer = refresh(token_endpoint, clients["web"], token)
    assert answer.status_code == 200, answer.text
    web_refresh_tokens.give_back(answer.json()["refresh_token"])


def test_RT_03_other_client(token_endpoint, clients, web_refresh_tokens):
    token = web_refresh_tokens.take()
    for thief in ("machine", "public"):
        answer = refresh(token_endpoint, clients[thief], token)
        assert answer.status_code == 400, answer.text
        # A client not registered for the grant is stopped before the token is read.
        assert answer.json()["error"] in ("invalid_grant", "unauthorized_client")
    answer = refresh(token_endpoint, clients["public"], token)
    assert answer.json()["error"] == "invalid_grant"
    owner = refresh(token_endpoint, clients["web"], token)
    assert owner.status_code == 200, "another client's attempt must not spend it"
    web_refresh_tokens.give_back(owner.json()["refresh_token"])


def test_RT_04_reuse_kills_the_family(
    token_endpoint, clients, public_refresh_tokens, status_at_the_api
):
    public = clients["public"]
    first = public_refresh_tokens.take()
    second = refresh(token_endpoint, public, first)
    assert second.status_code == 200, second.text
    # A step further, so that no retry after a lost answer could explain the reuse.
    third = refresh(token_endpoint, public, second.json()["refresh_token"])
    assert third.status_code == 200, third.text
    assert status_at_the_api(third.json()["access_token"]) == 200
    reused = refresh(token_endpoint, public, first)
    assert_refused(reused, "invalid_grant", 400)
    dead = refresh(token_endpoint, public, third.json()["refresh_token"])
    assert_refused(dead, "invalid_grant", 400)
    assert status_at_the_api(third.json()["access_token"]) == 401


def test_RT_04_reuse_kills_the_family_at_kordiam(contracts, kordiam_tokens):
    base = contracts["kordiam"]["base"]
    endpoint = f"{base}/api/v2/auth/refresh"
    first = kordiam_tokens()["refresh_token"]
    second = call("POST", endpoint, json={"refresh_token": first}).json()
    reused = call("POST", endpoint, json={"refresh_token": first})
    assert reused.status_code == 401
    dead = call("POST", endpoint, json={"refresh_token": second["refresh_token"]})
    assert dead.status_code == 401
    bearer = present("kordiam", second["access_token"])
    elements = call("GET", f"{base}/api/v2/elements", headers=bearer)
    assert elements.status_code == 401, "the family's access token still works"


def test_RT_05_access_token_as_refresh_token(token_endpoint, clients, contracts):
    token = contracts["oauth"]["tokens"]["valid"]
    answer = refresh(token_endpoint, clients["web"], token)
    assert_refused(answer, "invalid_grant", 400)


def test_IN_01_no_authentication(introspection, fresh):
    answer = call("POST", introspection, data={"token": fresh})
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"
    assert challenge_of(answer, "basic")


def test_IN_01_wrong_secret(introspection, machine, fresh):
    wrong = {**machine, "client_secret": "wrong"}
    answer = token_request(introspection, wrong, {"token": fresh})
    assert_refused(answer, "invalid_client", 401)


@pytest.mark.parametrize("token", ["unknown", "..", "a.b.c", "ü", "x" * 5000])
def test_IN_02_unknown(introspection, machine, token):
    answer = token_request(introspection, machine, {"token": token})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"active": False}
    assert_not_stored(answer)


def test_IN_02_no_token(introspection, machine):
    assert_refused(token_request(introspection, machine, {}), "invalid_request", 400)


def test_IN_03_active(issuer, introspection, machine, fresh):
    answer = token_request(introspection, machine, {"token": fresh})
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    body = answer.json()
    assert body["active"] is True
    assert body["client_id"] == machine["client_id"]
    assert body["sub"] == machine["client_id"]
    assert body["iss"] == issuer
    assert body["token_type"] == "Bearer"
    assert set(body["scope"].split()) <= set(machine["scope"].split())
    assert type(body["exp"]) is int and type(body["iat"]) is int
    assert body["exp"] > body["iat"]


def test_IN_04_get(introspection, machine, fresh):
    answer = call("GET", introspection, params={"token": fresh})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_IN_05_token_of_another_client(introspection, clients, fresh):
    answer = token_request(introspection, clients["web"], {"token": fresh})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"active": False}


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "ü"])
def test_RV_01_unknown_token(revocation, machine, token):
    answer = token_request(revocation, machine, {"token": token})
    assert answer.status_code == 200, answer.text


def test_RV_01_access_token(
    revocation, introspection, machine, fresh, status_at_the_api
):
    assert status_at_the_api(fresh) == 200
    answer = token_request(revocation, machine, {"token": fresh})
    assert answer.status_code == 200, answer.text
    # At once: the gate remembers tokens, and must forget this one.
    assert status_at_the_api(fresh) == 401
    introspected = token_request(introspection, machine, {"token": fresh})
    assert introspected.json() == {"active": False}
    again = token_request(revocation, machine, {"token": fresh})
    assert again.status_code == 200


def test_RV_02_refresh_token_takes_the_access_token_along(
    token_endpoint, revocation, clients, web_refresh_tokens, status_at_the_api
):
    web = clients["web"]
    tokens = refresh(token_endpoint, web, web_refresh_tokens.take()).json()
    assert status_at_the_api(tokens["access_token"]) == 200
    answer = token_request(revocation, web, {"token": tokens["refresh_token"]})
    assert answer.status_code == 200, answer.text
    assert status_at_the_api(tokens["access_token"]) == 401
    dead = refresh(token_endpoint, web, tokens["refresh_token"])
    assert_refused(dead, "invalid_grant", 400)


def test_RV_03_wrong_hint(revocation, machine, fresh, status_at_the_api):
    parameters = {"token": fresh, "token_type_hint": "refresh_token"}
    answer = token_request(revocation, machine, parameters)
    assert answer.status_code == 200, answer.text
    assert status_at_the_api(fresh) == 401


def test_RV_03_unknown_hint(revocation, machine, fresh, status_at_the_api):
    # RFC 7009, 2.1: an unknown hint may be ignored, the token is looked for anyway.
    parameters = {"token": fresh, "token_type_hint": "no-such-type"}
    answer = token_request(revocation, machine, parameters)
    if answer.status_code == 200:
        assert status_at_the_api(fresh) == 401
    else:
        assert_refused(answer, "unsupported_token_type", 400)


def test_RV_04_other_client(revocation, clients, fresh, status_at_the_api):
    answer = token_request(revocation, clients["web"], {"token": fresh})
    assert answer.status_code in (200, 400), answer.text
    assert status_at_the_api(fresh) == 200, "revoked by a client that does not own it"


def test_RV_05_no_authentication(revocation, fresh, status_at_the_api):
    answer = call("POST", revocation, data={"token": fresh})
    # RFC 6749, 5.2 leaves 400 or 401 where no Authorization header was used.
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] == "invalid_client"
    if answer.status_code == 401:
        assert challenge_of(answer, "basic")
    assert status_at_the_api(fresh) == 200


def test_RV_06_no_token(revocation, machine):
    assert_refused(token_request(revocation, machine, {}), "invalid_request", 400)
