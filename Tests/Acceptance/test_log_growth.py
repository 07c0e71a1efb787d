"""Who reads a SQLite file for long makes its log grow: it is seen in the metrics, said with the reader's name, and over when
the reader lets go."""

import os
import re
import sqlite3
import subprocess
import sys
import time

import pytest

from command_line import doorward, new_machine
from node_calls import revoke, seconds_until, token_of
from postgresql_server import Node
from wire import call

READER = """
import sqlite3, sys
reader = sqlite3.connect(sys.argv[1], isolation_level=None)
reader.execute("BEGIN"), reader.execute("SELECT count(*) FROM record").fetchone()
print("reading", flush=True)
sys.stdin.readline()
"""


def log_bytes(node) -> int:
    return int(re.search(r"^doorward_store_log_bytes (\d+)$", call("GET", f"{node.base}/metrics").text, re.M)[1])


def write(file, megabytes):
    """As much as many commits, at once."""
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("PRAGMA synchronous = OFF")
    writer.execute("CREATE TABLE IF NOT EXISTS weight (bytes BLOB)")
    for _ in range(megabytes):
        writer.execute("INSERT INTO weight VALUES (zeroblob(1048576))")
    writer.execute("DROP TABLE weight")
    writer.close()


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path, "node", None).started()
    yield node
    assert node.stop() == 0


def test_a_foreign_reader_is_named_and_the_log_is_short_again_when_it_lets_go(node):
    machine = new_machine(node.data, "machine", "--grant", "client_credentials", "--scope", "api.read")
    file = node.data / "doorward.sqlite"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert reader.stdout.readline() == "reading\n"
        assert log_bytes(node) < 1 << 20
        write(file, 135)
        assert log_bytes(node) > 128 << 20
        seconds_until(lambda: "the log beside the database is" in node.printed(), 10)
        line = [line for line in node.printed().splitlines() if "the log beside" in line][0]
        assert f"process {reader.pid} (python" in line, line
        # Nobody else waits for it.
        start = time.monotonic()
        assert revoke(node, machine, token_of(node, machine)).status_code == 200
        assert time.monotonic() - start < 2
        time.sleep(3)
        assert node.printed().count("the log beside the database is") == 1, "said once"
    finally:
        reader.communicate("\n")
    assert revoke(node, machine, token_of(node, machine)).status_code == 200
    seconds_until(lambda: "is short again" in node.printed(), 15)
    assert log_bytes(node) < 64 << 20


def test_our_own_commands_let_go_of_the_log(node, tmp_path):
    """What looks through the whole store does so in short readings; `backup` in one, which ends with it."""
    file = node.data / "doorward.sqlite"
    write(file, 20)
    for ran in (
        doorward("migrate", "--check", "--data", node.data), doorward("client", "list", "--data", node.data),
        doorward("backup", tmp_path / "backup", "--data", node.data),
    ):
        assert ran.code == 0, ran.output
    new_machine(node.data, "last", "--grant", "client_credentials", "--scope", "api.read")
    machine = new_machine(node.data, "machine", "--grant", "client_credentials", "--scope", "api.read")
    assert revoke(node, machine, token_of(node, machine)).status_code == 200
    seconds_until(lambda: os.path.getsize(f"{file}-wal") == 0, 10)
