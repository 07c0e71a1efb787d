"""`--data` used again keeps keys, clients, users and tokens."""

import shutil

import pytest

from demo_server import Demo
from token_requests import client_credentials
from wire import call, present


@pytest.fixture
def restarted(tmp_path):
    """A demo of its own, before and after; the data directory is the same."""
    first = Demo(tmp_path, "first")
    before = first.manifest()
    token = client_credentials(
        f"{before['issuer']}/oauth/token", before["clients"]["machine"]
    )["access_token"]
    keys = call("GET", f"{before['issuer']}/oauth/jwks").json()["keys"]
    assert first.stop() == 0
    second = Demo(tmp_path, "second", port=first.port)
    after = second.manifest()
    yield before, after, token, keys
    assert second.stop() == 0
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_everything_survives(restarted):
    before, after, token, keys = restarted
    assert after["issuer"] == before["issuer"]
    assert after["clients"] == before["clients"]
    assert after["users"] == before["users"]
    served = call("GET", f"{after['issuer']}/oauth/jwks").json()["keys"]
    assert {key["kid"] for key in keys} <= {key["kid"] for key in served}
    entry = after["contracts"]["oauth"]
    address = entry["base"] + entry["protected"]
    assert call("GET", address, headers=present("oauth", token)).status_code == 200
    for contract, entry in before["contracts"].items():
        tokens = entry["tokens"]
        address = entry["base"] + entry["protected"]
        valid = call("GET", address, headers=present(contract, tokens["valid"]))
        assert valid.status_code == 200, (contract, valid.text)
        revoked = call("GET", address, headers=present(contract, tokens["revoked"]))
        assert revoked.status_code == 401, f"{contract}: revocation was forgotten"
