"""A backup is made while the server works, and a server started on it knows everything from before it began."""

import os
import shutil
import signal
import subprocess
import threading
import time

import pytest

from command_line import DONE, REFUSED, UNAVAILABLE, USAGE, create_client, doorward
from demo_server import Demo, binary
from test_disk import call, fill, get_tokens, refresh, small_disk  # noqa: F401 (a fixture)


def backup(data, folder, *arguments):
    return doorward("backup", folder, "--data", data, *arguments)


def grants(manifest, count):
    return [get_tokens(manifest).json() for _ in range(count)]


def published(manifest):
    keys = call("GET", f"{manifest['issuer']}/oauth/jwks").json()["keys"]
    return sorted(keys, key=lambda key: key["kid"])


def allowed(manifest, access_token):
    entry = manifest["contracts"]["kordiam"]
    return call(
        "GET", entry["base"] + entry["protected"], headers={"Authorization": f"Bearer {access_token}"}
    ).status_code


@pytest.fixture
def filled(tmp_path):
    """A data folder with something in it, no server."""
    data = tmp_path / "data"
    create_client(data, "one")
    assert doorward("key", "rotate", "--algorithm", "ES256", "--data", data).code == DONE
    return data


def test_a_backup_under_load_has_every_grant_from_before_and_is_restored(tmp_path):
    demo = Demo(tmp_path)
    manifest = demo.manifest()
    before = grants(manifest, 12)
    stopped = threading.Event()
    rotated = []

    def rotate():
        token = get_tokens(manifest).json()["refresh_token"]
        while not stopped.is_set():
            answer = refresh(manifest, token)
            if answer.status_code != 200:
                return
            token = answer.json()["refresh_token"]
            rotated.append(token)

    workers = [threading.Thread(target=rotate) for _ in range(4)]
    for worker in workers:
        worker.start()
    time.sleep(0.5)
    made = []
    for index in range(3):
        ran = backup(demo.data, tmp_path / f"backup{index}", "--json")
        assert ran.code == DONE, ran.output
        made.append(ran.json())
    stopped.set()
    for worker in workers:
        worker.join(30)
    assert len(rotated) > 20
    assert made[0]["records"]["token_family"] >= 12
    keys = published(manifest)
    revoked = create_client(demo.data, "after the backup")
    assert demo.stop() == 0

    assert doorward("backup", "--check", tmp_path / "backup2").code == DONE
    shutil.move(demo.data, tmp_path / "lost")
    ran = doorward("restore", tmp_path / "backup2", "--data", demo.data)
    assert ran.code == DONE, ran.output
    assert sorted(os.listdir(demo.data)) == ["doorward.sqlite", "key", "server.json"]
    again = Demo(tmp_path, "again", port=demo.port)
    restored = again.manifest()
    assert published(restored) == keys
    assert restored["clients"] == manifest["clients"]
    for grant in before:
        assert allowed(restored, grant["access_token"]) == 200
        assert refresh(restored, grant["refresh_token"]).status_code == 200
    # What came after the backup is not there.
    clients = doorward("client", "list", "--data", demo.data, "--json").json()
    assert revoked["client_id"] not in [client["client_id"] for client in clients]
    assert again.stop() == 0


def test_the_newest_token_of_a_family_rotated_since_is_unknown_and_the_older_one_works_again(tmp_path):
    demo = Demo(tmp_path)
    manifest = demo.manifest()
    old = get_tokens(manifest).json()["refresh_token"]
    assert backup(demo.data, tmp_path / "b").code == DONE
    with_journal = backup(demo.data, tmp_path / "j", "--journal", "--json").json()
    assert "journal.sqlite" in [file["name"] for file in with_journal["files"]]
    assert not (tmp_path / "b" / "journal.sqlite").exists()
    first = refresh(manifest, old).json()["refresh_token"]
    newest = refresh(manifest, first).json()["refresh_token"]
    assert demo.stop() == 0
    shutil.move(demo.data, tmp_path / "lost")
    assert doorward("restore", tmp_path / "b", "--data", demo.data).code == DONE
    again = Demo(tmp_path, "again", port=demo.port)
    restored = again.manifest()
    assert refresh(restored, newest).status_code == 401
    assert refresh(restored, first).status_code == 401
    # What nobody could present any more can be presented: the docs say so, and --end-grants is there for it.
    assert refresh(restored, old).status_code == 200
    assert again.stop() == 0


def test_with_end_grants_everybody_asks_anew(tmp_path):
    demo = Demo(tmp_path)
    manifest = demo.manifest()
    grant = get_tokens(manifest).json()
    assert backup(demo.data, tmp_path / "b").code == DONE
    assert demo.stop() == 0
    shutil.move(demo.data, tmp_path / "lost")
    ran = doorward("restore", tmp_path / "b", "--data", demo.data, "--end-grants", "--json")
    assert ran.json()["ended_grants"] is True
    again = Demo(tmp_path, "again", port=demo.port)
    restored = again.manifest()
    assert refresh(restored, grant["refresh_token"]).status_code == 401
    assert allowed(restored, grant["access_token"]) == 401
    assert get_tokens(restored).status_code == 200
    assert again.stop() == 0


def test_a_plain_copy_of_a_backup_is_a_data_folder(filled, tmp_path):
    assert backup(filled, tmp_path / "b").code == DONE
    shutil.copytree(tmp_path / "b", tmp_path / "copy")
    mine, copied = [
        doorward("client", "list", "--data", folder, "--json").json() for folder in (filled, tmp_path / "copy")
    ]
    assert mine == copied


def test_its_files_are_for_their_owner_alone(filled, tmp_path):
    (tmp_path / "open").mkdir(mode=0o777)
    ran = backup(filled, tmp_path / "open" / "b")
    assert ran.code == DONE and "key file" in ran.output and "secret" in ran.output
    for path in [tmp_path / "open" / "b", *(tmp_path / "open" / "b").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_target_that_exists_is_left_alone(filled, tmp_path):
    assert backup(filled, tmp_path / "b").code == DONE
    before = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    ran = backup(filled, tmp_path / "b")
    assert ran.code == REFUSED and "--overwrite" in ran.output
    assert {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()} == before
    create_client(filled, "two")
    ran = backup(filled, tmp_path / "b", "--overwrite", "--json")
    assert ran.json()["records"]["client"] == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    ran = backup(filled, tmp_path / "mine", "--overwrite")
    assert ran.code == REFUSED and "no backup" in ran.output
    assert (tmp_path / "mine" / "letter").read_text() == "dear"
    assert sorted(os.listdir(tmp_path)) == ["b", "data", "mine"]


def test_restore_replaces_nothing(filled, tmp_path):
    assert backup(filled, tmp_path / "b").code == DONE
    for name in ["doorward.sqlite", "key", "doorward.sqlite-wal"]:
        target = tmp_path / f"target-{name}"
        target.mkdir()
        (target / name).write_text("mine")
        ran = doorward("restore", tmp_path / "b", "--data", target)
        assert ran.code == REFUSED and name in ran.output
        assert os.listdir(target) == [name] and (target / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["doorward.sqlite", "key", "backup.json"])
def test_a_damaged_backup_is_found_and_not_restored(filled, tmp_path, name):
    assert backup(filled, tmp_path / "b").code == DONE
    file = tmp_path / "b" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    for ran in [
        doorward("backup", "--check", tmp_path / "b"),
        doorward("restore", tmp_path / "b", "--data", tmp_path / "target"),
    ]:
        assert ran.code == REFUSED, ran.output
        assert "use another backup" in ran.output
    assert not (tmp_path / "target").exists()


def test_a_key_of_another_server_is_found(filled, tmp_path):
    """The files are what was copied, but they do not belong together."""
    demo = Demo(tmp_path)
    demo.manifest()
    assert demo.stop() == 0
    (demo.data / "key").write_text("0" * 64)
    ran = backup(demo.data, tmp_path / "b")
    assert ran.code == UNAVAILABLE and "key file" in ran.output
    assert not (tmp_path / "b").exists()


def test_a_damaged_store_is_not_backed_up(filled, tmp_path):
    for index in range(40):
        create_client(filled, f"client {index}")
    with open(filled / "doorward.sqlite", "r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\xff" * 4096)
    ran = backup(filled, tmp_path / "b")
    assert ran.code == UNAVAILABLE and "damaged" in ran.output or "malformed" in ran.output, ran.output
    assert os.listdir(tmp_path) == ["data"]


def test_what_is_no_backup(filled, tmp_path):
    ran = doorward("backup", "--check", filled)
    assert ran.code == REFUSED and "no finished backup" in ran.output
    assert backup(tmp_path / "nowhere", tmp_path / "b").code == UNAVAILABLE
    ran = backup(filled, tmp_path / "b", "--database", "postgresql://user:geheim@127.0.0.1:1/doorward")
    assert ran.code == USAGE
    assert "pg_dump" in ran.output and "pg_basebackup" in ran.output and "key" in ran.output
    assert "geheim" not in ran.output


def test_killed_at_any_moment_it_leaves_nothing_under_its_name(filled, tmp_path):
    for index in range(30):
        create_client(filled, f"client {index}")
    finished = 0
    for index in range(25):
        target = tmp_path / "targets" / f"b{index}"
        target.parent.mkdir(exist_ok=True)
        process = subprocess.Popen(
            [str(binary()), "backup", str(target), "--data", str(filled)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.008 * index)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if target.exists():
            finished += 1
            assert doorward("backup", "--check", target).code == DONE
    assert finished < 25
    assert doorward("client", "list", "--data", filled).code == DONE


def test_a_full_disk_is_said_and_nothing_is_left(small_disk, filled):  # noqa: F811
    fill(small_disk)
    ran = backup(filled, small_disk / "b")
    assert ran.code == UNAVAILABLE, ran.output
    assert "full" in ran.output.lower() or "space" in ran.output.lower(), ran.output
    assert os.listdir(small_disk) == ["blocker"]


def test_a_disk_that_fills_up_meanwhile(small_disk, tmp_path):  # noqa: F811
    data = tmp_path / "data"
    for index in range(20):
        create_client(data, f"client {index}")
    blocker = fill(small_disk)
    with open(blocker, "r+b") as file:
        file.truncate(blocker.stat().st_size - 40_000)
    ran = backup(data, small_disk / "b")
    assert ran.code == UNAVAILABLE and "free some space" in ran.output, ran.output
    assert os.listdir(small_disk) == ["blocker"]
