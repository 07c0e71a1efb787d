"""contracts.md 1.2, last part: re-authentication in Smartcar Connect, with the redirect errors of 1.4."""

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import flows
from flows import assert_page
from pages import Browser
from test_connect_smartcar import HOME, INCOMPATIBLE, LEFT, SUBSCRIPTION
from test_pages import (  # noqa: F401
    test_every_field_has_a_label_and_every_button_a_text,
    test_every_identifier_occurs_once_and_every_image_has_a_text,
    test_every_page_has_a_language_one_heading_and_its_title,
    test_every_page_has_the_headers,
    test_no_page_runs_or_fetches_anything_of_others,
)

NONE = "error=no_vehicles&error_description=No+vehicles+found.+Please+add+vehicles+to+your+account+and+try+again."


class Reauthentication:
    def __init__(self, manifest, vehicle):
        base = manifest["contracts"]["smartcar-v2"]["base"]
        self.address = f"{base}/oauth/reauthenticate"
        self.issuer = manifest["issuer"]
        self.user = manifest["users"][0]
        self.query = {
            "response_type": "vehicle_id",
            "client_id": manifest["clients"]["smartcar"]["client_id"],
            "vehicle_id": vehicle,
            "redirect_uri": HOME,
            "state": "s p",
        }

    def asked(self, **changes) -> dict:
        return {name: value for name, value in (self.query | changes).items() if value is not None}

    def begin(self, browser=None, **changes) -> Browser:
        browser = browser or Browser(self.issuer)
        browser.open(self.address, params=self.asked(**changes))
        return browser

    def at_confirmation(self, **changes) -> Browser:
        browser = self.begin(**changes)
        browser.sign_in(self.user["username"], self.user["password"])
        return browser


@pytest.fixture
def again(manifest, smartcar_vehicle):
    return Reauthentication(manifest, smartcar_vehicle)


@pytest.fixture(scope="module")
def every_page(manifest, smartcar_vehicle):
    again = Reauthentication(manifest, smartcar_vehicle)
    return {
        "sign in": again.begin(),
        "confirmation": again.at_confirmation(),
        "unknown client": again.begin(client_id="nobody"),
    }


@pytest.mark.parametrize("type", ["vehicle_id", "none"])
def test_1_2_a_person_signs_in_confirms_and_is_sent_back(again, type):
    browser = again.at_confirmation(response_type=type)
    assert browser.page.headings == ["Confirm for Garage"]
    assert again.user["username"] in browser.page.text
    answer = browser.press("Confirm")
    assert answer.status_code == 302
    assert browser.location == f"{HOME}?" + urlencode({"vehicle_id": again.query["vehicle_id"], "state": "s p"})


def test_1_2_without_a_state_only_the_vehicle_comes_back(again):
    browser = again.at_confirmation(state=None)
    browser.press("Confirm")
    assert browser.location == f"{HOME}?vehicle_id={again.query['vehicle_id']}"


def test_1_2_application_id_and_a_slash_and_no_address(again, clients):
    again.address += "/"
    browser = again.at_confirmation(
        client_id=None, application_id=clients["smartcar"]["client_id"], redirect_uri=None
    )
    browser.press("Confirm")
    assert browser.location.startswith(clients["smartcar"]["redirect_uris"][0])
    assert browser.arrived["vehicle_id"] == again.query["vehicle_id"]


def test_1_2_a_query_of_the_redirect_uri_is_kept(again, clients):
    uri = next(u for u in clients["smartcar"]["redirect_uris"] if "?" in u)
    browser = again.at_confirmation(redirect_uri=uri)
    browser.press("Confirm")
    assert browser.location.startswith(f"{uri}&vehicle_id=")


def test_1_2_a_session_from_before_is_not_enough(again, manifest):
    browser = flows.signed_in(flows.web(manifest), manifest, prompt="consent")
    again.begin(browser)
    assert browser.page.headings == ["Sign in"]
    browser.sign_in(again.user["username"], again.user["password"])
    assert browser.page.headings == ["Confirm for Garage"]
    # Nor is the one that the last request led to.
    again.begin(browser)
    assert browser.page.headings == ["Sign in"]


def address_of_confirmation(browser) -> str:
    return browser.visited[-1].url


@pytest.mark.parametrize(
    "change",
    [
        {"vehicle_id": str(uuid.uuid4())},
        {"state": "other"},
        {"signed_in": "9999999999.AAAA"},
        {"signed_in": "x"},
        {"signed_in": ""},
    ],
)
def test_1_2_a_sign_in_counts_for_its_own_request_only(again, change):
    browser = again.at_confirmation()
    parts = urlsplit(address_of_confirmation(browser))
    query = dict(parse_qsl(parts.query))
    assert "signed_in" in query
    browser.open(f"{again.address}?{urlencode(query | change)}")
    assert browser.page.headings == ["Sign in"]


def test_1_2_a_sign_in_counts_for_its_own_browser_only(again, manifest):
    address = address_of_confirmation(again.at_confirmation())
    assert Browser(again.issuer).open(address).status_code == 200
    for browser in [Browser(again.issuer), flows.signed_in(flows.web(manifest), manifest, prompt="consent")]:
        browser.open(address)
        assert browser.page.headings == ["Sign in"]


def test_1_2_the_form_cannot_name_another_vehicle(again):
    browser = again.at_confirmation()
    other = f"{urlsplit(again.address).path}?{urlencode(again.asked(vehicle_id=str(uuid.uuid4())))}"
    browser.press("Confirm", change={"return": other})
    assert browser.page.headings == ["Sign in"]


def test_1_4_back_to_application_from_either_page(again):
    browser = again.begin()
    browser.press("Back to application")
    assert browser.location == f"{HOME}?{LEFT}&state=s+p"
    browser = again.at_confirmation(state=None)
    browser.press("Back to application")
    assert browser.location == f"{HOME}?{LEFT}"


@pytest.mark.parametrize("vehicle", [str(uuid.uuid4()), "nonsense", "<b>", "ü", "../x", "x" * 200])
def test_1_4_an_unknown_vehicle_is_said_to_be_none(again, vehicle):
    browser = again.at_confirmation(vehicle_id=vehicle)
    assert browser.location == f"{HOME}?{NONE}&state=s+p"


@pytest.mark.parametrize(
    "username, expected",
    [
        ("smartcar@vehicle-incompatible.com", INCOMPATIBLE),
        ("smartcar@invalid-subscription.com", SUBSCRIPTION),
    ],
)
def test_1_4_the_magic_users_bring_their_error(again, username, expected):
    browser = again.begin()
    browser.sign_in(username)
    assert browser.location == f"{HOME}?{expected}&state=s+p"


@pytest.mark.parametrize(
    "change, error",
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": "VEHICLE_ID"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"vehicle_id": None}, "invalid_request"),
        ({"vehicle_id": ""}, "invalid_request"),
        ({"vehicle_id": "x" * 201}, "invalid_request"),
        ({"vehicle_id": ["a", "b"]}, "invalid_request"),
        ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    ],
)
def test_1_2_what_is_wrong_goes_back_once_the_address_is_proven(again, change, error):
    browser = again.begin(**change)
    assert browser.location.startswith(f"{HOME}?error={error}&error_description=")
    assert browser.arrived["state"] == "s p"
    assert "vehicle_id" not in browser.arrived


@pytest.mark.parametrize("value", ["nobody", str(uuid.uuid4()), "<b>&\"'"])
def test_CON_4_an_unknown_client_is_named_on_a_page(again, value):
    browser = again.begin(client_id=value)
    assert_page(browser.answer)
    assert f"400: Invalid parameter client_id: {value}." in browser.page.text


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": None},
        {"redirect_uri": "https://example.com/home/"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": [HOME, HOME]},
        {"application_id": "another"},
    ],
)
def test_CON_5_what_is_wrong_is_a_page_until_the_address_is_proven(again, change):
    browser = again.begin(**change)
    assert_page(browser.answer)
    assert not any("evil.example" in href or "javascript:" in href for _, href in browser.page.links)


def test_1_2_the_token_of_the_page_is_not_left_out(again):
    browser = again.at_confirmation()
    browser.press("Confirm", change={"form_token": "x"})
    assert browser.answer.status_code == 403 or browser.answer.status_code == 400
    assert "Location" not in browser.answer.headers


def test_1_2_without_cookies_nobody_is_sent_back(again):
    browser = Browser(again.issuer, cookies=False)
    again.begin(browser)
    browser.sign_in(again.user["username"], again.user["password"])
    assert "Location" not in browser.answer.headers and browser.answer.status_code in (400, 403)


def test_other_methods_are_refused_on_a_page(again):
    browser = Browser(again.issuer)
    assert browser.request("DELETE", again.address).status_code == 405
    assert browser.request("HEAD", again.address, params=again.asked()).status_code == 200


def test_1_2_the_request_may_come_as_a_form_and_in_german(again):
    browser = Browser(again.issuer)
    browser.go("POST", again.address, data=again.asked(ui_locales="de"))
    assert browser.page.headings == ["Anmelden"]
    fill = {"Benutzername": again.user["username"], "Passwort": again.user["password"]}
    browser.press("Anmelden", fill=fill)
    assert browser.page.headings == ["Für Garage bestätigen"]
    browser.press("Bestätigen")
    assert browser.arrived["vehicle_id"] == again.query["vehicle_id"]
