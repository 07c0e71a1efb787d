"""The caller's own trace: kept, sent on with our span, and found again (W3C Trace Context)."""

import json
import secrets

import pytest

from command_line import DONE, on, within_a_second
from upstream_server import door_before
from wire import call


def some_trace():
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    """An API that shows the headers it was sent."""
    def shown(headers):
        return json.dumps({name.lower(): headers.get_all(name) for name in headers})

    with door_before(shown, tmp_path_factory.mktemp("upstream"), "/api", "GET /open") as (_, address):
        yield f"{address}/api/open"


@pytest.mark.parametrize("flags", ["00", "01"])
def test_the_api_gets_the_callers_trace_with_our_span(upstream, flags):
    caller = some_trace()
    headers = {"traceparent": f"00-{caller}-00f067aa0ba902b7-{flags}", "tracestate": "vendor=1"}
    answer = call("GET", upstream, headers=headers)
    sent = answer.json()
    assert sent["traceparent"] == [f"00-{caller}-{answer.headers['Trace-Id'][16:]}-{flags}"]
    assert sent["tracestate"] == ["vendor=1"]
    assert sent["trace-id"] == [answer.headers["Trace-Id"]]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-" + "a" * 32 + "-" + "0" * 16 + "-01",
        "00-" + "A" * 32 + "-00f067aa0ba902b7-01",
        "ff-" + "a" * 32 + "-00f067aa0ba902b7-01",
        "00-" + "a" * 32 + "-00f067aa0ba902b7-01-more",
        "00-" + "a" * 31 + "-00f067aa0ba902b7-01",
        "00-" + "a" * 32 + "-00f067aa0ba902b7",
    ],
)
def test_without_a_valid_one_the_trace_is_ours(upstream, value):
    headers = {"tracestate": "vendor=1"} | ({"traceparent": value} if value is not None else {})
    answer = call("GET", upstream, headers=headers)
    ours = answer.headers["Trace-Id"]
    assert answer.json()["traceparent"] == [f"00-{ours}-{ours[16:]}-00"]
    assert "tracestate" not in answer.json()


def test_a_later_version_is_read_as_far_as_this_one_goes(upstream):
    caller = some_trace()
    answer = call("GET", upstream, headers={"traceparent": f"cc-{caller}-00f067aa0ba902b7-01-what-comes"})
    assert answer.json()["traceparent"] == [f"00-{caller}-{answer.headers['Trace-Id'][16:]}-01"]


def test_explain_lists_our_refusals_of_the_callers_trace(demo, issuer):
    caller = some_trace()
    headers = {"traceparent": f"00-{caller}-00f067aa0ba902b7-01"}
    traces = [
        call("GET", f"{issuer}/api/notes", headers=headers).headers["Trace-Id"],
        call("POST", f"{issuer}/oauth/token", data={"grant_type": "x"}, headers=headers).headers["Trace-Id"],
    ]
    assert caller not in traces

    def told():
        ran = on(demo.data, "explain", caller)
        return ran.code == DONE and all(trace in ran.stdout for trace in traces)

    assert within_a_second(told), on(demo.data, "explain", caller).output
    records = on(demo.data, "explain", caller, "--format", "json").json()
    assert [record["trace_id"] for record in records] == traces[::-1]
    assert {record["request"]["parent"] for record in records} == {caller}
    # One alone is explained as ever.
    assert on(demo.data, "explain", traces[0], "--format", "json").json()["code"] == "CREDENTIALS_MISSING"
