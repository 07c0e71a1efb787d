"""contracts.md 5.5, rows SH-1 to SH-14."""

import secrets
from urllib.parse import quote, urlsplit

import pytest

from token_requests import UUID, skip_loudly
from wire import assert_json, assert_not_stored, exact

CONTENT_TYPE = "application/json; charset=utf-8"


def body(message, code) -> dict:
    return {"errors": [{"message": message, "code": f"server.400.{code}"}]}


# The two spaces are in the seed.
AUTHENTICATION_REQUIRED = body(
    "Authentication is required to make that request.  You must provide a valid access "
    "token.",
    "authenticationrequired",
)
UNAUTHORIZED = body(
    "Unauthorized, the request lacks valid authentication credentials for the target "
    "resource.",
    "unauthorized",
)
EXPIRED = body(
    "Request unauthorized because the access token provided has expired.",
    "expiredaccesstoken",
)
FORBIDDEN = body(
    "The request may be authenticated, but you do not have permission to access the "
    "target resource.",
    "forbidden",
)


@pytest.fixture(scope="module")
def tokens(contracts):
    return contracts["shaid"]["tokens"]


@pytest.fixture(scope="module")
def get(contracts):
    base = contracts["shaid"]["base"]

    def send(*authorizations, query="", path="/maids/0/appid"):
        headers = [("Authorization", value) for value in authorizations]
        target = urlsplit(base).path + path + (f"?{query}" if query else "")
        return exact(base, "GET", target, headers)

    return send


def assert_refused(answer, status, expected):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert_json(answer, expected)
    assert_not_stored(answer)
    # The seed's order; and nothing but `errors`, though the old server added an id.
    assert list(answer.json()["errors"][0]) == ["message", "code"]


def assert_allowed(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert set(answer.json()) == {"data", "id"}
    assert UUID.fullmatch(answer.json()["id"])


def in_query(token) -> str:
    return f"access_token={quote(token, safe='')}"


@pytest.mark.parametrize("path", ["/maids/0/appid", "/maids/0/appids"])
def test_SH_1_nothing(get, path):
    assert_refused(get(path=path), 401, AUTHENTICATION_REQUIRED)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "two words",
        "a\ttab",
        "Basic dXNlcjpwYXNz",
        "Bearer",
        "Bearer ",
        "abc",
        "!" * 43,
        "ü" * 20,
    ],
)
def test_SH_2_improperly_formatted(get, authorization):
    assert_refused(get(authorization), 401, AUTHENTICATION_REQUIRED)


@pytest.mark.parametrize("value", ["", "two%20words", "a%01control", "%00", "abc"])
def test_SH_2_improperly_formatted_in_the_query(get, value):
    answer = get(query=f"access_token={value}")
    assert_refused(answer, 401, AUTHENTICATION_REQUIRED)


def test_SH_2_valid_token_with_a_space_inside(get, tokens):
    token = tokens["valid"]
    answer = get(f"{token[:8]} {token[8:]}")
    assert_refused(answer, 401, AUTHENTICATION_REQUIRED)


@pytest.mark.parametrize("change", ["shorter", "longer", "trailing full stop"])
def test_SH_2_wrong_length(get, tokens, change):
    token = tokens["valid"]
    if token.count(".") == 2:
        skip_loudly("SHAID tokens are JWTs here, which have no length of their own")
    changed = {
        "shorter": token[:-1],
        "longer": f"{token}A",
        # The example URL of the seed ends so (6.3, 22).
        "trailing full stop": f"{token}.",
    }[change]
    assert_refused(get(changed), 401, AUTHENTICATION_REQUIRED)


def test_SH_3_well_formed_but_unknown(get, tokens):
    assert_refused(get(tokens["unknown"]), 401, UNAUTHORIZED)


def test_SH_4_expired(get, tokens):
    assert_refused(get(tokens["expired"]), 401, EXPIRED)


def test_SH_5_forbidden(get, tokens):
    assert_refused(get(tokens["forbidden"]), 403, FORBIDDEN)


@pytest.mark.parametrize("path", ["/maids/0/appid", "/maids/0/appids"])
def test_SH_6_raw_token(get, tokens, path):
    assert_allowed(get(tokens["valid"], path=path))


def test_SH_7_token_in_the_query(get, tokens):
    answer = get(query=in_query(tokens["valid"]))
    assert_allowed(answer)
    # A token in a URL leaks; what can be done against it is done (6.3, 23).
    cache_control = answer.headers.get("Cache-Control", "")
    assert "no-store" in cache_control or "private" in cache_control
    assert answer.headers.get("Referrer-Policy") == "no-referrer"


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("unknown", 401, UNAUTHORIZED),
        ("expired", 401, EXPIRED),
        ("forbidden", 403, FORBIDDEN),
    ],
)
def test_SH_7_refused_in_the_query_as_in_the_header(
    get, tokens, kind, status, expected
):
    assert_refused(get(query=in_query(tokens[kind])), status, expected)


def test_SH_8_header_wins(get, tokens):
    answer = get(tokens["expired"], query=in_query(tokens["valid"]))
    assert_refused(answer, 401, EXPIRED)


def test_SH_8_header_wins_the_other_way_round(get, tokens):
    assert_allowed(get(tokens["valid"], query=in_query(tokens["expired"])))


def test_SH_9_empty_header_falls_through_to_the_query(get, tokens):
    assert_allowed(get("", query=in_query(tokens["valid"])))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_SH_10_bearer_is_accepted_too(get, tokens, scheme):
    assert_allowed(get(f"{scheme} {tokens['valid']}"))


@pytest.mark.parametrize("second", ["unknown", "valid"])
def test_SH_11_two_tokens_in_the_query(get, tokens, second):
    query = f"{in_query(tokens['valid'])}&{in_query(tokens[second])}"
    assert_refused(get(query=query), 401, AUTHENTICATION_REQUIRED)


def test_SH_12_revoked(get, tokens):
    assert_refused(get(tokens["revoked"]), 401, UNAUTHORIZED)


def test_SH_13_log_redacts_the_token(get, tokens, demo):
    # The tour may print the valid token; a request with it must not print it again.
    printed = demo.printed().count(tokens["valid"])
    assert_allowed(get(query=in_query(tokens["valid"])))
    canary = secrets.token_hex(16)
    get(query=f"access_token={canary}")
    get(query=in_query(tokens["unknown"]))
    assert demo.printed().count(tokens["valid"]) == printed
    assert canary not in demo.printed()


def test_SH_14_unknown_route_without_token(get):
    assert_refused(get(path="/maids/0/nothing"), 401, AUTHENTICATION_REQUIRED)
