"""Valid requests with one property broken each, and what their explanation has to name.

The tables stand in `mutations_*.py`. A mutation is explained when its record names the broken property (the check that
failed), what was expected and what came instead, and, where it nearly fitted, how in words; when nothing else is
accused; and when no credential that was sent stands in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from string import Formatter


@dataclass(frozen=True)
class Named:
    """One failed check. The texts are parts of what the record says, with {names} of the world filled in."""

    check: str
    expected: str
    actual: str


@dataclass
class Mutation:
    name: str
    send: Callable
    # The first is the one that decided.
    faults: tuple[Named, ...]
    near: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    area: str = ""
    slow: bool = False


class Table(list):
    """The mutations of one area. `add("name", send, named(...), near=...)`."""

    def __init__(self, area: str):
        super().__init__()
        self.area = area

    def add(self, name, send, *faults: Named, near=(), evidence=(), slow=False):
        def texts(value):
            return (value,) if isinstance(value, str) else tuple(value)

        for text in (*texts(near), *texts(evidence)):
            assert all(text.split("||")), f"{name}: an empty text is found everywhere"
        self.append(Mutation(name, send, faults, texts(near), texts(evidence), self.area, slow))


def named(check: str, expected: str, actual: str) -> Named:
    return Named(check, expected, actual)


class Names(Formatter):
    """Fills {machine} and the like from the world; what is no name of it stays."""

    def __init__(self, names: dict):
        self.names = names

    def __call__(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", value)
        return text.lower()


@dataclass
class Verdict:
    mutation: Mutation
    trace: str
    missing: list[str] = field(default_factory=list)

    def __str__(self):
        return f"{self.mutation.area}: {self.mutation.name} ({self.trace})\n    " + "\n    ".join(self.missing)


def has(said: str, part: str) -> bool:
    return said == part[1:] if part.startswith("=") else part in said


def judge(mutation: Mutation, trace: str, record: dict | None, names: dict, canaries: set[str], text: str) -> Verdict:
    """What the record lacks; nothing when it names all it should."""
    verdict = Verdict(mutation, trace)
    miss = verdict.missing.append
    if record is None:
        miss("there is no record: " + text[:200])
        return verdict
    fill = Names(names)
    failed = {check["name"]: check for check in record["checks"] if check["result"] == "fail"}
    decided = [check["name"] for check in record["checks"] if check.get("decided")]
    wanted = [next((name for name in fault.check.split("||") if name in failed), fault.check) for fault in mutation.faults]
    if decided != wanted[:1]:
        miss(f"decided by {decided} ({record['reason']}), not by {wanted[:1]}")
    for fault in mutation.faults:
        check = next((failed[name] for name in fault.check.split("||") if name in failed), None)
        if check is None:
            miss(f"{fault.check} is not among the failed: {sorted(failed)}")
            continue
        for member in ("expected", "actual"):
            said, part = check.get(member, ""), fill(getattr(fault, member))
            if not said or not any(has(said.lower(), each) for each in part.split("||")):
                miss(f"{fault.check}: {member} is {said!r}, which lacks {part!r}")
    for name in sorted(set(failed) - set(wanted)):
        check = failed[name]
        miss(f"{name} is accused, too: expected {check.get('expected')!r}, actual {check.get('actual')!r}")
    near = " | ".join(record.get("near_miss", [])).lower()
    for part in mutation.near:
        if not any(fill(each) in near for each in part.split("||")):
            miss(f"near miss {part!r} is not in {record.get('near_miss', [])}")
    evidence = str({**record.get("evidence", {}), **record["request"]}).lower()
    for part in mutation.evidence:
        if fill(part) not in evidence:
            miss(f"evidence {part!r} is not in {evidence}")
    if not record["sentence"].strip():
        miss("it has no sentence")
    for canary in canaries:
        if canary in text:
            miss(f"a credential stands in it: {canary[:12]}…")
    return verdict
