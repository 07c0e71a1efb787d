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


def test_a_refresh_may_name_an_audience_of_its_grant_and_no_other(contracts, kordiam_tokens):
    """RFC 8707, 2.2."""
    base = contracts["kordiam"]["base"]

    def refresh(token, resource):
        body = {"grant_type": "refresh_token", "refresh_token": token, "resource": resource}
        return requests.post(f"{base}/api/v2/auth/refresh", json=body, timeout=5)

    token = kordiam_tokens()["refresh_token"]
    assert refresh(token, "https://elsewhere.example").status_code == 400
    assert refresh(token, base).status_code == 200


def test_requests_that_ask_for_too_much(token_endpoint, clients):
    machine = clients["machine"]
    auth = (machine["client_id"], machine["client_secret"])
    many = {f"p{index}": "x" for index in range(70)} | {"grant_type": "client_credentials"}
    assert requests.post(token_endpoint, auth=auth, data=many, timeout=5).json()["error"] == "invalid_request"
    relative = {"grant_type": "client_credentials", "resource": "not-absolute"}
    assert requests.post(token_endpoint, auth=auth, data=relative, timeout=5).json()["error"] == "invalid_target"


def test_a_refresh_token_that_ended_is_not_active(issuer, contracts, clients, kordiam_tokens):
    client = clients["kordiam"]
    auth = (client["client_id"], client["client_secret"])
    token = kordiam_tokens()["refresh_token"]

    def active():
        answer = requests.post(f"{issuer}/oauth/introspect", auth=auth, data={"token": token}, timeout=5)
        return answer.json()["active"]

    assert active() is True
    assert requests.post(f"{issuer}/oauth/revoke", auth=auth, data={"token": token}, timeout=5).status_code == 200
    assert active() is False
