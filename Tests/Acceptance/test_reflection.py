"""Nothing from outside is shown unescaped, and nothing leads to an address from outside."""

import random
import re
import string
from urllib.parse import urljoin, urlsplit

import pytest
import requests

import flows
from flows import signed_in
from wire import call

HOSTILE = ['"><script>alert(1)</script>', "'onmouseover='x", "</title><b>h", "{{7*7}}<i>"]
SEED = 20261121
CASES = 300


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "state", "login_hint", "scope", "ui_locales", "nonce", "x"]
)
def test_nothing_hostile_is_reflected_unescaped(manifest, name, value):
    for flow in (flows.web(manifest), flows.smartcar(manifest)):
        answer = flow.begin(**{name: value}).answer
        assert answer.status_code != 404
        # The reference on a page may end in 49 by itself.
        text = answer.text.replace(answer.headers["Trace-Id"], "")
        assert value not in text
        assert "<b>h" not in text and "<i>" not in text and "49<" not in text


def test_a_hostile_username_is_not_reflected_unescaped(flow):
    for value in HOSTILE:
        browser = flow.begin()
        browser.sign_in(value, value)
        assert value not in browser.answer.text


def random_uri(chance: random.Random, known: str) -> str:
    """Registered ones bent at random, and plain nonsense."""
    pieces = [
        "//",
        "\\",
        "@",
        "evil.example",
        ".",
        "%2f",
        "%00",
        "\t",
        "#",
        "?",
        ":",
        "/../",
        "\u3002",
        "javascript:",
        " ",
    ]
    text = known if chance.random() < 0.8 else ""
    for _ in range(chance.randint(1, 3)):
        piece = chance.choice([*pieces, chance.choice(string.printable), chr(chance.randint(0xA0, 0x2FFF))])
        at = chance.randint(0, len(text))
        text = text[:at] + piece + text[at + chance.randint(0, 2) :]
    return text


def test_no_redirect_ever_leaves_the_registered_set(manifest):
    for make in (flows.web, flows.smartcar):
        assert "code" in make(manifest).ask().arrived, "nothing is redirected at all"
    chance = random.Random(SEED)
    for number in range(CASES):
        flow = chance.choice([flows.web, flows.smartcar])(manifest)
        registered = flow.client["redirect_uris"]
        uri = random_uri(chance, chance.choice(registered))
        if uri in registered or not uri:
            continue
        answer = call("GET", flow.authorize, params=flow.query(redirect_uri=uri, login_hint=flows.AUTO))
        context = (SEED, number, uri)
        assert answer.status_code < 500, context
        if "Location" not in answer.headers:
            continue
        target = urljoin(flow.authorize, answer.headers["Location"])
        if urlsplit(target).netloc == urlsplit(flow.issuer).netloc:
            continue  # Our own sign-in page, say.
        loopback = re.fullmatch(r"(http://127\.0\.0\.1):\d+(/callback)", uri)
        assert loopback and target.startswith(uri), context


@pytest.mark.parametrize("name", ["return_to", "next", "redirect", "continue", "url", "return"])
@pytest.mark.parametrize("path", ["/login", "/account", "/consent", "/oauth/logout"])
def test_no_page_follows_an_address_from_outside(issuer, path, name):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = call("GET", f"{issuer}{path}", params={name: target})
        assert answer.status_code < 500
        where = urljoin(f"{issuer}{path}", answer.headers.get("Location", ""))
        assert "evil.example" not in urlsplit(where).netloc
        assert urlsplit(where).netloc == urlsplit(issuer).netloc


def test_a_session_counts_only_for_its_own_browser(flow, manifest):
    signed_in(flow, manifest, prompt="consent")
    with requests.Session() as nobody:
        nobody.trust_env = False
        answer = nobody.get(f"{flow.issuer}/account", allow_redirects=False, timeout=15)
    assert "Withdraw" not in answer.text
