"""conformance.md part 6: TK-01, TK-10 to TK-18, TK-23 and CL-01 to CL-06."""

import base64
import json

import pytest

from challenges import challenge_of
from token_requests import client_credentials, token_request
from wire import assert_not_stored, basic, call, media_type

FORM = "application/x-www-form-urlencoded"


def assert_refused(answer, error, *statuses):
    assert answer.status_code in (statuses or (400,)), answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    assert answer.headers["Trace-Id"]
    errors = error if isinstance(error, tuple) else (error,)
    assert answer.json()["error"] in errors
    assert answer.json()["error_description"]
    if answer.status_code == 401:
        # RFC 6749, 5.2: when the client used Authorization, the scheme it used.
        challenge_of(answer, "basic")


@pytest.fixture(scope="module")
def machine(clients):
    return clients["machine"]


@pytest.fixture(scope="module")
def ask(token_endpoint, machine):
    def send(**parameters):
        return token_request(token_endpoint, machine, parameters)

    return send


def post_bytes(token_endpoint, client, body, content_type=FORM):
    headers = basic(client["client_id"], client["client_secret"])
    if content_type:
        headers["Content-Type"] = content_type
    return call("POST", token_endpoint, data=body, headers=headers)


def test_TK_01_happy(ask):
    answer = ask(grant_type="client_credentials")
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_not_stored(answer)
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert type(body["expires_in"]) is int and body["expires_in"] > 0
    assert isinstance(body["access_token"], str)


def test_TK_01_scope_when_narrowed(ask):
    answer = ask(grant_type="client_credentials", scope="api.read")
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "api.read"


def test_TK_01_scope_never_widened(ask):
    answer = ask(grant_type="client_credentials", scope="api.read admin.everything")
    assert_refused(answer, "invalid_scope")


def test_TK_10_unknown_grant(ask):
    assert_refused(ask(grant_type="no-such-grant"), "unsupported_grant_type")


@pytest.mark.parametrize("parameters", [{}, {"grant_type": ""}])
def test_TK_11_no_grant(ask, parameters):
    # RFC 6749, 3.2: a parameter without a value is treated as if it were omitted.
    assert_refused(ask(**parameters), "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=api.read&scope=api.write",
        "grant_type=client_credentials&grant_type=no-such-grant",
    ],
)
def test_TK_12_parameter_twice(token_endpoint, machine, body):
    assert_refused(post_bytes(token_endpoint, machine, body), "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_TK_13_only_post(token_endpoint, machine, method):
    answer = call(
        method,
        token_endpoint,
        params={"grant_type": "client_credentials"},
        headers=basic(machine["client_id"], machine["client_secret"]),
    )
    assert answer.status_code == 405
    allowed = [name.strip() for name in answer.headers["Allow"].split(",")]
    assert "POST" in allowed and method not in allowed


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", None],
)
def test_TK_14_other_content_types(token_endpoint, machine, content_type):
    body = b"grant_type=client_credentials"
    if content_type == "application/json":
        body = json.dumps({"grant_type": "client_credentials"}).encode()
    answer = post_bytes(token_endpoint, machine, body, content_type)
    assert_refused(answer, "invalid_request", 400, 415)


def test_TK_14_charset_is_tolerated(token_endpoint, machine):
    answer = post_bytes(
        token_endpoint,
        machine,
        "grant_type=client_credentials",
        f"{FORM}; charset=UTF-8",
    )
    assert answer.status_code == 200, answer.text


def test_TK_15_password_grant(ask, manifest):
    user = manifest["users"][0]
    answer = ask(
        grant_type="password",
        username=user["username"],
        password=user["password"],
    )
    assert_refused(answer, "unsupported_grant_type")


def test_TK_16_grant_the_client_may_not_use(token_endpoint, clients):
    answer = token_request(
        token_endpoint, clients["web"], {"grant_type": "client_credentials"}
    )
    assert_refused(answer, "unauthorized_client")


def test_TK_17_nothing_but_an_access_token(issuer, token_endpoint, machine):
    body = client_credentials(token_endpoint, machine)
    assert "refresh_token" not in body
    assert "id_token" not in body
    introspected = token_request(
        f"{issuer}/oauth/introspect", machine, {"token": body["access_token"]}
    ).json()
    assert introspected["active"] is True
    assert introspected["sub"] == machine["client_id"]


def test_TK_18_credentials_in_the_query(token_endpoint, machine):
    answer = call(
        "POST",
        token_endpoint,
        params={
            "client_id": machine["client_id"],
            "client_secret": machine["client_secret"],
        },
        data={"grant_type": "client_credentials"},
    )
    assert_refused(answer, ("invalid_client", "invalid_request"), 400, 401)


def percent_encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_TK_23_form_encoded_secret_in_basic(token_endpoint, machine):
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    answer = call(
        "POST",
        token_endpoint,
        data={"grant_type": "client_credentials"},
        headers=basic(
            percent_encoded(machine["client_id"]),
            percent_encoded(machine["client_secret"]),
        ),
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("secret", ["a:b%25+ ü", "%", "%zz", "%FF", "%00", "+"])
def test_TK_23_strange_secrets_are_only_wrong(token_endpoint, machine, secret):
    wrong = {**machine, "client_secret": secret}
    answer = token_request(token_endpoint, wrong, {"grant_type": "client_credentials"})
    assert_refused(answer, ("invalid_client", "invalid_request"), 400, 401)


def test_CL_01_wrong_secret(token_endpoint, machine):
    wrong = {**machine, "client_secret": "wrong"}
    answer = token_request(token_endpoint, wrong, {"grant_type": "client_credentials"})
    assert_refused(answer, "invalid_client", 401)


def test_CL_02_two_methods_at_once(ask, machine):
    answer = ask(
        grant_type="client_credentials",
        client_id=machine["client_id"],
        client_secret=machine["client_secret"],
    )
    assert_refused(answer, "invalid_request")


def test_CL_03_registered_for_basic_but_sent_in_the_body(token_endpoint, machine):
    answer = call(
        "POST",
        token_endpoint,
        data={
            "grant_type": "client_credentials",
            "client_id": machine["client_id"],
            "client_secret": machine["client_secret"],
        },
    )
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] == "invalid_client"


def test_CL_04_two_different_clients(ask, clients):
    answer = ask(grant_type="client_credentials", client_id=clients["web"]["client_id"])
    assert_refused(answer, ("invalid_request", "invalid_client"), 400, 401)


def test_CL_05_no_client_at_all(token_endpoint):
    answer = token_request(token_endpoint, None, {"grant_type": "client_credentials"})
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_client"
    assert_not_stored(answer)


def encoded(content: bytes) -> str:
    return "Basic " + base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic a b",
        "Basic YTpi=",
        encoded(b"no colon"),
        encoded(b":"),
        encoded(b":secret"),
        encoded(b"\xff\xfe:\xff"),
        encoded(b"a\x00b:c"),
        encoded(b"x" * 20000 + b":y"),
        "Bearer abc",
        "",
    ],
    ids=lambda value: value[:20] or "empty",
)
def test_CL_06_malformed_basic(token_endpoint, authorization, still_answers):
    answer = call(
        "POST",
        token_endpoint,
        data={"grant_type": "client_credentials"},
        headers={"Authorization": authorization},
    )
    # 431 is an honest answer to a header of 27 kB.
    assert answer.status_code in (400, 401, 431), answer.text
    if answer.status_code != 431:
        assert answer.json()["error"] in ("invalid_client", "invalid_request")
    still_answers()
