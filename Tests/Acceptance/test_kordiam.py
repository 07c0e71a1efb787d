"""contracts.md 5.6, rows KO-1 to KO-11 and KO-13."""

import base64
import json
from urllib.parse import urlsplit

import pytest

from token_requests import skip_loudly
from wire import assert_json, assert_not_stored, call, exact, media_type, present

TYPES = "https://docs.kordiam.app/docs/errors"
BEARER_TEXT = "Invalid or expired authentication token"
CLIENT_TEXT = "Invalid client credentials"
REFRESH_TEXT = "Invalid or expired refresh token"
ELEMENTS = "/api/v2/elements"
TOKEN = "/api/v2/auth/token"
REFRESH = "/api/v2/auth/refresh"


@pytest.fixture(scope="module")
def base(contracts):
    return contracts["kordiam"]["base"]


@pytest.fixture(scope="module")
def tokens(contracts):
    return contracts["kordiam"]["tokens"]


@pytest.fixture(scope="module")
def credentials(clients):
    return {
        "client_id": clients["kordiam"]["client_id"],
        "client_secret": clients["kordiam"]["client_secret"],
        "grant_type": "client_credentials",
    }


def assert_problem(answer, status, slug, title, detail, instance, **extensions):
    assert answer.status_code == status, answer.text
    assert media_type(answer) == "application/problem+json"
    trace = answer.json()["traceId"]
    assert isinstance(trace, str) and trace
    # The id in the body is the one that can be looked up.
    assert trace == answer.headers["Trace-Id"]
    assert_json(
        answer,
        {
            "type": f"{TYPES}/{slug}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": instance,
            "traceId": trace,
            **extensions,
        },
    )
    assert_not_stored(answer)


def assert_unauthorized(answer, detail, instance):
    assert_problem(answer, 401, "unauthorized", "Unauthorized", detail, instance)
    assert "Retry-After" not in answer.headers


def get(base, path, authorization=None):
    headers = [("Authorization", authorization)] if authorization is not None else []
    return exact(base, "GET", urlsplit(base).path + path, headers)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Bearer a b", "Basic YTpi"],
)
def test_KO_1_no_or_malformed_bearer(base, authorization):
    assert_unauthorized(get(base, ELEMENTS, authorization), BEARER_TEXT, ELEMENTS)


@pytest.mark.parametrize(
    "kind", ["expired", "unknown", "bad_signature", "untrusted_issuer"]
)
def test_KO_1_unusable_bearer(base, tokens, kind):
    answer = get(base, ELEMENTS, f"Bearer {tokens[kind]}")
    assert_unauthorized(answer, BEARER_TEXT, ELEMENTS)


def test_KO_1_instance_is_the_path_without_the_query(base):
    answer = call("GET", f"{base}{ELEMENTS}?page=2&secret=x")
    assert_unauthorized(answer, BEARER_TEXT, ELEMENTS)


def test_KO_1_refresh_token_is_no_bearer(base, kordiam_tokens):
    answer = get(base, ELEMENTS, f"Bearer {kordiam_tokens()['refresh_token']}")
    assert_unauthorized(answer, BEARER_TEXT, ELEMENTS)


@pytest.mark.parametrize("encoding", ["json", "data"], ids=["json", "form"])
@pytest.mark.parametrize("wrong", ["client_secret", "client_id"])
def test_KO_2_client_refused(base, credentials, wrong, encoding):
    body = {**credentials, wrong: "wrong"}
    answer = call("POST", base + TOKEN, **{encoding: body})
    assert_unauthorized(answer, CLIENT_TEXT, TOKEN)


def test_KO_3_unknown_refresh_token(base):
    answer = call("POST", base + REFRESH, json={"refresh_token": "bm90LWEtdG9rZW4="})
    assert_unauthorized(answer, REFRESH_TEXT, REFRESH)


def test_KO_3_access_token_is_no_refresh_token(base, tokens):
    answer = call("POST", base + REFRESH, json={"refresh_token": tokens["valid"]})
    assert_unauthorized(answer, REFRESH_TEXT, REFRESH)


def test_KO_3_expired_refresh_token(base, tokens):
    if "refresh_expired" not in tokens:
        skip_loudly("the manifest has no expired refresh token for kordiam")
    body = {"refresh_token": tokens["refresh_expired"]}
    answer = call("POST", base + REFRESH, json=body)
    assert_unauthorized(answer, REFRESH_TEXT, REFRESH)


def assert_pair(answer):
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    body = answer.json()
    assert set(body) == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "refresh_token",
    }
    assert body["token_type"] == "Bearer"
    assert type(body["expires_in"]) is int and body["expires_in"] == 3600
    assert body["scope"] == "api.read api.write"
    header = body["access_token"].split(".")[0]
    padded = header + "=" * (-len(header) % 4)
    # The seed's sample begins eyJhbGciOiJSUzI1NiIs, which is RS256.
    assert json.loads(base64.urlsafe_b64decode(padded))["alg"] == "RS256"
    assert isinstance(body["refresh_token"], str) and body["refresh_token"]


def test_KO_4_token_by_json(base, credentials):
    answer = call("POST", base + TOKEN, json=credentials)
    assert_pair(answer)
    bearer = present("kordiam", answer.json()["access_token"])
    assert call("GET", base + ELEMENTS, headers=bearer).status_code == 200


def test_KO_5_token_by_form(base, credentials):
    answer = call("POST", base + TOKEN, data=credentials)
    assert_pair(answer)
    bearer = present("kordiam", answer.json()["access_token"])
    assert call("GET", base + ELEMENTS, headers=bearer).status_code == 200


def test_KO_6_refresh_is_single_use(base, kordiam_tokens):
    before = kordiam_tokens()
    body = {"refresh_token": before["refresh_token"]}
    answer = call("POST", base + REFRESH, json=body)
    assert_pair(answer)
    assert answer.json()["access_token"] != before["access_token"]
    assert answer.json()["refresh_token"] != before["refresh_token"]
    again = call("POST", base + REFRESH, json=body)
    assert_unauthorized(again, REFRESH_TEXT, REFRESH)


def test_KO_7_revoked(base, tokens):
    answer = get(base, ELEMENTS, f"Bearer {tokens['revoked']}")
    text = "Token has been revoked"
    assert_problem(answer, 401, "token-revoked", "Token Revoked", text, ELEMENTS)


@pytest.mark.parametrize("path", ["/api/v2/elements/42", ELEMENTS])
def test_KO_8_lacking_scope(base, tokens, path):
    answer = get(base, path, f"Bearer {tokens['forbidden']}")
    text = "Access denied"
    assert_problem(answer, 403, "access-denied", "Access Denied", text, path)


def test_KO_9_token_request_as_plain_text(base, credentials):
    answer = call(
        "POST",
        base + TOKEN,
        data=json.dumps(credentials),
        headers={"Content-Type": "text/plain"},
    )
    assert answer.status_code == 415, answer.text
    supported = answer.json()["supportedMediaTypes"]
    assert sorted(supported) == [
        "application/json",
        "application/x-www-form-urlencoded",
    ]
    assert_problem(
        answer,
        415,
        "unsupported-media-type",
        "Unsupported Media Type",
        "Content-Type 'text/plain' is not supported",
        TOKEN,
        supportedMediaTypes=supported,
    )


def test_KO_10_not_acceptable(base, tokens):
    headers = {**present("kordiam", tokens["valid"]), "Accept": "application/xml"}
    assert_problem(
        call("GET", base + ELEMENTS, headers=headers),
        406,
        "not-acceptable",
        "Not Acceptable",
        "The requested media type is not acceptable",
        ELEMENTS,
        supportedMediaTypes=["application/json"],
    )


@pytest.mark.parametrize(
    ("path", "version"),
    [("/api/v3/elements", {}), (ELEMENTS, {"API-Version": "3.0"})],
    ids=["path", "header"],
)
def test_KO_11_unsupported_version(base, tokens, path, version):
    headers = {**present("kordiam", tokens["valid"]), **version}
    assert_problem(
        call("GET", base + path, headers=headers),
        400,
        "unsupported-version",
        "Unsupported API Version",
        "API version '3.0' is not supported.",
        path,
        requestedVersion="3.0",
        supportedVersions=["2.0"],
    )


@pytest.mark.parametrize("body", ['{"client_id":', "[]", "", "null", '"text"'])
def test_KO_13_body_that_is_no_json_object(base, body):
    answer = call(
        "POST",
        base + TOKEN,
        data=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400, answer.text
    text = answer.json()["detail"]
    assert isinstance(text, str) and text
    assert_problem(answer, 400, "bad-request", "Bad Request", text, TOKEN)


@pytest.mark.parametrize("encoding", ["json", "data"], ids=["json", "form"])
@pytest.mark.parametrize("missing", ["client_id", "grant_type"])
def test_KO_13_missing_member(base, credentials, missing, encoding):
    body = {name: value for name, value in credentials.items() if name != missing}
    answer = call("POST", base + TOKEN, **{encoding: body})
    assert answer.status_code == 400, answer.text
    faults = answer.json()["errors"]
    assert len(faults) == 1
    assert set(faults[0]) == {"scope", "path", "code", "message"}
    assert faults[0]["scope"] == "body"
    assert faults[0]["path"] == missing
    assert all(isinstance(value, str) and value for value in faults[0].values())
    assert_problem(
        answer,
        400,
        "validation-failed",
        "Validation Failed",
        "Validation failed. Check the 'errors' array for details.",
        TOKEN,
        errors=faults,
    )
