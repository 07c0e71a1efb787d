"""What a developer reads of tokens that are not their client's: the same as of tokens that never were."""

import re

import pytest

import flows
from command_line import create_user, on
from pages import Browser
from token_requests import token_request

PASSWORD = "a good password"
MADE_UP = {"refresh_token": "dwr_" + "A" * 43, "code": "dwc_" + "A" * 43, "access_token": "dwa_" + "A" * 43}


@pytest.fixture(scope="module")
def flow(demo, issuer, clients):
    """The client whose developer looks."""
    return flows.web({"issuer": issuer, "clients": clients})


@pytest.fixture(scope="module")
def other(demo, issuer):
    client = flows.new_client(demo.data, "Another", "https://another.example/back")
    return flows.Flow(issuer, issuer, client, "openid api.read")


@pytest.fixture(scope="module")
def developer(demo, issuer, flow):
    assert create_user(demo.data, "curious@console", PASSWORD).code == 0
    assert on(demo.data, "user", "develops", "curious@console", flow.client["client_id"]).code == 0
    browser = Browser(issuer)
    browser.open(f"{issuer}/login")
    browser.sign_in("curious@console", PASSWORD)
    return browser


def refresh(flow, token):
    return token_request(flow.token, flow.client, {"grant_type": "refresh_token", "refresh_token": token})


def rotated(flow):
    """A refresh token that was used, and its successor."""
    first = flow.tokens()["refresh_token"]
    return first, refresh(flow, first).json()["refresh_token"]


def revoked(flow, name):
    token = flow.tokens()[name]
    assert token_request(f"{flow.issuer}/oauth/revoke", flow.client, {"token": token}).status_code == 200
    return token


def told(demo, developer, issuer, answer):
    """The view as JSON and as a page, without trace and time."""
    trace = answer.headers["Trace-Id"]
    assert on(demo.data, "explain", trace).code == 0  # it is written
    views = []
    for accept in ("application/json", "text/html"):
        view = developer.go("GET", f"{issuer}/developer/traces/{trace}", headers={"Accept": accept})
        assert view.status_code == 200, view.text
        text = view.text.replace(trace, "-").replace(view.headers["Trace-Id"], "-")
        views.append(re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\dZ", "-", text))
    return views


def assert_alike(demo, developer, issuer, answers, code):
    views = {name: told(demo, developer, issuer, answer) for name, answer in answers.items()}
    first = next(iter(views.values()))
    assert f'"code": "{code}"' in first[0] and '"explanation"' in first[0]
    for words in ("reason", "rotated_at", "timeline", "near_miss", '"count"'):
        assert words not in first[0], first[0]
    for name, view in views.items():
        assert view == first, name


def test_refresh_tokens(demo, developer, issuer, flow, other):
    used, current = rotated(other)
    tokens = {
        "made up": MADE_UP["refresh_token"],
        "another's, in force": other.tokens()["refresh_token"],
        "another's, used": used,
        "another's, current": current,
        "another's, revoked": revoked(other, "refresh_token"),
    }
    answers = {name: refresh(flow, token) for name, token in tokens.items()}
    assert_alike(demo, developer, issuer, answers, "REFRESH_TOKEN_REJECTED")


def test_codes(demo, developer, issuer, flow, other):
    used = other.code()
    assert other.exchange(used).status_code == 200
    codes = {"made up": MADE_UP["code"], "another's, in force": other.code(), "another's, used": used}
    answers = {name: flow.exchange(code) for name, code in codes.items()}
    assert_alike(demo, developer, issuer, answers, "CODE_REJECTED")


def test_introspection(demo, developer, issuer, flow, other):
    used, current = rotated(other)
    tokens = {
        "made up": MADE_UP["access_token"],
        "own access token, revoked": revoked(flow, "access_token"),
        "own refresh token, revoked": revoked(flow, "refresh_token"),
        "another's access token": other.tokens()["access_token"],
        "another's access token, revoked": revoked(other, "access_token"),
        "another's refresh token": current,
        "another's refresh token, used": used,
        "another's refresh token, revoked": revoked(other, "refresh_token"),
    }
    answers = {
        name: token_request(f"{issuer}/oauth/introspect", flow.client, {"token": token})
        for name, token in tokens.items()
    }
    for answer in answers.values():
        assert answer.json() == {"active": False}
    assert_alike(demo, developer, issuer, answers, "INTROSPECTION_INACTIVE")


def test_revocation(demo, developer, issuer, flow, other):
    tokens = {
        "made up": MADE_UP["access_token"],
        "another's access token": other.tokens()["access_token"],
        "another's refresh token": other.tokens()["refresh_token"],
    }
    answers = {
        name: token_request(f"{issuer}/oauth/revoke", flow.client, {"token": token}) for name, token in tokens.items()
    }
    assert_alike(demo, developer, issuer, answers, "REVOCATION_IGNORED")


def test_the_overview_names_no_reason_either(demo, developer, issuer, flow, other):
    for token in (MADE_UP["refresh_token"], other.tokens()["refresh_token"]):
        answer = refresh(flow, token)
        assert on(demo.data, "explain", answer.headers["Trace-Id"]).code == 0
        [client] = developer.go("GET", f"{issuer}/developer", headers={"Accept": "application/json"}).json()["clients"]
        line = next(each for each in client["refusals"] if each["code"] == "REFRESH_TOKEN_REJECTED")
        assert line["trace"] == answer.headers["Trace-Id"] and line["reason"] == ""


def test_when_another_clients_token_was_rotated_is_not_told_by_other_refusals(demo, developer, issuer, flow, other):
    used, _ = rotated(other)
    answer = token_request(
        flow.token, flow.client, {"grant_type": "refresh_token", "refresh_token": used, "scope": 'not "one'}
    )
    trace = answer.headers["Trace-Id"]
    assert on(demo.data, "explain", trace).code == 0
    view = developer.go("GET", f"{issuer}/developer/traces/{trace}", headers={"Accept": "application/json"}).json()
    assert "rotated_at" not in view


def test_of_their_own_tokens_they_are_told_all(demo, developer, issuer, flow):
    first, second = rotated(flow)
    assert refresh(flow, second).status_code == 200
    trace = refresh(flow, first).headers["Trace-Id"]
    assert on(demo.data, "explain", trace).code == 0
    view = developer.go("GET", f"{issuer}/developer/traces/{trace}", headers={"Accept": "application/json"}).json()
    assert view["reason"] == "refresh_token_reused" and view["rotated_at"] and view["steps"]["developer"]
