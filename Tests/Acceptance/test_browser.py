"""Drive log, the sample application, in a real browser: denied, asked again, allowed, withdrawn."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import flows
from token_requests import skip_loudly
from wire import call, present

DENIED = "error=access_denied&error_description=User+denied+access+to+application"
WIDTHS = (390, 1280)


class Visitor:
    """One person with one window; everything the page complained about is kept."""

    def __init__(self, chromium, manifest):
        self.manifest = manifest
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.shown = 0
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", lambda r: self.addresses.append(r.url))

    def hear(self, message):
        # A page answered with 4xx is itself one "error"; that is not the page's fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def look(self, name):
        """What every page must have, and its pictures."""
        assert self.page.locator("h1").count() == 1, (name, self.page.url)
        assert self.page.locator("html").get_attribute("lang"), name
        folder = os.environ.get("DOORWARD_SCREENSHOTS")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            overflow = "document.documentElement.scrollWidth - innerWidth"
            assert self.page.evaluate(overflow) <= 0, (name, width, "scrolls sideways")
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                if folder:
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    file = f"{self.shown:02}-{name}-{width}-{scheme}.png"
                    self.page.screenshot(path=Path(folder) / file, full_page=True)
        self.shown += 1

    def press(self, caption):
        self.page.get_by_role("button", name=caption).or_(self.page.get_by_role("link", name=caption)).first.click()
        self.page.wait_for_load_state()

    def connect(self):
        self.page.goto(self.manifest["app"])
        self.look("app")
        self.press(re.compile("connect|try again", re.I))

    def sign_in(self):
        user = self.manifest["users"][0]
        self.page.get_by_label(re.compile("Email|Username", re.I)).fill(user["username"])
        self.page.get_by_label("Password").fill(user["password"])
        self.press("Sign in")

    def text(self) -> str:
        return self.page.locator("body").inner_text()


@pytest.fixture
def visitor(chromium, manifest):
    if "app" not in manifest:
        skip_loudly("the manifest names no sample application")
    one = Visitor(chromium, manifest)
    yield one
    one.context.close()
    assert one.complaints == []


def at_consent(visitor):
    visitor.connect()
    visitor.look("sign-in")
    visitor.sign_in()
    visitor.look("consent")


def test_denied_the_app_says_so_and_asks_again(visitor):
    at_consent(visitor)
    visitor.press("Deny access")
    callback = [a for a in visitor.addresses if "error=access_denied" in a]
    assert len(callback) == 1, callback
    query = urlsplit(callback[0]).query
    assert re.fullmatch(re.escape(DENIED) + r"(&state=[^&]+)?", query), query
    visitor.look("denied")
    # The seed: "re-prompting the user to authorize their vehicle and adding a message".
    assert re.search(r"\b(permission|access|denied)\b", visitor.text(), re.I)
    visitor.press(re.compile("try again|connect", re.I))
    assert visitor.page.get_by_role("button", name="Allow access").count() == 1


def test_denied_does_not_offer_a_secret_or_a_code(visitor):
    at_consent(visitor)
    visitor.press("Deny access")
    secrets = [c["client_secret"] for c in visitor.manifest["clients"].values() if "client_secret" in c]
    assert not any(secret in visitor.page.content() for secret in secrets)


def test_allowed_for_one_of_three_vehicles_then_withdrawn(visitor):
    at_consent(visitor)
    boxes = visitor.page.locator('input[name="resource"]')
    assert boxes.count() == 3
    chosen = boxes.nth(0).get_attribute("value")
    vehicles = [boxes.nth(n).get_attribute("value") for n in range(3)]
    boxes.nth(0).check()
    for number in (1, 2):
        boxes.nth(number).uncheck()
    visitor.press("Allow access")
    visitor.look("connected")
    assert re.search(r"\d[\d.,\s\u202f]*\s*(km|kilomet|mi\b|miles)", visitor.text()), visitor.text()
    assert chosen in vehicles
    visitor.page.goto(f"{visitor.manifest['issuer']}/account")
    visitor.look("account")
    # The person may have shared things with other applications, in other tests.
    section = visitor.page.locator("section", has_text="Drive log")
    section.get_by_role("button", name=re.compile("withdraw", re.I)).click()
    visitor.page.wait_for_load_state()
    visitor.look("withdrawn")
    visitor.page.goto(visitor.manifest["app"])
    # The application asks the API again when it is opened or told to.
    again = visitor.page.get_by_role("button", name=re.compile("odometer|refresh|reload", re.I))
    if again.count():
        again.first.click()
        visitor.page.wait_for_load_state()
    visitor.look("refused")
    assert not re.search(r"\d\s*(km|mi)\b", visitor.text()), visitor.text()
    assert (
        visitor.page.get_by_role("button", name=re.compile("connect|try again", re.I))
        .or_(visitor.page.get_by_role("link", name=re.compile("connect|try again", re.I)))
        .count()
    )


def test_the_api_serves_the_chosen_vehicle_and_refuses_the_others(manifest, smartcar):
    """The same consent without the app, so that its token can be looked at."""
    flow = flows.smartcar(manifest)
    browser = flows.signed_in(flow, manifest, approval_prompt="force")
    form = browser.page.form_with("Allow access")
    vehicles = [box.value for box in form.ticks("resource")]
    assert len(vehicles) == 3, vehicles
    chosen, *others = vehicles
    browser.press("Allow access", tick={chosen: True} | dict.fromkeys(others, False))
    token = flow.exchange(browser.arrived["code"]).json()["access_token"]
    headers = present("smartcar-v2", token)
    listed = call("GET", f"{smartcar}/v2.0/vehicles", headers=headers).json()
    assert listed["vehicles"] == [chosen]
    assert call("GET", f"{smartcar}/v2.0/vehicles/{chosen}/odometer", headers=headers).status_code == 200
    for other in others:
        answer = call("GET", f"{smartcar}/v2.0/vehicles/{other}/odometer", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "PERMISSION"


def test_no_vehicle_chosen_gives_no_code(manifest):
    flow = flows.smartcar(manifest)
    browser = flows.signed_in(flow, manifest, approval_prompt="force")
    boxes = browser.page.form_with("Allow access").ticks("resource")
    browser.press("Allow access", tick={box.value: False for box in boxes})
    assert "code=" not in browser.answer.headers.get("Location", "")


def test_a_foreign_vehicle_cannot_be_slipped_into_the_form(manifest, smartcar):
    flow = flows.smartcar(manifest)
    browser = flows.signed_in(flow, manifest, approval_prompt="force")
    form = browser.page.form_with("Allow access")
    foreign = "00000000-0000-4000-8000-000000000000"
    pairs = [*form.sent(form.button("Allow access")), ("resource", foreign)]
    browser.submit(form, pairs)
    if browser.answer.status_code == 302:
        token = flow.exchange(browser.arrived["code"]).json()["access_token"]
        url = f"{smartcar}/v2.0/vehicles/{foreign}/odometer"
        assert call("GET", url, headers=present("smartcar-v2", token)).status_code >= 400


def test_the_keyboard_alone_is_enough(visitor):
    visitor.connect()
    user = visitor.manifest["users"][0]
    visitor.page.get_by_label(re.compile("Email|Username", re.I)).fill(user["username"])
    visitor.page.get_by_label("Password").fill(user["password"])
    visitor.page.get_by_label("Password").press("Enter")
    visitor.page.wait_for_load_state()
    deny = visitor.page.get_by_role("button", name="Deny access")
    deny.focus()
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(re.compile("error=access_denied"))
    assert [a for a in visitor.addresses if "error=access_denied" in a]
