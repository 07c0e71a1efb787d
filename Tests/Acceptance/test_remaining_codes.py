"""Refusals that no row of the contracts asks for."""

import requests


def test_an_unknown_resource_indicator(token_endpoint, clients):
    machine = clients["machine"]
    answer = requests.post(
        token_endpoint,
        auth=(machine["client_id"], machine["client_secret"]),
        data={"grant_type": "client_credentials", "resource": "https://elsewhere.example"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")


def test_TOK_3_a_code_of_the_right_form_that_nobody_issued(contracts, clients):
    client = clients["smartcar"]
    answer = requests.post(
        contracts["smartcar-v2"]["base"] + "/oauth/token",
        auth=(client["client_id"], client["client_secret"]),
        data={
            "grant_type": "authorization_code",
            "code": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "redirect_uri": client["redirect_uris"][0],
        },
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Invalid or expired code.",
    }


def test_two_client_authentications_at_an_api_are_refused_in_its_words(contracts, clients):
    """They were a 500: the code had no wording at an API."""
    from wire import basic, exact

    client = clients["smartcar"]
    base = contracts["smartcar-v2"]["base"]
    value = basic(client["client_id"], client["client_secret"])["Authorization"]
    answer = exact(base, "GET", "/smartcar/v2.0/compatibility", [("Authorization", value), ("Authorization", value)])
    assert answer.status_code == 401
    assert answer.json()["type"] == "AUTHENTICATION"


def test_a_refresh_may_name_an_audience_of_its_grant_and_no_other(token_endpoint, contracts, clients):
    """RFC 8707, 2.2."""
    web = clients["web"]

    def refresh(token, resource):
        return requests.post(
            token_endpoint,
            auth=(web["client_id"], web["client_secret"]),
            data={"grant_type": "refresh_token", "refresh_token": token, "resource": resource},
            timeout=5,
        )

    token = contracts["oauth"]["tokens"]["refresh"]
    refused = refresh(token, "https://elsewhere.example")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    granted = refresh(token, contracts["oauth"]["base"])
    assert granted.status_code == 200, granted.text
    assert granted.json()["scope"] == "api.read"
    # The answer was not lost; inside the grace the one before is still as good as the new one.
    introspected = requests.post(
        token_endpoint.replace("/token", "/introspect"),
        auth=(web["client_id"], web["client_secret"]),
        data={"token": token},
        timeout=5,
    )
    assert introspected.json()["active"] is True
