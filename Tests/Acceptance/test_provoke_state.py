"""Provoking by the state refusals come of, by the command, and on a live server, which does nothing."""

import re

import pytest

import flows
from command_line import DONE, REFUSED, USAGE, doorward, on, within_a_second
from demo_server import Demo, Server, free_port
from grants import assert_invalid_grant
from provoking import HEADER, assert_provoked, shape
from token_requests import refresh, token_request
from wire import basic, call, present


GOOD = {"grant_type": "client_credentials"}


# -- State
@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A demo of its own: its clock and store go wrong."""
    server = Demo(tmp_path_factory.mktemp("state"))
    yield server.manifest()
    assert server.stop() == 0


@pytest.fixture
def state(other):
    client = other["clients"]["machine"]
    issuer = other["issuer"]

    def change(name, expected=200, **parameters):
        answer = token_request(f"{issuer}/_test/{name}", client, parameters)
        assert answer.status_code == expected, answer.text
        return answer.json()

    yield change
    change("storage", state="ok")
    change("clock", offset="0")


def test_the_clock(state, other):
    entry = other["contracts"]["oauth"]

    def api(_):
        return call("GET", entry["base"] + entry["protected"], headers=present("oauth", entry["tokens"]["valid"]))

    assert api("oauth").status_code == 200
    state("clock", offset="+2h")
    late = api("oauth")
    assert late.status_code == 401 and "expired" in late.text
    state("clock", offset="-2h")
    assert api("oauth").status_code in (200, 401)
    state("clock", offset="0")
    assert api("oauth").status_code == 200
    state("clock", expected=400, offset="tomorrow")


@pytest.mark.parametrize("how", ["unavailable", "read_only", "full"])
def test_the_store(state, other, how):
    flow = flows.web(other)
    tokens = flow.tokens()
    state("storage", state=how, seconds="30")
    real = refresh(flow.token, flow.client, tokens["refresh_token"])
    provoking = basic(flow.client["client_id"], flow.client["client_secret"])
    state("storage", state="ok")
    assert (real.status_code, real.headers["Retry-After"]) == (503, "5")
    reason = {"unavailable": "unavailable", "read_only": "read_only", "full": "full"}[how]
    headers = provoking | {HEADER: f"STORAGE_UNAVAILABLE;reason=storage_{reason}"}
    assert_provoked(call("POST", flow.token, data=GOOD, headers=headers), real)
    # Nothing was used up.
    assert refresh(flow.token, flow.client, tokens["refresh_token"]).status_code == 200


def test_revoking_and_rotating(state, other):
    flow = flows.web(other)
    tokens = flow.tokens()
    assert state("revoke", token=tokens["refresh_token"]) == {"revoked": True}
    assert_invalid_grant(refresh(flow.token, flow.client, tokens["refresh_token"]))
    assert state("revoke", token="abc") == {"revoked": False}
    kept = flow.tokens()["access_token"]
    made = state("rotate")["keys"]
    assert {key["alg"] for key in made} >= {"ES256", "RS256"}
    entry = other["contracts"]["oauth"]
    address = entry["base"] + entry["protected"]
    # The old key is published for a day.
    assert call("GET", address, headers=present("oauth", kept)).status_code == 200
    assert call("GET", address, headers=present("oauth", flow.tokens()["access_token"])).status_code == 200


def test_state_endpoints_are_nowhere_for_strangers(issuer, clients):
    usual = call("POST", f"{issuer}/_test/clocks")
    assert usual.status_code == 404
    for headers in ({}, basic(clients["machine"]["client_id"], "wrong")):
        answer = call("POST", f"{issuer}/_test/clock", data={"offset": "1h"}, headers=headers)
        assert shape(answer, "/_test/clock") == shape(usual, "/_test/clocks")


# -- The command


def test_every_code_is_reached_in_every_contract(demo):
    ran = doorward("provoke", "--all", "--data", demo.data)
    assert ran.code == DONE, ran.output
    assert "NOT REACHED" not in ran.stdout
    assert len(ran.stdout.splitlines()) > 350
    listed = doorward("client", "list", "--data", demo.data).stdout
    assert "doorward provoke" not in listed


def test_one_code_shows_request_and_response(demo):
    ran = doorward("provoke", "refresh_token_reused", "--contract", "kordiam", "--json", "--data", demo.data)
    told = ran.json()
    assert told["reached"] is True and told["code"] == "REFRESH_TOKEN_REJECTED"
    assert told["response"]["status"] == 401
    assert "Provoke-Refusal: REFRESH_TOKEN_REJECTED;reason=refresh_token_reused" in told["request"]["headers"]
    for word in ("eyJ", "dwa_", "dws_"):
        assert word not in ran.output
    assert not re.search(r"Basic [A-Za-z0-9+/=]{20,}", ran.output)
    assert doorward("provoke", "NO_SUCH", "--data", demo.data).code == REFUSED
    assert doorward("provoke", "--data", demo.data).code == USAGE
    assert doorward("provoke", "FORBIDDEN", "--contract", "none", "--data", demo.data).code == REFUSED


# -- A live server


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    port = free_port()
    (folder / "doorward.yaml").write_text(
        f"issuer: http://127.0.0.1:{port}\nlisten: 127.0.0.1:{port}\napis:\n"
        f"  - {{name: notes, prefix: /api, upstream: 'http://127.0.0.1:{free_port()}', routes: "
        f"[{{match: GET /notes}}, {{match: GET /open, access: everyone}}]}}\n"
    )
    server = Server(
        ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")], folder, "serve"
    )
    server.wait_until(lambda: "Doorward serves" in server.printed())
    server.data = folder / "data"
    server.url = f"http://127.0.0.1:{port}"
    yield server
    assert server.stop() == 0


def test_a_live_server_does_nothing_and_records_it(live):
    made = doorward(
        "client", "create", "--name", "c", "--grant", "client_credentials", "--data", live.data, "--json"
    ).json()
    headers = basic(made["client_id"], made["client_secret"])

    def ignored():
        lines = call("GET", f"{live.url}/metrics").text.splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if 'code="PROVOCATION_IGNORED"' in line)

    endpoint = f"{live.url}/oauth/token"
    token = call("POST", endpoint, data=GOOD, headers=headers).json()["access_token"]
    bearer = present("oauth", token)
    asked = {HEADER: "STORAGE_UNAVAILABLE"}
    seen = 0

    def unchanged(method, url, **options):
        nonlocal seen
        sent = options.pop("headers", {})
        plain = call(method, url, headers=sent, **options)
        answer = call(method, url, headers=sent | asked, **options)
        seen += 1
        assert shape(answer) == shape(plain) and "Provoked" not in answer.headers
        assert ignored() == seen
        return answer

    answer = call("POST", endpoint, data=GOOD, headers=headers | asked)
    assert answer.status_code == 200 and ignored() == 1
    seen = 1
    unchanged("GET", f"{live.url}/api/notes", headers=bearer)
    refused = unchanged("GET", f"{live.url}/api/notes")
    unchanged("GET", f"{live.url}/api/open")
    unchanged("GET", f"{live.url}/oauth/jwks")
    magic = call("GET", f"{live.url}/api/notes", headers=present("oauth", "test_token_expired"))
    assert magic.json()["code"] == "ACCESS_TOKEN_INVALID" and ignored() == seen + 1
    for name in ("clock", "storage", "revoke", "rotate"):
        hidden = call("POST", f"{live.url}/_test/{name}", data={"offset": "1h", "state": "full"}, headers=headers)
        usual = call("POST", f"{live.url}/_test/x", headers=headers)
        assert shape(hidden, f"/_test/{name}") == shape(usual, "/_test/x")
    assert ignored() == seen + 5
    assert call("POST", endpoint, data=GOOD, headers=headers).status_code == 200
    # The trace leads to the real refusal.
    told = on(live.data, "explain", refused.headers["Trace-Id"], "--format", "json")
    assert within_a_second(lambda: told.code == DONE)
    assert told.json()["code"] == "CREDENTIALS_MISSING"
    assert told.json()["request"]["provocation"] == "ignored"


def test_the_command_refuses_on_a_live_servers_folder(live):
    ran = doorward("provoke", "FORBIDDEN", "--data", live.data)
    assert ran.code == REFUSED and "live" in ran.stderr
