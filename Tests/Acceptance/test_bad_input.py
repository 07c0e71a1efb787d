"""Input nobody should send: refused with a 4xx, quickly, and survived."""

import json
from urllib.parse import urlsplit

import pytest

from token_requests import client_credentials
from wire import LIMIT_SECONDS, basic, call, exact, exchange, parse, present

CONTRACTS = [
    "oauth",
    "problem",
    "smartcar-v2",
    "smartcar-v3",
    "shaid",
    "kordiam",
    "cyoda",
]
TEN_MEGABYTES = 10 * 1024 * 1024


def get(contracts, contract, authorizations, query=""):
    entry = contracts[contract]
    target = urlsplit(entry["base"]).path + entry["protected"] + query
    headers = [("Authorization", value) for value in authorizations]
    return exact(entry["base"], "GET", target, headers)


def assert_refused(answer, *statuses):
    assert answer.status_code in (statuses or (400, 401)), answer.text
    assert answer.headers["Trace-Id"]


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize(
    "authorization",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer\t",
        "Bearer =",
        "Bearer a,b",
        'Bearer "quoted"',
        "Bearer a b c",
        "Bearer ü",
        "Bearer Bearer abc",
        "Bearer undefined",
        "Bearer null",
        ",",
        "=",
        "Basic",
        "Basic !!!",
        "Digest username=x",
        "Negotiate YII=",
        "DPoP abc",
        "Bearer " + "." * 1000,
        "Bearer " + "a" * 6000,
    ],
    ids=lambda value: repr(value[:20]),
)
def test_malformed_authorization(contracts, contract, authorization):
    assert_refused(get(contracts, contract, [authorization]))


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("second", ["valid", "unknown"])
def test_doubled_authorization(contracts, contract, second):
    tokens = contracts[contract]["tokens"]
    values = [
        present(contract, tokens[kind])["Authorization"] for kind in ("valid", second)
    ]
    # Which of the two counts is what a proxy and an API could disagree about.
    assert_refused(get(contracts, contract, values))
    assert_refused(get(contracts, contract, values[::-1]))


@pytest.mark.parametrize("contract", [name for name in CONTRACTS if name != "shaid"])
def test_token_in_the_query_is_not_read(contracts, contract):
    token = contracts[contract]["tokens"]["valid"]
    assert_refused(get(contracts, contract, [], f"?access_token={token}"))


@pytest.mark.parametrize("contract", ["oauth", "problem"])
def test_two_tokens_in_two_places(contracts, contract):
    token = contracts[contract]["tokens"]["valid"]
    values = [f"Bearer {token}"]
    assert_refused(get(contracts, contract, values, f"?access_token={token}"), 400)


@pytest.fixture(scope="module")
def machine(clients):
    return basic(clients["machine"]["client_id"], clients["machine"]["client_secret"])


LONG = "x" * 100_000
STRANGE = ["ü€😀", "\x00", "\r\nSet-Cookie: a=b", "%", "'\"<>&\\", LONG, " ", "\ufeff"]


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: ascii(value[:12]))
@pytest.mark.parametrize(
    "name",
    ["grant_type", "scope", "client_id", "refresh_token", "code", "redirect_uri"],
)
def test_strange_parameters(token_endpoint, machine, name, value, still_answers):
    parameters = {
        "refresh_token": {"grant_type": "refresh_token"},
        "code": {"grant_type": "authorization_code", "redirect_uri": "x:y"},
        "redirect_uri": {"grant_type": "authorization_code", "code": "abc"},
    }.get(name, {"grant_type": "client_credentials"})
    answer = call(
        "POST", token_endpoint, data={**parameters, name: value}, headers=machine
    )
    if name == "scope" and not value.strip():
        # An empty scope may count as omitted.
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code in (400, 401, 413), answer.text
    assert answer.headers["Trace-Id"]
    assert "Set-Cookie" not in answer.headers or "a=b" not in str(answer.headers)
    still_answers()



@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state"])
@pytest.mark.parametrize("value", STRANGE[:5], ids=lambda value: ascii(value[:12]))
def test_strange_authorization_requests(issuer, clients, name, value):
    web = clients["web"]
    query = {
        "response_type": "code",
        "client_id": web["client_id"],
        "redirect_uri": web["redirect_uris"][0],
        name: value,
    }
    answer = call("GET", f"{issuer}/oauth/authorize", params=query)
    assert answer.status_code < 500
    # Nothing the caller sent may end a header line.
    assert "a=b" not in answer.headers.get("Set-Cookie", "")
    if name in ("client_id", "redirect_uri"):
        assert answer.status_code == 400
        assert "Location" not in answer.headers
    if value.startswith("'"):
        assert value not in answer.text, "echoed without being escaped"


@pytest.mark.parametrize(
    "body",
    [b"%", b"=", b"&&&", b"a=%zz", b"\xff\xfe", b"grant_type", b"a=b;c=d", b"\x00"],
)
def test_malformed_forms(token_endpoint, machine, body):
    form = {"Content-Type": "application/x-www-form-urlencoded", **machine}
    assert_refused(call("POST", token_endpoint, data=body, headers=form), 400)


def many_parameters():
    return "&".join(f"p{number}=x" for number in range(50_000)).encode()


def test_fifty_thousand_parameters(token_endpoint, machine, still_answers):
    form = {"Content-Type": "application/x-www-form-urlencoded", **machine}
    answer = call("POST", token_endpoint, data=many_parameters(), headers=form)
    assert_refused(answer, 400, 413)
    still_answers()


NESTED = [b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000]


@pytest.fixture(scope="module")
def json_endpoints(contracts, issuer):
    return [
        f"{contracts['kordiam']['base']}/api/v2/auth/token",
        f"{contracts['kordiam']['base']}/api/v2/auth/refresh",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"client_id":}',
        b"\xff",
        b'{"client_id":"\\ud800"}',
        b'{"client_id":1e999,"refresh_token":1e999}',
        b"{'client_id':'x'}",
        b"nul",
        *NESTED,
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_malformed_json(json_endpoints, body, still_answers):
    for endpoint in json_endpoints:
        answer = call(
            "POST", endpoint, data=body, headers={"Content-Type": "application/json"}
        )
        # Registration may want authentication before it reads anything.
        assert_refused(answer, 400, 401, 403, 413)
    still_answers()


def test_nested_batch(contracts, smartcar, smartcar_vehicle, still_answers):
    token = contracts["smartcar-v2"]["tokens"]["valid"]
    for body in NESTED:
        answer = call(
            "POST",
            f"{smartcar}/v2.0/vehicles/{smartcar_vehicle}/batch",
            data=body,
            headers={
                "Content-Type": "application/json",
                **present("smartcar-v2", token),
            },
        )
        assert_refused(answer, 400, 413)
    still_answers()


@pytest.mark.parametrize("content", [b"[", b"x", b'{"a":'], ids=repr)
def test_ten_megabytes(json_endpoints, token_endpoint, content, still_answers):
    body = (content * TEN_MEGABYTES)[:TEN_MEGABYTES]
    for endpoint in [*json_endpoints, token_endpoint]:
        target = urlsplit(endpoint)
        form = "x-www-form-urlencoded" if endpoint == token_endpoint else "json"
        head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\n"
            f"Content-Type: application/{form}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        received = exchange(endpoint, head.encode() + body, LIMIT_SECONDS)
        # A server that stops reading may lose its answer to a reset connection.
        if received:
            assert parse(received, "POST").status_code in (400, 401, 403, 413)
    still_answers()


def test_body_where_none_belongs(contracts, still_answers):
    entry = contracts["oauth"]
    headers = present("oauth", entry["tokens"]["valid"])
    address = entry["base"] + entry["protected"]
    answer = call("GET", address, data=json.dumps({"a": "b"}), headers=headers)
    assert answer.status_code < 500
    still_answers()


def test_the_good_request_still_works(token_endpoint, clients):
    assert client_credentials(token_endpoint, clients["machine"])["access_token"]
