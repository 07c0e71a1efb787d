"""One situation for each reason of the catalogue, made for real, and what the operator is told of it.

A situation is a function that takes the `Stage` and answers what came of it: an answer of the world's demo, `Given` where
another server gave it, or `Ran` where there is no request (a start, a command).
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from command_line import Ran, doorward
from demo_server import Demo
from mutation_world import World

SITUATIONS: dict[str, Callable] = {}


def situation(reason: str):
    def add(make):
        assert reason not in SITUATIONS, reason
        SITUATIONS[reason] = make
        return make

    return add


@dataclass
class Given:
    """An answer of a server whose data lie in `data`; `names` are what differs from one run to the next."""

    answer: object
    data: object
    names: dict

    @property
    def trace(self) -> str:
        return self.answer.headers["Trace-Id"]

    def record(self) -> dict:
        for _ in range(3):
            ran = doorward("explain", self.trace, "--data", self.data, "--json")
            if ran.code == 0:
                return json.loads(ran.stdout)
        raise AssertionError(ran.output)

    def examined(self) -> "Given":
        """Once the record is made: what the second look finds is then what the request found."""
        self.record()
        return self

    def is_what_was_sent(self, record: dict):
        """The record's account of the answer, held against the answer itself."""
        told = record.get("answer")
        if told is None:
            return
        assert told["status"] == self.answer.status_code
        if "body_sha256" in told:
            assert told["body_sha256"] == hashlib.sha256(self.answer.content).hexdigest()
        for line in told["headers"]:
            name, value = line.split(": ", 1)
            # What the caller sent, its state, is left out.
            pattern = "[^&]*".join(map(re.escape, value.split("…")))
            assert re.fullmatch(pattern, self.answer.headers[name]), line


class Stage:
    """The servers on which the situations come about, each started when it is first wanted."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []
        self.kept = {}

    def once(self, name, make):
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def demo(self, name) -> World:
        def make():
            folder = self.folder / name
            folder.mkdir()
            server = Demo(folder)
            self.running.append(server)
            server.manifest()
            return World(server)

        return self.once(name, make)

    @property
    def world(self) -> World:
        return self.demo("world")

    @property
    def spare(self) -> World:
        """Whose clock, store and keys go wrong."""
        return self.demo("spare")

    def place(self, name):
        """An empty folder."""
        made = self.folder / name
        made.mkdir()
        return made

    def close(self):
        for server in self.running:
            assert server.stop() == 0, server.printed()[-4000:]

    def given(self, made) -> Given | Ran:
        if isinstance(made, (Given, Ran)):
            return made
        return self.of(self.world, made)

    @staticmethod
    def of(world, answer) -> Given:
        return Given(answer, world.data, names(world))


def names(world: World) -> dict:
    """What the records of a demo call by another name each time."""
    clients = {**world.clients, **world.made}
    return {f"client {name}": client["client_id"] for name, client in clients.items()} | {
        "issuer": world.issuer,
        "host": world.names["host"],
        "vehicle": world.vehicle,
        "data": str(world.data),
    }
