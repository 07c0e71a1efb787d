"""The collapse groups of DESIGN section 6: equal in status, headers and bytes."""

import pytest

from equivalence import assert_indistinguishable
from token_requests import client_credentials, refresh, token_request
from wire import call, present

JWT_CONTRACTS = ["oauth", "problem", "kordiam", "cyoda", "smartcar-v3"]


@pytest.fixture
def refusals_of_clients(contracts, clients, issuer):
    """Each token endpoint with the client that belongs there."""
    return {
        "oauth": (f"{issuer}/oauth/token", clients["machine"]),
        "smartcar v2": (
            f"{contracts['smartcar-v2']['base']}/oauth/token",
            clients["smartcar"],
        ),
        "smartcar v3": (
            f"{contracts['smartcar-v2']['base']}/oauth2/token",
            clients["smartcar"],
        ),
        "cyoda": (f"{contracts['cyoda']['base']}/api/oauth/token", clients["cyoda"]),
        "kordiam": (
            f"{contracts['kordiam']['base']}/api/v2/auth/token",
            clients["kordiam"],
        ),
    }


def impostors(client, disabled):
    identifier, secret = client["client_id"], client["client_secret"]
    yield "wrong secret", identifier, "wrong"
    # The length and the prefix of a real secret must not make a difference either.
    yield "nearly right secret", identifier, secret[:-1] + "_"
    yield "unknown client", "no-such-client", secret
    yield "unknown client, wrong secret", "no-such-client", "wrong"
    if disabled:
        yield "disabled client", disabled["client_id"], disabled["client_secret"]


@pytest.mark.parametrize(
    "where", ["oauth", "smartcar v2", "smartcar v3", "cyoda", "kordiam"]
)
@pytest.mark.parametrize("method", ["basic", "body"])
def test_clients_that_fail_look_the_same(refusals_of_clients, clients, where, method):
    endpoint, client = refusals_of_clients[where]
    if where == "kordiam" and method == "basic":
        pytest.skip("Kordiam takes its credentials from the body")
    answers = {}
    for name, identifier, secret in impostors(client, clients.get("disabled")):
        parameters = {"grant_type": "client_credentials"}
        impostor = {"client_id": identifier, "client_secret": secret}
        if method == "basic":
            answers[name] = token_request(endpoint, impostor, parameters)
        else:
            answers[name] = call("POST", endpoint, data={**parameters, **impostor})
    assert answers["wrong secret"].status_code in (400, 401)
    assert_indistinguishable(answers)


@pytest.mark.parametrize("contract", JWT_CONTRACTS)
def test_tokens_that_are_not_ours_look_the_same(contracts, contract):
    entry = contracts[contract]
    tokens = entry["tokens"]
    presented = {
        "garbage": "garbage",
        "three empty parts": "..",
        "half of a valid one": tokens["valid"][: len(tokens["valid"]) // 2],
    }
    for kind in ("unknown", "bad_signature", "untrusted_issuer"):
        if kind in tokens:
            presented[kind] = tokens[kind]
    if contract != "kordiam":
        # Kordiam alone has promised a slug for it.
        presented["revoked"] = tokens["revoked"]
    answers = {
        name: call(
            "GET",
            entry["base"] + entry["protected"],
            headers=present(contract, token),
        )
        for name, token in presented.items()
    }
    assert answers["garbage"].status_code == 401
    assert len(answers) >= 5
    assert_indistinguishable(answers)


def test_shaid_unknown_and_revoked_look_the_same(contracts):
    entry = contracts["shaid"]
    answers = {
        kind: call(
            "GET",
            entry["base"] + entry["protected"],
            headers=present("shaid", entry["tokens"][kind]),
        )
        for kind in ("unknown", "revoked")
    }
    assert_indistinguishable(answers)


def test_kordiam_refresh_tokens_that_fail_look_the_same(contracts, kordiam_tokens):
    endpoint = f"{contracts['kordiam']['base']}/api/v2/auth/refresh"
    before = kordiam_tokens()
    rotated = before["refresh_token"]
    successor = call("POST", endpoint, json={"refresh_token": rotated})
    assert successor.status_code == 200, successor.text
    # The first replay revokes the family; its answer must not show that.
    answers = {
        name: call("POST", endpoint, json={"refresh_token": token})
        for name, token in [
            ("replayed, revoking the family", rotated),
            ("replayed again", rotated),
            ("unused, of the revoked family", successor.json()["refresh_token"]),
            ("unknown", "x" * len(rotated)),
            ("garbage", "!"),
            ("an access token", before["access_token"]),
        ]
    }
    assert answers["unknown"].status_code == 401
    assert_indistinguishable(answers)


def test_refresh_tokens_that_fail_look_the_same(
    token_endpoint, clients, public_refresh_tokens
):
    client = clients["public"]
    rotated = public_refresh_tokens.take()
    successor = refresh(token_endpoint, client, rotated)
    assert successor.status_code == 200, successor.text
    following = refresh(token_endpoint, client, successor.json()["refresh_token"])
    assert following.status_code == 200, following.text
    answers = {
        name: refresh(token_endpoint, client, token)
        for name, token in [
            ("replayed, revoking the family", rotated),
            ("unused, of the revoked family", following.json()["refresh_token"]),
            ("unknown", "x" * len(rotated)),
            ("garbage", "!"),
        ]
    }
    assert answers["unknown"].status_code == 400
    assert answers["unknown"].json()["error"] == "invalid_grant"
    assert_indistinguishable(answers)


def test_introspection_of_dead_tokens_looks_the_same(
    issuer, token_endpoint, clients, contracts
):
    machine = clients["machine"]
    revoked = client_credentials(token_endpoint, machine)["access_token"]
    token_request(f"{issuer}/oauth/revoke", machine, {"token": revoked})
    tokens = contracts["oauth"]["tokens"]
    presented = {
        "unknown": tokens["unknown"],
        "garbage": "garbage",
        "just revoked": revoked,
        "expired": tokens["expired"],
        "another client's": contracts["kordiam"]["tokens"]["valid"],
    }
    answers = {
        name: token_request(f"{issuer}/oauth/introspect", machine, {"token": token})
        for name, token in presented.items()
    }
    assert answers["unknown"].json() == {"active": False}
    assert_indistinguishable(answers)
