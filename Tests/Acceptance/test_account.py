"""/account and sign-out: what was allowed is listed, can be withdrawn, and then is gone at once."""

from urllib.parse import parse_qs, urlsplit

import pytest

import flows
from command_line import doorward, within_a_second
from flows import assert_page, new_client, signed_in
from token_requests import refresh
from wire import call, present

LEAVE = "https://client.example/bye"


@pytest.fixture
def own(demo, issuer):
    """A client of this test alone, so that its grant is the one that is listed."""
    client = new_client(demo.data, "Trip planner", "https://client.example/cb", LEAVE)
    flow = flows.Flow(issuer, issuer, client, "openid api.read")
    return flow


@pytest.fixture
def somebody(demo):
    return flows.new_user(demo.data)


@pytest.fixture
def allowed(own, somebody):
    browser = own.begin()
    browser.sign_in(*somebody)
    browser.press("Allow access")
    tokens = own.exchange(browser.arrived["code"]).json()
    return browser, tokens


def withdraw(browser, client_name):
    """The buttons are called alike and stand in the sections of their applications, in the order of the names."""
    browser.open("/account")
    page = browser.page
    assert client_name in page.text
    forms = [f for f in page.forms if any("withdraw" in b.caption.lower() for b in f.buttons())]
    names = sorted(("Trip planner", "Other diary"), key=lambda n: page.text.find(n) if n in page.text else len(page.text))
    form = forms[names.index(client_name)] if client_name in names else forms[0]
    browser.submit(form, form.sent(form.buttons()[0]))
    assert browser.answer.status_code == 200


def status_of(contracts, token) -> int:
    url = contracts["oauth"]["base"] + contracts["oauth"]["protected"]
    return call("GET", url, headers=present("oauth", token)).status_code


def test_account_asks_for_sign_in_first(issuer, somebody):
    browser = flows.Browser(issuer)
    browser.open("/account")
    browser.sign_in(*somebody)
    assert browser.answer.status_code == 200
    assert urlsplit(browser.answer.url).path == "/account"
    assert somebody[0] in browser.page.text


def test_account_lists_what_was_allowed_and_withdraws_it(own, allowed, contracts):
    browser, tokens = allowed
    assert status_of(contracts, tokens["access_token"]) == 200
    withdraw(browser, "Trip planner")
    assert status_of(contracts, tokens["access_token"]) == 401
    answer = refresh(own.token, own.client, tokens["refresh_token"])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    browser.open("/account")
    assert "Trip planner" not in browser.page.text


def test_a_withdrawn_consent_is_asked_for_again(own, allowed):
    browser, _ = allowed
    assert "code" in own.begin(browser, prompt="none").arrived
    withdraw(browser, "Trip planner")
    own.begin(browser, prompt="none")
    assert browser.arrived["error"] == "consent_required"
    own.begin(browser)
    assert browser.page.form_with("Allow access")


def test_a_code_in_flight_dies_with_the_consent(own, allowed):
    browser, _ = allowed
    code = own.begin(browser, prompt="none").arrived["code"]
    withdraw(browser, "Trip planner")
    answer = own.exchange(code)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_withdrawing_one_leaves_the_others(own, allowed, demo, issuer, contracts):
    browser, tokens = allowed
    other = new_client(demo.data, "Other diary", "https://other.example/cb")
    second = flows.Flow(issuer, issuer, other, "api.read")
    second.begin(browser)
    browser.press("Allow access")
    kept = second.exchange(browser.arrived["code"]).json()
    withdraw(browser, "Trip planner")
    assert status_of(contracts, tokens["access_token"]) == 401
    assert status_of(contracts, kept["access_token"]) == 200


def test_withdraw_needs_the_token_of_its_own_page(allowed, contracts):
    browser, tokens = allowed
    browser.open("/account")
    form = next(f for f in browser.page.forms if any("withdraw" in b.caption.lower() for b in f.buttons()))
    pairs = [(n, v) for n, v in form.sent(form.buttons()[0]) if len(v) < 16]
    browser.submit(form, pairs)
    assert_page(browser.answer, browser.answer.status_code)
    assert status_of(contracts, tokens["access_token"]) == 200


def test_smartcar_withdrawn_is_refused_in_its_words(manifest, smartcar):
    flow = flows.smartcar(manifest)
    browser = signed_in(flow, manifest, approval_prompt="force")
    browser.press("Allow access")
    token = flow.exchange(browser.arrived["code"]).json()["access_token"]
    url = f"{smartcar}/v2.0/vehicles"
    assert call("GET", url, headers=present("smartcar-v2", token)).status_code == 200
    browser.open("/account")
    # Every grant there is, because the name of the demo's client is not fixed.
    for _ in range(10):
        captions = [b.caption for f in browser.page.forms for b in f.buttons()]
        wanted = [c for c in captions if "withdraw" in c.lower()]
        if not wanted:
            break
        browser.press(wanted[0])
        browser.open("/account")
    refused = call("GET", url, headers=present("smartcar-v2", token))
    assert refused.status_code == 401 and refused.json()["type"] == "AUTHENTICATION"


def leave(issuer, browser, **parameters):
    return browser.open(f"{issuer}/oauth/logout", params=parameters)


def signed_out(own, browser) -> bool:
    own.begin(browser, prompt="none")
    return browser.arrived.get("error") == "login_required"


def test_sign_out_with_a_hint_returns_to_the_registered_address(own, allowed, issuer):
    browser, tokens = allowed
    leave(issuer, browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=LEAVE, state="s p")
    if browser.answer.status_code == 200:
        browser.press("Sign out")
    location = urlsplit(browser.location)
    assert browser.location.startswith(LEAVE)
    assert parse_qs(location.query) == {"state": ["s p"]}
    assert signed_out(own, browser)


def test_sign_out_without_a_hint_asks_first(own, allowed, issuer):
    browser, _ = allowed
    leave(issuer, browser)
    assert browser.answer.status_code == 200
    assert not signed_out(own, browser)
    leave(issuer, browser)
    browser.press("Sign out")
    assert browser.answer.status_code == 200
    assert signed_out(own, browser)


@pytest.mark.parametrize("uri", ["https://evil.example/", f"{LEAVE}/", f"{LEAVE}?x=1", "javascript:alert(1)"])
def test_sign_out_never_follows_an_unregistered_address(own, allowed, issuer, uri):
    browser, tokens = allowed
    answer = leave(issuer, browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=uri)
    assert "Location" not in answer.headers and uri not in [h for _, h in browser.page.links]


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-6] + "AAAAAA", lambda t: "eyJhbGciOiJub25lIn0." + t.split(".")[1] + ".", lambda t: "x"]
)
def test_a_forged_hint_signs_nobody_out(own, allowed, issuer, forge):
    browser, tokens = allowed
    answer = leave(issuer, browser, id_token_hint=forge(tokens["id_token"]), post_logout_redirect_uri=LEAVE)
    assert "Location" not in answer.headers
    assert not signed_out(own, browser)


def test_sign_out_does_not_lead_to_an_application_that_was_disabled(demo, issuer):
    client = new_client(demo.data, "Trip thief", "https://thief.example/cb")
    parameters = {"client_id": client["client_id"], "post_logout_redirect_uri": "https://thief.example/cb"}

    def leads_there():
        return "Location" in call("GET", f"{issuer}/oauth/logout", params=parameters).headers

    assert within_a_second(leads_there)
    assert doorward("client", "disable", client["client_id"], "--data", demo.data).code == 0
    assert within_a_second(lambda: not leads_there())
