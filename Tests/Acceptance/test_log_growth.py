"""Who reads a SQLite file for long makes its log grow: it is seen in the metrics, said with the reader's name, and over when
the reader lets go."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from command_line import doorward, new_machine
from demo_server import binary
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
    """When they have ended, nothing of them keeps the log from being emptied."""
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


def readers(file) -> set[int]:
    """Who is within a reading: SQLite locks a byte of the shared memory for each (WAL-mode File Format, WAL locks)."""
    shared = os.stat(f"{file}-shm").st_ino
    with open("/proc/locks") as locks:
        # "3: POSIX  ADVISORY  READ 4711 fe:00:131090 123 123"; who waits for one has a line with an arrow.
        lines = [line.split() for line in locks if "->" not in line]
    return {int(l[4]) for l in lines if l[5].endswith(f":{shared}") and 123 <= int(l[6]) <= 127}


def test_counting_lets_go_of_the_log_again_and_again(node):
    """`migrate --check` reads in many short readings: while it counts, the log can begin anew after each of them."""
    file = node.data / "doorward.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=20)) as writer:
        writer.execute(
            "WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < 600000)"
            " INSERT INTO record SELECT 'access_token', printf('%064x', n), 1, 1, 0, 0, NULL, NULL, x'', 0 FROM row"
        )
        writer.execute("CREATE TABLE mark (turn INTEGER)")
        # All of it into the file now, and nothing synced below: what is waited for is the reader alone.
        writer.execute("PRAGMA synchronous = OFF")
        assert writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] == 0
        # In one reading it would be once. More than one attempt, since on a loaded machine the count may run ahead of this test.
        assert any(times_begun_anew(writer, file, node.data) >= 3 for _ in range(4))
        writer.execute("DROP TABLE mark")


def times_begun_anew(writer, file, data) -> int:
    """How often the log could begin anew while `migrate --check` was within a reading, which it is stopped in to be sure."""
    counting = subprocess.Popen([binary(), "migrate", "--check", "--data", data], stdout=subprocess.PIPE, text=True)
    anew = 0
    while counting.poll() is None:
        if counting.pid not in readers(file):
            continue
        counting.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, counting.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        is_reading = counting.pid in readers(file)
        if is_reading:
            # It reads what was before this: until it lets go, the log cannot begin anew.
            writer.execute("INSERT INTO mark VALUES (1)")
        counting.send_signal(signal.SIGCONT)
        if is_reading:
            anew += writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] == 0
    text, _ = counting.communicate()
    assert counting.returncode == 0 and re.search(r"schema 2, 60\d{4} records", text), text
    return anew
