"""Why a request was refused, in the browser: for operators everything, for developers what is theirs."""

import contextlib
import http.client
import json
import re
import sqlite3
import time
from urllib.parse import urlsplit

import pytest

from command_line import create_user, doorward, on
from flows import web
from pages import Browser, Page
from token_requests import basic, token_request
from wire import call

PASSWORD = "a good password"
UNKNOWN = "0123456789abcdef0123456789abcdef"


def sign_in(issuer, username):
    browser = Browser(issuer)
    browser.open(f"{issuer}/login")
    browser.sign_in(username, PASSWORD)
    return browser


@pytest.fixture(scope="module")
def operator(demo, issuer):
    created = doorward("user", "create", "--username", "op@console", "--operator", "--data", demo.data, stdin=PASSWORD)
    assert created.code == 0, created.output
    return sign_in(issuer, "op@console")


@pytest.fixture(scope="module")
def developer(demo, issuer, clients):
    assert create_user(demo.data, "dev@console", PASSWORD).code == 0
    assert on(demo.data, "user", "develops", "dev@console", clients["machine"]["client_id"]).code == 0
    return sign_in(issuer, "dev@console")


@pytest.fixture(scope="module")
def stranger(demo, issuer):
    assert create_user(demo.data, "stranger@console", PASSWORD).code == 0
    return sign_in(issuer, "stranger@console")


@pytest.fixture
def refused(demo, token_endpoint, clients):
    """A request of the client `machine`, which proved itself and asked for too much."""
    machine = clients["machine"]
    answer = call(
        "POST",
        token_endpoint,
        data={"grant_type": "client_credentials", "scope": "api.reed"},
        headers=basic(machine["client_id"], machine["client_secret"]),
    )
    assert answer.status_code == 400
    assert on(demo.data, "explain", answer.headers["Trace-Id"]).code == 0  # it is written
    return answer.headers["Trace-Id"]


def test_an_operator_reads_the_whole_record(operator, issuer, refused):
    page = operator.go("GET", f"{issuer}/admin/explain/{refused}")
    assert page.status_code == 200
    read = Page(page.text)
    assert read.headings == ["scope_not_registered"]
    for words in ("WHY", "CHECKS", "FAIL scope.allowed", "api.reed", "NEAR MISS", "CALLER SAW"):
        assert words in read.text, words
    record = operator.go("GET", f"{issuer}/admin/explain/{refused}", headers={"Accept": "application/json"}).json()
    assert record["trace_id"] == refused and record["client_state"] == "proven"
    assert "no-store" in page.headers["Cache-Control"]


def test_that_a_record_was_read_is_recorded(operator, demo, issuer, refused):
    answer = operator.go("GET", f"{issuer}/admin/explain/{refused}")
    read = on(demo.data, "explain", answer.headers["Trace-Id"])
    assert read.code == 0 and f"op@console read the record of {refused}" in read.stdout


def test_an_operator_sees_the_newest_refusals(operator, issuer, refused):
    page = operator.go("GET", f"{issuer}/admin/explain")
    assert Page(page.text).headings == ["Refusals"]
    assert f"/admin/explain/{refused}" in [address for _, address in Page(page.text).links]


def test_the_list_holds_no_record_and_reading_it_is_recorded(operator, demo, issuer, refused):
    answer = operator.go("GET", f"{issuer}/admin/explain", headers={"Accept": "application/json"})
    line = next(each for each in answer.json() if each["trace_id"] == refused)
    assert line["reason"] == "scope_not_registered"
    assert all(set(each) <= {"trace_id", "time", "code", "reason", "count", "route"} for each in answer.json())
    read = on(demo.data, "explain", answer.headers["Trace-Id"])
    assert read.code == 0 and "op@console read the record of (the newest refusals)" in read.stdout


def test_that_somebody_looked_for_an_unknown_record_is_recorded(operator, demo, issuer):
    answer = operator.go("GET", f"{issuer}/admin/explain/{UNKNOWN}")
    assert answer.status_code == 404

    def told():
        with contextlib.closing(sqlite3.connect(f"file:{demo.data}/journal.sqlite?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT CAST(body AS TEXT) FROM audit WHERE trace = ?", [answer.headers["Trace-Id"]])
            return [json.loads(body) for (body,) in rows]

    assert [(each["by"], each["read"], each["found"]) for each in told()] == [("op@console", UNKNOWN, False)]
    assert f"op@console: {UNKNOWN}, which is not there" in Page(operator.go("GET", f"{issuer}/admin/explain").text).text


@pytest.mark.parametrize("who", ["stranger", "developer", "nobody"])
def test_to_everybody_else_a_known_and_an_unknown_trace_are_alike(who, request, issuer, refused):
    browser = Browser(issuer) if who == "nobody" else request.getfixturevalue(who)
    answers = []
    for trace in (refused, UNKNOWN, "nonsense"):
        answer = browser.go("GET", f"{issuer}/admin/explain/{trace}")
        assert answer.status_code == 404
        own = answer.headers["Trace-Id"]
        answers.append(answer.text.replace(own, "-"))
    assert answers[0] == answers[1] == answers[2]


def test_a_developer_sees_the_refusals_of_their_client(developer, issuer, refused, clients):
    page = developer.go("GET", f"{issuer}/developer")
    assert page.status_code == 200
    assert Page(page.text).headings == ["Your clients' refusals"]
    assert "SCOPE_INVALID" in page.text and "POST /oauth/token" in Page(page.text).text
    [client] = developer.go("GET", f"{issuer}/developer", headers={"Accept": "application/json"}).json()["clients"]
    assert client["client_id"] == clients["machine"]["client_id"]
    line = next(each for each in client["refusals"] if each["code"] == "SCOPE_INVALID")
    assert line["count"] >= 1 and line["first"] <= line["last"] and line["fix"] == "/errors/scope-invalid"
    one = developer.go("GET", f"{issuer}/developer/traces/{refused}", headers={"Accept": "application/json"}).json()
    assert one["reason"] == "scope_not_registered" and one["steps"]["developer"]
    assert not {"checks", "near_miss", "evidence", "timeline", "sentence"} & set(one)
    assert "operator" not in one["steps"]


def test_a_developer_is_told_that_their_own_refresh_token_was_rotated(demo, issuer, clients):
    assert create_user(demo.data, "dev2@console", PASSWORD).code == 0
    assert on(demo.data, "user", "develops", "dev2@console", clients["web"]["client_id"]).code == 0
    browser = sign_in(issuer, "dev2@console")
    flow = web({"issuer": issuer, "clients": clients})

    def refresh(token):
        return token_request(flow.token, flow.client, {"grant_type": "refresh_token", "refresh_token": token})

    first = flow.tokens()["refresh_token"]
    second = refresh(first).json()["refresh_token"]
    assert refresh(second).status_code == 200
    answer = refresh(first)
    assert answer.status_code == 400
    trace = answer.headers["Trace-Id"]
    assert on(demo.data, "explain", trace).code == 0
    told = browser.go("GET", f"{issuer}/developer/traces/{trace}", headers={"Accept": "application/json"}).json()
    assert told["reason"] == "refresh_token_reused" and re.match(r"20\d\d-", told["rotated_at"])


def test_a_client_that_was_only_named_is_counted_and_not_told(developer, demo, issuer, token_endpoint, clients):
    answer = call(
        "POST",
        token_endpoint,
        data={"grant_type": "client_credentials"},
        headers=basic(clients["machine"]["client_id"], "wrong"),
    )
    trace = answer.headers["Trace-Id"]
    assert on(demo.data, "explain", trace).code == 0
    assert developer.go("GET", f"{issuer}/developer/traces/{trace}").status_code == 404
    [client] = developer.go("GET", f"{issuer}/developer", headers={"Accept": "application/json"}).json()["clients"]
    assert client["claimed_by_others"] >= 1


def test_strangers_who_name_a_client_push_nothing_off_its_developers_page(developer, issuer, refused, clients):
    machine = clients["machine"]["client_id"]
    address = urlsplit(issuer)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    credentials = basic(machine, "wrong") | {"Content-Type": "application/x-www-form-urlencoded"}

    def send(method, path, body=None, headers=None):
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (400, 401), answer.status

    for _ in range(1_100):
        send("POST", "/oauth/token", "grant_type=client_credentials", credentials)
        send("GET", f"/oauth/authorize?client_id={machine}&redirect_uri=https://evil.example/&response_type=code")
    connection.close()

    def read():
        overview = developer.go("GET", f"{issuer}/developer", headers={"Accept": "application/json"})
        return overview.json()["clients"][0]

    deadline = time.monotonic() + 60
    while (client := read())["claimed_by_others"] < 2_200 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert client["claimed_by_others"] >= 2_200
    assert "SCOPE_INVALID" in [each["code"] for each in client["refusals"]]
    assert developer.go("GET", f"{issuer}/developer/traces/{refused}").status_code == 200


def test_foreign_traces_and_unknown_ones_are_alike_to_a_developer(developer, stranger, issuer, refused):
    for browser in (stranger, Browser(issuer)):
        known = browser.go("GET", f"{issuer}/developer/traces/{refused}")
        unknown = browser.go("GET", f"{issuer}/developer/traces/{UNKNOWN}")
        assert known.status_code == unknown.status_code == 404
        texts = [answer.text.replace(answer.headers["Trace-Id"], "-") for answer in (known, unknown)]
        assert texts[0] == texts[1]


def test_without_a_client_a_developer_is_told_how_to_get_one(stranger, issuer):
    page = stranger.go("GET", f"{issuer}/developer")
    assert page.status_code == 200 and "doorward user develops" in page.text


def test_nobody_is_sent_to_sign_in(issuer):
    answer = Browser(issuer).request("GET", f"{issuer}/developer")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/login")


def test_only_a_client_that_exists_is_assigned(demo):
    create_user(demo.data, "dev3@console", PASSWORD)
    ran = on(demo.data, "user", "develops", "dev3@console", "no-such-client")
    assert ran.code == 3 and "doorward client list" in ran.stderr
