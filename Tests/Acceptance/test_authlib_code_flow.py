"""Code and PKCE by clients that others wrote: Authlib, requests-oauthlib, the Smartcar SDK."""

import os
import secrets

import pytest

import flows
from flows import AUTO, Browser
from wire import call

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oidc.core import CodeIDToken  # noqa: E402
from joserfc import jwt as joserfc_jwt  # noqa: E402
from joserfc.jwk import KeySet  # noqa: E402
from requests_oauthlib import OAuth2Session as OAuthlibSession  # noqa: E402


def arrive(issuer, url) -> str:
    browser = Browser(issuer)
    browser.open(url)
    return browser.location


@pytest.fixture
def metadata(issuer):
    return call("GET", f"{issuer}/.well-known/openid-configuration").json()


@pytest.mark.parametrize("name", ["web", "public"])
def test_authlib_signs_in_refreshes_and_reads_the_id_token(issuer, metadata, contracts, clients, name):
    client = clients[name]
    method = "client_secret_basic" if name == "web" else "none"
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    with OAuth2Session(
        client["client_id"],
        client.get("client_secret"),
        scope="openid api.read",
        redirect_uri=client["redirect_uris"][0],
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    ) as session:
        url, state = session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, login_hint=AUTO
        )
        location = arrive(issuer, url)
        token = session.fetch_token(
            metadata["token_endpoint"], authorization_response=location, state=state, code_verifier=verifier
        )
        keys = KeySet.import_key_set(call("GET", metadata["jwks_uri"]).json())
        algorithms = metadata["id_token_signing_alg_values_supported"]
        decoded = joserfc_jwt.decode(token["id_token"], keys, algorithms=algorithms)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"value": issuer}, "aud": {"value": client["client_id"]}},
            {"nonce": nonce, "client_id": client["client_id"], "access_token": token["access_token"]},
        )
        claims.validate(leeway=5)
        assert session.get(metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]
        url = contracts["oauth"]["base"] + contracts["oauth"]["protected"]
        assert session.get(url).status_code == 200
        before = token["refresh_token"]
        renewed = session.refresh_token(metadata["token_endpoint"], refresh_token=before)
        assert renewed["refresh_token"] != before
        assert session.get(url).status_code == 200


def test_requests_oauthlib_completes_code_and_pkce(issuer, metadata, clients):
    client = clients["web"]
    with OAuthlibSession(
        client["client_id"],
        redirect_uri=client["redirect_uris"][0],
        scope=["openid", "api.read"],
        pkce="S256",
    ) as session:
        url, _ = session.authorization_url(metadata["authorization_endpoint"], login_hint=AUTO)
        token = session.fetch_token(
            metadata["token_endpoint"],
            authorization_response=arrive(issuer, url),
            client_secret=client["client_secret"],
        )
        assert token["id_token"] and token["refresh_token"]
        assert session.get(metadata["userinfo_endpoint"]).status_code == 200


def test_requests_oauthlib_reads_the_error_of_a_redirect(issuer, metadata, clients):
    client = clients["web"]
    with OAuthlibSession(
        client["client_id"], redirect_uri=client["redirect_uris"][0], scope=["openid"], pkce="S256"
    ) as session:
        url, _ = session.authorization_url(metadata["authorization_endpoint"], prompt="none")
        location = arrive(issuer, url)
        with pytest.raises(Exception, match="login_required"):
            session.fetch_token(metadata["token_endpoint"], authorization_response=location)


def test_the_smartcar_sdk_completes_its_whole_journey(manifest, sdk):
    flow = flows.smartcar(manifest)
    base = flow.authorize.removesuffix("/oauth/authorize")

    # The functions read these when they are called; an earlier import does not matter.
    client = sdk.AuthClient(flow.client["client_id"], flow.client["client_secret"], flow.redirect_uri, mode="test")
    url = client.get_auth_url(["read_odometer"], {"state": "s p"})
    browser = Browser(flow.issuer)
    browser.open(f"{url}&login_hint={AUTO}")
    assert browser.arrived["state"] == "s p"
    access = client.exchange_code(browser.arrived["code"])
    vehicles = sdk.get_vehicles(access.access_token).vehicles
    assert vehicles
    assert sdk.Vehicle(vehicles[0], access.access_token).odometer().distance > 0
    renewed = client.exchange_refresh_token(access.refresh_token)
    assert sdk.get_vehicles(renewed.access_token).vehicles == vehicles
