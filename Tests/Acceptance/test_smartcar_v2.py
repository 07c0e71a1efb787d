"""contracts.md 5.2, rows SC2-1 to SC2-6, SC2-8 and SC2-10."""

import pytest

from token_requests import UUID
from wire import assert_json, assert_not_stored, basic, call, media_type, present

PAGES = "https://smartcar.com/docs/errors/api-errors"
UNAUTHENTICATED_TEXT = (
    "The authorization header is missing or malformed, or it contains invalid or "
    "expired authentication credentials. Please check for missing parameters, "
    "spelling and casing mistakes, and other syntax issues."
)
PERMISSION_TEXT = (
    "Your application has insufficient permissions to access the requested resource. "
    "Please prompt the user to re-authenticate using Smartcar Connect."
)
VALIDATION_TEXT = (
    "Request invalid or malformed. Please check for missing parameters, spelling and "
    "casing mistakes, and other syntax issues."
)


def unauthenticated(request_id) -> dict:
    return {
        "type": "AUTHENTICATION",
        "code": None,
        "description": UNAUTHENTICATED_TEXT,
        "docURL": f"{PAGES}/authentication-errors#null",
        "statusCode": 401,
        "requestId": request_id,
        "resolution": {"type": None},
    }


def permission(request_id) -> dict:
    return {
        "type": "PERMISSION",
        "code": None,
        "description": PERMISSION_TEXT,
        "docURL": f"{PAGES}/permission-errors#null",
        "statusCode": 403,
        "requestId": request_id,
        "resolution": {"type": "REAUTHENTICATE"},
    }


def assert_refused(answer, status, expected):
    assert answer.status_code == status, answer.text
    # The vendor's SDKs read nothing else as JSON.
    assert media_type(answer) == "application/json"
    request_id = answer.headers["SC-Request-Id"]
    assert UUID.fullmatch(request_id)
    assert_json(answer, expected(request_id))
    assert_not_stored(answer)


@pytest.fixture(scope="module")
def tokens(contracts):
    return contracts["smartcar-v2"]["tokens"]


@pytest.fixture(scope="module")
def get(smartcar):
    def send(path, token=None, **options):
        headers = present("smartcar-v2", token) if token else {}
        return call("GET", smartcar + path, headers=headers, **options)

    return send


@pytest.mark.parametrize("token", ["bad", None], ids=["bad", "absent"])
def test_SC2_1_bad_token(get, token):
    assert_refused(get("/v2.0/user", token), 401, unauthenticated)


@pytest.mark.parametrize("kind", ["expired", "revoked", "unknown"])
def test_SC2_1_other_unusable_tokens(get, tokens, kind):
    assert_refused(get("/v2.0/user", tokens[kind]), 401, unauthenticated)


def test_SC2_2_token_without_the_permission(get, tokens, smartcar_vehicle):
    answer = get(f"/v2.0/vehicles/{smartcar_vehicle}/odometer", tokens["forbidden"])
    assert_refused(answer, 403, permission)


def test_SC2_2_forbidden_at_the_protected_path(get, contracts, tokens):
    answer = get(contracts["smartcar-v2"]["protected"], tokens["forbidden"])
    assert_refused(answer, 403, permission)


def test_SC2_3_user(get, tokens):
    answer = get("/v2.0/user", tokens["valid"])
    assert answer.status_code == 200
    assert list(answer.json()) == ["id"]
    assert UUID.fullmatch(answer.json()["id"])
    assert len(answer.headers["SC-Request-Id"]) == 36
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])


def test_SC2_4_one_vehicle_of_many(get, tokens):
    answer = get("/v2.0/vehicles", tokens["valid"], params={"limit": 1})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"vehicles", "paging"}
    assert len(body["vehicles"]) == 1
    assert isinstance(body["vehicles"][0], str)
    assert set(body["paging"]) == {"count", "offset"}
    assert type(body["paging"]["count"]) is int and body["paging"]["count"] >= 1
    assert type(body["paging"]["offset"]) is int and body["paging"]["offset"] == 0
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])


@pytest.fixture(scope="module")
def odometer_only(smartcar_sign_in, tokens):
    """A token with read_odometer and nothing else, where one can be had."""
    granted = smartcar_sign_in.tokens()
    return granted["access_token"] if granted else tokens["valid"]


def test_SC2_5_batch_answers_each_path_for_itself(smartcar, odometer_only):
    headers = present("smartcar-v2", odometer_only)
    vehicles = call("GET", f"{smartcar}/v2.0/vehicles", headers=headers)
    assert vehicles.status_code == 200, vehicles.text
    vehicle = vehicles.json()["vehicles"][0]
    answer = call(
        "POST",
        f"{smartcar}/v2.0/vehicles/{vehicle}/batch",
        headers=headers,
        json={"requests": [{"path": "/odometer"}, {"path": "/location"}]},
    )
    assert answer.status_code == 200, answer.text
    assert UUID.fullmatch(answer.headers["SC-Request-Id"])
    assert list(answer.json()) == ["responses"]
    odometer, location = answer.json()["responses"]
    assert odometer["path"] == "/odometer"
    assert type(odometer["code"]) is int and odometer["code"] == 200
    assert isinstance(odometer["body"]["distance"], (int, float))
    assert location["path"] == "/location"
    assert type(location["code"]) is int and location["code"] == 403
    request_id = location["body"]["requestId"]
    assert UUID.fullmatch(request_id)
    assert location["body"] == permission(request_id)
    assert type(location["body"]["statusCode"]) is int


@pytest.mark.parametrize("token", ["bad", None], ids=["bad", "absent"])
def test_SC2_6_trailing_slash_refused_alike(get, token):
    assert_refused(get("/v2.0/user/", token), 401, unauthenticated)


@pytest.mark.parametrize("path", ["/v2.0/user", "/v2.0/vehicles"])
def test_SC2_6_trailing_slash_allowed_alike(get, tokens, path):
    plain = get(path, tokens["valid"])
    slashed = get(f"{path}/", tokens["valid"])
    assert plain.status_code == slashed.status_code == 200
    assert plain.json() == slashed.json()


def test_SC2_8_compatibility_with_wrong_credentials(smartcar):
    answer = call(
        "GET",
        f"{smartcar}/v2.0/compatibility",
        params={"vin": "0SCAUDI012FE3B132", "scope": "read_odometer", "country": "US"},
        headers=basic("wrong", "wrong"),
    )
    assert_refused(answer, 401, unauthenticated)


def test_SC2_10_vehicle_identifier_of_the_wrong_form(get, tokens):
    answer = get("/v2.0/vehicles/bad_id/odometer", tokens["valid"])
    assert answer.status_code == 400, answer.text
    assert media_type(answer) == "application/json"
    body = answer.json()
    # `detail` says which field; the row leaves open whether it is sent.
    for fault in body.pop("detail", []):
        assert set(fault) == {"field", "message"}
    request_id = answer.headers["SC-Request-Id"]
    assert UUID.fullmatch(request_id)
    assert body == {
        "type": "VALIDATION",
        "code": None,
        "description": VALIDATION_TEXT,
        "docURL": f"{PAGES}/validation-errors#null",
        "statusCode": 400,
        "requestId": request_id,
        "resolution": {"type": None},
    }
    assert type(body["statusCode"]) is int
