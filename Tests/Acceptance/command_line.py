"""How the tests call the `doorward` commands: every assumed flag stands here."""

import json
import subprocess
import time
from dataclasses import dataclass

from canaries import plant_members
from demo_server import binary

DONE, USAGE, REFUSED, UNAVAILABLE = 0, 2, 3, 4


@dataclass
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def output(self):
        return self.stdout + self.stderr

    def json(self):
        assert self.code == DONE, self.output
        found = json.loads(self.stdout)
        plant_members(found)
        return found


def doorward(*arguments, stdin: str | bytes = "", directory=None) -> Ran:
    finished = subprocess.run(
        [str(binary()), *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=30,
        cwd=directory,
    )
    return Ran(finished.returncode, finished.stdout.decode(), finished.stderr.decode())


def on(data, *arguments, stdin: str = "") -> Ran:
    """A command on the data directory of the running server."""
    return doorward(*arguments, "--data", data, stdin=stdin)


def create_client(data, name) -> dict:
    return doorward(
        "client",
        "create",
        "--name",
        name,
        "--grant",
        "client_credentials",
        "--scope",
        "api.read",
        "--data",
        data,
        "--json",
    ).json()


def new_machine(data, name, *arguments) -> dict:
    """A client as `arguments` describe it."""
    return doorward("client", "create", "--name", name, "--data", data, "--json", *arguments).json()


def create_user(data, username, password) -> Ran:
    # On standard input, because an argument is seen by every process.
    return doorward(
        "user",
        "create",
        "--username",
        username,
        "--password",
        "-",
        "--data",
        data,
        "--json",
        stdin=password,
    )


def listed(data, what) -> list[dict]:
    """`doorward WHAT list --json`: an array, or an object with the array in it."""
    found = doorward(what, "list", "--data", data, "--json").json()
    if isinstance(found, dict):
        found = found[f"{what}s"]
    assert isinstance(found, list)
    return found


def within_a_second(check):
    """True as soon as `check()` is, false if it is not within a second."""
    deadline = time.monotonic() + 1
    while True:
        if check():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
