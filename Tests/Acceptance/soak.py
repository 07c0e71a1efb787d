"""The fault suite: real servers on a real database under a storm of requests, while things are broken.

    python soak.py --minutes 10 [--database sqlite|postgresql] [--keep DIRECTORY]

ends with 0 when the checker found nothing wrong in the history and enough was done.
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import fault_checker
from fault_cluster import Cluster
from fault_history import History, read
from fault_injector import SQLiteInjector, mount_small_disk, unmount
from fault_load import Load


@dataclass
class Result:
    operations: int
    faults: dict[str, int]
    problems: list[str]
    statuses: dict = field(default_factory=dict)

    def text(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        lines = [f"{self.operations} operations ({statuses})", f"{sum(self.faults.values())} faults ({kinds})"]
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
    problems = fault_checker.check(path)
    problems += [f"node {index} ended with {code}" for index, code in enumerate(codes) if code]
    problems += fallen(cluster)
    statuses: dict[str, int] = {}
    for op in operations:
        name = str(op["status"] or "unanswered")
        statuses[name] = statuses.get(name, 0) + 1
    return Result(len(operations), injector.counts, problems, statuses)


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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where history and logs are left")
    parser.add_argument("--least-operations", type=int, default=10_000)
    parser.add_argument("--least-faults", type=int, default=50)
    options = parser.parse_args()
    directory = options.keep or Path(tempfile.mkdtemp(prefix="doorward-soak-"))
    directory.mkdir(parents=True, exist_ok=True)
    run = on_sqlite
    if options.database == "postgresql":
        from fault_postgresql import on_postgresql as run
    result = run(directory, options.minutes * 60, options.nodes, options.workers, options.seed)
    print(result.text())
    enough = result.operations >= options.least_operations and sum(result.faults.values()) >= options.least_faults
    if not enough:
        print(f"too little was done: at least {options.least_operations} operations and {options.least_faults} faults")
    if result.problems or not enough:
        print(f"history and logs are in {directory}")
        return 1
    if options.keep is None:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
