"""Breaks things, one after the other, and writes down from when to when."""

import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from fault_cluster import Cluster
from fault_history import History


class Injector:
    """What can be done to the nodes, whatever they stand on."""

    def __init__(self, cluster: Cluster, history: History, seed: int):
        self.cluster, self.history = cluster, history
        self.dice = random.Random(seed)
        self.counts: dict[str, int] = {}

    # Whether a node that is stopped may hold what the others wait for.
    stops_all = False

    def kinds(self):
        return [self.kill, self.kill, self.freeze]

    def storm(self, until: float, pause: float = 1.0):
        """Every kind in turn, in an order of the dice, until time is up; then all is mended."""
        waiting = []
        while time.monotonic() < until:
            if not waiting:
                waiting = self.kinds()
                self.dice.shuffle(waiting)
            time.sleep(pause * (0.5 + self.dice.random()))
            if time.monotonic() < until:
                self.do(waiting.pop())
        for node in self.cluster.nodes:
            node.wait_until_ready()

    def do(self, kind):
        begin = self.history.now()
        try:
            node = kind()
        finally:
            end = self.history.now()
        self.history.fault(kind.__name__, node, begin, end)
        self.counts[kind.__name__] = self.counts.get(kind.__name__, 0) + 1

    def kill(self):
        node = self.dice.choice(self.cluster.nodes)
        node.kill()
        time.sleep(self.dice.random() / 2)
        node.start()
        node.wait_until_ready()
        return node.index

    def freeze(self):
        node = self.dice.choice(self.cluster.nodes)
        node.signal(signal.SIGSTOP)
        try:
            time.sleep(0.3 + 2 * self.dice.random())
        finally:
            node.signal(signal.SIGCONT)
        return None if self.stops_all else node.index


class SQLiteInjector(Injector):
    # It may hold the one lock on the file.
    stops_all = True

    def __init__(self, cluster, history, seed, disk: Path | None):
        """`disk`: a small file system that the database lies on."""
        super().__init__(cluster, history, seed)
        self.disk = disk

    def kinds(self):
        return super().kinds() + [self.lock] + ([self.fill] if self.disk else [])

    def lock(self):
        with sqlite3.connect(self.cluster.data / "doorward.sqlite", isolation_level=None, timeout=30) as holder:
            holder.execute("BEGIN IMMEDIATE")
            time.sleep(0.5 + 2 * self.dice.random())
            holder.execute("ROLLBACK")
        holder.close()

    def fill(self):
        fill_up(self.disk, 0.5 + self.dice.random())


def fill_up(disk: Path, seconds: float):
    """Leaves no room for a while."""
    blocker = disk / "blocker"
    try:
        occupy(blocker)
        time.sleep(seconds)
    finally:
        blocker.unlink()


def occupy(blocker: Path):
    """A file that takes all the room there is."""
    with open(blocker, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def mount_small_disk(folder: Path, megabytes: int) -> bool:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    return mounted.returncode == 0


def unmount(folder: Path):
    subprocess.run(["umount", "-l", str(folder)], check=True)
