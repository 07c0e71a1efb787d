"""What held for every answer this session saw. Runs last, by its name."""

import os
import json
import re
import sqlite3
from pathlib import Path

import pytest

from challenges import challenges
from wire import SEEN, call


@pytest.fixture(scope="module")
def seen(demo, issuer):
    if len(SEEN) < 50:
        pytest.skip("only meaningful after the other tests of the session")
    # Requests to the sample application and to proxies under test are not Doorward's answers.
    return [s for s in SEEN if "://" not in s.request or f" {issuer}" in s.request]


def test_every_answer_had_a_trace(seen):
    without = {f"{s.request} {s.status}" for s in seen if not s.headers.get("trace-id")}
    assert sorted(without) == []


def test_no_two_answers_shared_a_trace(seen):
    traces = [s.headers["trace-id"] for s in seen if "trace-id" in s.headers]
    assert len(traces) == len(set(traces))


def test_every_401_had_a_challenge_with_a_parameter(seen):
    for answer in seen:
        if answer.status == 401:
            assert answer.challenges, answer.request
            found = challenges(answer.challenges)
            assert found, answer.request
            for scheme, parameters in found:
                assert parameters, (answer.request, scheme)
        else:
            # RFC 9110 allows it on a 403; on a success it would mean nothing.
            assert not (answer.challenges and answer.status < 400), answer.request


def test_no_answer_was_a_failure_of_the_server(seen):
    # Those that were asked for are failures in words only.
    failures = {f"{s.request} {s.status}" for s in seen if s.status >= 500 and s.headers.get("provoked") != "true"}
    assert sorted(failures) == []


def test_refusals_were_not_stored(seen):
    without = {
        f"{s.request} {s.status}"
        for s in seen
        if s.status in (400, 401, 403)
        and "no-store" not in s.headers.get("cache-control", "")
    }
    assert sorted(without) == []


def test_the_log_holds_no_secret_of_the_session(demo, manifest, seen):
    """The tour at the start may show some; a request must never add one."""
    log = demo.printed()
    for name, entry in manifest["contracts"].items():
        for kind, token in entry["tokens"].items():
            # Twice: once for each place the tour may need it, html and terminal.
            assert log.count(token) <= 2, (name, kind)
    for name, client in manifest["clients"].items():
        if "client_secret" in client:
            assert log.count(client["client_secret"]) <= 2, name


def test_the_process_is_still_the_one_that_was_started(demo):
    assert demo.process.poll() is None
    os.kill(demo.process.pid, 0)


# Given elsewhere than by the demo: at the terminal, or by a server whose parts fail.
ELSEWHERE = {
    "CONFIGURATION_INVALID": "test_faults_at_start.py",
    "TRACE_NOT_FOUND": "test_cli_explain.py",
    "STORAGE_UNAVAILABLE": "test_every_reason.py",
    "UPSTREAM_UNAVAILABLE": "test_every_reason.py",
    "UPSTREAM_TIMEOUT": "test_every_reason.py",
    "KEYS_UNAVAILABLE": "test_every_reason.py",
    "INTERNAL_FAULT": "test_every_reason.py",
}


def test_every_code_was_given(issuer):
    """A code that nothing emits does not exist."""
    lock = (Path(__file__).resolve().parents[2] / "catalogue.lock").read_text().split()
    given = set(re.findall(r'code="([A-Z_]+)"', call("GET", f"{issuer}/metrics").text))
    assert set(lock) - given - set(ELSEWHERE) == set()


def test_every_refusal_of_the_session_stands_in_the_description(demo, issuer, seen):
    """OpenAPI says which operation can give which code: what was refused at an operation, unprovoked, is among them."""
    paths = call("GET", f"{issuer}/errors/openapi.json").json()["paths"]
    described = {
        path: {
            code
            for operation in operations.values()
            for response in operation["responses"].values()
            for code in response.get("x-codes", [])
        }
        for path, operations in paths.items()
    }
    with sqlite3.connect(f"file:{demo.data}/journal.sqlite?mode=ro", uri=True) as journal:
        records = [json.loads(bytes(row[0])) for ring in ("ring", "security") for row in journal.execute(f"SELECT body FROM {ring}")]
    looked, missing = set(), set()
    for record in records:
        if record.get("provoked") or "code" not in record:
            continue
        code, request = record["code"], record["request"]
        path = re.sub(r":\w+\}", "}", re.sub(r"\*.*", "{rest}", request["route"]))
        # An operation has its path and its method already; a provocation that is ignored is a note, not an answer.
        if path not in described or code in ("NOT_FOUND", "METHOD_NOT_ALLOWED", "PROVOCATION_IGNORED"):
            continue
        looked.add((code, path))
        if code not in described[path]:
            missing.add(f"{code} at {path} ({request['place']})")
    assert sorted(missing) == []
    assert len(looked) >= 100
