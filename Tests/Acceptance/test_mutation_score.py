"""The headline of the explanations: valid requests, one property broken each, and whether the record names it."""

import os
import time
from collections import defaultdict

import pytest

import mutations_authorize
import mutations_bearer
import mutations_client
import mutations_contract
import mutations_grants
import mutations_inspection
import mutations_person
import mutations_token
from demo_server import Demo
from known_gaps import KNOWN
from mutation_world import World
from mutations import judge
from record_shape import faults

TABLES = [
    mutations_bearer.TABLE,
    mutations_token.TABLE,
    mutations_client.TABLE,
    mutations_grants.TABLE,
    mutations_authorize.TABLE,
    mutations_inspection.TABLE,
    mutations_person.TABLE,
    mutations_contract.TABLE,
]
SLOW = os.environ.get("DOORWARD_SLOW") == "1"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A demo of its own, so that no flood of another test is near and clients may be disabled."""
    server = Demo(tmp_path_factory.mktemp("mutations"))
    yield World(server)
    assert server.stop() == 0, server.printed()[-4000:]


@pytest.fixture(scope="module")
def verdicts(world, request):
    sent = []
    for table in TABLES:
        for mutation in table:
            if not mutation.slow or SLOW:
                sent.append((mutation, mutation.send(world).headers["Trace-Id"]))
    time.sleep(0.5)
    found = []
    for mutation, trace in sent:
        record, text = world.record(trace)
        found.append((judge(mutation, trace, record, world.names, world.canaries, text), record))
    verdicts = [verdict for verdict, _ in found]
    lines = []
    for table in TABLES:
        own = [v for v in verdicts if v.mutation.area == table.area]
        lines.append(f"{sum(not v.missing for v in own):4} of {len(own):4}  {table.area}")
    explained = sum(not verdict.missing for verdict in verdicts)
    lines.append(f"{explained:4} of {len(verdicts):4}  explained: {100 * explained / len(verdicts):.1f} %")
    lines += [str(verdict) for verdict in verdicts if verdict.missing]
    request.config.stash.setdefault(SUMMARY, []).extend(lines)
    return found


SUMMARY = pytest.StashKey[list]()


def test_there_are_mutations_enough():
    assert sum(map(len, TABLES)) >= 150
    names = [(table.area, mutation.name) for table in TABLES for mutation in table]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


def test_every_mutation_is_explained(verdicts):
    failed = {f"{v.mutation.area}: {v.mutation.name}": v for v, _ in verdicts if v.missing}
    assert not (set(failed) - set(KNOWN)), "\n".join(str(failed[name]) for name in sorted(set(failed) - set(KNOWN)))


def test_no_known_gap_is_closed_already(verdicts):
    """What is explained now has to leave the list."""
    judged = {f"{v.mutation.area}: {v.mutation.name}": v for v, _ in verdicts}
    assert [name for name in KNOWN if name in judged and not judged[name].missing] == []


def test_no_canary_stands_in_any_record(world, verdicts):
    texts = [str(record) for _, record in verdicts]
    assert [canary for canary in world.canaries if any(canary in text for text in texts)] == []


def test_every_record_is_whole(verdicts):
    lacking = defaultdict(set)
    for verdict, record in verdicts:
        for fault in faults(record) if record else ():
            lacking[record["reason"]].add(f"{fault} ({verdict.mutation.name})")
    assert not lacking, "\n".join(f"{reason}: {', '.join(sorted(found))}" for reason, found in sorted(lacking.items()))


def test_what_is_right_is_no_near_miss(verdicts):
    """That a UUID is one helps nobody where a UUID is wanted."""
    told = [
        verdict.mutation.name
        for verdict, record in verdicts
        if record and record["request"]["contract"] == "smartcar-v2" and "it is a UUID" in record.get("near_miss", [])
    ]
    assert told == []


def test_explain_prints_the_record_of_the_journal(world, verdicts):
    for verdict, record in verdicts[:: max(1, len(verdicts) // 8)]:
        if record:
            assert world.explained(verdict.trace) == record


def test_the_request_is_named_as_it_was_sent(world, verdicts):
    """Host with its port, and the whole path: an operator searches logs for them."""
    answer = world.api(token=world.token(kind="expired"))
    record, _ = world.record(answer.headers["Trace-Id"])
    assert record["request"]["path"] == "/api/notes"
    assert record["request"]["host"] == world.names["host"]
