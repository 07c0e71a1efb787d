"""CSRF: a form that was not ours, or not this person's, gets a helping page and changes nothing."""

import base64
import hashlib
import hmac
import uuid
from urllib.parse import urljoin

import pytest

import flows
from flows import assert_page, new_client, signed_in
from pages import Browser
from wire import call


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


def again(browser, page, url, caption, fill=()):
    """A form of a page that was left: the back button, or another window."""
    form = page.form_with(caption)
    for label, value in dict(fill).items():
        form.labelled(label).value = value
    return browser.request("POST", urljoin(url, form.action), data=form.sent(form.button(caption)))


def assert_helping_page(browser):
    assert_page(browser.answer, browser.answer.status_code)
    assert browser.answer.status_code in (400, 403, 410, 422)
    assert "start again" in browser.page.text.lower()


def test_a_page_that_lay_open_for_too_long_says_so(flow, consenting, demo):
    """Written as the server would have, two hours ago, with the key that only its operator can read."""
    form = consenting.page.form_with("Allow access")
    fresh = next(f.value for f in form.fields if f.name == "form_token")
    ((_, cookie),) = consenting.session.cookies.get_dict().items()
    stamp, nonce, mac = fresh.split(".")
    key = hmac.digest(bytes.fromhex((demo.data / "key").read_text().strip()), b"forms", hashlib.sha256)

    def token(at):
        code = hmac.digest(key, f"{at}.{nonce}.{cookie}".encode(), hashlib.sha256)
        return f"{at}.{nonce}." + base64.urlsafe_b64encode(code).rstrip(b"=").decode()

    assert token(stamp) == fresh, "this test computes it otherwise than the server"
    consenting.press("Allow access", change={"form_token": token(int(stamp) - 7200)})
    assert_helping_page(consenting)
    nothing_granted(flow, consenting)


def test_back_to_the_sign_in_page_after_signing_in(flow, demo):
    """Whoever sends the old page again is told to start again, and stays signed in."""
    name, password = flows.new_user(demo.data)
    browser = flow.begin()
    page, url = browser.page, browser.answer.url
    browser.sign_in(name, password)
    again(browser, page, url, "Sign in", {"Email": name, "Password": password})
    assert_helping_page(browser)
    assert name in browser.open("/account").text


def test_back_to_the_consent_page_after_denying(flow, consenting):
    """Nothing was given, so the person may think again; the two answers do not mix."""
    page, url = consenting.page, consenting.answer.url
    consenting.press("Deny access")
    assert consenting.arrived["error"] == "access_denied" and "code" not in consenting.arrived
    again(consenting, page, url, "Allow access")
    assert set(consenting.arrived) == {"code", "state", "iss"}
    again(consenting, page, url, "Allow access")
    assert_page(consenting.answer, consenting.answer.status_code)


def test_two_windows_at_the_consent_of_two_applications(flow, demo, issuer, consenting):
    other = flows.Flow(issuer, issuer, new_client(demo.data, "Other window", "https://window.example/cb"), "api.read")
    first, url = consenting.page, consenting.answer.url
    other.begin(consenting)
    second = consenting.page
    again(consenting, first, url, "Allow access")
    assert consenting.location.startswith(flow.redirect_uri) and consenting.arrived["state"] == flow.state
    assert flow.exchange(consenting.arrived["code"]).status_code == 200
    again(consenting, second, url, "Allow access")
    assert consenting.location.startswith(other.redirect_uri) and consenting.arrived["state"] == other.state
    assert other.exchange(consenting.arrived["code"]).status_code == 200


def test_two_windows_at_the_sign_in(flow, demo):
    """The second is told to start again, and on doing so is signed in already."""
    name, password = flows.new_user(demo.data)
    browser = flow.begin()
    page, url = browser.page, browser.answer.url
    flow.begin(browser)
    browser.sign_in(name, password)
    again(browser, page, url, "Sign in", {"Email": name, "Password": password})
    assert_helping_page(browser)
    flow.begin(browser)
    assert browser.page.form_with("Allow access")


@pytest.mark.parametrize("leave", ["Sign out", "switch"])
def test_a_consent_page_is_void_once_its_person_left_in_another_window(flow, demo, issuer, consenting, leave):
    page, url = consenting.page, consenting.answer.url
    if leave == "switch":
        form = next(f for f in page.forms if f.action == "/login/switch")
        consenting.submit(form, form.sent(form.buttons()[0]))
        consenting.sign_in(*flows.new_user(demo.data))
    else:
        consenting.open(f"{issuer}/oauth/logout")
        consenting.press("Sign out")
    again(consenting, page, url, "Allow access")
    assert_page(consenting.answer, consenting.answer.status_code)
    nothing_granted(flow, consenting)


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/logout"])
def test_a_form_of_another_site_signs_nobody_out(flow, issuer, path):
    """It comes without the cookie (`SameSite=Lax`); a new one in the answer would take the place of the session's."""
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = call("POST", f"{issuer}{path}", data=flow.query(), headers=headers)
    assert answer.status_code in (200, 303, 400, 403)
    assert "Set-Cookie" not in answer.headers


def test_an_answer_sets_the_cookie_once(issuer):
    """RFC 6265 4.1.1: not two of one name."""
    answer = call("GET", f"{issuer}/oauth/logout")
    assert answer.headers.get("Set-Cookie", "").count("doorward=") <= 1
