"""The commands on `--data` beside the running demo; effects within a second."""

import json
import secrets

import pytest

from command_line import (
    DONE,
    REFUSED,
    create_client,
    create_user,
    listed,
    on,
    within_a_second,
)
from token_requests import client_credentials, token_request
from wire import call, present


@pytest.fixture(scope="module")
def data(demo):
    return demo.data


@pytest.fixture
def client(data):
    return create_client(data, f"Acceptance {secrets.token_hex(4)}")


@pytest.fixture(scope="module")
def accepts(token_endpoint):
    """Whether the running server gives this client a token."""

    def check(client, secret=None):
        credentials = {
            "client_id": client["client_id"],
            "client_secret": secret or client["client_secret"],
        }
        answer = token_request(
            token_endpoint, credentials, {"grant_type": "client_credentials"}
        )
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    return check


@pytest.fixture(scope="module")
def api_status(contracts):
    entry = contracts["oauth"]

    def status(token):
        address = entry["base"] + entry["protected"]
        return call("GET", address, headers=present("oauth", token)).status_code

    return status


def test_client_create(client, accepts):
    assert client["client_id"]
    assert client["client_secret"].startswith("dws_")
    assert within_a_second(lambda: accepts(client))


def test_client_create_has_only_the_scope_it_was_given(client, token_endpoint, accepts):
    assert within_a_second(lambda: accepts(client))
    assert client_credentials(token_endpoint, client, scope="api.read")
    wider = token_request(
        token_endpoint,
        client,
        {"grant_type": "client_credentials", "scope": "api.write"},
    )
    assert wider.status_code == 400
    assert wider.json()["error"] == "invalid_scope"


def test_client_list_and_show(client, data, clients):
    entries = {entry["client_id"]: entry for entry in listed(data, "client")}
    assert client["client_id"] in entries
    assert clients["machine"]["client_id"] in entries
    shown = on(data, "client", "show", client["client_id"], "--json")
    assert shown.json()["client_id"] == client["client_id"]
    # Shown once, at creation; stored as a hash only.
    assert client["client_secret"] not in shown.output
    assert client["client_secret"] not in json.dumps(list(entries.values()))


def test_client_rotate_secret(client, data, accepts):
    assert within_a_second(lambda: accepts(client))
    rotated = on(data, "client", "rotate-secret", client["client_id"], "--json").json()
    assert rotated["client_secret"] != client["client_secret"]
    assert within_a_second(lambda: accepts(client, rotated["client_secret"]))
    assert within_a_second(lambda: not accepts(client))


def test_client_disable(client, data, accepts, token_endpoint, api_status):
    assert within_a_second(lambda: accepts(client))
    token = client_credentials(token_endpoint, client)["access_token"]
    assert api_status(token) == 200
    assert on(data, "client", "disable", client["client_id"]).code == DONE
    assert within_a_second(lambda: not accepts(client))
    assert within_a_second(lambda: api_status(token) == 401)


def test_client_delete(client, data, accepts):
    assert within_a_second(lambda: accepts(client))
    assert on(data, "client", "delete", client["client_id"]).code == DONE
    assert within_a_second(lambda: not accepts(client))
    assert on(data, "client", "show", client["client_id"]).code == REFUSED
    assert client["client_id"] not in {c["client_id"] for c in listed(data, "client")}


@pytest.mark.parametrize("verb", ["show", "rotate-secret", "disable", "delete"])
def test_client_unknown(data, verb):
    ran = on(data, "client", verb, "no-such-client")
    assert ran.code == REFUSED, ran.output
    assert "no-such-client" in ran.output


def test_user_create_and_list(data):
    username = f"bob-{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(16)
    created = create_user(data, username, password)
    assert created.json()["username"] == username
    assert password not in created.output
    assert username in {user["username"] for user in listed(data, "user")}
    again = create_user(data, username, password)
    assert again.code == REFUSED, again.output


def test_key_rotate_keeps_the_old_key(
    data, issuer, token_endpoint, clients, api_status
):
    def served():
        keys = call("GET", f"{issuer}/oauth/jwks").json()["keys"]
        return {key["kid"] for key in keys}

    before = served()
    old_token = client_credentials(token_endpoint, clients["machine"])["access_token"]
    assert on(data, "key", "rotate", "--json").code == DONE
    assert within_a_second(lambda: served() - before), "no new key was published"
    assert before <= served(), "an old key left the set"
    assert api_status(old_token) == 200
    new_token = client_credentials(token_endpoint, clients["machine"])["access_token"]
    assert api_status(new_token) == 200
    assert {key["kid"] for key in listed(data, "key")} >= served()


def test_key_list_shows_no_private_key(data):
    text = json.dumps(listed(data, "key"))
    assert "PRIVATE KEY" not in text and '"d"' not in text


def identifier(grant: dict) -> str:
    return grant.get("id") or grant["grant_id"]


def test_grant_list_and_revoke(data, contracts, kordiam_tokens):
    before = {identifier(grant) for grant in listed(data, "grant")}
    tokens = kordiam_tokens()
    found = [g for g in listed(data, "grant") if identifier(g) not in before]
    assert len(found) == 1
    assert tokens["refresh_token"] not in json.dumps(found)
    assert on(data, "grant", "revoke", identifier(found[0])).code == DONE
    elements = f"{contracts['kordiam']['base']}/api/v2/elements"
    bearer = present("kordiam", tokens["access_token"])
    assert within_a_second(
        lambda: call("GET", elements, headers=bearer).status_code == 401
    )
    refreshed = call(
        "POST",
        f"{contracts['kordiam']['base']}/api/v2/auth/refresh",
        json={"refresh_token": tokens["refresh_token"]},
    )
    assert refreshed.status_code == 401
    assert on(data, "grant", "revoke", "no-such-grant").code == REFUSED


def test_token_inspect_and_revoke(data, token_endpoint, clients, api_status):
    machine = clients["machine"]
    token = client_credentials(token_endpoint, machine)["access_token"]
    inspected = on(data, "token", "inspect", "-", "--json", stdin=token)
    assert inspected.json()["active"] is True
    assert inspected.json()["client_id"] == machine["client_id"]
    assert api_status(token) == 200
    assert on(data, "token", "revoke", "-", stdin=token).code == DONE
    assert within_a_second(lambda: api_status(token) == 401)
    inspected = on(data, "token", "inspect", "-", "--json", stdin=token)
    assert inspected.code in (DONE, REFUSED), inspected.output
    if inspected.code == DONE:
        assert inspected.json()["active"] is False


def test_token_revoke_unknown(data):
    assert on(data, "token", "revoke", "-", stdin="no-such-token").code == REFUSED
