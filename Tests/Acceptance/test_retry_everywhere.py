"""Every code of every contract, provoked: a client that follows only `retry` gets through or stops."""

import pytest

import flows
from provoking import HEADER
from test_retry_verdicts import Client, Credential, catalogue, client  # noqa: F401
from test_provoke_state import other, state  # noqa: F401
from token_requests import refresh
from wire import basic, call, present

RECOVERS = {"same", "after", "new-token", "new-grant"}
WITH_ROOM = ["oauth", "problem"]
WITHOUT = ["smartcar-v3", "smartcar-v2", "shaid", "kordiam", "cyoda"]


@pytest.fixture(scope="module")
def entries(catalogue):  # noqa: F811
    return {entry["code"]: entry for entry in catalogue["codes"]}


def worded(entries, contract, place) -> dict:
    """The contract's codes there, each with the one that stands for it on the wire."""
    return {
        code: wire["code"]
        for code, entry in entries.items()
        for wire in entry["wire"]
        if wire["contract"] == contract and wire["where"] == place
    }


def patient(client):  # noqa: F811
    """Waits as long as it is told to, which takes no time here; how long is kept."""
    waited = []
    client.sleep, client.patience = waited.append, 3600
    return waited


def asking(manifest, contract, code, times):
    """The contract's protected request; the first `times` are refused on purpose."""
    entry = manifest["contracts"][contract]
    sent = [0]

    def send(token):
        sent[0] += 1
        headers = present(contract, token) | ({HEADER: code} if sent[0] <= times else {})
        return call("GET", entry["base"] + entry["protected"], headers=headers)

    return send


@pytest.mark.parametrize("contract", WITH_ROOM)
def test_what_passes_is_got_over_and_what_does_not_is_not_repeated(manifest, client, entries, contract):  # noqa: F811
    good = manifest["contracts"][contract]["tokens"]["valid"]
    codes = worded(entries, contract, "api")
    assert len(codes) >= 20
    wrong = []
    for code, told in codes.items():
        client.requests, client.followed = 0, []
        waited = patient(client)
        got = client.run(asking(manifest, contract, code, 1), Credential(good, lambda: good, lambda: good), contract)
        retry = entries[told]["retry"]
        if client.followed != [retry] or got != (retry in RECOVERS) or client.requests != 1 + got:
            wrong.append(f"{code}: {retry}, followed {client.followed}, got through: {got}")
        if (retry == "after") != (len(waited) == 1 and 0 < waited[0] <= 3600) and retry != "same":
            wrong.append(f"{code}: waited {waited}")
    assert wrong == []


@pytest.mark.parametrize("contract", WITH_ROOM + WITHOUT)
def test_what_never_passes_ends(manifest, client, entries, contract):  # noqa: F811
    """One new token and one new grant are tried, and a failure of ours is asked about until the bound; then it ends."""
    good = manifest["contracts"][contract]["tokens"]["valid"]
    for code in worded(entries, contract, "api"):
        client.requests, client.followed = 0, []
        patient(client)
        got = client.run(asking(manifest, contract, code, 99), Credential(good, lambda: good, lambda: good), contract)
        assert not got and client.requests <= client.most, (code, client.followed)
        assert {"new-token", "new-grant"}.isdisjoint(client.followed) or client.requests <= 3, (code, client.followed)


@pytest.mark.parametrize("times", [1, 99])
def test_the_token_endpoint(client, entries, token_endpoint, clients, times):  # noqa: F811
    machine, wrong = clients["machine"], []
    codes = [code for code in worded(entries, "oauth", "token") if entries[code]["status"] >= 400]
    for code in codes:
        client.requests, client.followed = 0, []
        patient(client)
        sent = [0]

        def send(_):
            sent[0] += 1
            headers = basic(machine["client_id"], machine["client_secret"])
            if sent[0] <= times:
                headers[HEADER] = code
            return call("POST", token_endpoint, data={"grant_type": "client_credentials"}, headers=headers)

        got = client.run(send, Credential("", authorize=lambda: ""))
        retry = entries[code]["retry"]
        if got != (times == 1 and retry in RECOVERS) or client.requests > client.most:
            wrong.append(f"{code}: {retry}, {client.followed}, got through: {got}")
    assert wrong == [] and len(codes) >= 20


@pytest.mark.parametrize("times", [2, 99])
@pytest.mark.parametrize("how", ["unavailable", "full", "read_only"])
def test_a_store_that_really_fails(client, other, state, how, times):  # noqa: F811
    """The store fails, and works again after a while, or never: a refresh token is not used up by asking."""
    flow = flows.web(other)
    token = flow.tokens()["refresh_token"]
    waited = patient(client)
    sent = [0]

    def send(_):
        sent[0] += 1
        if sent[0] == times + 1:
            state("storage", state="ok")
        return refresh(flow.token, flow.client, token)

    state("storage", state=how, seconds="30")
    assert client.run(send, Credential("")) == (times == 2)
    assert set(client.followed) == {"after"} and len(waited) == min(times, client.most)
    assert client.requests == min(times + 1, client.most)
    state("storage", state="ok")
    if times == 99:
        assert refresh(flow.token, flow.client, token).status_code == 200
