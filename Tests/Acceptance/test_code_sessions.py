"""A code belongs to the session it came from (RFC 9700 4.5, OpenID Connect Core 3.1.3.2)."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

import flows
from command_line import doorward
from grants import assert_invalid_grant, works
from token_requests import refresh
from wire import call


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


@pytest.fixture
def somebody(demo):
    return flows.new_user(demo.data)


def consented(flow, somebody):
    browser = flow.begin()
    browser.sign_in(*somebody)
    if browser.answer.status_code == 200:
        browser.press("Allow access")
    return browser


def sign_out(flow, browser):
    browser.open(f"{flow.issuer}/oauth/logout")
    browser.press("Sign out")


def reason(demo, answer) -> str:
    ran = doorward("explain", answer.headers["Trace-Id"], "--data", demo.data, "--format", "json")
    return json.dumps(ran.json())


def test_a_code_of_a_session_that_was_signed_out_is_refused(demo, flow, somebody):
    browser = consented(flow, somebody)
    code = browser.arrived["code"]
    sign_out(flow, browser)
    answer = flow.exchange(code)
    assert_invalid_grant(answer)
    explained = reason(demo, answer)
    assert "code_session_ended" in explained and "session ended" in explained


def test_it_is_refused_exactly_as_an_unknown_code_is(flow, somebody):
    browser = consented(flow, somebody)
    code = browser.arrived["code"]
    sign_out(flow, browser)
    ended, unknown = flow.exchange(code), flow.exchange("dwc_" + "A" * 43)
    assert ended.status_code == unknown.status_code
    varying = ("Trace-Id", "Date")
    alike = [
        (answer.text.replace(answer.headers["Trace-Id"], ""), {n: v for n, v in answer.headers.items() if n not in varying})
        for answer in (ended, unknown)
    ]
    assert alike[0] == alike[1]


def test_a_code_of_a_session_that_was_replaced_is_refused(demo, flow, somebody):
    browser = consented(flow, somebody)
    code = browser.arrived["code"]
    flow.begin(browser, prompt="login")
    browser.sign_in(*somebody)
    assert_invalid_grant(flow.exchange(code))
    assert flow.exchange(browser.arrived["code"]).status_code == 200


def test_a_code_of_another_session_of_the_same_person_goes_on(flow, somebody):
    one, two = consented(flow, somebody), consented(flow, somebody)
    code = two.arrived["code"]
    sign_out(flow, one)
    assert flow.exchange(code).status_code == 200


def test_tokens_stay_valid_after_sign_out(flow, somebody, contracts):
    browser = consented(flow, somebody)
    tokens = flow.exchange(browser.arrived["code"]).json()
    sign_out(flow, browser)
    assert works(contracts, tokens["access_token"])
    assert refresh(flow.token, flow.client, tokens["refresh_token"]).status_code == 200


def test_many_pages_that_ask_at_once_all_get_a_code(flow, somebody):
    """A browser that opens again what it had open: each code renews the same session."""
    browser = consented(flow, somebody)
    cookies = browser.session.cookies.get_dict()
    url = f"{flow.issuer}/oauth/authorize"

    def ask(number):
        return call("GET", url, params=flow.query(state=str(number)), cookies=cookies)

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(ask, range(48)))
    assert {answer.status_code for answer in answers} == {303}, [answer.text[:200] for answer in answers if answer.status_code != 303]
    codes = {parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0] for answer in answers}
    assert len(codes) == 48
