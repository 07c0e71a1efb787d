"""contracts.md 5.4, the rows of codes: TOK-1, 3, 4 and 9."""

import uuid

import pytest

import flows
from test_smartcar_tokens import assert_refused, assert_user_tokens
from token_requests import refresh
from wire import call

HOME = "https://example.com/home"


@pytest.fixture
def flow(manifest):
    made = flows.smartcar(manifest)
    made.redirect_uri = HOME
    return made


def test_TOK_1_and_3_a_code_is_exchanged_once_and_its_second_use_revokes(flow, smartcar):
    code = flow.code()
    first = flow.exchange(code)
    assert_user_tokens(first)
    expected = "Invalid or expired code."
    assert_refused(flow.exchange(code), 400, "invalid_grant", expected)
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert call("GET", f"{smartcar}/v2.0/user", headers=headers).status_code == 401
    again = refresh(flow.token, flow.client, first.json()["refresh_token"])
    assert_refused(again, 400, "invalid_grant", "Invalid or expired refresh token.")


def test_TOK_3_a_well_formed_unknown_code(flow):
    answer = flow.exchange(str(uuid.uuid4()))
    assert_refused(answer, 400, "invalid_grant", "Invalid or expired code.")


@pytest.mark.parametrize("uri", [f"{HOME}?a=1", f"{HOME}/", "https://evil.example/", "undefined"])
def test_TOK_4_another_redirect_uri_is_named(flow, uri):
    answer = flow.exchange(flow.code(), redirect_uri=uri)
    assert_refused(answer, 400, "invalid_grant", f"Unauthorized redirect_uri: {uri}")


@pytest.mark.parametrize("suffix", ["?flags=country:DE", "/"])
def test_TOK_9_every_address_exchanges_a_code(flow, suffix):
    code = flow.code()
    flow.token += suffix
    assert_user_tokens(flow.exchange(code))
