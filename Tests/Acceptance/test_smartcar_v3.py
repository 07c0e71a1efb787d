"""contracts.md 5.1, rows SC3-1 to SC3-12."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from token_requests import UUID
from wire import assert_json, assert_not_stored, call, exact, media_type

UNAUTHORIZED = {
    "errors": [
        {
            "links": {
                "about": "https://smartcar.com/docs/errors/api-errors/"
                "authentication-errors#null"
            },
            "status": "401",
            "type": "AUTHENTICATION",
            "code": "UNAUTHORIZED",
            "title": "Unauthorized",
            "detail": "The Authorization token is missing or invalid.",
        }
    ]
}
ACCESS_DENIED = {
    "errors": [
        {
            "status": "403",
            "type": "AUTHENTICATION",
            "code": "ACCESS_DENIED",
            "title": "Access Denied",
            "detail": "The given token does not provide access to the requested "
            "resource.",
        }
    ]
}


@pytest.fixture(params=["", "/signals"], ids=["vehicle", "signals"])
def ask(request, contracts, smartcar_user):
    """GETs the vehicle, and its signals, with exactly the Authorization given."""
    entry = contracts["smartcar-v3"]

    def get(authorization: str | None):
        headers = [("sc-user-id", smartcar_user)]
        if authorization is not None:
            headers.append(("Authorization", authorization))
        target = urlsplit(entry["base"]).path + entry["protected"] + request.param
        return exact(entry["base"], "GET", target, headers)

    return get


@pytest.fixture
def tokens(contracts):
    return contracts["smartcar-v3"]["tokens"]


def assert_unauthorized(answer):
    assert answer.status_code == 401, answer.text
    assert media_type(answer) == "application/json"
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])
    assert_json(answer, UNAUTHORIZED)
    assert_not_stored(answer)
    # Not retryable with the same token, so nothing to wait for (6.6, 54).
    assert "Retry-After" not in answer.headers


def assert_access_denied(answer):
    assert answer.status_code == 403, answer.text
    assert media_type(answer) == "application/json"
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])
    assert_json(answer, ACCESS_DENIED)
    assert "links" not in answer.json()["errors"][0]


def test_SC3_1_no_authorization(ask):
    assert_unauthorized(ask(None))


def test_SC3_2_nonsense(ask):
    assert_unauthorized(ask("Bearer nonsense"))


def test_SC3_3_misspelt_scheme(ask, tokens):
    assert_unauthorized(ask(f"Baerer {tokens['valid']}"))


def test_SC3_4_no_scheme(ask, tokens):
    assert_unauthorized(ask(tokens["valid"]))


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer a b"])
def test_SC3_5_scheme_without_one_token(ask, authorization):
    assert_unauthorized(ask(authorization))


def test_SC3_5_valid_token_followed_by_another(ask, tokens):
    assert_unauthorized(ask(f"Bearer {tokens['valid']} b"))


def test_SC3_6_expired(ask, tokens):
    assert_unauthorized(ask(f"Bearer {tokens['expired']}"))


def test_SC3_7_revoked(ask, tokens):
    assert_unauthorized(ask(f"Bearer {tokens['revoked']}"))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_SC3_8_scheme_in_any_case(ask, tokens, scheme):
    answer = ask(f"{scheme} {tokens['valid']}")
    assert answer.status_code == 200, answer.text
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])


def test_SC3_9_forbidden(ask, tokens):
    assert_access_denied(ask(f"Bearer {tokens['forbidden']}"))


def test_SC3_10_unknown_path(contracts, tokens, smartcar_user):
    answer = call(
        "GET",
        f"{contracts['smartcar-v3']['base']}/v3/no-such-path",
        headers={
            "Authorization": f"Bearer {tokens['valid']}",
            "sc-user-id": smartcar_user,
        },
    )
    assert_access_denied(answer)


def test_SC3_11_signals_without_user(contracts, tokens):
    entry = contracts["smartcar-v3"]
    answer = call(
        "GET",
        f"{entry['base']}{entry['protected']}/signals",
        headers={"Authorization": f"Bearer {tokens['valid']}"},
    )
    assert answer.status_code == 400, answer.text
    # Only the words are known; where they stand in the body is not.
    assert "missing userId" in answer.text
    assert media_type(answer) == "application/json"
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])


class Anchors(HTMLParser):
    def __init__(self):
        super().__init__()
        self.names = set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag == "a" and name == "name"):
                self.names.add(value)


def test_SC3_12_page_has_the_anchors_that_answers_link_to(contracts):
    page = call(
        "GET",
        f"{contracts['smartcar-v3']['base']}"
        "/docs/errors/api-errors/authentication-errors",
    )
    assert page.status_code == 200, page.text
    assert media_type(page) == "text/html"
    anchors = Anchors()
    anchors.feed(page.text)
    assert {"null", "unauthorized", "access_denied"} <= anchors.names
    assert re.search(r"\bUNAUTHORIZED\b", page.text)
