"""A client that follows only `retry` recovers or stops, in every scenario, within a bounded number of requests.

It knows no code, no status and no text: it reads the verdict from the body, or, where a contract has no room for one,
from the page that the refusal names.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Callable
from urllib.parse import urlsplit

import pytest

from token_requests import client_credentials, refresh, token_request
from wire import call, present

REQUESTS_AT_MOST = 6
PATIENCE = 3


@dataclass
class Credential:
    """What the client can do to get along: another token, another grant. Each is tried once."""

    token: str
    renew: Callable[[], str | None] | None = None
    authorize: Callable[[], str | None] | None = None


@dataclass
class Client:
    """Follows verdicts, and nothing else."""

    verdicts: dict
    sleep: Callable = time.sleep
    patience: float = PATIENCE
    most: int = REQUESTS_AT_MOST
    requests: int = 0
    followed: list = field(default_factory=list)

    def verdict(self, answer, contract) -> str:
        body = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        if isinstance(body, dict) and "retry" in body:
            return body["retry"]
        # The contract has no room: the catalogue says it, for what stands on the wire.
        found = {v for key, v in self.verdicts.items() if key == (contract, answer.status_code, str(body))}
        return found.pop() if len(found) == 1 else "never"

    @staticmethod
    def wait(answer) -> float:
        """In seconds: `after` always says until when."""
        if "Retry-After" in answer.headers:
            return int(answer.headers["Retry-After"])
        until = datetime.fromisoformat(answer.json()["not_before"].replace("Z", "+00:00"))
        return max(0, (until - datetime.now(timezone.utc)).total_seconds())

    def run(self, send, credential, contract="oauth") -> bool:
        """Whether it got through."""
        renewed = authorized = False
        for _ in range(self.most):
            self.requests += 1
            answer = send(credential.token)
            if answer.status_code < 400:
                return True
            verdict = self.verdict(answer, contract)
            self.followed.append(verdict)
            if verdict == "same":
                self.sleep(0.05)
            elif verdict == "after":
                wait = self.wait(answer)
                # Who cannot wait that long stops; a program of its user's would come back.
                if wait > self.patience:
                    return False
                self.sleep(wait)
            elif verdict == "new-token" and credential.renew and not renewed:
                renewed, token = True, credential.renew()
                if token is None:
                    return False
                credential.token = token
            elif verdict in ("new-token", "new-grant") and credential.authorize and not authorized:
                authorized, token = True, credential.authorize()
                if token is None:
                    return False
                credential.token = token
            else:
                return False
        # A failure that lasts: no verdict can know, so the client has a bound of its own.
        if self.followed[-1] in ("same", "after"):
            return False
        pytest.fail(f"still going after {self.requests} requests: {self.followed}")


@pytest.fixture(scope="module")
def catalogue(issuer):
    return call("GET", f"{issuer}/errors.json").json()


@pytest.fixture
def client(catalogue):
    verdicts = {}
    for entry in catalogue["codes"]:
        for wire in entry["wire"]:
            key = (wire["contract"], wire["status"], str(wire["body"]))
            # Several codes may look alike: the one that stands for them all is the one that is worded.
            if wire["code"] == entry["code"]:
                verdicts.setdefault(key, entry["retry"])
    return Client(verdicts)


def test_the_catalogue_has_no_verdict_that_a_program_cannot_follow(catalogue):
    known = {"never", "same", "after", "new-token", "new-grant", "after-user", "after-operator"}
    assert {e["retry"] for e in catalogue["codes"]} <= known
    for entry in catalogue["codes"]:
        assert entry["retryable"] == (entry["retry"] in ("same", "after"))
        # Where it says so itself, it says the same.
        for wire in entry["wire"]:
            if isinstance(wire["body"], dict) and "retry" in wire["body"] and wire["code"] == entry["code"]:
                assert wire["body"]["retry"] == entry["retry"], entry["code"]


KINDS = ["expired", "revoked", "unknown", "bad_signature", "untrusted_issuer", "wrong_audience", "forbidden"]


@pytest.mark.parametrize("contract", ["oauth", "problem"])
@pytest.mark.parametrize("kind", [*KINDS, "absent", "malformed", "not_yet_valid"])
def test_an_access_token_that_is_refused(client, manifest, contract, kind):
    """The client can get a good token; where that helps it recovers, and where it does not it stops."""
    entry = manifest["contracts"][contract]
    if kind not in entry["tokens"] and kind not in ("absent", "malformed"):
        pytest.skip(f"{contract} has no such token")
    first = entry["tokens"].get(kind, "" if kind == "absent" else "a b")
    good = entry["tokens"]["valid"]

    def send(token):
        return call("GET", entry["base"] + entry["protected"], headers=present(contract, token) if token else {})

    recovered = client.run(send, Credential(first, lambda: good, lambda: good))
    helps = kind in ("expired", "revoked", "unknown", "bad_signature", "untrusted_issuer", "absent", "forbidden")
    # What the token lacks is asked for again; a mistake of the program is not repeated.
    if kind in ("malformed", "wrong_audience"):
        assert not recovered and client.requests == 1
    elif helps and client.followed[0] != "never":
        assert recovered and client.requests == 2, client.followed
    if kind == "not_yet_valid":
        assert client.followed[0] == "after"


@pytest.mark.parametrize("contract", ["oauth", "problem"])
def test_nothing_helps_and_it_stops(client, manifest, contract):
    """Each new token is as bad as the last: a client that went on would never end."""
    entry = manifest["contracts"][contract]
    for kind in ("expired", "revoked", "unknown"):
        if kind not in entry["tokens"]:
            continue
        bad = entry["tokens"][kind]
        client.requests, client.followed = 0, []

        def send(token):
            return call("GET", entry["base"] + entry["protected"], headers=present(contract, token))

        assert not client.run(send, Credential(bad, lambda: bad, lambda: bad))
        assert client.requests <= 3


@pytest.mark.parametrize("contract", ["smartcar-v3", "smartcar-v2", "shaid", "kordiam", "cyoda"])
@pytest.mark.parametrize("kind", [*KINDS, "absent"])
def test_contracts_without_room_for_a_verdict(client, manifest, contract, kind):
    entry = manifest["contracts"][contract]
    if kind not in entry["tokens"] and kind != "absent":
        pytest.skip(f"{contract} has no such token")
    good = entry["tokens"]["valid"]

    def send(token):
        headers = present(contract, token) if token else {}
        return call("GET", entry["base"] + entry["protected"], headers=headers)

    client.run(send, Credential(entry["tokens"].get(kind, ""), lambda: good, lambda: good), contract)
    assert client.requests <= 3, client.followed


def grant(kind, **more):
    return {"grant_type": kind, **more}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        grant("password"),
        grant("client_credentials", scope="no.such"),
        grant("client_credentials", resource="https://other.example"),
        grant("refresh_token", refresh_token="dwr_unknown"),
        grant("refresh_token"),
        grant("authorization_code", code="x"),
    ],
)
@pytest.mark.parametrize("who", ["machine", "wrong", "nobody"])
def test_the_token_endpoint(client, token_endpoint, clients, parameters, who):
    machine = clients["machine"]
    used = {"machine": machine, "wrong": {**machine, "client_secret": "wrong"}, "nobody": None}[who]

    def send(_):
        return token_request(token_endpoint, used, parameters)

    assert not client.run(send, Credential(""))
    # Nothing that a repetition would cure: it stops at once.
    assert client.requests == 1, client.followed


def test_a_refresh_token_used_twice_ends_in_a_new_authorization(client, web_sign_in, token_endpoint, clients, manifest):
    tokens = web_sign_in.tokens()
    used = tokens["refresh_token"]
    following = refresh(token_endpoint, clients["web"], used).json()
    assert refresh(token_endpoint, clients["web"], following["refresh_token"]).status_code == 200

    def send(token):
        return refresh(token_endpoint, clients["web"], token)

    again = Credential(used, authorize=lambda: web_sign_in.tokens()["refresh_token"])
    assert client.run(send, again)
    assert client.followed == ["new-grant"] and client.requests == 2


def test_a_revoked_grant_ends_in_a_new_authorization(client, web_sign_in, issuer, token_endpoint, clients):
    tokens = web_sign_in.tokens()
    token_request(f"{issuer}/oauth/revoke", clients["web"], {"token": tokens["refresh_token"]})
    entry = f"{issuer}/oauth/userinfo"

    def send(token):
        return call("GET", entry, headers={"Authorization": f"Bearer {token}"})

    def renew():
        answer = refresh(token_endpoint, clients["web"], tokens["refresh_token"])
        return answer.json().get("access_token")

    credential = Credential(tokens["access_token"], renew, lambda: web_sign_in.tokens()["access_token"])
    client.run(send, credential)
    assert client.requests <= 3


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/nowhere"),
        ("DELETE", "/oauth/token"),
        ("POST", "/errors"),
        ("GET", "/errors/nope"),
        ("GET", "/help/x..y"),
        ("GET", "/api/nowhere"),
        ("GET", "/oauth/userinfo"),
    ],
)
def test_requests_that_no_repetition_cures(client, issuer, method, path):
    def send(_):
        return call(method, issuer + path)

    assert not client.run(send, Credential(""))
    assert client.requests == 1, client.followed


def test_a_machine_whose_token_expired_goes_on(client, manifest, token_endpoint, clients):
    entry = manifest["contracts"]["oauth"]

    def send(token):
        return call("GET", entry["base"] + entry["protected"], headers=present("oauth", token))

    fresh = lambda: client_credentials(token_endpoint, clients["machine"], scope="api.read")["access_token"]  # noqa: E731
    assert client.run(send, Credential(entry["tokens"]["expired"], fresh))
    assert client.followed == ["new-token"]
    assert urlsplit(entry["base"]).scheme == "http"
