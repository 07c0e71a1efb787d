"""The authorization endpoint: RFC 6749 4.1, 7636, 8252, 9207, 9700 and OpenID Connect Core 3.1.2."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import flows
from flows import assert_error, assert_page, challenge, signed_in
from pages import Browser, Page
from wire import call, exact

GOOD_CHALLENGE = challenge("v" * 43)


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


@pytest.fixture
def native(manifest):
    return flows.public(manifest)


def test_RFC6749_4_1_2_a_code_comes_back_with_state_and_issuer(flow):
    browser = flow.ask()
    assert browser.answer.status_code in (302, 303)
    arrived = browser.arrived
    assert set(arrived) == {"code", "state", "iss"}
    assert arrived["state"] == flow.state and arrived["iss"] == flow.issuer
    # RFC 6749 10.10: 128 bits or more, as text of at least 22 characters.
    assert len(arrived["code"]) >= 22


def test_RFC6749_4_1_2_1_without_state_none_comes_back(flow):
    assert "state" not in flow.ask(state=None).arrived
    assert_error(flow, flow.ask(state=None, response_type="x"), "unsupported_response_type", state=None)


@pytest.mark.parametrize("value", [None, "", "nobody", "ü", "a" * 5000, "<script>x"])
def test_RFC6749_4_1_2_1_an_unknown_client_gets_a_page(flow, value):
    browser = flow.ask(client_id=value)
    assert 400 <= browser.answer.status_code < 500
    assert_page(browser.answer, browser.answer.status_code)
    assert "<script>x" not in browser.answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "scope", "state", "response_type", "nonce", "login_hint"]
)
def test_RFC6749_3_1_a_repeated_parameter_is_refused(flow, name, method):
    """On a page while client and address are unproven; otherwise the application hears of it."""
    query = flow.query(login_hint=flows.AUTO, nonce="n")
    pairs = [*query.items(), (name, query[name])]
    if method == "GET":
        answer = call("GET", flow.authorize, params=pairs)
    else:
        answer = call("POST", flow.authorize, data=pairs)
    if name in ("client_id", "redirect_uri"):
        assert_page(answer)
    else:
        assert answer.status_code in (302, 303)
        assert "?error=invalid_request&" in answer.headers["Location"] and "code=" not in answer.headers["Location"]


def test_RFC6749_3_1_an_unknown_parameter_is_ignored(flow):
    assert "code" in flow.ask(foo="bar", utm_source="x").arrived


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"scope": "openid no-such-scope"}, "invalid_scope"),
        ({"scope": "api.write"}, "invalid_scope"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"scope": "openid  api.read\u00e9"}, "invalid_scope"),
        ({"response_mode": "no-such-mode"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "+" * 43}, "invalid_request"),
        ({"code_challenge": GOOD_CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "http://127.0.0.1:1/x"}, "request_uri_not_supported"),
    ],
)
def test_every_other_error_goes_back_to_the_application(flow, changes, error):
    assert_error(flow, flow.ask(**changes), error)


def test_RFC7636_4_4_1_a_public_client_needs_a_challenge(native):
    native.pkce = False
    assert_error(native, native.ask(), "invalid_request")


def test_descriptions_keep_to_the_characters_of_RFC6749(flow):
    arrived = flow.ask(scope='caf\u00e9 \\ "x"').arrived
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", arrived["error_description"])


def test_response_mode_query_is_the_default(flow):
    assert "code" in flow.ask(response_mode="query").arrived


def test_response_mode_fragment(flow):
    location = flow.ask(response_mode="fragment").location
    parts = urlsplit(location)
    assert location.startswith(flow.redirect_uri + "#") and not parts.query
    arrived = parse_qs(parts.fragment)
    assert arrived["state"] == [flow.state] and arrived["iss"] == [flow.issuer]
    assert flow.exchange(arrived["code"][0]).status_code == 200


@pytest.mark.parametrize("changes", [{}, {"scope": "no-such-scope"}])
def test_response_mode_form_post(flow, changes):
    state = '"><script>alert(1)</script>'
    answer = flow.ask(response_mode="form_post", state=state, **changes).answer
    assert answer.status_code == 200 and "<script>alert" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    form = next(f for f in Page(answer.text).forms if f.action == flow.redirect_uri)
    assert form.method == "post"
    sent = dict(form.sent(None))
    assert sent["state"] == state and sent["iss"] == flow.issuer
    assert ("error" in sent) == bool(changes) and ("code" in sent) != bool(changes)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "form-action 'self';" not in policy + ";", "the policy forbids its own form"


@pytest.mark.parametrize(
    "state",
    ["a b+c", "%41%", "ü€😀", "&error=x", "#f", "'\"<>\\", "=", "s" * 1000, '{"a":[1]}'],
)
def test_RFC6749_4_1_2_any_state_returns_exactly(flow, state):
    assert flow.ask(state=state).arrived["state"] == state
    assert_error(flow, flow.ask(state=state, response_type="x"), "unsupported_response_type", state)


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "login_hint", "ui_locales", "x"])
@pytest.mark.parametrize("value", ["\0", "\x1b[31m", "a\r\nX-Evil: 1", "\u202e", "z" * 20000])
def test_odd_and_over_long_values_do_no_harm(flow, still_answers, name, value):
    answer = call("GET", flow.authorize, params=flow.query() | {name: value})
    assert answer.status_code < 500 and answer.status_code != 404
    assert "X-Evil" not in answer.headers
    if "Location" in answer.headers:
        assert re.fullmatch(r"[\x21-\x7e]+", answer.headers["Location"])
    still_answers()


@pytest.mark.parametrize("target", ["?%", "?client_id=%ff%fe", "?&&=&", "?" + "a=1&" * 3000])
def test_queries_of_broken_form_are_refused(issuer, target):
    answer = exact(issuer, "GET", f"/oauth/authorize{target}")
    assert 400 <= answer.status_code < 500 and answer.status_code != 404
    assert "Location" not in answer.headers


def test_OIDC_3_1_2_1_post_is_the_same_as_get(flow):
    browser = Browser(flow.issuer)
    browser.go("POST", flow.authorize, data=flow.query(login_hint=flows.AUTO))
    assert "code" in browser.arrived


def test_post_of_another_media_type_is_refused(flow):
    answer = call("POST", flow.authorize, json=flow.query(login_hint=flows.AUTO))
    assert 400 <= answer.status_code < 500 and answer.status_code != 404
    assert "Location" not in answer.headers


def test_head_issues_nothing_and_has_no_body(flow, issuer):
    path = urlsplit(flow.authorize).path
    query = urlencode(flow.query(login_hint=flows.AUTO))
    answer = exact(issuer, "HEAD", f"{path}?{query}")
    assert answer.content == b"" and answer.status_code < 500 and answer.status_code != 404
    assert "code=" not in answer.headers.get("Location", "")


def test_other_methods_are_not_allowed(flow):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = call(method, flow.authorize, params=flow.query())
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"] and "POST" in answer.headers["Allow"]


def test_RFC9700_2_6_no_other_origin_reads_the_endpoint(flow):
    headers = {"Origin": "https://evil.example"}
    answer = call("GET", flow.authorize, params=flow.query(), headers=headers)
    assert answer.status_code in (200, 302, 303)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_metadata_tells_what_is_true(issuer):
    found = call("GET", f"{issuer}/.well-known/openid-configuration").json()
    assert found["authorization_endpoint"] == f"{issuer}/oauth/authorize"
    assert found["authorization_response_iss_parameter_supported"] is True
    assert {"query", "fragment", "form_post"} <= set(found["response_modes_supported"])
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert "authorization_code" in found["grant_types_supported"]
    assert found["userinfo_endpoint"] == f"{issuer}/oauth/userinfo"
    assert found["end_session_endpoint"] == f"{issuer}/oauth/logout"
    # RFC 9101 and OIDC Discovery: their default is true, so it must be said.
    assert found["request_uri_parameter_supported"] is False
    assert "openid" in found["scopes_supported"]


def test_RFC6749_4_1_2_1_deny_says_so(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Deny access")
    arrived = assert_error(flow, browser, "access_denied")
    assert arrived["error_description"] == "User denied access to application"


def test_a_disabled_client_gets_a_page(flow, manifest):
    disabled = manifest["clients"]["disabled"]["client_id"]
    assert_page(flow.ask(client_id=disabled).answer)


def test_the_hint_alone_signs_nobody_in(flow, manifest):
    browser = flow.begin(login_hint=manifest["users"][0]["username"])
    assert browser.answer.status_code == 200
    assert browser.page.form_with("Sign in")


def test_a_state_that_is_too_long_does_not_come_back(flow):
    """It is refused; sending it back all the same would make a header no proxy passes on."""
    body = "client_id=" + flow.client["client_id"] + "&state=" + "\u00fc" * 10000
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    answer = exact(flow.issuer, "POST", urlsplit(flow.authorize).path, headers, body.encode())
    assert answer.status_code in (303, 400)
    assert len(answer.headers.get("Location", "")) < 16_000
