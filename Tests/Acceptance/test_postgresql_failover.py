"""A standby takes over: nodes follow by themselves, and also where it had not received everything."""

import signal
import threading
import time

import pytest
import requests

from command_line import new_machine
from node_calls import is_ready, revoke, seconds_until, token_of
from postgresql_server import Node, PostgreSQL
from token_requests import token_request


class Pair:
    """A primary, its standby, and two nodes that know both."""

    def __init__(self, directory, key):
        self.directory, self.key = directory, key
        self.primary = PostgreSQL()
        if not self.primary.start():
            pytest.skip("PostgreSQL is not installed")
        # As docs/operating.md has it: no superuser.
        self.primary.sql("CREATE USER doorward")
        self.primary.create("company", owner="doorward")
        self.standby = PostgreSQL(standby_of=self.primary)
        assert self.standby.start()
        # libpq's way: several hosts; which of them is the primary is found out.
        self.database = f"postgresql://doorward@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/company"
        first = Node(directory, "a", self.database, key=key).started()
        self.nodes = [first, Node(directory, "b", self.database, issuer=first.issuer, key=key).started()]

    def wait_for_standby(self):
        written = self.primary.sql("SELECT pg_current_wal_lsn()")
        seconds_until(lambda: self.standby.sql(f"SELECT pg_last_wal_replay_lsn() >= '{written}'") == "t")

    def cut_standby_off(self):
        self.wait_for_standby()
        self.standby.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.standby.sql("SELECT pg_reload_conf()")
        seconds_until(lambda: self.standby.sql("SELECT count(*) FROM pg_stat_wal_receiver") == "0")

    def fail_over(self):
        before = {node: replaced(node) for node in self.nodes}
        self.primary.order("kill")
        self.standby.order("promote")
        # To be ready is not enough: that may be the readiness from before.
        for node in self.nodes:
            seconds_until(lambda: replaced(node) > before[node] and is_ready(node), 15)

    def end(self):
        codes = [node.stop() for node in self.nodes]
        for server in (self.standby, self.primary):
            server.end()
        assert set(codes) == {0}


@pytest.fixture
def pair(tmp_path):
    key = tmp_path / "key"
    key.write_text("a5" * 32)
    key.chmod(0o600)
    pair = Pair(tmp_path, key)
    yield pair
    pair.end()


@pytest.fixture
def machine(pair):
    return new_machine(pair.nodes[0].data, "machine", "--grant", "client_credentials", "--scope", "api.read")


def replaced(node) -> int:
    return node.printed().count("the database goes on from another history")


def test_a_standby_that_has_everything_takes_over_and_nothing_is_lost(pair, machine):
    first, second = pair.nodes
    kept, revoked = token_of(first, machine), token_of(first, machine)
    assert revoke(first, machine, revoked).status_code == 200
    pair.wait_for_standby()
    pair.fail_over()
    for node in pair.nodes:
        assert node.verify(kept).status_code == 200 and node.verify(revoked).status_code == 401
    token = token_of(second, machine)
    assert revoke(second, machine, token).status_code == 200
    seconds_until(lambda: first.verify(token).status_code == 401, 1)


def test_nodes_that_have_read_further_than_the_new_primary_goes_miss_no_revocation(pair, machine):
    first, second = pair.nodes
    tokens = [token_of(first, machine) for _ in range(5)]
    for node in pair.nodes:
        assert all(node.verify(token).status_code == 200 for token in tokens)
    pair.cut_standby_off()
    # What the standby never hears of: a client, and revocations that both nodes have heard of.
    lost = new_machine(first.data, "lost", "--grant", "client_credentials", "--scope", "api.read")
    for _ in range(20):
        token = token_of(first, machine)
        assert revoke(first, machine, token).status_code == 200
        seconds_until(lambda: second.verify(token).status_code == 401, 1)
    assert token_of(second, lost)
    before = int(pair.primary.sql("SELECT revision FROM doorward.store", "company"))
    pair.fail_over()
    assert int(pair.standby.sql("SELECT revision FROM doorward.store", "company")) < before
    # Numbers that both nodes have seen already are given out again, and heard of.
    for token in tokens:
        assert revoke(first, machine, token).status_code == 200
        seconds_until(lambda: second.verify(token).status_code == 401, 1)
    # What was revoked and lost stays revoked where it was heard of.
    assert first.verify(token).status_code == 401
    # The client is gone, and so say both.
    for node in pair.nodes:
        refused = token_request(f"{node.base}/oauth/token", lost, {"grant_type": "client_credentials"})
        assert refused.status_code == 401 and refused.json()["error"] == "invalid_client", refused.text
        assert replaced(node) == 1, node.printed()
    found = new_machine(second.data, "found", "--grant", "client_credentials", "--scope", "api.read")
    for node in pair.nodes:
        assert token_of(node, found)


def test_a_failover_between_two_looks_is_noticed_when_the_numbers_have_caught_up(pair, machine):
    """By its timeline: the new primary may already be as far as the nodes were."""
    first, second = pair.nodes
    token = token_of(first, machine)
    pair.cut_standby_off()
    assert revoke(first, machine, token_of(first, machine)).status_code == 200
    time.sleep(0.5)
    second.process.send_signal(signal.SIGSTOP)
    pair.primary.order("kill")
    pair.standby.order("promote")
    seconds_until(lambda: replaced(first) == 1 and is_ready(first), 15)
    for revoked in [token] + [token_of(first, machine) for _ in range(3)]:
        assert revoke(first, machine, revoked).status_code == 200
    second.process.send_signal(signal.SIGCONT)
    seconds_until(lambda: replaced(second) == 1 and is_ready(second))
    seconds_until(lambda: second.verify(token).status_code == 401, 3)
    assert replaced(second) == 1


def test_with_a_synchronous_standby_nothing_that_was_acknowledged_is_lost_under_load(pair, machine):
    """The primary dies amid a storm: each revocation that was answered with 200 holds afterwards, everywhere."""
    pair.primary.alter(synchronous_standby_names="*")
    acknowledged, answers = [], []
    done = threading.Event()

    def storm(node):
        while not done.is_set():
            token = token_of(node, machine)
            answer = revoke(node, machine, token)
            answers.append(answer.status_code)
            if answer.status_code == 200:
                acknowledged.append(token)
            time.sleep(0.02)

    threads = [threading.Thread(target=storm, args=(node,)) for node in pair.nodes]
    for thread in threads:
        thread.start()
    seconds_until(lambda: len(acknowledged) > 30)
    pair.fail_over()
    before = len(acknowledged)
    seconds_until(lambda: len(acknowledged) > before + 10)
    done.set()
    for thread in threads:
        thread.join()
    # What was on its way is asked for again at the new primary; what came while there was none is refused.
    assert set(answers) <= {200, 503}
    # A node that has heard nothing of it but from the database.
    late = Node(pair.directory, "late", pair.database, issuer=pair.nodes[0].issuer, key=pair.key).started()
    pair.nodes.append(late)
    for node in pair.nodes:
        wrong = [token for token in acknowledged if node.verify(token).status_code != 401]
        assert not wrong, f"{len(wrong)} of {len(acknowledged)} acknowledged revocations are lost"


def is_revoked_now(node, client, token) -> bool:
    try:
        return revoke(node, client, token).status_code == 200
    except requests.Timeout:
        return False


def test_a_primary_that_hangs_is_left_for_the_standby_that_took_over(pair, machine):
    """It still takes connections, and never answers on them."""
    first, second = pair.nodes
    token = token_of(first, machine)
    pair.wait_for_standby()
    pair.primary.order("freeze")
    try:
        pair.standby.order("promote")
        # Six seconds for an answer, five for a connection; once one has found out, the others are made anew with it.
        seconds_until(lambda: is_revoked_now(first, machine, token), 40)
        seconds_until(lambda: second.verify(token).status_code == 401, 3)
    finally:
        pair.primary.order("thaw")
