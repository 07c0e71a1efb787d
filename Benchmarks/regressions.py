"""Compares a run's ratios with those that were recorded last (recorded.json), and tells what became slower.

A ratio is to a floor of the same run, so it hardly depends on the machine, and by processor time where there is one, so
that it hardly depends on what else ran. More is always better.
"""

import datetime
import json
import math
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "recorded.json"
# A ratio that is worse by more than this is told of; runs of the same program differ by less.
NOISE = 0.15
# What else the machine does moves these more.
NOISE_OF = {"start to first answer": 0.5}

TIME, RATE = "processor time", "rate"
# Whose figures' names begin with it.
OTHER_ENGINE = "PostgreSQL"
# What nginx gets of its core when nothing else wants it; of a disturbed run nothing is recorded.
QUIET = 0.85
# Work, its figure, its floor.
FLOORS = [
    ("forward-auth, token seen before", "verify, token seen before", "nginx"),
    ("the framework's smallest route", "empty route of the framework", "nginx"),
    ("forward-auth, token never seen, ES256", "verify, token never seen, ES256", "openssl P-256 verify"),
    ("client-credentials token, ES256", "client credentials, ES256", "openssl P-256 sign"),
    ("introspection, JWT", "introspection, JWT", "nginx"),
    ("introspection, opaque", "introspection, opaque", "nginx"),
    ("rotating refresh, one at a time", "refresh, 1 at once", "nginx"),
    ("rotating refresh, 64 at once", "refresh, 64 at once", "nginx"),
    ("sign-ins", "sign-ins", "raw Argon2id"),
    ("authorize and exchange", "authorize and exchange, requests", "nginx"),
    ("mixed load, /verify", "mixed, /verify", "nginx"),
    ("mixed load, introspection", "mixed, introspection", "nginx"),
]
# Absolute, so not more than these: work, its figure, the target.
LIMITS = [("memory, idle", "memory when idle, MB", 60), ("start to first answer", "start to first answer, ms", 200)]


@dataclass(frozen=True)
class Ratio:
    value: float
    by: str


@dataclass(frozen=True)
class Change:
    work: str
    before: float
    now: float
    bound: float
    recorded: dict

    @property
    def is_worse(self) -> bool:
        return self.now < self.before * (1 - self.bound)

    @property
    def is_better(self) -> bool:
        return self.now > self.before / (1 - self.bound)


def microseconds(figure: dict) -> float:
    return figure.get("microseconds") or 1e6 / figure["rate"]


def quotient(figure: dict, floor: dict) -> Ratio:
    if figure.get("microseconds"):
        return Ratio(microseconds(floor) / figure["microseconds"], TIME)
    return Ratio(figure["rate"] / floor["rate"], RATE)


def mean(figures, floor: dict) -> Ratio | None:
    """The geometric mean of many ratios: one of them alone is taken too shortly to be compared."""
    ratios = [quotient(figure, floor).value for figure in figures]
    return Ratio(math.exp(sum(map(math.log, ratios)) / len(ratios)), TIME) if ratios else None


def ratios(results: dict) -> dict:
    """Work → ratio, of what was measured."""
    found = {}
    for work, name, floor in FLOORS:
        if name in results and floor in results:
            found[work] = quotient(results[name], results[floor])
    for work, name, most in LIMITS:
        if name in results:
            found[work] = Ratio(most / results[name]["rate"], RATE)
    for way in ("verify", "gate"):
        kinds = {True: [], False: []}
        for name, figure in results.items():
            parts = name.split(", ")
            if parts[0] == way and len(parts) == 3 and parts[2] in ("valid", "none", "expired", "forbidden"):
                kinds[parts[2] == "valid"].append(figure)
        for is_valid, title in ((True, "allowed"), (False, "refused")):
            ratio = mean(kinds[is_valid], results["nginx"]) if "nginx" in results else None
            if ratio:
                found[f"{'/verify' if way == 'verify' else 'the gate'}, every contract, {title}"] = ratio
    flood = results.get("flood: processor time of an answer, last fifth to first")
    if flood:
        found["a flood of refusals, the last fifth"] = Ratio(1 / flood["rate"], TIME)
    levels = [name.split(" grants")[0] for name in results if name.endswith(" grants: verify, seen")]
    for what in ("verify, seen", "introspection, opaque", "refresh, 64 at once"):
        figures = [results.get(f"{level} grants: {what}") for level in levels]
        if len(figures) > 1 and all(figures):
            found[f"{what}; {levels[0]} → {levels[-1]} grants"] = quotient(figures[-1], figures[0])
    return found


def compare(recorded: dict, found: dict) -> list:
    """What can be compared: work that was recorded, by the same measure."""
    return [
        Change(work, recorded[work]["ratio"], ratio.value, NOISE_OF.get(work, NOISE), recorded[work])
        for work, ratio in found.items() if work in recorded and recorded[work]["by"] == ratio.by]


def read(engine: str, file: Path = FILE) -> dict:
    return json.loads(file.read_text()).get(engine, {}) if file.exists() else {}


def record(engine: str, found: dict, machine: str, commit: str, file: Path = FILE):
    """Puts what was found in the place of what was recorded; other works and engines stay."""
    whole = json.loads(file.read_text()) if file.exists() else {}
    today = datetime.date.today().isoformat()
    works = whole.setdefault(engine, {})
    for work, ratio in found.items():
        works[work] = {"ratio": round(ratio.value, 4), "by": ratio.by, "machine": machine, "commit": commit, "date": today}
    file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def text(engine: str, changes: list, machine: str) -> str:
    """For the terminal and the document."""
    if not changes:
        return f"Nothing is recorded to compare with ({engine}).\n"
    worse = [change for change in changes if change.is_worse]
    lines = [f"{len(changes)} ratios compared with those recorded ({engine}); "
             + (f"**{len(worse)} worse**:" if worse else "none is worse.")]
    if worse:
        lines += ["", "| work | recorded | now | noise allowed | recorded at |", "|---|---|---|---|---|"]
    for change in worse:
        elsewhere = "" if change.recorded["machine"] == machine else ", on another machine"
        lines.append(f"| {change.work} | {change.before:.3g} | **{change.now:.3g}** | {change.bound:.0%} "
                     f"| {change.recorded['commit']}, {change.recorded['date']}{elsewhere} |")
    better = [f"{change.work} ({change.before:.3g} → {change.now:.3g})" for change in changes if change.is_better]
    if better:
        lines += ["", "Better than recorded: " + "; ".join(better) + ". `Benchmarks/run --record` takes that down."]
    return "\n".join(lines) + "\n"


def machine() -> str:
    processor = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", processor)
    return f"{model[1] if model else 'unknown processor'}, {len(re.findall('(?m)^processor', processor))} cores"


def commit() -> str:
    asked = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def by_engine(results: dict) -> dict:
    """Each engine's figures by their plain names; the floors are for all of them."""
    mark = f"{OTHER_ENGINE}: "
    floors = {floor for _, _, floor in FLOORS}
    found = {"SQLite": {name: figure for name, figure in results.items() if not name.startswith(mark)}}
    other = {name.removeprefix(mark): figure for name, figure in results.items() if name.startswith(mark)}
    if other:
        found[OTHER_ENGINE] = {name: results[name] for name in floors if name in results} | other
    return found


def judge(results: dict, *, takes_down: bool, file: Path = FILE) -> tuple:
    """The comparison in words, and whether something is worse. With `takes_down` the run becomes what is recorded."""
    found = {engine: ratios(figures) for engine, figures in by_engine(results).items()}
    changes = {engine: compare(read(engine, file), ratios) for engine, ratios in found.items()}
    said = "\n".join(text(engine, changed, machine()) for engine, changed in changes.items())
    if results.get("nginx", {}).get("share", 1) < QUIET:
        said += "\nOther programs took part of the cores in this run; what is worse may be so for that alone.\n"
    if takes_down:
        if results["quick"] or results.get("nginx", {}).get("share", 0) < QUIET:
            raise SystemExit(f"{said}\nNot recorded: a quick run, one without the floors, or one that other programs disturbed.")
        for engine, measured in found.items():
            record(engine, measured, machine(), commit(), file)
        said += f"\nRecorded: {sum(map(len, found.values()))} ratios.\n"
    return said, any(change.is_worse for changed in changes.values() for change in changed)
