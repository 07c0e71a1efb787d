"""PgBouncer between the nodes and their database: by session it works, otherwise it is refused with words."""

import os
import shutil
import subprocess
import time

import pytest

from command_line import UNAVAILABLE, doorward, new_machine
from demo_server import free_port
from node_calls import revoke, seconds_until, token_of
from postgresql_server import Node
from token_requests import skip_loudly

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@pytest.fixture
def pooler(postgresql):
    """Starts one with these settings, and answers its address of a database."""
    if PGBOUNCER is None:
        skip_loudly("PgBouncer is not installed (apt-get install pgbouncer)")
    running = []

    def start(database, **settings):
        port = free_port()
        postgresql.create(database)
        users = postgresql.add_file("users.txt", b'"postgres" ""\n')
        lines = {
            "listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "trust", "auth_file": users,
            "admin_users": "postgres",
        } | settings
        text = f"[databases]\n* = host=127.0.0.1 port={postgresql.port}\n[pgbouncer]\n"
        file = postgresql.add_file(
            f"pgbouncer-{port}.ini", (text + "".join(f"{n} = {v}\n" for n, v in lines.items())).encode()
        )
        # It refuses to run as root.
        account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        running.append(subprocess.Popen([*account, PGBOUNCER, "-q", str(file)], stderr=subprocess.DEVNULL))
        address = f"postgresql://postgres@127.0.0.1:{port}/{database}"
        seconds_until(lambda: subprocess.run(["psql", "-XAtc", "SELECT 1", address], capture_output=True).returncode == 0)
        return address

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def test_nodes_behind_a_session_pooler_hear_of_each_other(pooler, tmp_path):
    address = pooler("by_session", pool_mode="session")
    key = tmp_path / "key"
    key.write_text("a5" * 32)
    key.chmod(0o600)
    first = Node(tmp_path, "a", address, key=key).started()
    second = Node(tmp_path, "b", address, issuer=first.issuer, key=key).started()
    machine = new_machine(first.data, "machine", "--grant", "client_credentials", "--scope", "api.read")
    for _ in range(10):
        token = token_of(first, machine)
        assert second.verify(token).status_code == 200
        assert revoke(second, machine, token).status_code == 200
        assert seconds_until(lambda: first.verify(token).status_code == 401) < 1
    assert [node.stop() for node in (first, second)] == [0, 0]


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_gives_connections_to_others_is_refused_at_once(pooler, postgresql, mode, tmp_path):
    address = pooler(f"by_{mode}", pool_mode=mode)
    start = time.monotonic()
    ran = doorward("serve", "--database", address, "--data", tmp_path, "--listen", f"127.0.0.1:{free_port()}")
    assert ran.code == UNAVAILABLE and "pool_mode = session" in ran.stderr, ran.output
    assert time.monotonic() - start < 5
    # Nothing was begun there.
    assert postgresql.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'doorward'", f"by_{mode}") == "0"


def test_a_pool_that_is_too_small_is_said(pooler, tmp_path):
    address = pooler("too_small", pool_mode="session", default_pool_size=1)
    start = time.monotonic()
    ran = doorward("serve", "--database", address, "--data", tmp_path, "--listen", f"127.0.0.1:{free_port()}")
    assert ran.code == UNAVAILABLE and "each node needs seven" in ran.stderr, ran.output
    assert time.monotonic() - start < 10
