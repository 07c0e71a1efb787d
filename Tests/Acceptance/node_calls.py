"""What the tests of several nodes ask of one of them, and how they wait for what comes."""

import time

import requests

from token_requests import client_credentials, token_request
from wire import call


def token_of(node, client):
    """In JWT form, which any node verifies by the key alone."""
    return client_credentials(f"{node.base}/oauth/token", client, resource=f"{node.issuer}/api")["access_token"]


def revoke(node, client, token):
    return token_request(f"{node.base}/oauth/revoke", client, {"token": token})


def is_ready(node) -> bool:
    try:
        return call("GET", f"{node.base}/health/ready").status_code == 200
    except requests.ConnectionError:
        return False


def seconds_until(check, limit=5):
    """How long it took until `check()` was true; fails where it is not in time."""
    start = time.monotonic()
    while not check():
        assert time.monotonic() - start < limit, f"not within {limit} s"
        time.sleep(0.005)
    return time.monotonic() - start
