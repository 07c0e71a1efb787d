"""A store is brought to this version's schema, or moved into another database; nothing of it is lost, and nobody is
surprised."""

import os
import signal
import sqlite3
import subprocess
import time

import pytest

from command_line import DONE, REFUSED, UNAVAILABLE, USAGE, create_client, doorward
from demo_server import Demo, Server, binary, free_port
from postgresql_server import Node
from test_disk import get_tokens, refresh
from token_requests import client_credentials

# As the first version made it.
VERSION_1 = """
PRAGMA journal_mode = WAL;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('1: records');
PRAGMA application_id = 1148153714;
CREATE TABLE record (
  kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL,
  announced INTEGER NOT NULL, indexed INTEGER NOT NULL, closed INTEGER, expires INTEGER, body BLOB NOT NULL,
  PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
CREATE INDEX record_announced ON record (revision, kind, key) WHERE announced = 1;
CREATE INDEX record_closed ON record (kind, key, closed) WHERE closed IS NOT NULL;
CREATE TABLE record_index (
  kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (kind, name, value, key)) STRICT, WITHOUT ROWID;
CREATE INDEX record_index_key ON record_index (kind, key);
CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
"""


def make_version_1(data):
    """The same records as the first version would have stored them."""
    new = data / "doorward.sqlite"
    old = data / "old.sqlite"
    # Whatever the log beside it has.
    with sqlite3.connect(new) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with sqlite3.connect(old) as database:
        database.executescript(VERSION_1)
        database.execute("ATTACH ? AS new", (str(new),))
        columns = "kind, key, version, revision, announced, indexed, closed, expires, body"
        database.execute(f"INSERT INTO record SELECT {columns} FROM new.record")
        database.execute("INSERT INTO record_index SELECT * FROM new.record_index")
        database.execute("INSERT INTO store SELECT * FROM new.store")
    database.close()
    for end in ["", "-wal", "-shm"]:
        if (data / f"doorward.sqlite{end}").exists():
            os.remove(data / f"doorward.sqlite{end}")
        if (data / f"old.sqlite{end}").exists():
            os.rename(data / f"old.sqlite{end}", data / f"doorward.sqlite{end}")
    return new


def records(path):
    with sqlite3.connect(path) as database:
        found = database.execute(
            "SELECT kind, key, version, revision, announced, indexed, closed, expires, body FROM record ORDER BY 1, 2"
        ).fetchall()
        indexes = database.execute("SELECT * FROM record_index ORDER BY 1, 2, 3, 4").fetchall()
    database.close()
    return found, indexes


@pytest.fixture
def served(tmp_path):
    """A data folder that a demo has worked on, with what it gave; the demo has stopped."""
    demo = Demo(tmp_path)
    manifest = demo.manifest()
    tokens = [get_tokens(manifest).json() for _ in range(5)]
    rotated = refresh(manifest, tokens[0]["refresh_token"]).json()
    assert demo.stop() == 0
    return demo, manifest, tokens[1:] + [rotated]


def test_a_store_of_the_first_version_is_migrated_and_every_grant_holds(served, tmp_path):
    demo, manifest, tokens = served
    path = make_version_1(demo.data)
    before = records(path)
    ran = doorward("migrate", "--check", "--data", demo.data, "--json").json()
    assert (ran["schema"], ran["known"], ran["older_versions_keep_working"]) == (1, 2, False)
    assert ran["records"] == len(before[0]) and [step["to"] for step in ran["steps"]] == [2]
    words = doorward("migrate", "--check", "--data", demo.data)
    assert words.code == DONE and "make a backup" in words.output and "checksum" in words.output
    # Looking changed nothing.
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT identifier FROM grdb_migrations").fetchall() == [("1: records",)]
    database.close()
    ran = doorward("migrate", "--data", demo.data)
    assert ran.code == DONE and "from schema 1 to 2" in ran.output
    assert records(path) == before
    assert "nothing to do" in doorward("migrate", "--data", demo.data).output
    again = Demo(tmp_path, "again", port=demo.port)
    restored = again.manifest()
    for token in tokens:
        assert refresh(restored, token["refresh_token"]).status_code == 200
    assert again.stop() == 0


def test_a_store_of_the_first_version_is_backed_up_as_it_is(served, tmp_path):
    demo, _, _ = served
    path = make_version_1(demo.data)
    before = records(path)
    ran = doorward("backup", tmp_path / "b", "--data", demo.data, "--json").json()
    assert ran["schema"] == 1 and sum(ran["records"].values()) == len(before[0])
    assert records(tmp_path / "b" / "doorward.sqlite") == before
    assert doorward("backup", "--check", tmp_path / "b").code == DONE


def test_an_older_server_that_still_runs_is_not_cut_off(served):
    demo, _, _ = served
    path = make_version_1(demo.data)
    older = sqlite3.connect(path)
    older.execute("SELECT count(*) FROM record").fetchone()
    for command in [["migrate"], ["client", "list"], ["serve", "--listen", "127.0.0.1:0"]]:
        ran = doorward(*command, "--data", demo.data)
        assert ran.code == UNAVAILABLE and "stop the older server" in ran.output, ran.output
    assert [row[1] for row in older.execute("PRAGMA table_info(record)")][-1] == "body"
    older.close()
    assert doorward("migrate", "--data", demo.data).code == DONE


def test_a_newer_store_is_refused_with_what_to_do(tmp_path):
    create_client(tmp_path, "one")
    with sqlite3.connect(tmp_path / "doorward.sqlite") as database:
        database.execute("INSERT INTO grdb_migrations VALUES ('7: later')")
        database.execute("UPDATE schema_version SET version = 7, minimum_reader = 6")
    for command in [["migrate", "--check"], ["migrate"], ["serve", "--listen", "127.0.0.1:0"], ["client", "list"]]:
        ran = doorward(*command, "--data", tmp_path)
        assert ran.code in (UNAVAILABLE, REFUSED)
        for words in ["newer version", "its schema is 7", "knows 6", "this one knows 2", "restore a backup"]:
            assert words in ran.output, ran.output


def test_a_newer_store_that_says_this_version_may_use_it_is_used(tmp_path):
    create_client(tmp_path, "one")
    with sqlite3.connect(tmp_path / "doorward.sqlite") as database:
        database.execute("INSERT INTO grdb_migrations VALUES ('3: later')")
        database.execute("UPDATE schema_version SET version = 3, minimum_reader = 2")
        database.execute("CREATE TABLE later (a)")
    ran = doorward("migrate", "--check", "--data", tmp_path)
    assert ran.code == DONE and "can be used by this version" in ran.output
    create_client(tmp_path, "two")
    assert len(doorward("client", "list", "--data", tmp_path, "--json").json()) == 2


def copy(source, target, *arguments):
    return doorward("migrate", "--from", f"sqlite:{source}", "--to", f"sqlite:{target}", *arguments)


def test_everything_is_copied_and_works_from_there(served, tmp_path):
    demo, manifest, tokens = served
    source = demo.data / "doorward.sqlite"
    before = records(source)
    ran = copy(source, tmp_path / "new.sqlite", "--check")
    assert ran.code == DONE and f"{len(before[0])} records would be copied" in ran.output
    assert not (tmp_path / "new.sqlite").exists()
    ran = copy(source, tmp_path / "new.sqlite", "--json").json()
    assert ran["copied"] == len(before[0]) == sum(ran["records"].values())
    assert records(tmp_path / "new.sqlite") == before == records(source)
    os.rename(source, demo.data / "former.sqlite")
    os.rename(tmp_path / "new.sqlite", source)
    again = Demo(tmp_path, "again", port=demo.port)
    restored = again.manifest()
    assert restored["clients"] == manifest["clients"]
    for token in tokens:
        assert refresh(restored, token["refresh_token"]).status_code == 200
    assert again.stop() == 0


def test_a_source_in_use_is_not_copied(tmp_path):
    port = free_port()
    server = Server(["serve", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "d")], tmp_path, "serve")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    ran = copy(tmp_path / "d" / "doorward.sqlite", tmp_path / "new.sqlite")
    assert ran.code == UNAVAILABLE and "in use" in ran.output and "stop the server" in ran.output
    assert not (tmp_path / "new.sqlite").exists()
    assert server.stop() == 0
    assert copy(tmp_path / "d" / "doorward.sqlite", tmp_path / "new.sqlite").code == DONE


def test_no_server_starts_on_the_source_during_a_copy(tmp_path):
    create_client(tmp_path / "d", "one")
    holder = sqlite3.connect(tmp_path / "d" / "doorward.sqlite", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("COMMIT")
    ran = doorward("serve", "--listen", "127.0.0.1:0", "--data", tmp_path / "d")
    assert ran.code == UNAVAILABLE and "another process" in ran.output
    holder.close()


def test_a_copy_that_is_killed_is_gone_on_with(served, tmp_path):
    demo, _, _ = served
    source, target = demo.data / "doorward.sqlite", tmp_path / "new.sqlite"
    before = records(source)
    for index in range(6):
        process = subprocess.Popen(
            [str(binary()), "migrate", "--from", f"sqlite:{source}", "--to", f"sqlite:{target}", "--resume"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.02 * index)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ran = copy(source, target, "--resume", "--json").json()
    assert ran["copied"] + ran["found"] == len(before[0])
    assert records(target) == before
    ran = copy(source, target)
    assert ran.code == REFUSED and "--resume" in ran.output


def test_a_target_that_is_something_else_is_refused(served, tmp_path):
    demo, _, _ = served
    source = demo.data / "doorward.sqlite"
    create_client(tmp_path / "other", "stranger")
    other = tmp_path / "other" / "doorward.sqlite"
    before = records(other)
    for arguments in [[], ["--resume"]]:
        ran = copy(source, other, *arguments)
        assert ran.code == REFUSED, ran.output
    assert before[0][0] in records(other)[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "sqlite:a"],
        ["--to", "sqlite:a"],
        ["--resume"],
        ["--from", "sqlite:a", "--to", "sqlite:a"],
        ["--from", "a.sqlite", "--to", "sqlite:b"],
    ],
)
def test_a_wrong_call(tmp_path, arguments):
    assert doorward("migrate", *arguments, directory=tmp_path).code == USAGE


def test_a_source_that_is_not_there(tmp_path):
    ran = copy(tmp_path / "nothing.sqlite", tmp_path / "new.sqlite")
    assert ran.code == UNAVAILABLE and "there is no database" in ran.output
    assert os.listdir(tmp_path) == []


def test_a_store_moves_to_postgresql_and_back_without_losing_a_grant(served, postgresql, tmp_path):
    demo, manifest, tokens = served
    source = demo.data / "doorward.sqlite"
    before = records(source)
    database = postgresql.create("moved")
    ran = doorward("migrate", "--check", "--database", database, "--data", tmp_path)
    assert ran.code == DONE and "schema 0" in ran.output, ran.output
    there = doorward("migrate", "--from", f"sqlite:{source}", "--to", database, "--json").json()
    assert there["copied"] == len(before[0])
    again = doorward("migrate", "--from", f"sqlite:{source}", "--to", database)
    assert again.code == REFUSED and "--resume" in again.output
    counted = doorward("migrate", "--check", "--database", database, "--data", tmp_path, "--json").json()
    assert counted["records"] == len(before[0]) and counted["steps"] == []
    # A node on it knows the demo's clients by their secrets, its keys and its people.
    node = Node(tmp_path, "node", database, issuer=manifest["issuer"], key=demo.data / "key").started()
    machine = manifest["clients"]["machine"]
    token = client_credentials(f"{node.base}/oauth/token", machine)["access_token"]
    assert node.verify(token).status_code == 200
    assert node.verify(manifest["contracts"]["oauth"]["tokens"]["revoked"]).status_code == 401
    assert node.stop() == 0
    other = postgresql.create("other")
    across = doorward("migrate", "--from", database, "--to", other, "--json").json()
    back = doorward("migrate", "--from", other, "--to", f"sqlite:{tmp_path / 'back.sqlite'}", "--json").json()
    assert across["digest"] == back["digest"]
    # What the node wrote is there as well; nothing of what was there before is gone.
    found = {(row[0], row[1]) for row in records(tmp_path / "back.sqlite")[0]}
    assert {(row[0], row[1]) for row in before[0]} <= found
    os.rename(source, demo.data / "former.sqlite")
    os.rename(tmp_path / "back.sqlite", source)
    for end in ["-wal", "-shm"]:
        (demo.data / f"doorward.sqlite{end}").unlink(missing_ok=True)
    restored = Demo(tmp_path, "again", port=demo.port)
    for token in tokens:
        assert refresh(restored.manifest(), token["refresh_token"]).status_code == 200
    assert restored.stop() == 0
