"""docs/configuration.md, `pages` and `scopes`: the operator's name, logo, colours and words, and what is refused of them."""

import base64
import re

import pytest

import flows
from command_line import doorward
from demo_server import Server, free_port
from pages import Browser
# What holds for every page of the demo holds for these; the fixture of this module stands in for the other.
from test_pages import (  # noqa: F401
    test_every_field_has_a_label_and_every_button_a_text,
    test_every_identifier_occurs_once_and_every_image_has_a_text,
    test_every_page_has_a_language_one_heading_and_its_title,
    test_every_page_has_the_headers,
    test_no_page_runs_or_fetches_anything_of_others,
)
from wire import call

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>'
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

PAGES = """
pages:
  name: Weather Desk & Söhne
  logo: logo.svg
  accent: {light: "#7a1f5c", dark: "#e59cc6"}
  texts:
    en:
      signIn: Come in
      consent: "May {application} look out of the window?"
      message.applicationUnknown.heading: Who is asking?
    de:
      consent: "Darf {application} aus dem Fenster sehen?"
"""

APIS = """
apis:
  - name: notes
    prefix: /notes
    upstream: http://127.0.0.1:1
    scopes:
      notes.read:
        en: {title: Look at your notes, detail: All of them}
        de: Ihre Notizen ansehen
      shared: {en: Notes together}
      only.english: {en: In English}
    routes:
      - {match: GET /a, scope: notes.read only.english bare}
      - {match: GET /b, scope: shared}
  - name: tasks
    prefix: /tasks
    upstream: http://127.0.0.1:1
    scopes:
      shared: {en: {title: Tasks together, detail: Old ones too}}
    routes:
      - {match: GET /b, scope: shared}
"""


class Site:
    def __init__(self, folder):
        (folder / "logo.svg").write_text(SVG)
        port = free_port()
        self.issuer = f"http://127.0.0.1:{port}"
        file = folder / "doorward.yaml"
        file.write_text(f"issuer: {self.issuer}\nlisten: 127.0.0.1:{port}\n{PAGES}{APIS}")
        self.data = folder / "data"
        self.server = Server(["serve", "--config", str(file), "--data", str(self.data)], folder, "serve")
        self.server.wait_until(lambda: "Doorward serves" in self.server.printed())
        self.user, self.password = flows.new_user(self.data)
        scope = "openid profile notes.read shared only.english bare"
        self.client = flows.new_client(self.data, "Umbrella", "https://umbrella.example/back", scope=scope)

    def flow(self, scope="openid notes.read"):
        return flows.Flow(self.issuer, self.issuer, self.client, scope)

    def inside(self, scope="openid notes.read", language="en"):
        """A browser at the consent page; the operator calls the first button "Come in"."""
        browser = self.flow(scope).begin(prompt="consent", ui_locales=language)
        fill = {"Email|Username|Benutzername": self.user, "Password|Passwort": self.password}
        browser.press({"en": "Come in", "de": "Anmelden"}[language], fill=fill)
        return browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("operator"))
    yield site
    assert site.server.stop() == 0, site.server.printed()[-4000:]


@pytest.fixture(scope="module")
def every_page(site):
    account = site.inside()
    account.press("Allow access")
    account.open("/account")
    logout = site.inside()
    logout.open("/oauth/logout")
    return {
        "sign in": site.flow().begin(),
        "consent": site.inside(),
        "unknown client": site.flow().begin(client_id="nobody"),
        "account": account,
        "sign out": logout,
    }


def test_the_name_and_the_logo_are_on_every_page(every_page):
    picture = "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode()
    for name, browser in every_page.items():
        assert "Weather Desk & Söhne" in browser.page.text, name
        images = [a["src"] for tag, a in browser.page.tags if tag == "img"]
        assert images == [picture], name
        policy = browser.answer.headers["Content-Security-Policy"]
        assert "img-src 'self' data:;" in policy, (name, policy)


@pytest.mark.parametrize("path", ["/", "/errors", "/errors/access-token-expired"])
def test_the_documentation_looks_the_same(site, path):
    answer = call("GET", site.issuer + path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "Weather Desk &amp; Söhne" in answer.text and "data:image/svg+xml" in answer.text


def test_the_colours_are_in_the_style_sheet_every_page_names(site, every_page):
    sheets = {a["href"] for b in every_page.values() for t, a in b.page.tags if t == "link"}
    assert len(sheets) == 1
    sheet = call("GET", site.issuer + sheets.pop())
    assert sheet.status_code == 200 and sheet.headers["Content-Type"].startswith("text/css")
    light, dark = sheet.text.split("prefers-color-scheme:dark", 1)
    assert "--accent:#7a1f5c" in light and "--accent:#e59cc6" in dark


def test_the_words_are_the_operators_in_their_language(site, every_page):
    assert every_page["sign in"].page.headings == ["Come in"]
    assert every_page["consent"].page.headings == ["May Umbrella look out of the window?"]
    assert every_page["unknown client"].page.headings == ["Who is asking?"]
    german = Browser(site.issuer)
    german.open(site.flow().authorize, params=site.flow().query(ui_locales="de"))
    # Not replaced in German.
    assert german.page.headings == ["Anmelden"]


def test_scopes_are_described_by_the_api(site):
    text = site.inside("openid notes.read profile bare").page.text
    assert "Look at your notes" in text and "All of them" in text and "notes.read" not in text
    # The server's own scope has its own words; one that nobody described goes by its name.
    assert "Your name" in text and "bare" in text


def test_scopes_are_described_in_the_persons_language_or_in_another(site):
    text = site.inside("openid notes.read only.english", "de").page.text
    assert "Ihre Notizen ansehen" in text and "Look at your notes" not in text
    assert "In English" in text


def test_a_scope_of_two_apis_says_what_both_mean(site):
    text = site.inside("openid shared").page.text
    assert "Notes together; Tasks together" in text and "Old ones too" in text


def test_the_account_uses_the_same_words(every_page):
    text = every_page["account"].page.text
    assert "Look at your notes" in text and "notes.read" not in text


def check(folder, text):
    (folder / "logo.svg").write_text(SVG)
    (folder / "logo.png").write_bytes(PNG)
    (folder / "large.png").write_bytes(PNG + b"\0" * 32768)
    (folder / "text.png").write_text("not a picture")
    (folder / "bare.svg").write_text("<svg></svg>")
    (folder / "c.yaml").write_text(text)
    # Beside it, since a long path is shortened in the sentence.
    return doorward("config", "check", "c.yaml", directory=folder)


@pytest.mark.parametrize(
    "lines, line, words",
    [
        (["nam: x"], 2, ['"nam"', '"name"']),
        (['name: " "'], 2, ["name with a letter"]),
        (["name: " + "x" * 81], 2, ["80 bytes"]),
        (["logo: nowhere.svg"], 2, ["nowhere.svg", "none at this path"]),
        (["logo: logo.jpeg"], 2, [".svg or .png"]),
        (["logo: large.png"], 2, ["at most 32 KiB"]),
        (["logo: text.png"], 2, ["a PNG picture"]),
        (["logo: bare.svg"], 2, ["xmlns"]),
        (["name: x", "accent:", '  dark: "#8ab4f8"'], 4, ['"light"', "missing"]),
        (["accent:", '  light: "#1f5fbf"', '  dark: "#123456"'], 4, ["#123456", "4.5 to 1", "dark screens", "would do"]),
        (["accent:", '  light: "#ffff00"'], 3, ["#ffff00, contrast 1.0", "light screens", "would do"]),
        (["accent:", "  light: #1f5fbf"], 3, ["in quotes"]),
        (["accent:", "  light: blue"], 3, ["blue", "in quotes"]),
        (["texts:", "  en:", "    sigIn: x"], 4, ['"sigIn"', '"signIn"']),
        (["texts:", "  en:", "    message.applicationUnknown.headin: x"], 4, ["message.applicationUnknown.heading"]),
        (["texts:", "  fr:", "    signIn: x"], 3, ['"fr"', "en, de"]),
        (["texts:", "  en:", "    signIn: ''"], 4, ["words"]),
        (["texts:", "  en:", "    allow: 'Yes, {application}'"], 4, ["nothing to put in"]),
        (["texts:", "  en:", "    consent: '{app}?'"], 4, ["{application}"]),
        (["texts:", "  en:", "    consent: [a]"], 4, ["a text"]),
        (["texts: x"], 2, ["a mapping"]),
    ],
)
def test_faults_of_pages_are_told_with_their_line(tmp_path, lines, line, words):
    ran = check(tmp_path, "pages:\n" + "".join(f"  {each}\n" for each in lines))
    assert ran.code == 3, ran.output
    assert f"c.yaml:{line}: " in ran.stderr
    for word in words:
        assert word in ran.stderr, ran.stderr


@pytest.mark.parametrize("logo", ["logo.svg", "logo.png"])
def test_a_good_logo_and_one_colour_are_taken(tmp_path, logo):
    ran = check(tmp_path, f'pages:\n  logo: {logo}\n  accent: {{light: "#7a1f5c"}}\n')
    assert ran.code == 0, ran.output
    assert ran.stderr == ""


API = "apis:\n  - name: a\n    prefix: /a\n    upstream: http://127.0.0.1:1\n    routes: [{match: GET /x, scope: api.read}]\n"


@pytest.mark.parametrize(
    "lines, line, words",
    [
        (["'a b': {en: x}"], 7, ["a scope token"]),
        (["api.read: {fr: x}"], 7, ['"fr"', "en, de"]),
        (["api.read: {}"], 7, ["by language"]),
        (["api.read: Read"], 7, ["a mapping"]),
        (["api.read:", "  en: {titel: x}"], 8, ['"titel"', '"title"']),
        (["api.read:", "  en: {detail: x}"], 8, ['"title"', "missing"]),
        (["api.read:", "  en: ''"], 8, ["words"]),
    ],
)
def test_faults_of_scopes_are_told_with_their_line(tmp_path, lines, line, words):
    ran = check(tmp_path, API + "    scopes:\n" + "".join(f"      {each}\n" for each in lines))
    assert ran.code == 3, ran.output
    assert f"c.yaml:{line}: " in ran.stderr, ran.stderr
    for word in words:
        assert word in ran.stderr, ran.stderr


def test_a_description_no_route_asks_for_is_warned_of(tmp_path):
    ran = check(tmp_path, API + "    scopes:\n      api.raed: {en: Read}\n      api.read: {en: Read}\n")
    assert ran.code == 0, ran.output
    assert "good (1 API)" in ran.stdout
    assert re.search(r'c\.yaml:7: no route of a asks for the scope "api.raed"; perhaps "api.read"', ran.stderr)
    assert ran.stderr.count("\n") == 1
