"""Authlib, requests-oauthlib and PyJWT, as other people use them."""

import os
from urllib.parse import urlsplit

import jwt
import pytest

from token_requests import client_credentials
from wire import call, present

# Both libraries refuse plain http, loopback included, unless they are told.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.base_client import OAuthError  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from oauthlib.oauth2 import (  # noqa: E402
    BackendApplicationClient,
    InvalidClientError,
    InvalidGrantError,
)
from requests_oauthlib import OAuth2Session as OAuthlibSession  # noqa: E402


@pytest.fixture(scope="module")
def machine(clients):
    return clients["machine"]


@pytest.fixture(scope="module")
def protected(contracts):
    return contracts["oauth"]["base"] + contracts["oauth"]["protected"]


def authlib(client, **options) -> OAuth2Session:
    return OAuth2Session(
        client["client_id"],
        client["client_secret"],
        token_endpoint_auth_method="client_secret_basic",
        **options,
    )


def test_authlib_gets_uses_introspects_and_revokes(
    issuer, token_endpoint, machine, protected
):
    with authlib(machine, scope="api.read") as session:
        token = session.fetch_token(token_endpoint, grant_type="client_credentials")
        assert token["access_token"] and token["expires_in"] > 0
        assert session.get(protected).status_code == 200
        introspection = f"{issuer}/oauth/introspect"
        state = session.introspect_token(introspection, token["access_token"]).json()
        assert state["active"] is True
        assert state["scope"] == "api.read"
        revoked = session.revoke_token(
            f"{issuer}/oauth/revoke", token["access_token"], "access_token"
        )
        assert revoked.status_code == 200
        state = session.introspect_token(introspection, token["access_token"]).json()
        assert state == {"active": False}
        assert session.get(protected).status_code == 401


def test_authlib_reads_a_refusal(token_endpoint, machine):
    with authlib({**machine, "client_secret": "wrong"}) as session:
        with pytest.raises(OAuthError) as caught:
            session.fetch_token(token_endpoint, grant_type="client_credentials")
    assert caught.value.error == "invalid_client"
    assert caught.value.description


def test_authlib_refreshes(token_endpoint, clients, protected, web_refresh_tokens):
    before = web_refresh_tokens.take()
    with authlib(clients["web"]) as session:
        token = session.refresh_token(token_endpoint, refresh_token=before)
        assert token["refresh_token"] != before
        assert session.get(protected).status_code == 200
    web_refresh_tokens.give_back(token["refresh_token"])


def test_requests_oauthlib_gets_introspects_and_revokes(
    issuer, token_endpoint, machine, protected
):
    backend = BackendApplicationClient(machine["client_id"], scope=["api.read"])
    credentials = (machine["client_id"], machine["client_secret"])
    with OAuthlibSession(client=backend) as session:
        token = session.fetch_token(token_endpoint, auth=credentials)
        assert token["token_type"] == "Bearer"
        assert session.get(protected).status_code == 200
        body = {"token": token["access_token"]}
        for endpoint, expected in (
            (f"{issuer}/oauth/introspect", True),
            (f"{issuer}/oauth/revoke", None),
            (f"{issuer}/oauth/introspect", False),
        ):
            answer = session.post(
                endpoint, data=body, auth=credentials, withhold_token=True
            )
            assert answer.status_code == 200, answer.text
            if expected is not None:
                assert answer.json()["active"] is expected
        assert session.get(protected).status_code == 401


def test_requests_oauthlib_reads_a_refusal(token_endpoint, machine):
    backend = BackendApplicationClient(machine["client_id"])
    with OAuthlibSession(client=backend) as session:
        with pytest.raises(InvalidClientError) as caught:
            session.fetch_token(token_endpoint, auth=(machine["client_id"], "wrong"))
    assert caught.value.description


def test_requests_oauthlib_refreshes(
    token_endpoint, clients, protected, web_refresh_tokens
):
    web = clients["web"]
    before = web_refresh_tokens.take()
    with OAuthlibSession(web["client_id"]) as session:
        token = session.refresh_token(
            token_endpoint,
            refresh_token=before,
            auth=(web["client_id"], web["client_secret"]),
        )
        assert token["refresh_token"] != before
        assert session.get(protected).status_code == 200
        with pytest.raises(InvalidGrantError):
            session.refresh_token(
                token_endpoint,
                refresh_token="unknown",
                auth=(web["client_id"], web["client_secret"]),
            )
    web_refresh_tokens.give_back(token["refresh_token"])


ALGORITHMS = {"oauth": "ES256", "kordiam": "RS256"}


@pytest.fixture(params=ALGORITHMS)
def signed(request, contracts, issuer):
    """A valid token, its key from the published set, and the resource it is for."""
    contract = request.param
    entry = contracts[contract]
    token = entry["tokens"]["valid"]
    path = urlsplit(entry["base"]).path
    metadata = call("GET", f"{issuer}/.well-known/oauth-protected-resource{path}")
    assert metadata.status_code == 200, metadata.text
    key = jwt.PyJWKClient(f"{issuer}/oauth/jwks").get_signing_key_from_jwt(token)
    return token, key, metadata.json()["resource"], ALGORITHMS[contract]


def decode(signed, **expected):
    token, key, _, algorithm = signed
    required = ["iss", "aud", "exp", "iat", "sub"]
    return jwt.decode(
        token,
        key.key,
        algorithms=[algorithm],
        options={"require": required},
        **expected,
    )


def test_pyjwt_validates_for_issuer_and_audience(signed, issuer):
    claims = decode(signed, issuer=issuer, audience=signed[2])
    assert claims["sub"]
    assert claims["client_id"]
    assert jwt.get_unverified_header(signed[0])["alg"] == signed[3]


def test_pyjwt_refuses_another_issuer(signed, issuer):
    with pytest.raises(jwt.InvalidIssuerError):
        decode(signed, issuer=f"{issuer}/other", audience=signed[2])


def test_pyjwt_refuses_another_audience(signed, issuer):
    with pytest.raises(jwt.InvalidAudienceError):
        decode(signed, issuer=issuer, audience="https://evil.example")


def test_pyjwt_refuses_what_the_gate_refuses(signed, contracts, issuer):
    _, _, resource, _ = signed
    keys = jwt.PyJWKClient(f"{issuer}/oauth/jwks")
    for contract in ALGORITHMS:
        for kind in ("expired", "bad_signature", "untrusted_issuer"):
            token = contracts[contract]["tokens"][kind]
            with pytest.raises(jwt.PyJWTError):
                key = keys.get_signing_key_from_jwt(token)
                jwt.decode(
                    token,
                    key.key,
                    algorithms=[key.algorithm_name],
                    issuer=issuer,
                    audience=resource,
                )


def test_access_tokens_have_their_own_type(contracts):
    # RFC 9068: so that an id_token can never be taken for one.
    token = contracts["oauth"]["tokens"]["valid"]
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


def test_a_token_fetched_now_validates(issuer, token_endpoint, machine, protected):
    token = client_credentials(token_endpoint, machine)["access_token"]
    key = jwt.PyJWKClient(f"{issuer}/oauth/jwks").get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=[key.algorithm_name],
        issuer=issuer,
        options={"verify_aud": False},
    )
    assert claims["sub"] == machine["client_id"]
    assert call("GET", protected, headers=present("oauth", token)).status_code == 200
