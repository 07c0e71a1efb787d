"""Asks one server as fast as it answers, and says how fast that was."""

import os
import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "wrk"
TICKS = os.sysconf("SC_CLK_TCK")
LOAD_CORE = "1"


@dataclass
class Figure:
    """The median run of one piece of work."""

    rate: float
    # Processor time of the server for one answer: hardly changes when other programs want the same core.
    microseconds: float
    # Which part of its core the server got, from 0 to 1; well below 1 means that something else was the limit.
    share: float
    p50: float
    p99: float
    answers: int
    all_rates: list

    def __str__(self):
        return f"{self.rate:,.0f}/s, {self.microseconds:.1f} µs, {self.share:.0%} of the core, p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms"


def processor_seconds(pids) -> float:
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def once(pids, url, *, seconds, connections=32, headers=(), script=None, arguments=(), refused=False):
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(SCRIPTS / script)]
    command += [url, "--", *arguments] if arguments else [url]
    before = processor_seconds(pids)
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = processor_seconds(pids) - before
    answers = int(re.search(r"(\d+) requests in", printed)[1])
    elapsed = re.search(r"requests in ([\d.]+(?:us|ms|s|m))", printed)[1]
    elapsed = milliseconds(elapsed) / 1000
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", printed)
    other = int(other[1]) if other else 0
    # A figure of the wrong answers is worth nothing. A few may be cut off when the clock stops.
    if other != (answers if refused else 0) or answers == 0 or "Socket errors" in printed or re.search(r"Wrong answers: [1-9]", printed):
        raise SystemExit(f"unexpected answers from {url} {headers}:\n{printed}")
    return Figure(
        rate=answers / elapsed,
        microseconds=spent / answers * 1e6,
        share=spent / elapsed,
        p50=milliseconds(re.search(r"(?m)^\s+50%\s+(\S+)", printed)[1]),
        p99=milliseconds(re.search(r"(?m)^\s+99%\s+(\S+)", printed)[1]),
        answers=answers,
        all_rates=[],
    )


def median(runs) -> Figure:
    runs = sorted(runs, key=lambda run: run.rate)
    middle = runs[len(runs) // 2]
    middle.all_rates = [round(run.rate) for run in runs]
    middle.microseconds = statistics.median(run.microseconds for run in runs)
    return middle


def measure(pids, url, *, runs, **options) -> Figure:
    return median([once(pids, url, **options) for _ in range(runs)])
