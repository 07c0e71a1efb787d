"""Signing in: guessing is slowed down alike for everybody, disabled people are strangers, clients without the grant."""

import re
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import flows
from demo_server import Demo, binary
from wire import call


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


def command(data, *arguments, given=""):
    ran = subprocess.run(
        [str(binary()), *arguments, "--data", str(data)], input=given, capture_output=True, text=True, timeout=20
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def masked(answer):
    text = re.sub(r'value="[^"]*"', 'value=""', answer.text)
    text = re.sub(r"[0-9a-f]{32}", "TRACE", text)
    return answer.status_code, text


def attempts(flow, username, count, password="not the password"):
    browser = flow.begin()
    return [browser.sign_in(username, password) for _ in range(count)]


def test_guessing_is_slowed_down_whether_or_not_the_account_exists(flow, demo):
    known, _ = flows.new_user(demo.data)
    unknown = f"nobody-{uuid.uuid4()}@example.com"
    for username in (known, unknown):
        answers = attempts(flow, username, 7)
        assert [a.status_code for a in answers[:5]] == [422] * 5
        last = answers[-1]
        assert last.status_code == 429
        assert 1 <= int(last.headers["Retry-After"]) <= 600


def test_the_right_password_does_not_help_while_it_is_throttled(flow, demo):
    username, password = flows.new_user(demo.data)
    attempts(flow, username, 6)
    assert attempts(flow, username, 1, password)[0].status_code == 429


def test_a_disabled_person_is_like_a_stranger(flow, demo):
    username, password = flows.new_user(demo.data)
    command(demo.data, "user", "disable", username)
    stranger = masked(attempts(flow, "nobody@example.com", 1)[0])
    assert masked(attempts(flow, username, 1, password)[0]) == stranger
    assert masked(attempts(flow, username, 1, "wrong password")[0]) == stranger
    command(demo.data, "user", "enable", username)
    assert attempts(flow, username, 1, password)[0].status_code == 200


def test_a_new_password_counts_and_the_old_one_does_not(flow, demo):
    username, password = flows.new_user(demo.data)
    command(demo.data, "user", "set-password", username, given="another long password\n")
    assert attempts(flow, username, 1, password)[0].status_code == 422
    assert attempts(flow, username, 1, "another long password")[0].status_code == 200


def test_disabling_a_person_ends_their_session_and_their_grants(flow, demo, contracts):
    username, password = flows.new_user(demo.data)
    browser = flow.begin()
    browser.sign_in(username, password)
    browser.press("Allow access")
    tokens = flow.exchange(browser.arrived["code"]).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    url = contracts["oauth"]["base"] + contracts["oauth"]["protected"]
    assert call("GET", url, headers=headers).status_code == 200
    command(demo.data, "user", "disable", username)
    flow.begin(browser)
    assert browser.answer.status_code == 200 and "Sign in" in browser.answer.text
    for _ in range(20):
        if call("GET", url, headers=headers).status_code == 401:
            break
        time.sleep(0.1)
    assert call("GET", url, headers=headers).status_code == 401


def test_a_client_without_the_grant_may_not_ask(demo, issuer, manifest):
    made = command(
        demo.data,
        *("client", "create", "--name", "Nightly", "--grant", "client_credentials", "--scope", "api.read"),
        *("--redirect-uri", "https://nightly.example/callback", "--json"),
    )
    identifier = re.search(r'"client_id":\s*"([^"]+)"', made).group(1)
    answer = call(
        "GET",
        f"{issuer}/oauth/authorize",
        params={"response_type": "code", "client_id": identifier, "state": "s"},
    )
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].startswith("https://nightly.example/callback?error=unauthorized_client&")


def test_a_crowd_at_the_door_does_not_pile_up(tmp_path):
    """Beyond a hundred failures of a network, or waiting passwords, the next is told to come later."""
    own = Demo(tmp_path)
    flow, issuer = flows.web(own.manifest()), own.manifest()["issuer"]
    form = flow.begin().page.form_with("Sign in")
    browser = flow.begin()
    pairs = dict(browser.page.form_with("Sign in").sent(form.button("Sign in")))
    cookies = browser.session.cookies.get_dict()

    def knock(number):
        body = pairs | {"username": f"crowd-{number}@example.com", "password": "not a password"}
        return requests.post(f"{issuer}/login", data=body, cookies=cookies, timeout=60).status_code

    with ThreadPoolExecutor(160) as crowd:
        answers = list(crowd.map(knock, range(160)))
    assert set(answers) == {422, 429}
    assert call("GET", f"{issuer}/health/live").status_code == 200
    assert own.stop() == 0


def test_an_application_is_called_by_its_own_name(issuer, demo):
    made = flows.new_client(demo.data, "Büro & Söhne 東京", "https://buero.example/cb")
    name, password = flows.new_user(demo.data)
    browser = flows.Flow(issuer, issuer, made, "api.read").begin()
    browser.sign_in(name, password)
    assert "Büro & Söhne 東京" in browser.page.text


def door(flow):
    """The sign-in form's pairs and cookie, to be sent from any network (loopback is a trusted proxy in the demo)."""
    browser = flow.begin()
    form = browser.page.form_with("Sign in")
    pairs, cookies = dict(form.sent(form.button("Sign in"))), browser.session.cookies.get_dict()

    def knock(username, password, network):
        body = pairs | {"username": username, "password": password}
        headers = {"X-Forwarded-For": network}
        return call("POST", f"{flow.issuer}/login", data=body, cookies=cookies, headers=headers).status_code

    return knock


def test_many_guesses_at_once_are_no_more_than_one_after_another(flow, demo):
    """Five passwords are looked at, however many arrive before the first was."""
    username, _ = flows.new_user(demo.data)
    knock = door(flow)
    with ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda n: knock(username, f"guess number {n}", f"2001:db8:f1:1::{n:x}"), range(40)))
    assert answers.count(422) <= 6 and set(answers) == {422, 429}, answers


def test_guesses_from_many_networks_are_few_and_those_from_one_lock_nobody_out(flow, demo):
    """Otherwise anybody could keep a person out by guessing badly from afar."""
    username, password = flows.new_user(demo.data)
    knock = door(flow)
    afar = [knock(username, f"guess number {n}", "198.51.100.7") for n in range(8)]
    assert afar.count(422) == 5
    assert knock(username, password, "192.0.2.77") == 303
    username, _ = flows.new_user(demo.data)
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda n: knock(username, f"guess number {n}", f"2001:db8:f2:{n:x}::1"), range(60)))
    assert answers.count(422) <= 20 and 429 in answers


def test_networks_of_the_old_protocol_are_told_apart_where_both_are_listened_on(flow, demo):
    """On a socket for both, 192.0.2.7 arrives as ::ffff:192.0.2.7 (RFC 4291 2.5.5.2)."""
    username, password = flows.new_user(demo.data)
    knock = door(flow)
    answers = {knock(f"guest-{number}@example.com", "not a password", "::ffff:198.51.100.1") for number in range(102)}
    assert answers == {422, 429}
    assert knock(username, password, "::ffff:192.0.2.7") == 303


def test_a_session_that_ended_with_its_person_stays_ended(flow, demo):
    """`user disable` says that sessions end; a cookie that was stolen before must not come back with the person."""
    username, password = flows.new_user(demo.data)
    browser = flow.begin()
    browser.sign_in(username, password)
    assert username in browser.open("/account").text
    command(demo.data, "user", "disable", username)
    assert username not in browser.open("/account").text
    command(demo.data, "user", "enable", username)
    assert username not in browser.open("/account").text
