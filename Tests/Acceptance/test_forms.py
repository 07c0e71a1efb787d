"""CSRF: a form that was not ours, or not this person's, gets a helping page and changes nothing."""

import uuid
from urllib.parse import urljoin

import pytest

import flows
from flows import assert_page, signed_in
from pages import Browser


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


def tokens_of(form) -> list[str]:
    """Hidden fields that change from one browser to the next."""
    return [f.name for f in form.fields if f.type == "hidden" and len(f.value) >= 16]


def nothing_granted(flow, browser):
    flow.begin(browser, prompt="none")
    assert browser.arrived["error"] in ("consent_required", "login_required")


@pytest.fixture
def consenting(flow, demo):
    """Somebody who never allowed anything, at the consent page."""
    name, password = flows.new_user(demo.data)
    browser = flow.begin()
    browser.sign_in(name, password)
    return browser


@pytest.mark.parametrize("attack", ["without", "stale", "empty", "of another session"])
def test_a_forged_consent_gets_a_helping_page_and_changes_nothing(flow, manifest, consenting, attack):
    names = tokens_of(consenting.page.form_with("Allow access"))
    assert names, "the form has nothing that proves it was ours"
    if attack == "without":
        change = dict.fromkeys(names)
    elif attack == "empty":
        change = dict.fromkeys(names, "")
    elif attack == "stale":
        change = {name: str(uuid.uuid4()) for name in names}
    else:
        other = signed_in(flow, manifest, prompt="consent").page
        fields = other.form_with("Allow access").fields
        change = {f.name: f.value for f in fields if f.name in names}
    consenting.press("Allow access", change=change)
    assert_page(consenting.answer, consenting.answer.status_code)
    assert consenting.answer.status_code in (400, 403, 410)
    assert "start again" in consenting.page.text.lower()
    nothing_granted(flow, consenting)


def test_a_consent_from_another_origin_is_refused(flow, consenting):
    form = consenting.page.form_with("Allow access")
    target = urljoin(consenting.answer.url, form.action)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    pairs = form.sent(form.button("Allow access"))
    consenting.request("POST", target, data=pairs, headers=headers)
    assert 400 <= consenting.answer.status_code < 500
    nothing_granted(flow, consenting)


def test_a_consent_form_is_answered_once(flow, consenting):
    page, url = consenting.page, consenting.answer.url
    consenting.press("Allow access")
    assert "code" in consenting.arrived
    form = page.form_with("Allow access")
    pairs = form.sent(form.button("Allow access"))
    consenting.request("POST", urljoin(url, form.action), data=pairs)
    assert_page(consenting.answer, consenting.answer.status_code)


def test_a_consent_cannot_be_widened_by_its_form(flow, consenting):
    form = consenting.page.form_with("Allow access")
    pairs = [*form.sent(form.button("Allow access")), ("scope", "api.write"), ("scope", "admin")]
    consenting.submit(form, pairs)
    if consenting.answer.status_code in (302, 303):
        tokens = flow.exchange(consenting.arrived["code"]).json()
        assert not {"api.write", "admin"} & set(tokens.get("scope", "").split())
    else:
        assert 400 <= consenting.answer.status_code < 500


def test_a_get_of_the_forms_addresses_changes_nothing(flow, consenting):
    form = consenting.page.form_with("Allow access")
    target = urljoin(consenting.answer.url, form.action)
    pairs = form.sent(form.button("Allow access"))
    consenting.request("GET", target, params=pairs)
    assert "code=" not in consenting.answer.headers.get("Location", "")
    nothing_granted(flow, consenting)


def test_without_cookies_the_page_says_what_to_do(flow, manifest):
    user = manifest["users"][0]
    browser = Browser(flow.issuer, cookies=False)
    flow.begin(browser, prompt="consent")
    browser.sign_in(user["username"], user["password"])
    assert_page(browser.answer, browser.answer.status_code)
    assert browser.answer.status_code in (400, 403)
    assert "cookies" in browser.page.text.lower()
