"""prompt and max_age: OpenID Connect Core 3.1.2.1."""

import time

import pytest

import flows
from flows import assert_error, signed_in


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


def test_prompt_none_without_a_session_is_login_required(flow):
    assert_error(flow, flow.begin(prompt="none"), "login_required")


def test_prompt_none_without_consent_is_consent_required(flow, demo):
    name, password = flows.new_user(demo.data)
    browser = flow.begin()
    browser.sign_in(name, password)
    flow.begin(browser, prompt="none")
    assert_error(flow, browser, "consent_required")


def test_prompt_none_after_consent_gives_a_code(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    assert "code" in flow.begin(browser, prompt="none").arrived


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_login_and_select_account_show_the_sign_in_again(flow, manifest, prompt):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    flow.begin(browser, prompt=prompt)
    # For one live session, choosing an account may be a page of its own or the sign-in.
    assert browser.answer.status_code == 200
    if "login" in prompt:
        assert browser.page.form_with("Sign in")


def test_prompt_consent_asks_although_it_was_given(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    flow.begin(browser, prompt="consent")
    browser.press("Deny access")
    assert_error(flow, browser, "access_denied")


def test_max_age_asks_again_only_when_it_has_passed(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    time.sleep(2.1)
    assert "code" in flow.begin(browser, max_age="10000").arrived
    assert_error(flow, flow.begin(browser, max_age="1", prompt="none"), "login_required")
    flow.begin(browser, max_age="1")
    assert browser.page.form_with("Sign in")


@pytest.mark.parametrize("hint", ["nonsense", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"])
def test_a_hint_that_cannot_be_read_does_not_ask_for_sign_in_for_ever(flow, demo, hint):
    """A key that signed it may be retired by now: it is refused or left aside."""
    name, password = flows.new_user(demo.data)
    browser = flow.begin(id_token_hint=hint)
    if browser.answer.status_code in (302, 303):
        assert_error(flow, browser, "invalid_request")
        return
    browser.sign_in(name, password)
    assert browser.page.form_with("Allow access")
