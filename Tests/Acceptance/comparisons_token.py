"""At the endpoints for clients: real refusals beside provoked ones."""

import time

import flows
from comparisons import ENDPOINTS, Pair, compares
from situations_server import store, with_bad_key, without_keys
from wire import basic, call, exact

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
MACHINES = tuple(name for name in ENDPOINTS if name != "smartcar-v2")


def simply(code, parameters=None, contracts=ENDPOINTS, **real):
    compares("token", code, contracts)(lambda pair: pair.like_token(parameters, **real))


simply("CLIENT_AUTHENTICATION_MISSING", headers={})
simply("TOKEN_REQUEST_MALFORMED", {"scope": ""})
simply("GRANT_TYPE_UNSUPPORTED", {"grant_type": "password"})
simply("MEDIA_TYPE_UNSUPPORTED", "x", headers={"Content-Type": "text/plain"})
simply("REQUEST_TOO_LARGE", {"x": "a" * 70_000})
simply("SCOPE_INVALID", {"grant_type": "client_credentials", "scope": "no.such.scope"}, MACHINES)
simply("RESOURCE_INDICATOR_INVALID", {"grant_type": "client_credentials", "resource": "https://elsewhere.example"}, MACHINES)


@compares("token", "METHOD_NOT_ALLOWED", ENDPOINTS)
def _(pair: Pair):
    pair.same(pair.ask(None, pair.asks()), pair.ask({}, method="GET"))


@compares("token", "CLIENT_AUTHENTICATION_FAILED", ENDPOINTS)
def _(pair: Pair):
    pair.like_token(headers=basic(pair.client["client_id"], "wrong"))


@compares("token", "CLIENT_AUTHENTICATION_AMBIGUOUS", ENDPOINTS)
def _(pair: Pair):
    twice = {"client_id": pair.client["client_id"], "client_secret": pair.client["client_secret"]}
    pair.like_token({"grant_type": "client_credentials"} | twice)


@compares("token", "CLIENT_AUTHENTICATION_METHOD_NOT_ALLOWED", ENDPOINTS)
def _(pair: Pair):
    poster = pair.w.client("poster")
    pair.like_token(headers=basic(poster["client_id"], poster["client_secret"]))


@compares("token", "GRANT_TYPE_NOT_ALLOWED", ENDPOINTS)
def _(pair: Pair):
    """A client for codes asks as a machine, and a machine with a code."""
    other = pair.w.clients["machine" if pair.contract == "smartcar-v2" else "web"]
    asked = {"grant_type": "authorization_code", "code": UUID} if pair.contract == "smartcar-v2" else None
    pair.like_token(asked, headers=basic(other["client_id"], other["client_secret"]))


@compares("token", "HEADERS_TOO_LARGE", ENDPOINTS)
def _(pair: Pair):
    path = pair.endpoint[len(pair.w.issuer) :]
    pair.same(pair.ask(None, pair.asks()), exact(pair.w.issuer, "POST", path, [("X-Large", "a" * 100_000)]))


@compares("token", "REQUEST_MALFORMED", ENDPOINTS)
def _(pair: Pair):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    pair.like_token("grant_type=%zz", headers=pair.credentials | form, reason="body_unreadable")


@compares("token", "NOT_FOUND", ("oauth",))
def _(pair: Pair):
    pair.same(pair.ask(None, pair.asks()), call("POST", f"{pair.w.issuer}/oauth/tokens"), "/oauth/tokens", "/oauth/token")


# -- Codes


def with_code(pair: Pair):
    flow = pair.flow()
    flow.pkce = True
    return flow, flow.code()


def exchange(pair: Pair, flow, given, provoked=None, **changes):
    parameters = {"grant_type": "authorization_code", "code": given, "redirect_uri": flow.redirect_uri,
                  "code_verifier": flow.verifier} | changes  # fmt: skip
    sent = {name: value for name, value in parameters.items() if value is not None}
    headers = basic(flow.client["client_id"], flow.client["client_secret"])
    return pair.ask(sent, provoked, headers=headers)


@compares("token", "CODE_REJECTED CODE_REDIRECT_URI_MISMATCH PKCE_VERIFIER_MISSING PKCE_VERIFICATION_FAILED CODE_MALFORMED",
          ("smartcar-v2",))  # fmt: skip
@compares("token", "CODE_REJECTED CODE_REDIRECT_URI_MISMATCH PKCE_VERIFIER_MISSING PKCE_VERIFICATION_FAILED", ("oauth",))
def _(pair: Pair):
    flow, code = with_code(pair)
    change = {
        "CODE_MALFORMED": {"code": "abc"},
        "CODE_REJECTED": {"code": UUID},
        "CODE_REDIRECT_URI_MISMATCH": {"redirect_uri": "https://elsewhere.example/"},
        "PKCE_VERIFIER_MISSING": {"code_verifier": None},
        "PKCE_VERIFICATION_FAILED": {"code_verifier": "a" * 64},
    }[pair.code]
    # What was sent is repeated by some contracts, so the provoking request sends it as well.
    echoed = change if pair.code in ("CODE_MALFORMED", "CODE_REDIRECT_URI_MISMATCH") else {}
    pair.same(exchange(pair, flow, code, pair.asks(), **echoed), exchange(pair, flow, code, **change))


# -- Refresh tokens


def refreshing(pair: Pair):
    """A good refresh token, the endpoint that takes it, and the credentials of its client."""
    if pair.contract == "kordiam":
        return pair.w.kordiam()["refresh_token"], pair.entry["base"] + "/api/v2/auth/refresh", pair.credentials
    client = "web" if pair.contract == "oauth" else "smartcar"
    known = pair.w.clients[client]
    return pair.w.tokens(client)["refresh_token"], pair.endpoint, basic(known["client_id"], known["client_secret"])


def refresh(pair: Pair, provoked=None, **changes):
    token, endpoint, headers = refreshing(pair)
    parameters = {"grant_type": "refresh_token", "refresh_token": token} | changes
    return pair.ask(parameters, provoked, headers=headers, endpoint=endpoint)


@compares("token", "REFRESH_TOKEN_REJECTED", ("oauth", "smartcar-v2", "kordiam"))
def _(pair: Pair):
    pair.same(refresh(pair, pair.asks()), refresh(pair, refresh_token=UUID))


@compares("token", "REFRESH_TOKEN_MALFORMED", ("smartcar-v2",))
def _(pair: Pair):
    pair.same(refresh(pair, pair.asks(), refresh_token="abc"), refresh(pair, refresh_token="abc"))


@compares("token", "SCOPE_INVALID RESOURCE_INDICATOR_INVALID", ("smartcar-v2",))
def _(pair: Pair):
    wrong = {"scope": "no.such.scope"} if pair.code == "SCOPE_INVALID" else {"resource": "https://elsewhere.example"}
    pair.same(refresh(pair, pair.asks()), refresh(pair, **wrong))


# -- Silent


@compares("token", "INTROSPECTION_INACTIVE REVOCATION_IGNORED", ("oauth",))
def _(pair: Pair):
    place = f"{pair.w.issuer}/oauth/" + ("introspect" if pair.code == "INTROSPECTION_INACTIVE" else "revoke")
    good = {"token": pair.w.token()}
    pair.same(pair.ask(good, pair.asks(), endpoint=place), pair.ask({"token": "abc"}, endpoint=place))


# -- The server's own faults


@compares("token", "STORAGE_UNAVAILABLE", ENDPOINTS)
def _(pair: Pair):
    """Where nothing else has to be read, a client that is not known yet is looked for."""
    pair = pair.at(pair.stage.spare)
    if pair.contract in ("oauth", "smartcar-v2", "kordiam"):
        token, endpoint, headers = refreshing(pair)
        parameters = {"grant_type": "refresh_token", "refresh_token": token}
    else:
        endpoint, headers, parameters = pair.endpoint, basic("nobody-" + pair.contract, "x"), None
    with store(pair.w, "unavailable"):
        real = pair.ask(parameters, headers=headers, endpoint=endpoint)
    pair.same(pair.ask(None, pair.asks(), endpoint=endpoint), real)


@compares("token", "KEYS_UNAVAILABLE", MACHINES)
def _(pair: Pair):
    good = pair.ask(None, pair.asks())
    broken = pair.at(without_keys(pair.stage))
    pair.same(good, broken.ask(), pair.w.issuer, broken.w.issuer)


@compares("token", "INTERNAL_FAULT", ("smartcar-v3", "kordiam", "cyoda"))
def _(pair: Pair):
    """Their tokens are signed with the key that went bad."""
    good = pair.ask(None, pair.asks())
    broken = pair.at(with_bad_key(pair.stage))
    pair.same(good, broken.ask(), pair.w.issuer, broken.w.issuer)


def identified(pair: Pair):
    """A code that an ID token will come of."""
    scope = "openid api.read" if pair.contract == "oauth" else "openid read_odometer"
    client = flows.new_client(pair.w.data, "identified", "https://identified.example/cb", scope=scope)
    time.sleep(0.4)
    flow = pair.flow(client)
    flow.scope = scope
    return flow, flow.code()


@compares("token", "INTERNAL_FAULT", ("oauth", "smartcar-v2"))
@compares("token", "KEYS_UNAVAILABLE", ("smartcar-v2",))
def _(pair: Pair):
    """Where access tokens need no such key, the ID token does."""
    good = exchange(pair, *identified(pair), pair.asks())
    broken = pair.at((without_keys if pair.code == "KEYS_UNAVAILABLE" else with_bad_key)(pair.stage))
    flow, code = identified(broken)
    pair.same(good, exchange(broken, flow, code), pair.w.issuer, broken.w.issuer)
    if pair.code == "KEYS_UNAVAILABLE":
        # The code is not used up by a failure of ours.
        assert exchange(broken, flow, code).status_code == 503
