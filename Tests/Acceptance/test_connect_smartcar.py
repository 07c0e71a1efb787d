"""contracts.md 5.3 and the code rows of 5.4: Smartcar Connect, through pages and without."""

import base64
import json
import os
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import flows
from flows import assert_page, signed_in
from pages import Page
from test_smartcar_tokens import assert_user_tokens
from token_requests import UUID

DENIED = "error=access_denied&error_description=User+denied+access+to+application"
LEFT = (
    "error=user_manually_returned_to_application&error_description="
    "The+user+exited+Connect+before+granting+your+application+access"
)
INCOMPATIBLE = "error=vehicle_incompatible&error_description=The+user%E2%80%99s+vehicle+is+not+compatible."
SUBSCRIPTION = (
    "error=invalid_subscription&error_description=User+does+not+have+an+active+connected+vehicle+subscription."
)
HOME = "https://example.com/home"
STATES = ["a+b/c==", "ü€😀", "%2B", "a&error=x#y", '"><script>', "a\r\nSet-Cookie: x=y"]


@pytest.fixture
def flow(manifest):
    made = flows.smartcar(manifest)
    assert HOME in made.client["redirect_uris"]
    made.redirect_uri = HOME
    return made


@pytest.fixture
def with_query(flow):
    flow.redirect_uri = next(u for u in flow.client["redirect_uris"] if "?" in u)
    return flow


def at_consent(flow, manifest, **changes):
    return signed_in(flow, manifest, approval_prompt="force", **changes)


def test_CON_1_deny_is_the_seed_byte_for_byte(flow, manifest):
    browser = at_consent(flow, manifest, state=None)
    answer = browser.press("Deny access")
    assert answer.status_code == 302
    assert browser.location == f"{HOME}?{DENIED}"


def test_CON_2_deny_returns_the_state_last_with_plus_for_a_space(flow, manifest):
    browser = at_consent(flow, manifest, state="s p")
    browser.press("Deny access")
    assert browser.location == f"{HOME}?{DENIED}&state=s+p"


def test_CON_3_a_query_of_the_redirect_uri_is_kept(with_query, manifest):
    browser = at_consent(with_query, manifest, state=None)
    browser.press("Deny access")
    assert browser.location == f"{with_query.redirect_uri}&{DENIED}"


def test_CON_3_a_code_is_added_to_the_query_as_well(with_query):
    browser = with_query.ask()
    assert browser.location.startswith(f"{with_query.redirect_uri}&code=")
    assert with_query.exchange(browser.arrived["code"]).status_code == 200


@pytest.mark.parametrize("value", ["nobody", str(uuid.uuid4()), "<b>&\"'", "ü"])
def test_CON_4_an_unknown_client_is_named_on_a_page(flow, value):
    browser = flow.ask(client_id=value)
    assert_page(browser.answer)
    assert f"400: Invalid parameter client_id: {value}." in browser.page.text
    assert "<b>" not in browser.answer.text


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com:8443/home",
        "https://example.com:443/home",
        "https://example.com/home/",
        "https://example.com//home",
        "http://example.com/home",
        "https://example.com/home/sub",
        "https://example.com/HOME",
        "https://EXAMPLE.com/home",
        "https://example.com/home?",
        "https://example.com/home#",
        "https://example.com.evil.example/home",
        "https://example.com@evil.example/home",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
    ],
)
def test_CON_5_and_14_an_unregistered_address_is_never_followed(flow, uri):
    browser = flow.ask(redirect_uri=uri)
    assert_page(browser.answer)
    links = [href for _, href in browser.page.links]
    assert uri not in links and not any(h.startswith("javascript:") for h in links)


def test_CON_6_allow_gives_a_code_shaped_like_a_uuid(flow, manifest):
    browser = at_consent(flow, manifest, state="s p")
    answer = browser.press("Allow access")
    assert answer.status_code == 302
    assert UUID.fullmatch(browser.arrived["code"])
    assert browser.arrived["state"] == "s p"
    assert "error" not in browser.arrived
    assert_user_tokens(flow.exchange(browser.arrived["code"]))


@pytest.mark.parametrize(
    "username, expected",
    [
        ("smartcar@vehicle-incompatible.com", INCOMPATIBLE),
        ("smartcar@invalid-subscription.com", SUBSCRIPTION),
    ],
)
def test_CON_7_and_8_the_magic_users_bring_their_error(flow, username, expected):
    browser = flow.begin(state="s p")
    browser.sign_in(username)
    # The vehicle is named only with the person's consent, which nobody gave here.
    assert browser.location == f"{HOME}?{expected}&state=s+p"


@pytest.mark.parametrize(
    "vin, expected",
    [("0SCAUDI012FE3B132", INCOMPATIBLE), ("0SCAUDI0155C49A95", SUBSCRIPTION)],
)
def test_1_4_the_magic_vins_bring_their_error(flow, manifest, vin, expected):
    browser = at_consent(flow, manifest, state=None, single_select="true", single_select_vin=vin)
    assert browser.location.startswith(f"{HOME}?{expected}")


def test_CON_9_back_to_application_at_sign_in(flow):
    browser = flow.begin(state="x")
    browser.press("Back to application")
    assert browser.location == f"{HOME}?{LEFT}&state=x"


def test_CON_9_back_to_application_at_consent(flow, manifest):
    browser = at_consent(flow, manifest, state=None)
    browser.press("Back to application")
    assert browser.location == f"{HOME}?{LEFT}"


def test_CON_10_a_real_vin_in_simulated_mode_is_a_configuration_error(flow, manifest):
    browser = at_consent(
        flow,
        manifest,
        mode="live",
        single_select="true",
        single_select_vin="0SCAUDI012FE3B132",
    )
    arrived = browser.arrived
    assert browser.location.startswith(
        f"{HOME}?error=configuration_error&error_description=There+has+been+an+error"
        "+in+the+configuration+of+your+application.&status_code=400&error_message="
    )
    assert arrived["error_message"] and arrived["state"] == flow.state


def test_CON_11_auto_asks_once_and_force_asks_again(flow, manifest):
    browser = at_consent(flow, manifest)
    browser.press("Allow access")
    assert "code" in browser.arrived
    assert "code" in flow.begin(browser, approval_prompt="auto").arrived
    assert "code" in flow.begin(browser).arrived
    flow.begin(browser, approval_prompt="force")
    assert browser.page.form_with("Allow access")


def test_CON_11_a_wider_scope_is_asked_for(flow, manifest):
    browser = at_consent(flow, manifest)
    browser.press("Allow access")
    flow.begin(browser, scope="read_odometer read_vehicle_info")
    assert browser.page.form_with("Allow access")


def test_CON_12_the_address_of_the_vendors_sdk_leads_to_the_grant_page(flow, manifest):
    os.environ["SMARTCAR_CONNECT_ORIGIN"] = flow.authorize.removesuffix("/oauth/authorize")
    import smartcar

    smartcar.config.CONNECT_ORIGIN = os.environ["SMARTCAR_CONNECT_ORIGIN"]
    client = smartcar.AuthClient(flow.client["client_id"], flow.client["client_secret"], HOME, mode="simulated")
    options = {
        "state": "s p",
        "force_prompt": True,
        "make_bypass": "TESLA",
        "flags": {"country": "DE", "test": True},
        "user": "u1",
    }
    url = client.get_auth_url(["read_odometer", "required:read_vin"], options)
    assert url.startswith(f"{flow.authorize}?"), url
    browser = flow.browser()
    browser.open(url)
    user = manifest["users"][0]
    browser.sign_in(user["username"], user["password"])
    form = browser.page.form_with("Allow access")
    # `required:` locks the box: it is on, and nobody can take it off.
    locked = [b for b in form.ticks("scope") if "read_vin" in b.value]
    assert all(b.ticked and "disabled" in b.attributes for b in locked)
    browser.press("Deny access")
    assert browser.location == f"{HOME}?{DENIED}&state=s+p"


def test_CON_12_a_required_scope_survives_a_form_that_leaves_it_out(flow, manifest):
    browser = at_consent(flow, manifest, scope="read_odometer required:read_vin")
    browser.press("Allow access", change={"scope": None})
    if browser.answer.status_code == 302:
        tokens = flow.exchange(browser.arrived["code"]).json()
        assert UUID.fullmatch(tokens["access_token"])
    else:
        assert 400 <= browser.answer.status_code < 500


def test_CON_13_the_state_of_the_javascript_sdk_is_returned_exactly(flow):
    content = json.dumps({"instanceId": str(uuid.uuid4()), "originalState": "ü?>~"})
    state = base64.b64encode(content.encode()).decode() + "+/="
    assert flow.ask(state=state).arrived["state"] == state


@pytest.mark.parametrize("state", STATES)
def test_CON_14_no_state_escapes_from_its_parameter(flow, state):
    browser = flow.ask(state=state)
    if browser.answer.status_code != 302:
        assert_page(browser.answer)  # Refusing is the other allowed answer.
        return
    assert browser.arrived.get("state", state) == state
    assert "Set-Cookie: x=y" not in str(browser.answer.headers.get("Set-Cookie"))
    assert "#" not in browser.location


def test_the_parameters_are_a_form_that_any_library_reads(flow):
    query = urlsplit(flow.ask(state="s p").location).query
    assert urlencode(parse_qsl(query)) == query


def test_the_pages_are_pages(flow, manifest):
    browser = at_consent(flow, manifest)
    page: Page = browser.page
    captions = [b.caption for form in page.forms for b in form.buttons()]
    for caption in ("Allow access", "Deny access", "Back to application"):
        assert caption in captions
