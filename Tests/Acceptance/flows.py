"""The authorization-code flow as a client sees it: request, arrival, exchange."""

import base64
import hashlib
import secrets

from command_line import create_user, doorward
from pages import Browser
from token_requests import token_request

AUTO = "auto@example.com"


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Flow:
    def __init__(self, issuer, base, client, scope, pkce=True):
        self.issuer = issuer
        self.authorize = f"{base}/oauth/authorize"
        self.token = f"{base}/oauth/token"
        self.client = client
        self.scope = scope
        self.pkce = pkce
        self.redirect_uri = client["redirect_uris"][0]
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(8)

    def query(self, **changes) -> dict:
        """The parameters of a good request; None takes one out."""
        query = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
        }
        if self.pkce:
            query["code_challenge"] = challenge(self.verifier)
            query["code_challenge_method"] = "S256"
        query |= changes
        return {name: value for name, value in query.items() if value is not None}

    def browser(self) -> Browser:
        return Browser(self.issuer)

    def begin(self, browser=None, **changes) -> Browser:
        """Opens the authorization endpoint, pages to follow."""
        browser = browser or self.browser()
        browser.open(self.authorize, params=self.query(**changes))
        return browser

    def ask(self, browser=None, **changes) -> Browser:
        """The same without a page."""
        return self.begin(browser, **({"login_hint": AUTO} | changes))

    def code(self, **changes) -> str:
        arrived = self.ask(**changes).arrived
        assert "code" in arrived, arrived
        return arrived["code"]

    def exchange(self, code, client=None, **changes):
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
        }
        if self.pkce:
            parameters["code_verifier"] = self.verifier
        parameters |= changes
        sent = {name: value for name, value in parameters.items() if value is not None}
        return token_request(self.token, client or self.client, sent)

    def tokens(self, **changes) -> dict:
        answer = self.exchange(self.code(**changes))
        assert answer.status_code == 200, answer.text
        return answer.json()


def web(manifest, scope="openid api.read") -> Flow:
    issuer = manifest["issuer"]
    return Flow(issuer, issuer, manifest["clients"]["web"], scope)


def public(manifest, scope="openid api.read") -> Flow:
    issuer = manifest["issuer"]
    return Flow(issuer, issuer, manifest["clients"]["public"], scope)


def smartcar(manifest, scope="read_odometer") -> Flow:
    base = manifest["contracts"]["smartcar-v2"]["base"]
    client = manifest["clients"]["smartcar"]
    return Flow(manifest["issuer"], base, client, scope, pkce=False)


def signed_in(flow, manifest, browser=None, **changes) -> Browser:
    """A browser at the consent page, the demo's own user having signed in."""
    user = manifest["users"][0]
    browser = flow.begin(browser, **changes)
    browser.sign_in(user["username"], user["password"])
    return browser


def new_user(data) -> tuple[str, str]:
    name = f"{secrets.token_hex(6)}@example.org"
    password = secrets.token_urlsafe(16)
    ran = create_user(data, name, password)
    assert ran.code == 0, ran.output
    return name, password


def new_client(data, name, *redirect_uris, scope="openid api.read", public=False, options=()):
    """Registered by the operator beside the running server."""
    arguments = ["client", "create", "--data", data, "--name", name, "--json", *options]
    arguments += ["--grant", "authorization_code", "--grant", "refresh_token"]
    arguments += ["--scope", scope] + (["--public"] if public else [])
    for uri in redirect_uris:
        arguments += ["--redirect-uri", uri]
    return doorward(*arguments).json() | {"redirect_uris": list(redirect_uris)}


def assert_page(answer, status=400):
    """A page for the person; nothing leads to an address that was not proven."""
    assert answer.status_code == status, (answer.status_code, answer.headers)
    assert "Location" not in answer.headers
    assert "Refresh" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html"), answer.headers
    assert 'http-equiv="refresh"' not in answer.text.lower()


def assert_error(flow, browser, error, state=True) -> dict:
    """RFC 6749 4.1.2.1 with RFC 9207: back at the application, told why."""
    assert browser.location.startswith(flow.redirect_uri), browser.location
    arrived = browser.arrived
    assert arrived.get("error") == error, arrived
    assert arrived.get("error_description"), arrived
    assert "code" not in arrived and "access_token" not in arrived
    assert arrived.get("iss") == flow.issuer, arrived
    assert arrived.get("state") == (flow.state if state is True else state), arrived
    return arrived
