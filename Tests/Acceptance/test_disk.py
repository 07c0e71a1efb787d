"""A disk that is full, and one that cannot be written: a real file system of its own, a few megabytes large."""

import sqlite3
import subprocess
import time

import pytest
import requests

from demo_server import Demo, Server, free_port


def call(method, url, **options):
    """Not `wire.call`: the failures wanted here are not failures of the session."""
    return requests.request(method, url, timeout=30, **options)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"NOT TESTED: no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    blocker = folder / "blocker"
    with open(blocker, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return blocker


def kordiam(manifest, path, **body):
    return call("POST", f"{manifest['contracts']['kordiam']['base']}{path}", json=body)


def get_tokens(manifest):
    client = manifest["clients"]["kordiam"]
    return kordiam(
        manifest,
        "/api/v2/auth/token",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        grant_type="client_credentials",
    )


def refresh(manifest, token):
    client = manifest["clients"]["kordiam"]
    return kordiam(
        manifest,
        "/api/v2/auth/refresh",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        grant_type="refresh_token",
        refresh_token=token,
    )


def test_a_full_disk_refuses_and_consumes_nothing(small_disk):
    demo = Demo(small_disk)
    manifest = demo.manifest()
    tokens = get_tokens(manifest)
    assert tokens.status_code == 200, tokens.text
    blocker = fill(small_disk)
    refused = []
    for _ in range(20):
        refused.append(refresh(manifest, tokens.json()["refresh_token"]))
    last = refused[-1]
    assert last.status_code == 503, last.text
    assert last.headers["Retry-After"]
    assert last.headers["Content-Type"] == "application/problem+json"
    # What needs no writing goes on: documentation, verification, and the reason stays available.
    issuer = manifest["issuer"]
    assert call("GET", f"{issuer}/errors/storage-unavailable").status_code == 200
    entry = manifest["contracts"]["kordiam"]
    allowed = call(
        "GET", entry["base"] + entry["protected"], headers={"Authorization": f"Bearer {entry['tokens']['valid']}"}
    )
    assert allowed.status_code == 200
    blocker.unlink()
    time.sleep(0.5)
    answer = refresh(manifest, tokens.json()["refresh_token"])
    assert answer.status_code == 200, answer.text
    assert refresh(manifest, answer.json()["refresh_token"]).status_code == 200
    assert demo.stop() == 0


def test_a_database_that_another_program_holds_refuses_and_consumes_nothing(tmp_path):
    demo = Demo(tmp_path)
    manifest = demo.manifest()
    tokens = get_tokens(manifest).json()
    with sqlite3.connect(demo.data / "doorward.sqlite", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        refused = refresh(manifest, tokens["refresh_token"])
        assert refused.status_code == 503 and refused.headers["Retry-After"]
        holder.execute("ROLLBACK")
    assert refresh(manifest, tokens["refresh_token"]).status_code == 200
    assert demo.stop() == 0


def test_a_read_only_disk_is_named_when_the_server_starts(small_disk):
    data = small_disk / "data"
    port = free_port()
    arguments = ["serve", "--listen", f"127.0.0.1:{port}", "--data", str(data)]
    first = Server(arguments, small_disk, "first")
    first.wait_until(lambda: "Doorward serves" in first.printed())
    assert first.stop() == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    second = Server(arguments, small_disk.parent, "second")
    assert second.process.wait(20) == 4
    assert "read" in second.printed() and "writable" in second.printed(), second.printed()


def test_a_server_on_a_full_disk_says_so_and_starts_once_there_is_room(small_disk):
    data = small_disk / "data"
    arguments = ["serve", "--listen", f"127.0.0.1:{free_port()}", "--data", str(data)]
    first = Server(arguments, small_disk.parent, "first")
    first.wait_until(lambda: "Doorward serves" in first.printed())
    assert first.stop() == 0
    blocker = fill(small_disk)
    second = Server(arguments, small_disk.parent, "second")
    assert second.process.wait(20) == 4
    assert "free some space" in second.printed(), second.printed()
    blocker.unlink()
    third = Server(arguments, small_disk.parent, "third")
    third.wait_until(lambda: "Doorward serves" in third.printed())
    assert third.stop() == 0
