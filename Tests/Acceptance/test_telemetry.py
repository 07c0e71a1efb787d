"""Metrics, log lines, and the caller's own trace (W3C Trace Context)."""

import json
import re
import secrets
import time

import pytest

import flows
from command_line import within_a_second
from demo_server import Demo, Server, free_port
from grants import assert_invalid_grant
from token_requests import refresh, token_request
from wire import basic, call, present


MEMBERS = {"Timestamp", "EventName", "SeverityText", "SeverityNumber", "Body", "Attributes", "Resource"}


class LoggingDemo(Demo):
    """The demo with `--log json`."""

    def __init__(self, directory, name="demo", port=None):
        self.port = port or free_port()
        self.data = directory / "data"
        self.manifest_file = directory / f"{name}-manifest.json"
        arguments = ["demo", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        Server.__init__(self, [*arguments, "--manifest", str(self.manifest_file), "--log", "json"], directory, name)

    def events(self, name=None):
        lines = [line for line in self.printed().splitlines() if line.startswith('{"Timestamp"')]
        events = [json.loads(line) for line in lines]
        return [event for event in events if name in (None, event["EventName"])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("telemetry")


@pytest.fixture(scope="module")
def server(folder):
    demo = LoggingDemo(folder)
    demo.manifest()
    yield demo
    if demo.process.poll() is None:
        assert demo.stop() == 0


def counted(issuer, start):
    lines = call("GET", f"{issuer}/metrics").text.splitlines()
    return sum(int(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(start))


# -- Metrics


def test_the_metrics_are_well_formed_and_their_labels_bounded(demo, issuer):
    for number in range(30):
        call("GET", f"{issuer}/api/no-such-{number}", headers={"X-Made-Up": str(number)})
        call("POST", f"{issuer}/oauth/token", data={"grant_type": f"made_up_{number}", "client_id": f"made-{number}"})
    text = call("GET", f"{issuer}/metrics").text
    declared = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in declared, name
            declared[name] = kind
        elif not line.startswith("#"):
            name = re.match(r'^([a-z_]+?)(?:_bucket|_sum|_count)?(\{([a-z_]+="[^"]*",?)+\})? -?[\d.e-]+$', line)
            assert name and name[1] in declared, line
            assert re.search(r" -?\d+$", line) or line.startswith(name[1] + "_sum"), line
            assert ("_total" in name[1]) == (declared[name[1]] == "counter"), line
    assert "made" not in text and "no-such" not in text
    assert 'doorward_build_info{version="' in text and 'mode="test"' in text
    started = int(re.search(r"^process_start_time_seconds (\d+)$", text, re.M)[1])
    assert abs(time.time() - started) < 24 * 3600
    assert int(re.search(r"^process_resident_memory_bytes (\d+)$", text, re.M)[1]) > 1 << 20


@pytest.mark.parametrize(
    "place, method, path",
    [
        ("api", "GET", "/api/notes"),
        ("token", "POST", "/oauth/introspect"),
        ("authorization", "GET", "/oauth/authorize"),
        ("page", "GET", "/login"),
        ("documentation", "GET", "/errors"),
        ("other", "GET", "/elsewhere"),
    ],
)
def test_requests_are_counted_once_by_place(issuer, place, method, path):
    start = f'doorward_requests_total{{place="{place}"}}'
    before = counted(issuer, start)
    call(method, f"{issuer}{path}", data={"token": "x"} if method == "POST" else None)
    assert counted(issuer, start) == before + 1


def test_times_are_told_in_buckets_that_hold_the_smaller_ones(issuer):
    def buckets(name):
        text = call("GET", f"{issuer}/metrics").text
        lines = [line for line in text.splitlines() if line.startswith(name + "_bucket{")]
        assert f"# TYPE {name.split('{')[0]} histogram" in text
        return [int(line.rsplit(" ", 1)[1]) for line in lines]

    call("POST", f"{issuer}/oauth/introspect", data={"token": "x"})
    for name in ("doorward_request_duration_seconds", "doorward_store_commit_duration_seconds"):
        counts = buckets(name)
        assert len(counts) % 16 == 0 and counts
        for start in range(0, len(counts), 16):
            assert counts[start : start + 16] == sorted(counts[start : start + 16])
        assert any(counts)
    whole = counted(issuer, 'doorward_request_duration_seconds_count{place="token"}')
    assert whole == counted(issuer, 'doorward_requests_total{place="token"}')
    assert counted(issuer, 'doorward_request_duration_seconds_bucket{place="token",le="+Inf"}') == whole


def test_an_admitted_request_is_counted_once(issuer, contracts):
    start = 'doorward_requests_total{place="api"}'
    before = counted(issuer, start)
    entry = contracts["oauth"]
    assert call("GET", entry["base"] + entry["protected"], headers=present("oauth", entry["tokens"]["valid"])).ok
    assert counted(issuer, start) == before + 1


# -- The log


def test_the_lines_have_the_members_of_the_data_model(server):
    started = server.events("doorward.started")
    assert len(started) == 1
    event = started[0]
    assert MEMBERS <= set(event)
    assert event["Timestamp"].isdigit() and len(event["Timestamp"]) == 19
    assert (event["SeverityText"], event["SeverityNumber"]) == ("INFO", 9)
    assert event["Resource"]["service.name"] == "doorward"
    assert event["Attributes"]["server.port"] == str(server.port)


def reuse(manifest, headers=None):
    """A refresh token presented again after its successor was used."""
    flow = flows.web(manifest)
    first = flow.tokens()["refresh_token"]
    second = refresh(flow.token, flow.client, first).json()["refresh_token"]
    third = refresh(flow.token, flow.client, second).json()["refresh_token"]
    data = {"grant_type": "refresh_token", "refresh_token": first}
    client = basic(flow.client["client_id"], flow.client["client_secret"])
    answer = call("POST", flow.token, data=data, headers=client | (headers or {}))
    assert_invalid_grant(answer)
    return answer, [first, second, third, flow.client["client_secret"]]


def test_a_security_event_is_one_line_without_a_credential(server):
    caller = secrets.token_hex(16)
    answer, credentials = reuse(server.manifest(), {"traceparent": f"00-{caller}-00f067aa0ba902b7-01"})
    trace = answer.headers["Trace-Id"]

    def mine():
        events = server.events("doorward.security_event")
        return [event for event in events if event["Attributes"]["doorward.trace_id"] == trace]

    assert within_a_second(lambda: len(mine()) == 1), server.printed()
    event = mine()[0]
    assert event["Attributes"]["doorward.reason"] == "refresh_token_reused"
    assert event["Attributes"]["doorward.code"] == "REFRESH_TOKEN_REJECTED"
    assert (event["SeverityText"], event["SeverityNumber"]) == ("WARN", 13)
    assert (event["TraceId"], event["SpanId"], event["TraceFlags"]) == (caller, trace[16:], 1)
    printed = server.printed().split("\n{", 1)[1]
    for credential in credentials:
        assert credential not in printed


def test_a_code_is_new_for_a_client_once_a_day_also_after_a_restart(server, folder):
    manifest = server.manifest()
    client = manifest["clients"]["kordiam"]

    def unsupported(issuer):
        answer = token_request(f"{issuer}/oauth/token", client, {"grant_type": "password"})
        assert answer.status_code == 400

    def seen(demo):
        return [
            event
            for event in demo.events("doorward.first_seen")
            if event["Attributes"]["doorward.client_id"] == client["client_id"]
            and event["Attributes"]["doorward.code"] == "GRANT_TYPE_UNSUPPORTED"
        ]

    start = 'doorward_first_seen_total{code="GRANT_TYPE_UNSUPPORTED"}'
    issuer = manifest["issuer"]
    before = counted(issuer, start)
    for _ in range(3):
        unsupported(issuer)
    assert within_a_second(lambda: len(seen(server)) == 1), server.printed()
    assert counted(issuer, start) == before + 1
    # A stranger who only names a client that does not exist makes nothing new.
    call("POST", f"{issuer}/oauth/token", data={"grant_type": "password", "client_id": "nobody"})
    # An expired token is its client's, though it was refused in front of an API.
    entry = manifest["contracts"]["cyoda"]
    call("GET", entry["base"] + entry["protected"], headers=present("cyoda", entry["tokens"]["expired"]))
    cyoda = manifest["clients"]["cyoda"]["client_id"]

    def expired():
        events = [event["Attributes"] for event in server.events("doorward.first_seen")]
        return [e for e in events if (e["doorward.client_id"], e["doorward.code"]) == (cyoda, "ACCESS_TOKEN_EXPIRED")]

    assert within_a_second(lambda: len(expired()) == 1), server.printed()
    # Nor does one who names a client that does, without proof.
    call("POST", f"{issuer}/oauth/token", data={"grant_type": "password"}, headers=basic(cyoda, "wrong"))
    time.sleep(0.5)
    codes = [e["Attributes"]["doorward.code"] for e in server.events("doorward.first_seen")]
    assert "CLIENT_AUTHENTICATION_FAILED" not in codes
    assert all(e["Attributes"]["doorward.client_id"] != "nobody" for e in server.events("doorward.first_seen"))
    assert server.stop() == 0
    assert server.events("doorward.stopped")
    again = LoggingDemo(folder, "again", server.port)
    issuer = again.manifest()["issuer"]
    unsupported(issuer)
    token_request(f"{issuer}/oauth/token", client, {"grant_type": "client_credentials", "scope": "no.such"})

    def other():
        return [e for e in again.events("doorward.first_seen") if e["Attributes"]["doorward.code"] == "SCOPE_INVALID"]

    assert within_a_second(lambda: len(other()) == 1), again.printed()
    assert seen(again) == []
    assert again.stop() == 0


def test_a_store_that_fails_and_comes_back(tmp_path):
    server = LoggingDemo(tmp_path)
    manifest = server.manifest()
    client = manifest["clients"]["machine"]
    answer = token_request(f"{manifest['issuer']}/_test/storage", client, {"state": "unavailable", "seconds": "1"})
    assert answer.status_code == 200
    assert within_a_second(lambda: server.events("doorward.store.failed"))
    event = server.events("doorward.store.failed")[0]
    assert (event["SeverityText"], event["SeverityNumber"]) == ("ERROR", 17)
    server.wait_until(lambda: server.events("doorward.store.recovered"))
    assert len(server.events("doorward.store.failed")) == 1
    assert server.stop() == 0


def test_text_is_the_default(demo, manifest):
    answer, _ = reuse(manifest)
    trace = answer.headers["Trace-Id"]

    def line():
        lines = [line for line in demo.printed().splitlines() if line.startswith("doorward: Generation 1 ")]
        return [line for line in lines if trace in line]

    assert within_a_second(lambda: len(line()) == 1)
    assert "reason=refresh_token_reused" in line()[0]
