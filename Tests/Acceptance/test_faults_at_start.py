"""What stops a server from starting is said in one sentence that names the fix."""

import os
import socket
import sqlite3

import pytest

from command_line import doorward


def serve(*arguments):
    return doorward("serve", *arguments)


def test_a_damaged_database(tmp_path):
    (tmp_path / "doorward.sqlite").write_bytes(b"A" * 8192)
    ran = serve("--data", tmp_path, "--listen", "127.0.0.1:0")
    assert ran.code == 4
    assert "restore a backup" in ran.output


def test_a_port_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = serve("--data", tmp_path, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert ran.code == 4
    assert "--listen" in ran.output


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "127.0.0.1:99999", ":8080"])
def test_an_address_that_is_none(tmp_path, address):
    ran = serve("--data", tmp_path, "--listen", address)
    assert ran.code == 2
    assert "HOST:PORT" in ran.output


def test_a_key_file_others_may_read(tmp_path):
    assert doorward("client", "create", "--name", "x", "--data", tmp_path).code == 0
    (tmp_path / "key").write_text("0" * 64)
    os.chmod(tmp_path / "key", 0o644)
    ran = serve("--data", tmp_path, "--listen", "127.0.0.1:0")
    assert ran.code == 4
    assert "chmod 600" in ran.output


def test_a_database_of_a_newer_version(tmp_path):
    assert doorward("client", "create", "--name", "x", "--data", tmp_path).code == 0
    with sqlite3.connect(tmp_path / "doorward.sqlite") as database:
        database.execute("INSERT INTO grdb_migrations VALUES ('999: the future')")
    ran = serve("--data", tmp_path, "--listen", "127.0.0.1:0")
    assert ran.code == 4
    assert "newer version" in ran.output


@pytest.mark.parametrize(
    "text, words",
    [
        ("isuer: http://x\n", "issuer"),
        ("issuer: http://x/\n", "trailing slash"),
        ("apis:\n  - name: a\n", "upstream"),
        ("listen: [\n", "YAML"),
        ("apis:\n  - {name: a, prefix: /a, upstream: 'http://127.0.0.1:1', contract: oath}\n", "oauth"),
    ],
)
def test_a_configuration_that_is_wrong(tmp_path, text, words):
    file = tmp_path / "doorward.yaml"
    file.write_text(text)
    ran = doorward("config", "check", file)
    assert ran.code == 3
    assert words in ran.output
    assert f"{file}"[:60] in ran.output
