"""`doorward check` foretells what the running server does, for the mutations of the score."""

import os
import time

import pytest

from demo_server import Demo
from mutation_world import World
from rehearsals import Watch, outcome, watching
from test_mutation_score import TABLES

ALL = os.environ.get("DOORWARD_SLOW") == "1"
# One process each: a fixed spread over all tables, unless all are wanted.
SAMPLE = 80


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = Demo(tmp_path_factory.mktemp("rehearsals"))
    yield World(server)
    assert server.stop() == 0, server.printed()[-4000:]


def chosen():
    mutations = [mutation for table in TABLES for mutation in table if ALL or not mutation.slow]
    if ALL:
        return mutations
    targets = [m for m in mutations if m.name.startswith(("an empty segment", "a dot segment", "another charset"))]
    return mutations[:: -(-len(mutations) // SAMPLE)] + targets


def rehearse(world, mutation):
    """Sent twice: once to learn which request is the last, the broken one; then with that one rehearsed before.

    Where a person signs in it is sent once and each of its requests rehearsed: failures twice over would be throttled.
    """
    chosen = range(1, 20)
    if not mutation.name.startswith(("sign in", "form", "consent")):
        with watching(Watch(world.data)) as first:
            mutation.send(world)
        chosen = [first.count]
    with watching(Watch(world.data, chosen)) as second:
        answer = mutation.send(world)
    return second.rehearsed, answer


def test_check_foretells_every_mutation(world, request):
    sent = [(mutation, *rehearse(world, mutation)) for mutation in chosen()]
    time.sleep(0.5)
    differing = {}
    for mutation, rehearsed, answer in sent:
        name = f"{mutation.area}: {mutation.name}"
        if rehearsed is None:
            differing[name] = "its last request was not sent the second time"
            continue
        record, _ = world.record(answer.headers["Trace-Id"])
        live = outcome(record) if record else (None, None, answer.status_code)
        if rehearsed.foretold != live:
            differing[name] = f"check foretells {rehearsed.foretold}, the server did {live}"
    lines = [f"{len(sent) - len(differing):4} of {len(sent):4}  foretold by check"]
    lines += [f"{name}: {said}" for name, said in differing.items()]
    request.config.stash.setdefault(SUMMARY, []).extend(lines)
    assert not differing, "\n".join(f"{name}: {said}" for name, said in differing.items())


SUMMARY = pytest.StashKey[list]()
