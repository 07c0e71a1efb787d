"""The fault suite: real servers on a real database under a storm of requests, while things are broken.

    python soak.py [--minutes 10] [--database sqlite|postgresql] [--keep DIRECTORY]

ends with 0 when the checker found nothing wrong in the history and enough was done.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import fault_checker
from fault_cluster import Cluster
from fault_history import History, read
from fault_injector import SQLiteInjector, mount_small_disk, unmount
from fault_load import Load
from fault_postgresql import PostgreSQLCluster, PostgreSQLInjector
from postgresql_server import PostgreSQL


@dataclass
class Result:
    operations: int
    faults: dict[str, int]
    problems: list[str]
    statuses: dict = field(default_factory=dict)
    proven: dict = field(default_factory=dict)

    def text(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        lines = [f"{self.operations} operations ({statuses})", f"{sum(self.faults.values())} faults ({kinds})"]
        lines += [f"{count} {what}" for what, count in sorted(self.proven.items())]
        return "\n".join(lines + [f"{len(self.problems)} wrong"] + [f"  {problem}" for problem in self.problems[:40]])


def storm(cluster: Cluster, injector_of, seconds: float, workers: int, seed: int, pause: float) -> Result:
    path = cluster.directory / "history.jsonl"
    history = History(path)
    try:
        cluster.start()
        load = Load(cluster, history, seed)
        injector = injector_of(history)
        load.run(workers, seconds, lambda until: injector.storm(until, pause))
        load.look_at_the_end()
        codes = cluster.stop()
    finally:
        cluster.end()
        history.close()
    operations, faults = read(path)
    checker = fault_checker.checked(path)
    problems = checker.problems
    problems += [f"node {index} ended with {code}" for index, code in enumerate(codes) if code]
    problems += fallen(cluster)
    statuses: dict[str, int] = {}
    for op in operations:
        name = str(op["status"] or "unanswered")
        statuses[name] = statuses.get(name, 0) + 1
    return Result(len(operations), injector.counts, problems, statuses, checker.proven)


def fallen(cluster: Cluster) -> list[str]:
    """Servers that fell by themselves say so on the way."""
    return [
        f"{path.name}: {line}"
        for path in cluster.directory.glob("node-*.log")
        for line in path.read_text(errors="replace").splitlines()
        if "Fatal error" in line or "Program crashed" in line
    ]


def on_sqlite(directory: Path, seconds, nodes=3, workers=6, seed=1, pause=1.0) -> Result:
    disk = directory / "disk"
    is_small = mount_small_disk(disk, 64)
    data = disk / "data"
    try:
        cluster = Cluster(directory, nodes, data=data)
        return storm(
            cluster, lambda history: SQLiteInjector(cluster, history, seed, disk if is_small else None), seconds,
            workers, seed, pause,
        )
    finally:
        if is_small:
            unmount(disk)


class NotInstalled(Exception):
    pass


def on_postgresql(directory: Path, seconds, nodes=3, workers=6, seed=1, pause=1.0) -> Result:
    """On a server of its own, whose folder lies on a small disk where one can be mounted."""
    # Below /tmp, since the server's user cannot look into where the tests are.
    disk = Path(tempfile.gettempdir()) / f"doorward-disk-{os.getpid()}"
    is_small = mount_small_disk(disk, 400)
    if is_small:
        disk.chmod(0o1777)
    # Durable, so that a kill loses nothing that was said to be kept.
    server = PostgreSQL("fsync=on", "max_connections=100", "max_wal_size=64MB", "min_wal_size=32MB")
    cluster = None
    try:
        with temporary_folder(disk if is_small else None):
            if not server.start():
                raise NotInstalled
        server.create("doorward")
        cluster = PostgreSQLCluster(directory, nodes, server)
        return storm(
            cluster, lambda history: PostgreSQLInjector(cluster, history, seed, disk if is_small else None), seconds,
            workers, seed, pause,
        )
    finally:
        for wire in cluster.wires if cluster else []:
            wire.close()
        server.end()
        if is_small:
            unmount(disk)
        disk.rmdir()


@contextmanager
def temporary_folder(folder: Path | None):
    """Where programs that are started meanwhile put what they keep."""
    before = os.environ.get("TMPDIR")
    if folder:
        os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("TMPDIR", None)
        if before is not None:
            os.environ["TMPDIR"] = before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="of storm, over all databases")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only on this one")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the dice")
    parser.add_argument("--keep", type=Path, help="where history and logs are left")
    parser.add_argument("--least-operations", type=int, default=10_000)
    parser.add_argument("--least-faults", type=int, default=50)
    options = parser.parse_args()
    directory = options.keep or Path(tempfile.mkdtemp(prefix="doorward-soak-"))
    print(f"seed {options.seed}, history and logs in {directory}", flush=True)
    shares = {"postgresql": 0.7, "sqlite": 0.3} if options.database is None else {options.database: 1.0}
    runs = {"postgresql": on_postgresql, "sqlite": on_sqlite}
    results = []
    for database, share in shares.items():
        place = directory / database
        place.mkdir(parents=True, exist_ok=True)
        seconds = options.minutes * 60 * share
        result = runs[database](place, seconds, options.nodes, options.workers, options.seed)
        print(f"\n{database}, {options.nodes} nodes, {seconds:.0f} s\n{result.text()}", flush=True)
        results.append(result)
    operations = sum(result.operations for result in results)
    faults = sum(sum(result.faults.values()) for result in results)
    problems = sum(len(result.problems) for result in results)
    print(f"\n{operations} operations, {faults} faults, {problems} wrong")
    if operations < options.least_operations or faults < options.least_faults:
        print(f"too little was done: at least {options.least_operations} operations and {options.least_faults} faults")
        return 1
    if problems == 0 and options.keep is None:
        shutil.rmtree(directory)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
