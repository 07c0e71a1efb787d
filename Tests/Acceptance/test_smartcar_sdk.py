"""The vendor's own SDK, unpatched: only its environment variables point elsewhere."""

import json

import pytest

from test_smartcar_v2 import (
    PAGES,
    PERMISSION_TEXT,
    UNAUTHENTICATED_TEXT,
    VALIDATION_TEXT,
)
from test_smartcar_v3 import UNAUTHORIZED
from token_requests import UUID, skip_loudly


@pytest.fixture(scope="module")
def tokens(contracts):
    return contracts["smartcar-v2"]["tokens"]


@pytest.fixture(scope="module")
def auth_client(sdk, clients):
    client = clients["smartcar"]
    return sdk.AuthClient(
        client["client_id"],
        client["client_secret"],
        client["redirect_uris"][0],
        mode="test",
    )


def raised(sdk, action):
    from smartcar.exception import SmartcarException

    with pytest.raises(SmartcarException) as caught:
        action()
    return caught.value


def test_user(sdk, tokens, smartcar_user):
    user = sdk.get_user(tokens["valid"])
    assert user.id == smartcar_user
    assert len(user.meta.request_id) == 36


def test_vehicles(sdk, tokens, smartcar_vehicle):
    vehicles = sdk.get_vehicles(tokens["valid"])
    assert smartcar_vehicle in vehicles.vehicles
    assert vehicles.paging.offset == 0
    assert vehicles.paging.count >= len(vehicles.vehicles) >= 1
    assert len(sdk.get_vehicles(tokens["valid"], {"limit": 1}).vehicles) == 1


def test_odometer(sdk, tokens, smartcar_vehicle):
    odometer = sdk.Vehicle(smartcar_vehicle, tokens["valid"]).odometer()
    assert isinstance(odometer.distance, (int, float)) and odometer.distance > 0
    assert len(odometer.meta.request_id) == 36
    assert odometer.meta.unit_system == "metric"


def test_SC2_1_bad_token(sdk):
    error = raised(sdk, lambda: sdk.get_user("bad"))
    assert error.status_code == 401
    assert error.type == "AUTHENTICATION"
    assert error.code is None
    assert error.description == UNAUTHENTICATED_TEXT
    assert error.message == f"AUTHENTICATION - {UNAUTHENTICATED_TEXT}"
    assert error.doc_url == f"{PAGES}/authentication-errors#null"
    assert error.resolution == {"type": None, "url": None}
    assert UUID.fullmatch(error.request_id)


def test_SC2_2_missing_permission(sdk, tokens, smartcar_vehicle):
    vehicle = sdk.Vehicle(smartcar_vehicle, tokens["forbidden"])
    error = raised(sdk, vehicle.odometer)
    assert error.status_code == 403
    assert error.type == "PERMISSION"
    assert error.code is None
    assert error.message == f"PERMISSION - {PERMISSION_TEXT}"
    assert error.doc_url == f"{PAGES}/permission-errors#null"
    assert error.resolution == {"type": "REAUTHENTICATE", "url": None}
    assert UUID.fullmatch(error.request_id)


def test_SC2_10_vehicle_identifier_of_the_wrong_form(sdk, tokens):
    error = raised(sdk, sdk.Vehicle("bad_id", tokens["valid"]).odometer)
    assert error.status_code == 400
    assert error.type == "VALIDATION"
    assert error.message == f"VALIDATION - {VALIDATION_TEXT}"
    assert error.resolution == {"type": None, "url": None}


def test_SC2_5_batch(sdk, tokens, smartcar_vehicle):
    vehicle = sdk.Vehicle(smartcar_vehicle, tokens["valid"])
    batch = vehicle.batch(["/odometer"])
    assert batch.odometer().distance > 0


def test_SC3_13_the_sdk_cannot_read_v3_bodies_but_keeps_them(sdk, smartcar_vehicle):
    # Not exported at the top of the package, unlike the other calls.
    get_vehicle = sdk.smartcar.get_vehicle
    error = raised(sdk, lambda: get_vehicle("bad", smartcar_vehicle))
    assert error.status_code == 401
    assert error.type == "SDK_ERROR"
    assert json.loads(error.message) == UNAUTHORIZED
    assert UUID.fullmatch(error.request_id)


def test_TOK_11_malformed_code(sdk, auth_client):
    error = raised(sdk, lambda: auth_client.exchange_code("bad"))
    assert error.status_code == 400
    assert error.type == "invalid_request"
    assert error.message == "Invalid code: bad."
    assert not hasattr(error, "request_id")


def test_TOK_5_malformed_refresh_token(sdk, auth_client):
    error = raised(sdk, lambda: auth_client.exchange_refresh_token("garbage"))
    assert error.status_code == 400
    assert error.type == "invalid_request"
    assert error.message == "Invalid refresh_token: garbage."


def test_TOK_7_wrong_secret(sdk, clients):
    client = clients["smartcar"]
    wrong = sdk.AuthClient(client["client_id"], "wrong", client["redirect_uris"][0])
    error = raised(sdk, lambda: wrong.exchange_code("bad"))
    assert error.status_code == 401
    assert error.type == "invalid_client"
    # `SDK_ERROR` would mean that the description was missing (TOK-12).
    assert error.message and error.message != "SDK_ERROR"


def test_TOK_1_exchange_and_refresh(sdk, auth_client, smartcar_sign_in):
    grant = smartcar_sign_in.code()
    if grant is None:
        skip_loudly("no page-less sign-in, so no code for the Smartcar SDK")
    access = auth_client.exchange_code(grant[0])
    assert access.expires_in == 7200
    assert sdk.get_user(access.access_token).id
    renewed = auth_client.exchange_refresh_token(access.refresh_token)
    assert renewed.refresh_token and renewed.refresh_token != access.refresh_token
    assert sdk.get_user(renewed.access_token).id


def test_refresh_with_flags(sdk, auth_client, smartcar_refresh_tokens):
    token = smartcar_refresh_tokens.take()
    options = {"flags": {"country": "DE", "test": True}}
    access = auth_client.exchange_refresh_token(token, options)
    assert access.expires_in == 7200
    assert UUID.fullmatch(access.refresh_token)
    smartcar_refresh_tokens.give_back(access.refresh_token)
