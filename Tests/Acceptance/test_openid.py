"""id_token and userinfo: OpenID Connect Core 2, 3.1.3.7, 5.3 and 5.4."""

import base64
import hashlib
import time

import jwt
import pytest

import flows
from flows import new_client, signed_in
from grants import id_token, userinfo, works
from token_requests import refresh
from wire import call, media_type

PROFILE = {"name", "given_name", "family_name", "preferred_username", "updated_at"}


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


def test_OIDC_3_1_3_7_the_claims_of_the_id_token(flow):
    before = int(time.time())
    tokens = flow.tokens(nonce="n-0S6 ü", max_age="1000")
    claims = id_token(flow, tokens["id_token"])
    assert claims["iss"] == flow.issuer
    assert claims["aud"] in (flow.client["client_id"], [flow.client["client_id"]])
    assert claims["nonce"] == "n-0S6 ü"
    assert before - 2 <= claims["iat"] <= time.time() + 2 < claims["exp"]
    assert claims["auth_time"] <= claims["iat"] and type(claims["auth_time"]) is int
    assert 0 < len(claims["sub"]) <= 255 and claims["sub"].isascii()
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims.get("azp", flow.client["client_id"]) == flow.client["client_id"]
    header = jwt.get_unverified_header(tokens["id_token"])
    assert header["kid"] and header.get("typ", "JWT") == "JWT"


def test_OIDC_without_a_nonce_none_is_made_up(flow):
    assert "nonce" not in id_token(flow, flow.tokens()["id_token"])


def test_OIDC_without_openid_there_is_no_id_token(manifest):
    assert "id_token" not in flows.web(manifest, "api.read").tokens()


def test_OIDC_auth_time_is_newer_after_prompt_login(flow, manifest):
    user = manifest["users"][0]
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    first = flow.exchange(browser.arrived["code"]).json()
    time.sleep(1.1)
    flow.begin(browser, prompt="login")
    browser.sign_in(user["username"], user["password"])
    second = flow.exchange(browser.arrived["code"]).json()
    before, after = (id_token(flow, t["id_token"]) for t in (first, second))
    assert after["auth_time"] > before["auth_time"]
    assert after["sub"] == before["sub"]


def test_OIDC_id_token_hint_of_somebody_else_with_prompt_none(flow, manifest):
    hint = flow.tokens()["id_token"]
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    flow.begin(browser, prompt="none", id_token_hint=hint)
    flows.assert_error(flow, browser, "login_required")


def test_OIDC_12_2_a_refreshed_id_token_is_of_the_same_person(flow):
    tokens = flow.tokens(nonce="n")
    renewed = refresh(flow.token, flow.client, tokens["refresh_token"]).json()
    if "id_token" in renewed:
        before, after = (id_token(flow, t["id_token"]) for t in (tokens, renewed))
        for claim in ("iss", "sub", "aud", "auth_time"):
            assert before.get(claim) == after.get(claim)
        assert after.get("nonce", "n") == "n"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_OIDC_5_3_userinfo_has_the_same_subject(flow, method):
    tokens = flow.tokens()
    answer = userinfo(flow, tokens["access_token"], method)
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert answer.json()["sub"] == id_token(flow, tokens["id_token"])["sub"]
    assert "no-store" in answer.headers.get("Cache-Control", "")


def test_OIDC_5_4_only_the_claims_of_the_scope(flow, demo, issuer):
    tokens = flow.tokens()
    plain = userinfo(flow, tokens["access_token"]).json()
    assert "email" not in plain and not PROFILE & set(plain)
    uri = "https://claims.example/cb"
    client = new_client(demo.data, "claims", uri, scope="openid email profile api.read")
    for scope, expected in (("openid email", "email"), ("openid profile", PROFILE)):
        richer = flows.Flow(issuer, issuer, client, scope)
        claims = userinfo(richer, richer.tokens()["access_token"]).json()
        if expected == "email":
            assert claims["email"] == flows.AUTO
            assert not PROFILE & set(claims)
        else:
            assert PROFILE & set(claims) and "email" not in claims


def test_OIDC_5_3_3_userinfo_without_openid_is_forbidden(manifest):
    flow = flows.web(manifest, "api.read")
    answer = userinfo(flow, flow.tokens()["access_token"])
    assert answer.status_code == 403, answer.text
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_RFC6750_userinfo_with_a_bad_token_or_none(flow):
    none = call("GET", f"{flow.issuer}/oauth/userinfo")
    assert none.status_code == 401 and "error=" not in none.headers["WWW-Authenticate"]
    bad = userinfo(flow, "nonsense")
    assert bad.status_code == 401
    assert 'error="invalid_token"' in bad.headers["WWW-Authenticate"]


def test_an_id_token_opens_no_api(flow, contracts):
    token = flow.tokens()["id_token"]
    assert not works(contracts, token)
    assert userinfo(flow, token).status_code == 401


def test_RFC6750_2_3_userinfo_takes_no_token_in_the_query(flow):
    token = flow.tokens()["access_token"]
    answer = call("GET", f"{flow.issuer}/oauth/userinfo", params={"access_token": token})
    assert answer.status_code in (400, 401)


def test_two_people_have_two_subjects_and_one_person_one(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    ada = flow.exchange(browser.arrived["code"]).json()["id_token"]
    one, two = (id_token(flow, flow.tokens()["id_token"])["sub"] for _ in range(2))
    assert one == two != id_token(flow, ada)["sub"]
