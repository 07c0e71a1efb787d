"""OpenID Connect Back-Channel Logout 1.0 (conformance.md LO-04): who is told, what, and what a bad receiver changes."""

import os
import time

import pytest

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from joserfc import jwt as joserfc_jwt  # noqa: E402
from joserfc.jwk import KeySet  # noqa: E402

import flows  # noqa: E402
from command_line import on  # noqa: E402
from demo_server import Demo, free_port  # noqa: E402
from flows import new_client  # noqa: E402
from grants import assert_invalid_grant, id_token, works  # noqa: E402
from logout_receiver import LogoutReceiver  # noqa: E402
from token_requests import refresh  # noqa: E402
from wire import call, present  # noqa: E402

EVENT = "http://schemas.openid.net/event/backchannel-logout"
PROMPT_SECONDS = 2


@pytest.fixture
def receiver():
    receiver = LogoutReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def somebody(demo):
    return flows.new_user(demo.data)


@pytest.fixture
def application(demo, issuer):
    """Registers an application that wants to be told, and gives its flow."""

    def make(uri, name="Told", scope="openid api.read", host="told.example", options=()):
        arguments = ("--backchannel-logout-uri", uri, *options) if uri else options
        client = new_client(demo.data, name, f"https://{host}/cb", scope=scope, options=arguments)
        return flows.Flow(issuer, issuer, client, scope)

    return make


def sign_in(flow, somebody, browser=None):
    browser = flow.begin(browser)
    if browser.answer.status_code == 200 and "Password" in browser.page.text:
        browser.sign_in(*somebody)
    if browser.answer.status_code == 200:
        browser.press("Allow access")
    answer = flow.exchange(browser.arrived["code"])
    assert answer.status_code == 200, answer.text
    return browser, answer.json()


def sign_out(issuer, browser):
    browser.open(f"{issuer}/oauth/logout")
    began = time.monotonic()
    browser.press("Sign out")
    assert browser.answer.status_code == 200
    assert time.monotonic() - began < 1, "the page waited for an application"


def read(issuer, posted):
    """As joserfc, which Authlib uses, verifies it with the published keys."""
    keys = KeySet.import_key_set(call("GET", f"{issuer}/oauth/jwks").json())
    return joserfc_jwt.decode(posted.token, keys, algorithms=["RS256"])


def test_BCL_2_4_the_logout_token(issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    browser, tokens = sign_in(flow, somebody)
    identity = id_token(flow, tokens["id_token"])
    sign_out(issuer, browser)
    posted = receiver.wait()[0]
    assert posted.path == "/logout"
    assert posted.content_type == "application/x-www-form-urlencoded"
    token = read(issuer, posted)
    assert token.header["typ"] == "logout+jwt" and token.header["alg"] == "RS256" and token.header["kid"]
    claims = token.claims
    assert claims["iss"] == issuer and claims["aud"] == flow.client["client_id"]
    assert claims["events"] == {EVENT: {}}
    assert claims["sub"] == identity["sub"] and claims["sid"] == identity["sid"]
    assert abs(claims["iat"] - time.time()) < 10 and 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["jti"]
    assert "nonce" not in claims
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}


def test_BCL_2_4_a_logout_token_is_no_other_token(issuer, application, somebody, receiver, contracts):
    flow = application(receiver.uri())
    browser, _ = sign_in(flow, somebody)
    sign_out(issuer, browser)
    token = receiver.wait()[0].token
    assert not works(contracts, token)
    assert call("GET", f"{issuer}/oauth/userinfo", headers=present("oauth", token)).status_code == 401
    # Nor a hint: it may be held by others than the one it names.
    other, _ = sign_in(flow, somebody)
    other.open(f"{issuer}/oauth/logout", params={"id_token_hint": token})
    assert other.page.form_with("Sign out")


def test_BCL_2_1_sid_stays_when_the_same_person_signs_in_again(issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    browser, first = sign_in(flow, somebody)
    flow.begin(browser, prompt="login")
    browser.sign_in(*somebody)
    second = flow.exchange(browser.arrived["code"]).json()
    before, after = (id_token(flow, t["id_token"]) for t in (first, second))
    assert before["sid"] == after["sid"]
    time.sleep(1)
    assert receiver.posted == []
    sign_out(issuer, browser)
    assert read(issuer, receiver.wait()[0]).claims["sid"] == before["sid"]


def test_BCL_2_1_another_session_has_another_sid_and_stays(issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    one, first = sign_in(flow, somebody)
    two, second = sign_in(flow, somebody)
    before, after = (id_token(flow, t["id_token"])["sid"] for t in (first, second))
    assert before != after
    sign_out(issuer, one)
    assert read(issuer, receiver.wait()[0]).claims["sid"] == before
    time.sleep(1)
    assert len(receiver.posted) == 1
    assert "code" in flow.begin(two, prompt="none").arrived


def test_BCL_2_4_a_pairwise_client_hears_the_name_it_knows(issuer, application, somebody, receiver):
    flow = application(receiver.uri(), "Pairwise", host="pairs.example", options=("--subject-type", "pairwise"))
    browser, tokens = sign_in(flow, somebody)
    sign_out(issuer, browser)
    sub = id_token(flow, tokens["id_token"])["sub"]
    assert len(sub) == 43 and read(issuer, receiver.wait()[0]).claims["sub"] == sub


def test_BCL_2_5_a_hint_and_the_account_page_sign_out_as_well(issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    browser, tokens = sign_in(flow, somebody)
    browser.open(f"{issuer}/oauth/logout", params={"id_token_hint": tokens["id_token"]})
    receiver.wait(1)
    browser, _ = sign_in(flow, somebody)
    browser.open("/account")
    browser.press("Sign out")
    if browser.page.forms:
        browser.press("Sign out")
    receiver.wait(2)


def test_BCL_2_5_a_notice_survives_a_restart(tmp_path):
    port = free_port()
    first = Demo(tmp_path, "before")
    issuer = first.manifest()["issuer"]
    options = ("--backchannel-logout-uri", f"http://127.0.0.1:{port}/out")
    client = new_client(first.data, "Late", "https://late.example/cb", options=options)
    flow = flows.Flow(issuer, issuer, client, "openid api.read")
    browser, _ = sign_in(flow, flows.new_user(first.data))
    sign_out(issuer, browser)
    assert first.stop() == 0
    late = LogoutReceiver(port=port)
    second = Demo(tmp_path, "after", port=first.port)
    second.manifest()
    # The attempt before the restart was in its own seconds; the notice is taken up after them.
    assert read(issuer, late.wait(seconds=20)[0]).claims["aud"] == client["client_id"]
    assert second.stop() == 0
    late.close()


def test_BCL_2_5_ten_clients_are_told_each_for_itself(issuer, application, somebody, receiver):
    asked = [application(receiver.uri(f"/{n}"), f"Told {n}", host=f"told{n}.example") for n in range(10)]
    silent = application(None, "Not told", host="silent.example")
    browser, _ = sign_in(silent, somebody)
    identities = []
    for flow in asked:
        _, tokens = sign_in(flow, somebody, browser)
        identities.append(id_token(flow, tokens["id_token"]))
    sign_out(issuer, browser)
    tokens = {posted.path: read(issuer, posted) for posted in receiver.wait(10)}
    assert len(tokens) == 10 and len(receiver.posted) == 10
    for number, (flow, identity) in enumerate(zip(asked, identities)):
        claims = tokens[f"/{number}"].claims
        assert claims["aud"] == flow.client["client_id"] and claims["sid"] == identity["sid"]
    assert len({token.claims["sid"] for token in tokens.values()}) == 10
    assert len({token.claims["jti"] for token in tokens.values()}) == 10


def test_BCL_2_5_a_slow_client_delays_neither_the_page_nor_the_others(issuer, application, somebody, receiver):
    slow = LogoutReceiver(delay=8)
    browser, _ = sign_in(application(slow.uri(), "Slow", host="slow.example"), somebody)
    sign_in(application(receiver.uri()), somebody, browser)
    began = time.monotonic()
    sign_out(issuer, browser)
    assert receiver.wait()[0].at - began < PROMPT_SECONDS
    # Given up after five seconds, and tried once more two seconds later.
    assert slow.wait(2, 12)[1].at - slow.posted[0].at >= 5
    slow.close()


def test_BCL_2_5_a_dead_client_is_told_when_it_is_back(issuer, application, somebody, receiver):
    port = free_port()
    browser, _ = sign_in(application(f"http://127.0.0.1:{port}/late", "Dead", host="dead.example"), somebody)
    sign_in(application(receiver.uri()), somebody, browser)
    sign_out(issuer, browser)
    receiver.wait(seconds=PROMPT_SECONDS)
    late = LogoutReceiver(port=port)
    assert read(issuer, late.wait(seconds=6)[0]).claims["sid"]
    late.close()


def test_BCL_2_8_a_client_that_answers_400_is_not_asked_again_and_is_reported(
    demo, issuer, application, somebody
):
    refusing = LogoutReceiver(status=400)
    flow = application(refusing.uri("/secret-path"), "Refusing", host="refusing.example")
    browser, _ = sign_in(flow, somebody)
    sign_out(issuer, browser)
    token = refusing.wait()[0].token
    time.sleep(3.5)
    assert len(refusing.posted) == 1
    lines = [line for line in demo.printed().splitlines() if flow.client["client_id"] in line and "told" in line]
    assert len(lines) == 1 and "400" in lines[0]
    assert token not in demo.printed() and token.split(".")[2] not in demo.printed()
    refusing.close()


def test_BCL_2_5_a_redirect_is_not_followed(issuer, application, somebody, receiver):
    leading = LogoutReceiver(status=307, location=receiver.uri("/stolen"))
    browser, _ = sign_in(application(leading.uri(), "Leading", host="leading.example"), somebody)
    sign_out(issuer, browser)
    leading.wait()
    time.sleep(3)
    assert receiver.posted == [] and len(leading.posted) == 1
    leading.close()


def test_BCL_2_5_somebody_else_in_the_same_browser_ends_the_session(demo, issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    browser, tokens = sign_in(flow, somebody)
    first = id_token(flow, tokens["id_token"])
    flow.begin(browser, prompt="login")
    browser.sign_in(*flows.new_user(demo.data))
    claims = read(issuer, receiver.wait()[0]).claims
    assert claims["sub"] == first["sub"] and claims["sid"] == first["sid"]


def test_BCL_2_5_a_disabled_user_is_signed_out_everywhere(demo, issuer, application, somebody, receiver):
    flow = application(receiver.uri())
    sessions = [sign_in(flow, somebody) for _ in range(2)]
    assert on(demo.data, "user", "disable", somebody[0]).code == 0
    told = {read(issuer, posted).claims["sid"] for posted in receiver.wait(2)}
    assert told == {id_token(flow, tokens["id_token"])["sid"] for _, tokens in sessions}


def test_BCL_2_5_without_openid_there_is_nobody_to_sign_out(issuer, application, somebody, receiver):
    flow = application(receiver.uri(), scope="openid api.read")
    flow.scope = "api.read"
    browser, tokens = sign_in(flow, somebody)
    assert "id_token" not in tokens
    sign_out(issuer, browser)
    time.sleep(1)
    assert receiver.posted == []


def test_BCL_2_7_refresh_tokens_without_offline_access_end_with_the_session(issuer, application, somebody, receiver):
    told = application(receiver.uri(), "Online")
    away = application(receiver.uri(), "Away", "openid offline_access api.read", "away.example")
    silent = application(None, "Silent", host="silent2.example")
    browser, online = sign_in(told, somebody)
    _, offline = sign_in(away, somebody, browser)
    _, untold = sign_in(silent, somebody, browser)
    sign_out(issuer, browser)
    assert_invalid_grant(refresh(told.token, told.client, online["refresh_token"]))
    assert refresh(away.token, away.client, offline["refresh_token"]).status_code == 200
    assert refresh(silent.token, silent.client, untold["refresh_token"]).status_code == 200
