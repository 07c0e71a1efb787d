"""OpenID Connect Core 5.5 (`claims`), 2 and 3.1.2.1 (`acr`, `amr`, `acr_values`)."""

import json

import pytest

import flows
from command_line import doorward
from flows import AUTO, assert_error, new_client
from grants import id_token, userinfo
from wire import call

CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
SILVER = "urn:mace:incommon:iap:silver"


@pytest.fixture
def flow(manifest):
    """The demo's web client is registered for profile and email, and asks for neither here."""
    return flows.web(manifest)


def asking(**places) -> str:
    return json.dumps(places)


def test_OIDC_5_5_claims_for_the_id_token(flow):
    tokens = flow.tokens(claims=asking(id_token={"email": {"essential": True}, "preferred_username": None}))
    claims = id_token(flow, tokens["id_token"])
    assert claims["email"] == AUTO and claims["preferred_username"] == AUTO
    assert set(tokens["scope"].split()) == {"openid", "api.read", "email", "profile"}


def test_OIDC_5_5_claims_for_userinfo(flow):
    tokens = flow.tokens(claims=asking(userinfo={"email": None}))
    assert userinfo(flow, tokens["access_token"]).json()["email"] == AUTO
    assert "email" not in id_token(flow, tokens["id_token"])


def test_OIDC_5_5_a_claim_is_asked_of_the_person_who_may_leave_it_out(flow, demo, issuer):
    client = new_client(demo.data, "Asks", "https://asks.example/cb", scope="openid email api.read")
    flow = flows.Flow(issuer, issuer, client, "openid api.read")
    user = flows.new_user(demo.data)
    browser = flow.begin(claims=asking(id_token={"email": {"essential": True}}))
    browser.sign_in(*user)
    assert "Your email address" in browser.page.text
    browser.press("Allow access", tick={"email": False})
    tokens = flow.exchange(browser.arrived["code"]).json()
    assert "email" not in id_token(flow, tokens["id_token"])
    assert "email" not in userinfo(flow, tokens["access_token"]).json()


def test_OIDC_5_5_a_claim_beyond_the_registration_is_left_out(demo, issuer):
    client = new_client(demo.data, "Narrow", "https://narrow.example/cb")
    flow = flows.Flow(issuer, issuer, client, "openid api.read")
    wanted = {"email": {"essential": True}, "birthdate": None, "unheard_of": {"value": 3}}
    tokens = flow.tokens(claims=asking(id_token=wanted, userinfo=wanted, other={"x": 1}))
    assert not set(wanted) & set(id_token(flow, tokens["id_token"]))
    assert set(userinfo(flow, tokens["access_token"]).json()) == {"sub"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        '{"id_token":1}',
        '{"id_token":{"email":true}}',
        '{"id_token":{"email":{"essential":"yes"}}}',
        '{"id_token":{"acr":{"values":"x"}}}',
        '{"id_token":{"acr":{"values":[]}}}',
        '{"id_token":{"sub":{"value":1}}}',
        '{"id_token":{},"id_token":{}}',
        '{"id_token":{"a":null,"a":null}}',
        '{"userinfo":' + "[" * 100 + "]" * 100 + "}",
        json.dumps({"id_token": {f"c{n}": None for n in range(65)}}),
        json.dumps({"x": "y" * 8192}),
        '{"id_token":{}} ,',
    ],
)
def test_OIDC_5_5_a_malformed_one_is_sent_back(flow, text):
    if text == "":
        # An empty parameter counts as none (RFC 6749 3.1).
        assert "code" in flow.ask(claims=text).arrived
        return
    assert_error(flow, flow.ask(claims=text), "invalid_request")


def test_OIDC_5_5_without_openid_claims_give_nothing(manifest):
    flow = flows.web(manifest, "api.read")
    tokens = flow.tokens(claims=asking(id_token={"email": None}, userinfo={"email": None}))
    assert "id_token" not in tokens and "email" not in tokens.get("scope", "")


def test_OIDC_3_1_2_2_AZ_24_sub_with_a_value_is_never_somebody_else(flow, manifest, demo):
    own = id_token(flow, flow.tokens()["id_token"])["sub"]
    browser = flows.signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    ada = id_token(flow, flow.exchange(browser.arrived["code"]).json()["id_token"])["sub"]
    for place in ("id_token", "userinfo"):
        flow.begin(browser, prompt="none", claims=asking(**{place: {"sub": {"value": own}}}))
        assert_error(flow, browser, "login_required")
        flow.begin(browser, prompt="none", claims=asking(**{place: {"sub": {"value": ada}}}))
        assert "code" in browser.arrived
        # With a page the person is asked to sign in, not told who it should be; who then signs in as somebody else
        # goes back with a refusal instead of the same page for ever.
        flow.begin(browser, claims=asking(**{place: {"sub": {"values": [own]}}}))
        assert browser.page.form_with("Sign in") and own not in browser.answer.text.replace("%22" + own, "")
        browser.sign_in(*flows.new_user(demo.data))
        assert_error(flow, browser, "login_required")
        browser = flows.signed_in(flow, manifest)


def test_OIDC_2_acr_amr_and_auth_time_say_what_happened(flow):
    claims = id_token(flow, flow.tokens()["id_token"])
    assert claims["acr"] == CONTEXT and claims["amr"] == ["pwd"]
    assert type(claims["auth_time"]) is int


@pytest.mark.parametrize("values", [SILVER, f"{SILVER} {CONTEXT}", "", " ", "ü"])
def test_OIDC_3_1_2_1_acr_values_are_a_wish(flow, values):
    assert id_token(flow, flow.tokens(acr_values=values)["id_token"])["acr"] == CONTEXT


@pytest.mark.parametrize(
    "wish",
    [None, {"value": SILVER}, {"essential": True}, {"essential": True, "values": [SILVER, CONTEXT]}],
)
def test_OIDC_5_5_1_1_an_acr_that_can_be_had_or_need_not(flow, wish):
    claims = asking(id_token={"acr": wish})
    assert id_token(flow, flow.tokens(claims=claims)["id_token"])["acr"] == CONTEXT


@pytest.mark.parametrize("wish", [{"value": SILVER}, {"values": [SILVER, "other"]}])
def test_OIDC_5_5_1_1_an_essential_acr_that_cannot_be_had_is_a_failure(demo, flow, wish):
    claims = asking(id_token={"acr": {"essential": True, **wish}})
    for more in ({}, {"prompt": "none"}):
        browser = flow.ask(claims=claims, **more)
        assert_error(flow, browser, "unmet_authentication_requirements")
    trace = browser.answer.headers["Trace-Id"]
    explained = doorward("explain", trace, "--data", demo.data, "--format", "json").stdout
    assert "authentication_context_unmet" in explained and "context.reached" in explained and SILVER in explained


def test_OIDC_Discovery_3_claims_and_contexts(flow, issuer):
    metadata = call("GET", f"{issuer}/.well-known/openid-configuration").json()
    assert metadata["claims_parameter_supported"] is True
    assert metadata["acr_values_supported"] == [CONTEXT]
    # Every claim that is listed can be had, and every one that is had is listed.
    wanted = {"email": None, "preferred_username": None}
    browser = flow.begin(claims=asking(id_token=wanted), nonce="n")
    browser.sign_in("ada@example.com", "correct horse battery staple")
    if browser.answer.status_code == 200:
        browser.press("Allow access")
    tokens = flow.exchange(browser.arrived["code"]).json()
    assert set(id_token(flow, tokens["id_token"])) == set(metadata["claims_supported"])
