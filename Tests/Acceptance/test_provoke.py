"""A provoked refusal equals the real one, byte for byte, but for trace, time and its mark."""

import base64
import re

import pytest

import flows
from command_line import DONE, REFUSED, USAGE, doorward, on, within_a_second
from demo_server import Demo, Server, free_port
from grants import assert_invalid_grant
from token_requests import refresh, token_request
from wire import basic, call, exact, present

HEADER = "Provoke-Refusal"
UNLIKE = {"date", "provoked", "connection", "content-length"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TRACE = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")


def shape(answer, *paths):
    """What must be equal. `paths`: what the answer repeats of the request's own address."""
    trace = answer.headers["Trace-Id"]
    uuid = "-".join((trace[:8], trace[8:12], trace[12:16], trace[16:20], trace[20:]))

    def plain(text):
        for word in (trace, uuid):
            text = text.replace(word, "TRACE")
        for path in sorted(paths, key=len, reverse=True):
            text = text.replace(path, "PATH")
        return TIME.sub("TIME", text)

    headers = {n.lower(): plain(v) for n, v in answer.headers.items() if n.lower() not in UNLIKE}
    return answer.status_code, headers, plain(answer.text)


def assert_provoked(answer, real, *paths):
    assert answer.headers.get("Provoked") == "true", (answer.status_code, answer.headers, answer.text)
    assert "Provoked" not in real.headers
    assert shape(answer, *paths) == shape(real, *paths)


@pytest.fixture(scope="module")
def api(contracts):
    """Asks at a contract's protected route with its valid token."""

    def ask(contract, code=None, token="valid", path=None, method="GET", **headers):
        entry = contracts[contract]
        sent = present(contract, entry["tokens"].get(token, token)) if token else {}
        if code:
            sent[HEADER] = code
        return call(method, entry["base"] + (path or entry["protected"]), headers=sent | headers)

    return ask


ALL = ["oauth", "problem", "smartcar-v2", "smartcar-v3", "shaid", "kordiam", "cyoda"]
SIGNED = ["oauth", "problem", "smartcar-v3", "kordiam", "cyoda"]


@pytest.mark.parametrize("contract", ALL)
@pytest.mark.parametrize(
    "token, code",
    [
        (None, "CREDENTIALS_MISSING"),
        ("x", "ACCESS_TOKEN_MALFORMED"),
        ("unknown", "ACCESS_TOKEN_INVALID"),
        ("expired", "ACCESS_TOKEN_EXPIRED"),
        ("revoked", "ACCESS_TOKEN_REVOKED"),
        ("forbidden", None),
    ],
)
def test_a_token_in_every_contract(api, contract, token, code):
    real = api(contract, token=token)
    code = code or ("FORBIDDEN" if contract == "smartcar-v3" else "SCOPE_INSUFFICIENT")
    assert_provoked(api(contract, code), real)


@pytest.mark.parametrize("contract", SIGNED)
@pytest.mark.parametrize(
    "token, code, reason",
    [
        ("not_yet_valid", "ACCESS_TOKEN_NOT_YET_VALID", "token_not_yet_valid"),
        ("wrong_audience", "ACCESS_TOKEN_AUDIENCE_MISMATCH", "token_audience_mismatch"),
        ("untrusted_issuer", "ACCESS_TOKEN_INVALID", "token_issuer_untrusted"),
        ("bad_signature", "ACCESS_TOKEN_INVALID", "token_signature_invalid"),
    ],
)
def test_a_signed_token(api, contract, token, code, reason):
    assert_provoked(api(contract, f"{code};reason={reason}"), api(contract, token=token))


@pytest.mark.parametrize("contract", ALL)
def test_addresses_and_methods(api, contracts, contract):
    path = contracts[contract]["protected"]
    real = api(contract, path=path + "/no/such/thing")
    assert_provoked(api(contract, "NOT_FOUND"), real, path + "/no/such/thing", path)
    assert_provoked(api(contract, "METHOD_NOT_ALLOWED"), api(contract, method="DELETE"))


@pytest.mark.parametrize("contract", ALL)
def test_credentials_sent_twice(api, contracts, contract):
    entry = contracts[contract]
    value = present(contract, entry["tokens"]["valid"])["Authorization"]
    base = entry["base"]
    target = base[base.index("/", 8) :] + entry["protected"]
    real = exact(base, "GET", target, [("Authorization", value)] * 2)
    assert_provoked(api(contract, "CREDENTIALS_MALFORMED"), real)


def test_what_the_front_door_says_before_it_knows_an_api(api, issuer, contracts):
    ambiguous = exact(issuer, "GET", "/api/../notes")
    code = "REQUEST_MALFORMED;reason=target_ambiguous"
    assert_provoked(api("oauth", code), ambiguous)
    assert_provoked(api("smartcar-v2", code), ambiguous)
    large = exact(issuer, "GET", "/api/notes", [("X-Large", "a" * 100_000)])
    assert_provoked(api("kordiam", "HEADERS_TOO_LARGE"), large)


def test_parameters_representations_and_things(api, contracts):
    path = contracts["smartcar-v2"]["protected"]
    wrong = "/v2.0/vehicles/not-a-uuid/odometer"
    assert_provoked(api("smartcar-v2", "REQUEST_PARAMETER_INVALID;reason=request_parameter_invalid"),
                    api("smartcar-v2", path=wrong), wrong, path)
    signals = contracts["smartcar-v3"]["protected"] + "/signals"
    real = api("smartcar-v3", path=signals)
    provoked = api("smartcar-v3", "REQUEST_PARAMETER_INVALID", path=signals, **{"sc-user-id": "x"})
    assert_provoked(provoked, real)
    assert_provoked(api("kordiam", "NOT_ACCEPTABLE"), api("kordiam", Accept="image/png"))
    elsewhere = "/v2.0/vehicles/7b3f1e62-6d0a-4f5c-9c1e-2a7d0c5e9b41/odometer"
    assert_provoked(api("smartcar-v2", "FORBIDDEN"), api("smartcar-v2", path=elsewhere), elsewhere, path)


# -- Endpoints for clients

ENDPOINTS = {
    "oauth": ("machine", ""),
    "smartcar-v2": ("smartcar", "/oauth/token"),
    "smartcar-v3": ("smartcar", "/oauth2/token"),
    "kordiam": ("kordiam", "/api/v2/auth/token"),
    "cyoda": ("cyoda", "/api/oauth/token"),
}


@pytest.fixture(scope="module")
def token_side(contracts, clients, token_endpoint):
    def ask(contract, parameters, code=None, secret=None, headers=None, **options):
        name, path = ENDPOINTS[contract]
        client = clients[name]
        url = token_endpoint if contract == "oauth" else contracts[contract]["base"] + path
        sent = basic(client["client_id"], secret or client["client_secret"]) if headers is None else dict(headers)
        if code:
            sent[HEADER] = code
        method = options.pop("method", "POST")
        return call(method, url, headers=sent, data=parameters, **options)

    return ask


GOOD = {"grant_type": "client_credentials"}


@pytest.mark.parametrize("contract", ENDPOINTS)
def test_token_requests(token_side, clients, contract):
    def same(code, parameters, base=GOOD, **options):
        assert_provoked(token_side(contract, base, code), token_side(contract, parameters, **options))

    same("CLIENT_AUTHENTICATION_FAILED", GOOD, secret="wrong")
    same("CLIENT_AUTHENTICATION_MISSING", GOOD, headers={})
    same("TOKEN_REQUEST_MALFORMED", {"scope": ""})
    same("GRANT_TYPE_UNSUPPORTED", {"grant_type": "password"})
    same("MEDIA_TYPE_UNSUPPORTED", "x", headers={"Content-Type": "text/plain"})
    same("METHOD_NOT_ALLOWED", None, method="GET")
    same("REQUEST_TOO_LARGE", GOOD | {"x": "a" * 70_000})
    if contract != "smartcar-v2":
        same("SCOPE_INVALID", GOOD | {"scope": "no.such.scope"})
        same("RESOURCE_INDICATOR_INVALID", GOOD | {"resource": "https://elsewhere.example"})
    if contract in ("oauth", "smartcar-v2"):
        client = {"oauth": "web", "smartcar-v2": "smartcar"}[contract]
        code = {"grant_type": "authorization_code", "redirect_uri": "x", "code": "0f8fad5b-d9cb-469f-a165-70867728950e"}
        if contract == "oauth":
            credentials = basic(clients[client]["client_id"], clients[client]["client_secret"])
            real = token_side(contract, code, headers=credentials)
            assert_provoked(token_side(contract, code, "CODE_REJECTED", headers=credentials), real)
        else:
            same("CODE_REJECTED", code, base=code)
            malformed = code | {"code": "x"}
            same("CODE_MALFORMED", malformed, base=malformed)
            again = {"grant_type": "refresh_token", "refresh_token": "0f8fad5b-d9cb-469f-a165-70867728950e"}
            same("REFRESH_TOKEN_REJECTED", again, base=again)


def test_introspection_and_revocation(issuer, clients):
    client = clients["machine"]
    headers = basic(client["client_id"], client["client_secret"])
    for path, code in [("introspect", "INTROSPECTION_INACTIVE"), ("revoke", "REVOCATION_IGNORED")]:
        url = f"{issuer}/oauth/{path}"
        real = call("POST", url, data={"token": "abc"}, headers=headers)
        assert_provoked(call("POST", url, data={"token": "abc"}, headers=headers | {HEADER: code}), real)
        missing = call("POST", url, data={}, headers=headers)
        malformed = call("POST", url, data={"token": "abc"}, headers=headers | {HEADER: "TOKEN_REQUEST_MALFORMED"})
        assert_provoked(malformed, missing)


def test_userinfo(issuer, manifest, contracts):
    address = f"{issuer}/oauth/userinfo"
    good = present("oauth", flows.web(manifest).tokens()["access_token"])
    for token, code in [("valid", "SCOPE_INSUFFICIENT"), ("expired", "ACCESS_TOKEN_EXPIRED")]:
        real = call("GET", address, headers=present("oauth", contracts["oauth"]["tokens"][token]))
        assert_provoked(call("GET", address, headers=good | {HEADER: code}), real)


# -- The authorization endpoint


def location(answer):
    return answer.headers["Location"]


@pytest.mark.parametrize("flow", [flows.web, flows.smartcar])
@pytest.mark.parametrize(
    "code, changes",
    [
        ("AUTHORIZATION_REQUEST_INVALID", {"response_type": None}),
        ("RESPONSE_TYPE_UNSUPPORTED", {"response_type": "token"}),
        ("REQUEST_OBJECT_UNSUPPORTED", {"request": "x"}),
        ("REQUEST_URI_UNSUPPORTED", {"request_uri": "urn:x"}),
        ("LOGIN_REQUIRED", {"prompt": "none"}),
        ("SCOPE_INVALID", {"scope": "no.such.scope"}),
    ],
)
def test_what_goes_back_to_the_application(manifest, flow, code, changes):
    flow = flow(manifest)
    real = call("GET", flow.authorize, params=flow.query(**changes))
    provoked = call("GET", flow.authorize, params=flow.query(), headers={HEADER: code})
    assert_provoked(provoked, real)
    assert "error=" in location(provoked)


def test_a_page_of_the_authorization_endpoint(manifest):
    flow = flows.web(manifest)
    real = call("GET", flow.authorize, params=flow.query(redirect_uri="https://elsewhere.example/"))
    code = "AUTHORIZATION_REDIRECT_URI_MISMATCH"
    assert_provoked(call("GET", flow.authorize, params=flow.query(), headers={HEADER: code}), real)
    unknown = call("GET", flow.authorize, params=flow.query(client_id="nobody"))
    provoked = call("GET", flow.authorize, params=flow.query(), headers={HEADER: "AUTHORIZATION_CLIENT_UNKNOWN"})
    assert_provoked(provoked, unknown)


# -- What cannot be had, and who may not


@pytest.mark.parametrize(
    "value, words",
    [
        ("NO_SUCH_CODE", "no such code"),
        ("ACCESS_TOKEN_EXPIRD", "perhaps ACCESS_TOKEN_EXPIRED"),
        ("CODE_REJECTED", "at the token"),
        ("ACCESS_TOKEN_EXPIRED;reason=code_reused", "token_expired"),
        ("ACCESS_TOKEN_EXPIRED;x=1", ";reason=REASON"),
        ("CONFIGURATION_INVALID", "at the terminal"),
    ],
)
def test_what_cannot_be_had_is_refused_and_says_what_can(api, value, words):
    answer = api("oauth", value)
    assert answer.status_code == 400
    assert answer.json()["code"] == "REQUEST_MALFORMED"
    assert words in answer.headers["Provoke-Problem"], answer.headers
    assert answer.headers["Provoke-Problem"].isascii()
    assert "Provoked" not in answer.headers


def test_who_is_not_proven_provokes_nothing_and_it_is_recorded(api, demo, issuer, clients, manifest):
    def counted():
        lines = call("GET", f"{issuer}/metrics").text.splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if 'code="PROVOCATION_IGNORED"' in line)

    before = counted()
    for answer, real in [
        (api("oauth", "UPSTREAM_TIMEOUT", token=None), api("oauth", token=None)),
        (api("oauth", "UPSTREAM_TIMEOUT", token="expired"), api("oauth", token="expired")),
    ]:
        assert "Provoked" not in answer.headers
        assert shape(answer) == shape(real)
    public = clients["public"]
    flow = flows.public(manifest)
    code = {"grant_type": "authorization_code", "code": "x", "client_id": public["client_id"]}
    answer = call("POST", flow.token, data=code, headers={HEADER: "STORAGE_UNAVAILABLE"})
    assert answer.status_code == 400 and "Provoked" not in answer.headers
    assert counted() == before + 3
    # The trace leads to the refusal that was given, which says that more was asked for.
    told = on(demo.data, "explain", answer.headers["Trace-Id"], "--format", "json").json()
    assert told["provoked"] is False and told["code"] == "CODE_REJECTED"
    assert told["request"]["provocation"] == "ignored"


def test_the_record_says_that_it_was_provoked(api, demo):
    answer = api("cyoda", "ACCESS_TOKEN_REVOKED;reason=token_revoked_by_containment")
    ran = on(demo.data, "explain", answer.headers["Trace-Id"])
    assert ran.code == DONE and ran.stdout.startswith("PROVOKED"), ran.output


# -- Magic values


@pytest.mark.parametrize("contract", ALL)
@pytest.mark.parametrize("kind", ["expired", "revoked_by_client"])
def test_a_magic_token_in_every_contract(api, contract, kind):
    real = api(contract, token={"expired": "expired", "revoked_by_client": "revoked"}[kind])
    assert_provoked(api(contract, token=f"test_token_{kind}"), real)


def test_magic_codes_and_refresh_tokens(token_side, manifest, clients, contracts):
    code = {"grant_type": "authorization_code", "redirect_uri": "x"}
    for value in ("test_code_reused", "test_code_expired"):
        provoked = token_side("smartcar-v2", code | {"code": value})
        real = token_side("smartcar-v2", code | {"code": "0f8fad5b-d9cb-469f-a165-70867728950e"})
        assert_provoked(provoked, real)
    again = {"grant_type": "refresh_token"}
    provoked = token_side("smartcar-v2", again | {"refresh_token": "test_refresh_token_reused"})
    real = token_side("smartcar-v2", again | {"refresh_token": "0f8fad5b-d9cb-469f-a165-70867728950e"})
    assert_provoked(provoked, real)
    stranger = token_side("smartcar-v2", again | {"refresh_token": "test_refresh_token_reused"}, secret="wrong")
    assert stranger.status_code == 401 and "Provoked" not in stranger.headers


def test_what_is_no_reason_is_no_magic(api):
    answer = api("oauth", token="test_of_something")
    assert answer.status_code == 401 and "Provoked" not in answer.headers


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
