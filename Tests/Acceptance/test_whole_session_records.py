"""The records and traces that the whole session left behind. Runs last, by its name."""

import json
import sqlite3
from collections import defaultdict

import pytest

import canaries
from record_shape import faults
from wire import SEEN, call

# Told on purpose by the server itself: the demo's tour prints where to begin.
TOUR = 2


@pytest.fixture(scope="module")
def records(demo):
    if len(SEEN) < 50:
        pytest.skip("only meaningful after the other tests of the session")
    rows = []
    with sqlite3.connect(f"file:{demo.data}/journal.sqlite?mode=ro", uri=True) as journal:
        for ring in ("ring", "security"):
            rows += [bytes(row[0]).decode() for row in journal.execute(f"SELECT body FROM {ring}")]
    # That somebody read a record is recorded there, too.
    rows = [row for row in rows if "event" not in json.loads(row)]
    assert rows
    return rows


def test_every_record_is_whole(records):
    """Of each reason that was given: what was expected and what came, steps, and the answer as it was sent."""
    lacking = defaultdict(set)
    for text in records:
        record = json.loads(text)
        for fault in faults(record):
            lacking[record["reason"]].add(fault)
    assert not lacking, "\n".join(f"{reason}: {', '.join(sorted(found))}" for reason, found in sorted(lacking.items()))


def test_every_record_tells_the_answer_that_the_caller_saw(records):
    seen = {answer.headers["trace-id"]: answer for answer in SEEN if "trace-id" in answer.headers}
    wrong, compared = [], 0
    for text in records:
        record = json.loads(text)
        answer = seen.get(record["trace_id"])
        if answer is None or "count" in record:
            continue
        compared += 1
        status = record.get("answer", {}).get("status")
        if status is not None and status != answer.status:
            wrong.append(f"{record['reason']}: {status} instead of {answer.status} to {answer.request}")
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert compared >= 100


def test_no_credential_stands_in_a_record(records, manifest):
    canaries.plant_manifest(manifest)
    assert len(canaries.PLANTED) >= 100
    leaks = {leak for text in records for leak in canaries.found_in(text)}
    assert sorted(leaks) == []


def test_no_password_stands_in_a_record_or_log(records, demo, manifest):
    for user in manifest["users"]:
        assert not [text[:200] for text in records if user["password"] in text]
        assert demo.printed().count(user["password"]) <= TOUR


def test_no_credential_of_the_session_is_logged(demo, manifest):
    """What the tour prints at the start is the manifest's; a request must never add any."""
    canaries.plant_manifest(manifest)
    log = demo.printed()
    leaks = {leak for leak in canaries.found_in(log) if log.count(leak.split(" ")[-1][:8]) > TOUR}
    assert sorted(leaks) == []


def test_no_credential_stands_in_the_metrics(issuer, manifest):
    canaries.plant_manifest(manifest)
    assert sorted(canaries.found_in(call("GET", f"{issuer}/metrics").text)) == []


def test_no_credential_stands_in_a_page(issuer, manifest):
    canaries.plant_manifest(manifest)
    if not canaries.PAGES:
        pytest.skip("only meaningful after the other tests of the session")
    leaks = {(request, leak) for request, text in canaries.PAGES for leak in canaries.found_in(text)}
    assert sorted(leaks) == []


def test_no_credential_stands_in_a_redirect_but_its_own_code(manifest):
    canaries.plant_manifest(manifest)
    if not canaries.REDIRECTS:
        pytest.skip("only meaningful after the other tests of the session")
    leaks = {(request, leak) for request, text in canaries.REDIRECTS for leak in canaries.found_in(text)}
    assert sorted(leaks) == []
