"""Signing keys rotate by themselves: once a period, whoever does it, and nobody is refused a token meanwhile."""

import secrets
import shutil
import signal
import subprocess
import threading
import time

import pytest

from command_line import REFUSED, doorward, listed
from node_calls import seconds_until, token_of
from postgresql_server import Node, PostgreSQL
from signing_keys import (
    AHEAD, LATE, PERIOD, assert_one_a_period, assert_published_well_before_they_sign, at, keys, kid, machine_of, part,
    published, rotations,
)
from token_requests import token_request
from wire import call


@pytest.fixture
def company(tmp_path):
    """A database of this test's own, and a way to make nodes on it."""
    server = PostgreSQL()
    if not server.start():
        pytest.skip("PostgreSQL is not installed")
    key = tmp_path / "key"
    key.write_text(secrets.token_hex(32))
    key.chmod(0o600)
    made = []

    def node(more=keys(), **arguments):
        issuer = made[0].issuer if made else None
        made.append(
            Node(tmp_path, f"node-{len(made)}", server.url(), issuer=issuer, key=key, more=more, **arguments)
        )
        return made[-1]

    yield server, node
    for each in made:
        if each.process.poll() is None:
            assert each.stop() == 0, each.printed()[-4000:]
    server.end()


def test_three_nodes_rotate_once_a_period_and_no_token_is_refused(company):
    _, node = company
    # A key that has been due for a while, found by three at the same moment.
    first = node("keys: {rotate_after: never}\n").started()
    machine = machine_of(first)
    tokens = [token_of(first, machine)]
    old = listed(first.data, "key")
    time.sleep(PERIOD)
    assert {key["kid"] for key in listed(first.data, "key")} == {key["kid"] for key in old}, "never is never"
    assert all(key["successor"] is None for key in listed(first.data, "key"))
    nodes = [node(), node(), node()]
    for each in nodes:
        each.started()
    sets, signed = [], {}
    done = threading.Event()

    def watch():
        while not done.is_set():
            for each in nodes:
                sets.append((each, time.time(), published(each)))
            time.sleep(0.1)

    watching = threading.Thread(target=watch)
    watching.start()
    end = time.monotonic() + 4 * PERIOD + LATE
    while time.monotonic() < end:
        for turn, each in enumerate(nodes):
            token = token_of(each, machine)
            signed.setdefault(kid(token), time.time())
            # At once, at the others first.
            for other in nodes[turn + 1 :] + nodes[: turn + 1] + [first]:
                answer = other.verify(token)
                assert answer.status_code == 200, (answer.headers, answer.text)
        tokens.append(token)
        time.sleep(0.1)
    done.set()
    watching.join()
    assert len(signed) >= 4, signed
    for each in nodes:
        # Also the first one's: an old key stays until the last token it signed is over.
        assert all(each.verify(token).status_code == 200 for token in tokens)
    found = listed(first.data, "key")
    before = {key["kid"] for key in old}
    made = [key for key in found if key["kid"] not in before]
    assert_one_a_period(made)
    assert_published_well_before_they_sign(made, nodes, sets, signed)
    assert sum(rotations(each) for each in [first, *nodes]) == len(made)
    assert sum(each.printed().count("is published and signs from") for each in nodes) == len(made)
    assert not any("could not be" in each.printed() for each in nodes)


def test_a_node_that_was_down_signs_with_the_key_of_the_moment(company):
    _, node = company
    first, second = node().started(), node().started()
    machine = machine_of(first)
    token = token_of(second, machine)
    second.process.kill()
    second.process.wait()
    time.sleep(2 * PERIOD)
    back = node(port=second.port).started()
    assert back.verify(token).status_code == 200
    deadline = time.monotonic() + AHEAD
    # Nodes look a few times a second, each by itself: at the moment of a change they may differ.
    while kid(fresh := token_of(back, machine)) != kid(token_of(first, machine)):
        assert time.monotonic() < deadline, "it signs with another key"
    assert kid(fresh) != kid(token)
    assert first.verify(fresh).status_code == 200
    assert_one_a_period(listed(first.data, "key"))


def test_a_node_that_stood_still_takes_a_token_of_a_key_it_has_not_heard_of(company):
    server, node = company
    first, second = node(keys("90d", "1d")).started(), node(keys("90d", "1d")).started()
    machine = machine_of(first)
    for _ in range(5):
        second.process.send_signal(signal.SIGSTOP)
        (made,) = doorward("key", "rotate", "--algorithm", "ES256", "--data", first.data, "--json").json()
        deadline = time.monotonic() + 1
        while kid(token := token_of(first, machine)) != made["kid"]:
            assert time.monotonic() < deadline
        answers = []
        asking = threading.Thread(target=lambda: answers.append(second.verify(token)))
        asking.start()
        time.sleep(0.2)
        # As long as the database stands still the node cannot hear of the key, nor can its question be answered.
        server.order("freeze")
        try:
            second.process.send_signal(signal.SIGCONT)
            time.sleep(0.2)
            assert made["kid"] not in published(second)
            assert not answers, "it did not ask"
        finally:
            server.order("thaw")
        asking.join()
        assert answers[0].status_code == 200, answers[0].text


def test_while_the_database_is_away_nobody_rotates_and_once_it_is_back_one_does(company):
    server, node = company
    nodes = [node().started() for _ in range(3)]
    machine = machine_of(nodes[0])
    tokens = [token_of(each, machine) for each in nodes]
    server.order("stop")
    end = time.monotonic() + 2 * PERIOD
    while time.monotonic() < end:
        for each in nodes:
            # What needs no database goes on, and every node accepts every other's.
            tokens.append(token_of(each, machine))
            assert all(other.verify(tokens[-1]).status_code == 200 for other in nodes)
        time.sleep(0.3)
    server.order("start")
    for each in nodes:
        each.started()
    back = time.time()
    before = {kid(token) for token in tokens}
    while kid(tokens[-1]) in before:
        assert time.time() < back + AHEAD + LATE, "it is not rotated"
        tokens.append(token_of(nodes[0], machine))
        assert all(other.verify(tokens[-1]).status_code == 200 for other in nodes)
    found = listed(nodes[0].data, "key")
    assert_one_a_period(found, late=2 * PERIOD + LATE)
    assert all(each.verify(token).status_code == 200 for each in nodes for token in tokens)
    assert all(each.process.poll() is None for each in nodes)


def test_a_node_whose_clock_is_ahead_rotates_no_sooner_than_the_others(company, tmp_path):
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("there is no C compiler")
    source = tmp_path / "ahead.c"
    source.write_text(
        """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <time.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
          int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
          int answer = real(clock, time);
          if (clock == CLOCK_REALTIME) time->tv_sec += 86400 * 400;
          return answer;
        }
        """
    )
    library = tmp_path / "ahead.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    _, node = company
    right = node(keys("90d", "1d")).started()
    machine = machine_of(right)
    ahead = node(keys("90d", "1d"), environment={"LD_PRELOAD": str(library)}).started()
    assert part(token_of(ahead, machine), 1)["iat"] > time.time() + 399 * 86400
    time.sleep(3)
    found = listed(right.data, "key")
    assert len(found) == len({key["alg"] for key in found}), found
    assert rotations(ahead) == rotations(right) == 0
    # A rotation that is due goes on beside it.
    upcoming = set()
    for algorithm in ("ES256", "RS256"):
        made = doorward(
            "key", "rotate", "--algorithm", algorithm, "--publish-before", "1d", "--data", right.data, "--json"
        ).json()
        assert made[0]["state"] == "upcoming"
        upcoming.add(made[0]["kid"])
    seconds_until(lambda: upcoming <= published(ahead))
    # It looks at its clock a few times a second.
    seconds_until(lambda: kid(token_of(ahead, machine)) in upcoming)
    early = token_of(ahead, machine)
    assert kid(early) in upcoming
    assert right.verify(early).status_code == 200, "the next key was published, so that it may sign early"


def test_key_list_says_what_will_happen_when(company):
    _, node = company
    first = node(keys("30d", "2d")).started()
    (key,) = [key for key in listed(first.data, "key") if key["alg"] == "ES256"]
    days = lambda one, other: round((at(one) - at(other)) / 86400, 3)
    assert key["state"] == "active" and key["signs_until"] is key["published_until"] is None
    assert days(key["successor"]["signs_from"], key["signs_from"]) == 30
    assert days(key["successor"]["published_from"], key["signs_from"]) == 28
    made = doorward("key", "rotate", "--algorithm", "ES256", "--publish-before", "1d", "--data", first.data, "--json")
    (new,) = made.json()
    old, upcoming = [key for key in listed(first.data, "key") if key["alg"] == "ES256"]
    assert (old["state"], upcoming["state"]) == ("active", "upcoming")
    assert old["signs_until"] == upcoming["signs_from"] == new["signs_from"]
    assert days(old["published_until"], old["signs_until"]) == 1
    text = doorward("key", "list", "--data", first.data).stdout
    assert f"signs from {new['signs_from']}, its successor is published from" in text
    assert f"until {old['signs_until']}, published until {old['published_until']}" in text
    # Neither the one that signs nor the one that is to sign next can be withdrawn.
    for name in (old["kid"], new["kid"]):
        ran = doorward("key", "retire", name, "--data", first.data)
        assert ran.code == REFUSED and "rotate` first" in ran.stderr
    # For another moment than the configured one: at once, and the one that was to be next never signs.
    urgent = doorward("key", "rotate", "--algorithm", "ES256", "--data", first.data, "--json").json()[0]
    assert urgent["state"] == "active"
    states = {key["kid"]: key["state"] for key in listed(first.data, "key") if key["alg"] == "ES256"}
    assert states == {old["kid"]: "retired", new["kid"]: "retired", urgent["kid"]: "active"}
    deadline = time.monotonic() + 1
    while urgent["kid"] not in published(first):
        assert time.monotonic() < deadline
    for name in (old["kid"], new["kid"]):
        assert doorward("key", "retire", name, "--data", first.data).code == 0


def test_one_server_on_sqlite_rotates_too(tmp_path):
    node = Node(tmp_path, "node", None, more=keys()).started()
    machine = machine_of(node)
    tokens = []
    end = time.monotonic() + 3 * PERIOD
    while time.monotonic() < end:
        tokens.append(token_of(node, machine))
        assert node.verify(tokens[-1]).status_code == 200
        time.sleep(0.2)
    assert len({kid(token) for token in tokens}) >= 2
    assert all(node.verify(token).status_code == 200 for token in tokens)
    assert_one_a_period(listed(node.data, "key"))
    answer = token_request(f"{node.base}/oauth/introspect", machine, {"token": tokens[0]})
    assert answer.json()["active"] is True
    assert "doorward_signing_key_start_time_seconds{alg=" in call("GET", f"{node.base}/metrics").text
    assert node.stop() == 0
    # It was due while the server was down: whoever starts does it.
    time.sleep(PERIOD)
    before = {key["kid"] for key in listed(node.data, "key")}
    again = Node(tmp_path, "node", None, port=node.port, more=keys()).started()
    deadline = time.monotonic() + LATE
    while {key["kid"] for key in listed(again.data, "key")} == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert all(again.verify(token).status_code == 200 for token in tokens)
    assert again.stop() == 0
