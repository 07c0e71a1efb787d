"""The history of a storm: what was asked, what was answered, and what was broken, one JSON object a line.

Times are seconds of one monotonic clock. Secrets stand as fingerprints, so that a history can be kept.
"""

import hashlib
import itertools
import json
import threading
import time
from pathlib import Path


# In the place of a node: a command, which goes to the store by itself.
COMMAND = "command"


def fingerprint(secret: str | None) -> str | None:
    return secret and hashlib.sha256(secret.encode()).hexdigest()[:16]


class History:
    def __init__(self, path: Path):
        self.file = open(path, "w", buffering=1 << 16)
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.began = time.monotonic()
        self.operations = 0
        self.faults = 0

    def now(self) -> float:
        return round(time.monotonic() - self.began, 4)

    def write(self, **line):
        text = json.dumps(line)
        with self.lock:
            self.file.write(text + "\n")

    def operation(self, node, kind, begin, end, *, status, trace=None, retry_after=None, **facts):
        """`status` is None where no answer came: it may have happened or not."""
        self.operations += 1
        line = {"op": next(self.numbers), "kind": kind, "node": node, "begin": begin, "end": end, "status": status}
        line |= {"trace": trace} if trace else {}
        line |= {"retry_after": retry_after} if retry_after else {}
        self.write(**line, **{name: value for name, value in facts.items() if value is not None})

    def fault(self, kind, node, begin, end):
        """`node` is None for what all nodes stand on."""
        self.faults += 1
        self.write(fault=kind, node=node, begin=begin, end=end)

    def close(self):
        with self.lock:
            self.file.close()


def read(path: Path) -> tuple[list[dict], list[dict]]:
    """Operations and faults."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if "op" in line], [line for line in lines if "fault" in line]


def settled_at(path: Path) -> float | None:
    """When nothing was broken any more, and what must be there was looked for."""
    for line in path.read_text().splitlines():
        if '"mark"' in line:
            return json.loads(line)["at"]
    return None
