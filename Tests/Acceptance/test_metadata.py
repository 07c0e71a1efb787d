"""conformance.md part 6: ME-01 to ME-05."""

from urllib.parse import urlsplit

import pytest

from demo_server import Server, free_port
from challenges import challenges
from wire import call, media_type

WELL_KNOWN = ["openid-configuration", "oauth-authorization-server"]
REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture(params=WELL_KNOWN)
def metadata(request, issuer):
    answer = call("GET", f"{issuer}/.well-known/{request.param}")
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    return answer.json()


def test_ME_01_issuer_is_exactly_the_one_asked(metadata, issuer):
    assert metadata["issuer"] == issuer


def test_ME_02_issuer_with_a_path(tmp_path):
    port = free_port()
    issuer = f"http://127.0.0.1:{port}/tenant"
    server = Server(
        [
            "serve",
            "--listen",
            f"127.0.0.1:{port}",
            "--issuer",
            issuer,
            "--data",
            str(tmp_path / "data"),
        ],
        tmp_path,
        "serve",
    )

    def fetch(address):
        try:
            return call("GET", address)
        except OSError:
            # Not listening yet.
            return None

    host = f"http://127.0.0.1:{port}"
    try:
        # RFC 8414 inserts the well-known part before the path, OpenID appends it.
        inserted = server.wait_until(
            lambda: fetch(f"{host}/.well-known/oauth-authorization-server/tenant")
        )
        appended = fetch(f"{issuer}/.well-known/openid-configuration")
        for answer in (inserted, appended):
            assert answer.status_code == 200, answer.text
            assert answer.json()["issuer"] == issuer
            assert answer.json()["token_endpoint"] == f"{issuer}/oauth/token"
    finally:
        code = server.stop()
    assert code == 0


def test_ME_03_required_members(metadata, issuer):
    assert REQUIRED <= set(metadata)
    for name, value in metadata.items():
        if name.endswith("_supported") and not isinstance(value, bool):
            assert isinstance(value, list), name
            assert all(isinstance(item, str) for item in value), name
        if name.endswith(("_endpoint", "_uri")):
            parts = urlsplit(value)
            loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
            assert parts.scheme == "https" or loopback, (name, value)
            assert not parts.fragment
    assert metadata["token_endpoint"] == f"{issuer}/oauth/token"
    assert metadata["jwks_uri"] == f"{issuer}/oauth/jwks"
    assert "code" in metadata["response_types_supported"]


def test_ME_03_announced_grants_are_the_safe_ones(metadata):
    grants = metadata["grant_types_supported"]
    # authorization_code is announced once codes are issued.
    assert {"refresh_token", "client_credentials"} <= set(grants)
    assert "password" not in grants and "implicit" not in grants


def test_ME_04_jwks(issuer):
    answer = call("GET", f"{issuer}/oauth/jwks")
    assert answer.status_code == 200
    assert media_type(answer) in ("application/json", "application/jwk-set+json")
    keys = answer.json()["keys"]
    assert keys
    identifiers = [key["kid"] for key in keys]
    assert len(identifiers) == len(set(identifiers))
    for key in keys:
        assert not PRIVATE_MEMBERS & set(key)
        assert key["use"] == "sig"
        # One pinned algorithm for each key, and never a symmetric one or none.
        assert key["alg"][:2] in ("ES", "RS", "PS"), key["alg"]
        # libcjose gives up on a set with an OKP key in it (conformance.md 5.4).
        assert key["kty"] in ("EC", "RSA")


def test_ME_05_only_S256(metadata):
    assert metadata["code_challenge_methods_supported"] == ["S256"]


def test_RS_02_protected_resource_metadata(issuer, contracts):
    base = contracts["oauth"]["base"]
    path = urlsplit(base).path
    answer = call("GET", f"{issuer}/.well-known/oauth-protected-resource{path}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["resource"] == base
    assert issuer in answer.json()["authorization_servers"]


def test_RS_03_a_challenge_names_the_metadata_of_its_own_resource(contracts):
    """RFC 9728, 3.1 and 5.1: the document's address is made of the resource's identifier."""
    for name, entry in contracts.items():
        refused = call("GET", entry["base"] + entry["protected"])
        found = challenges(refused.headers["WWW-Authenticate"])
        address = dict(found[0][1])["resource_metadata"]
        resource = call("GET", address).json()["resource"]
        assert resource.startswith(entry["base"]), name
        assert (entry["base"] + entry["protected"]).startswith(resource), (name, resource)
        assert urlsplit(address).path == "/.well-known/oauth-protected-resource" + urlsplit(resource).path
