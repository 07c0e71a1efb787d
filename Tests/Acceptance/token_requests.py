"""Getting tokens: from token endpoints, and through the page-less sign-in of test mode."""

import base64
import hashlib
import re
import secrets
import warnings
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

from wire import LIMIT_SECONDS, basic, call

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def token_request(endpoint, client, parameters, authenticated=True):
    """A form posted to a token, introspection or revocation endpoint."""
    headers = {}
    if authenticated and client and "client_secret" in client:
        headers = basic(client["client_id"], client["client_secret"])
    elif client:
        parameters = {**parameters, "client_id": client["client_id"]}
    return call("POST", endpoint, data=parameters, headers=headers)


def client_credentials(endpoint, client, **parameters) -> dict:
    answer = token_request(
        endpoint, client, {"grant_type": "client_credentials", **parameters}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def refresh(endpoint, client, token, **parameters):
    return token_request(
        endpoint,
        client,
        {"grant_type": "refresh_token", "refresh_token": token, **parameters},
    )


def skip_loudly(reason: str):
    """A skip that also stands in the warnings: a missing token is a gap in coverage."""
    warnings.warn(f"NOT TESTED: {reason}", stacklevel=2)
    pytest.skip(reason)


class PagelessSignIn:
    """`login_hint=auto@example.com` signs in and consents without a page."""

    def __init__(self, authorization_endpoint, token_endpoint, client, scope, pkce):
        self.authorization_endpoint = authorization_endpoint
        self.token_endpoint = token_endpoint
        self.client = client
        self.redirect_uri = client["redirect_uris"][0]
        self.scope = scope
        self.pkce = pkce

    def code(self) -> tuple[str, str] | None:
        """Code and verifier; nothing where a page or an error came instead."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": secrets.token_urlsafe(8),
            "login_hint": "auto@example.com",
        }
        if self.pkce:
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        with requests.Session() as browser:
            browser.trust_env = False
            answer = browser.get(
                self.authorization_endpoint,
                params=query,
                allow_redirects=False,
                timeout=LIMIT_SECONDS,
            )
            for _ in range(6):
                if answer.status_code not in (302, 303):
                    return None
                target = urljoin(answer.url, answer.headers["Location"])
                if target.startswith(self.redirect_uri):
                    arrived = parse_qs(urlsplit(target).query)
                    if "code" not in arrived:
                        return None
                    assert arrived["state"] == [query["state"]]
                    return arrived["code"][0], verifier
                answer = browser.get(
                    target, allow_redirects=False, timeout=LIMIT_SECONDS
                )
        return None

    def exchange(self, code, verifier):
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
        }
        if self.pkce:
            parameters["code_verifier"] = verifier
        return token_request(self.token_endpoint, self.client, parameters)

    def tokens(self) -> dict | None:
        grant = self.code()
        if grant is None:
            return None
        answer = self.exchange(*grant)
        assert answer.status_code == 200, answer.text
        return answer.json()


class RefreshTokens:
    """Refresh tokens nobody else is using.

    A new grant each time where the page-less sign-in works; otherwise the one of the
    manifest, which a test gives back as its successor when the family is still alive.
    """

    def __init__(self, sign_in: PagelessSignIn, from_manifest: str | None, name: str):
        self.sign_in = sign_in
        self.spare = [from_manifest] if from_manifest else []
        self.name = name

    def take(self) -> str:
        tokens = self.sign_in.tokens()
        if tokens is not None:
            assert "refresh_token" in tokens, sorted(tokens)
            return tokens["refresh_token"]
        if self.spare:
            return self.spare.pop()
        skip_loudly(f"no refresh token for {self.name}: neither sign-in nor manifest")

    def give_back(self, successor: str):
        self.spare.append(successor)
