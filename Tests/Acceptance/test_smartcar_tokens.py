"""contracts.md 5.4, rows TOK-2 and TOK-5 to TOK-10; TOK-1 where a code can be had."""

import time

import pytest

from challenges import challenge_of
from token_requests import UUID, client_credentials, refresh, skip_loudly, token_request
from wire import assert_json, assert_not_stored, call, media_type

BAD_CODE = "THIS_SHOULD_NOT_WORK"
ADDRESSES = ["/oauth/token", "/oauth/token?flags=country:DE", "/oauth/token/"]


@pytest.fixture(scope="module")
def endpoint(smartcar):
    return f"{smartcar}/oauth/token"


@pytest.fixture(scope="module")
def client(clients):
    return clients["smartcar"]


def exchange_code(endpoint, client, code):
    return token_request(
        endpoint,
        client,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client["redirect_uris"][0],
        },
    )


def assert_refused(answer, status, error, description=None):
    assert answer.status_code == status, answer.text
    assert media_type(answer) == "application/json"
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])
    assert_not_stored(answer)
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    assert body["error"] == error
    # Without a text the vendor's Python SDK loses the error altogether (TOK-12).
    assert isinstance(body["error_description"], str) and body["error_description"]
    if description is not None:
        assert body["error_description"] == description


def assert_user_tokens(answer):
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert UUID.fullmatch(body["access_token"])
    assert UUID.fullmatch(body["refresh_token"])
    assert body["token_type"] == "Bearer"
    assert type(body["expires_in"]) is int and body["expires_in"] == 7200


@pytest.mark.parametrize("code", [BAD_CODE, "bad code here", "bad"])
def test_TOK_2_malformed_code(endpoint, client, code):
    answer = exchange_code(endpoint, client, code)
    assert_refused(answer, 400, "invalid_request", f"Invalid code: {code}.")


@pytest.mark.parametrize("token", ["garbage", "bad token here"])
def test_TOK_5_malformed_refresh_token(endpoint, client, token):
    answer = refresh(endpoint, client, token)
    expected = f"Invalid refresh_token: {token}."
    assert_refused(answer, 400, "invalid_request", expected)


def test_TOK_6_well_formed_but_unknown_refresh_token(endpoint, client):
    answer = refresh(endpoint, client, "0f6f3a2e-7d2b-4c55-9a53-6a1f0d6c9b11")
    expected = "Invalid or expired refresh token."
    assert_refused(answer, 400, "invalid_grant", expected)


def test_TOK_6_refresh_and_again_within_the_grace(
    endpoint, client, smartcar_refresh_tokens
):
    token = smartcar_refresh_tokens.take()
    first = refresh(endpoint, client, token)
    again = refresh(endpoint, client, token)
    assert_user_tokens(first)
    assert_user_tokens(again)
    successor = first.json()["refresh_token"]
    assert successor != token
    # A retry after a lost answer, not a second branch of the family.
    assert again.json()["refresh_token"] == successor
    smartcar_refresh_tokens.give_back(successor)


@pytest.mark.slow
def test_TOK_6_refresh_again_after_61_seconds(
    endpoint, client, smartcar_refresh_tokens
):
    token = smartcar_refresh_tokens.take()
    assert_user_tokens(refresh(endpoint, client, token))
    time.sleep(61)
    answer = refresh(endpoint, client, token)
    expected = "Invalid or expired refresh token."
    assert_refused(answer, 400, "invalid_grant", expected)


def test_TOK_7_wrong_secret(endpoint, client):
    wrong = {**client, "client_secret": "wrong"}
    answer = exchange_code(endpoint, wrong, BAD_CODE)
    assert_refused(answer, 401, "invalid_client")
    challenge_of(answer, "basic")


def test_TOK_8_no_grant_type(endpoint, client):
    answer = token_request(endpoint, client, {"code": BAD_CODE})
    assert_refused(answer, 400, "invalid_request")


def test_TOK_8_unknown_grant_type(endpoint, client):
    answer = token_request(endpoint, client, {"grant_type": "no-such-grant"})
    assert_refused(answer, 400, "unsupported_grant_type")


@pytest.mark.parametrize("address", ADDRESSES)
def test_TOK_9_every_address_refuses_alike(smartcar, client, address):
    answer = exchange_code(smartcar + address, client, BAD_CODE)
    assert_refused(answer, 400, "invalid_request", f"Invalid code: {BAD_CODE}.")


@pytest.mark.parametrize("address", ADDRESSES)
def test_TOK_9_every_address_exchanges_a_code(
    smartcar, client, smartcar_sign_in, address
):
    grant = smartcar_sign_in.code()
    if grant is None:
        skip_loudly("no page-less sign-in, so no code to exchange for smartcar-v2")
    assert_user_tokens(exchange_code(smartcar + address, client, grant[0]))


@pytest.mark.parametrize("address", ADDRESSES)
def test_TOK_9_every_address_refreshes(
    smartcar, client, smartcar_refresh_tokens, address
):
    answer = refresh(smartcar + address, client, smartcar_refresh_tokens.take())
    assert_user_tokens(answer)
    smartcar_refresh_tokens.give_back(answer.json()["refresh_token"])


def test_TOK_10_client_credentials_in_the_body(smartcar, client):
    answer = call(
        "POST",
        f"{smartcar}/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        },
    )
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    body = answer.json()
    token = body["access_token"]
    assert isinstance(token, str) and token
    assert_json(
        answer, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
    )


def test_TOK_10_client_credentials_in_basic(smartcar, client):
    # "Also accept Basic" (1.6).
    body = client_credentials(f"{smartcar}/oauth2/token", client)
    assert set(body) == {"access_token", "token_type", "expires_in"}
