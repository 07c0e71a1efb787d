"""Codes, what they become, and what the id_token and userinfo say: RFC 6749 4.1.3, 7636 4.6, OIDC Core."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

import flows
from grants import assert_invalid_grant, works
from flows import challenge, new_client
from token_requests import refresh, token_request
from wire import assert_not_stored, media_type

PROFILE = {"name", "given_name", "family_name", "preferred_username", "updated_at"}


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


def test_RFC6749_5_1_a_code_becomes_tokens(flow, contracts):
    answer = flow.exchange(flow.code())
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    body = answer.json()
    assert body["token_type"] == "Bearer" and type(body["expires_in"]) is int
    assert body["refresh_token"] and body["id_token"]
    assert set(body.get("scope", "openid api.read").split()) == {"openid", "api.read"}
    assert works(contracts, body["access_token"])


def test_RFC6749_4_1_2_the_second_use_revokes_what_the_first_gave(flow, contracts):
    code = flow.code()
    tokens = flow.exchange(code).json()
    assert works(contracts, tokens["access_token"])
    assert_invalid_grant(flow.exchange(code))
    assert not works(contracts, tokens["access_token"])
    assert_invalid_grant(refresh(flow.token, flow.client, tokens["refresh_token"]))
    state = token_request(f"{flow.issuer}/oauth/introspect", flow.client, {"token": tokens["access_token"]})
    assert state.json() == {"active": False}


def test_RFC6749_4_1_2_a_replay_reaches_what_was_refreshed_since(flow, contracts):
    code = flow.code()
    tokens = flow.exchange(code).json()
    renewed = refresh(flow.token, flow.client, tokens["refresh_token"]).json()
    assert_invalid_grant(flow.exchange(code))
    assert not works(contracts, renewed["access_token"])
    assert_invalid_grant(refresh(flow.token, flow.client, renewed["refresh_token"]))


def test_ten_at_once_give_one_success_and_nothing_that_lasts(flow, contracts):
    code = flow.code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: flow.exchange(code), range(10)))
    good = [a for a in answers if a.status_code == 200]
    assert len(good) == 1, [a.status_code for a in answers]
    for answer in answers:
        if answer.status_code != 200:
            assert_invalid_grant(answer)
    tokens = good[0].json()
    assert not works(contracts, tokens["access_token"])
    assert_invalid_grant(refresh(flow.token, flow.client, tokens["refresh_token"]))


def test_RFC6749_4_1_3_another_client_cannot_use_the_code(flow, demo):
    other = new_client(demo.data, "thief", flow.redirect_uri)
    code = flow.code()
    assert_invalid_grant(flow.exchange(code, client=other))
    # Nor can it spend it: that would be a way to lock the owner out.
    answer = flow.exchange(code)
    assert answer.status_code == 200 or answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", [None, "", "http://127.0.0.1:9999/callback/", "https://evil.example/"])
def test_RFC6749_4_1_3_the_redirect_uri_must_be_the_same(flow, uri):
    answer = flow.exchange(flow.code(), redirect_uri=uri)
    assert_invalid_grant(answer, "invalid_request")


@pytest.mark.parametrize("verifier", [None, "", "w" * 43, "short", "w" * 129, "ü" * 43, "a b" + "c" * 43])
def test_RFC7636_4_6_a_wrong_or_missing_verifier(flow, verifier):
    answer = flow.exchange(flow.code(), code_verifier=verifier)
    assert_invalid_grant(answer, "invalid_request")


def test_RFC7636_4_6_the_challenge_is_no_verifier(flow):
    assert_invalid_grant(flow.exchange(flow.code(), code_verifier=challenge(flow.verifier)))


def test_RFC9700_2_1_1_a_verifier_without_a_challenge(manifest):
    flow = flows.smartcar(manifest)
    answer = flow.exchange(flow.code(), code_verifier="v" * 43)
    assert_invalid_grant(answer)


def test_RFC7636_the_challenge_binds_a_client_that_need_not_send_one(manifest):
    flow = flows.smartcar(manifest)
    code = flow.code(code_challenge=challenge("v" * 43), code_challenge_method="S256")
    assert_invalid_grant(flow.exchange(code))


@pytest.mark.parametrize("code", ["", "x", str(uuid.uuid4()), "a" * 10000, "ü", "../x"])
def test_an_unknown_code(flow, code):
    assert_invalid_grant(flow.exchange(code), "invalid_request")


def test_a_code_is_no_token(flow, contracts):
    code = flow.code()
    assert not works(contracts, code)
    assert_invalid_grant(refresh(flow.token, flow.client, code))


@pytest.mark.slow
def test_a_code_expires(manifest):
    flow = flows.smartcar(manifest)
    code = flow.code()
    time.sleep(601)
    assert_invalid_grant(flow.exchange(code))
