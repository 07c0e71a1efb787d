"""PostgreSQL itself fails: connections are used up, a page is damaged, the disk is full. Nothing has to be restarted."""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from command_line import UNAVAILABLE, doorward, new_machine
from fault_injector import mount_small_disk, occupy, unmount
from node_calls import is_ready, revoke, seconds_until, token_of
from postgresql_server import Node, PostgreSQL
from token_requests import skip_loudly

MACHINE = ("machine", "--grant", "client_credentials", "--scope", "api.read")


class Made:
    """Servers and nodes of one test, which end with it however it ends."""

    def __init__(self, folder):
        self.folder, self.servers, self.nodes = folder, [], []

    def server(self, *settings, folder=None) -> PostgreSQL:
        server = PostgreSQL("fsync=off", *settings)
        if folder:
            server.environment["TMPDIR"] = str(folder)
        if not server.start():
            skip_loudly("PostgreSQL is not installed (apt-get install postgresql)")
        self.servers.append(server)
        return server

    def node(self, name, database, **options) -> Node:
        self.nodes.append(Node(self.folder, name, database, **options))
        return self.nodes[-1]


@pytest.fixture
def made(tmp_path):
    made = Made(tmp_path)
    yield made
    codes = [node.stop() for node in made.nodes]
    for server in made.servers:
        server.end()
    assert set(codes) <= {0}


def test_a_node_for_which_there_are_no_connections_left_waits_for_them(made, tmp_path):
    # Six for somebody who is no superuser: one node's.
    server = made.server("max_connections=9", "superuser_reserved_connections=3", "max_wal_senders=0")
    server.sql("CREATE USER doorward")
    database = server.create("company", owner="doorward").replace("postgres@", "doorward@")
    key = tmp_path / "key"
    key.write_text("a5" * 32)
    key.chmod(0o600)
    first = made.node("a", database, key=key).started()
    seconds_until(lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'doorward'") == "6")
    second = made.node("b", database, issuer=first.issuer, key=key)
    seconds_until(lambda: "waiting up to" in second.printed())
    assert "six connections" in second.printed(), second.printed()
    ran = doorward("client", "list", "--data", first.data)
    assert ran.code == UNAVAILABLE and "six connections" in ran.stderr, ran.output
    assert first.stop() == 0
    second.started()


def test_a_damaged_page_is_said_with_what_to_do_and_what_needs_no_database_goes_on(made):
    server = made.server("autovacuum=off")
    node = made.node("node", server.url()).started()
    machine = new_machine(node.data, *MACHINE)
    token = token_of(node, machine)
    assert node.verify(token).status_code == 200
    # 'CHECKPOINT' writes the page out, so that the server's own log does not mend it.
    server.sql("CHECKPOINT")
    file = server.folder / "data" / server.sql("SELECT pg_relation_filepath('doorward.record')")
    server.order("stop")
    with open(file, "r+b") as page:
        page.write(b"\xa5" * 4096)
    # A restart that is over at once goes unnoticed, connections being made anew: this one is noticed.
    seconds_until(lambda: "are not seen" in node.printed(), 10)
    server.order("start")
    seconds_until(lambda: "can be read again" in node.printed(), 10)
    assert node.verify(token).status_code == 200
    answer = revoke(node, machine, token)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0, answer.text
    explained = lambda: doorward("explain", answer.headers["Trace-Id"], "--data", node.data).stdout
    seconds_until(lambda: "storage_damaged" in explained())
    assert "invalid page" in explained() and "restore the database" in explained(), explained()
    ran = doorward("client", "list", "--data", node.data)
    assert ran.code == UNAVAILABLE and "restore a backup" in ran.stderr, ran.output


def test_a_full_disk_is_503_for_what_writes_until_there_is_room(made, tmp_path):
    # PostgreSQL's user cannot reach below pytest's folders.
    outside = Path(tempfile.mkdtemp())
    outside.chmod(0o755)
    disk = outside / "disk"
    if not mount_small_disk(disk, 160):
        skip_loudly("no small disk can be mounted here")
    try:
        disk.chmod(0o777)
        server = made.server(folder=disk)
        node = made.node("node", server.url()).started()
        machine = new_machine(node.data, *MACHINE)
        token = token_of(node, machine)
        blocker = disk / "blocker"
        occupy(blocker)
        refused = None
        for _ in range(2000):
            answer = revoke(node, machine, token_of(node, machine))
            if answer.status_code != 200:
                refused = answer
                break
        assert refused is not None and refused.status_code == 503, refused and refused.text
        assert int(refused.headers["Retry-After"]) > 0 and refused.json()["error"] == "temporarily_unavailable"
        trace = refused.headers["Trace-Id"]
        explained = lambda: doorward("explain", trace, "--data", node.data).stdout
        seconds_until(lambda: "The store's disk is full" in explained())
        assert node.verify(token).status_code == 200
        blocker.unlink()
        seconds_until(lambda: revoke(node, machine, token).status_code == 200, 15)
        assert node.verify(token).status_code == 401
    finally:
        unmount(disk)
        disk.rmdir()
        outside.rmdir()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT], ids=["smart", "fast", "immediate"])
def test_a_server_that_is_shut_down_and_started_again_is_met_again(made, number):
    """57P01 (ended by the administrator), 57P02 (crash), 57P03 (still starting)."""
    server = made.server()
    node = made.node("node", server.url()).started()
    machine = new_machine(node.data, *MACHINE)
    token = token_of(node, machine)
    postmaster = int((server.folder / "data/postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, number)
    if number == signal.SIGTERM:
        # It waits for its callers, and takes no new ones.
        time.sleep(0.5)
        assert revoke(node, machine, token_of(node, machine)).status_code == 200
        os.kill(postmaster, signal.SIGINT)
    seconds_until(lambda: not is_ready(node), 10)
    assert node.verify(token).status_code == 200
    assert revoke(node, machine, token).status_code == 503
    # Waits for its end.
    server.order("stop")
    server.order("start")
    seconds_until(lambda: is_ready(node), 10)
    assert revoke(node, machine, token).status_code == 200
