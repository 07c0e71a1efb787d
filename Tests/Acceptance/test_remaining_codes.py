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
