"""A record without what differs from one run to the next: each such value becomes a name that it keeps within the record."""

import json
import re
from datetime import datetime, timezone
from urllib.parse import quote

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
SPAN = re.compile(r"\b(\d+) s (ago|from now|ahead|behind)")
CUT_PATH = re.compile(r"\.\.\.[^ ]*/(?=doorward\.sqlite)")
WAIT = re.compile(r"(?<=looked at in )\d+ s")
# In the order in which they are looked for.
KINDS = [
    ("trace", re.compile(r"(?<![\w-])[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}(?![\w-])")),
    ("key", re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])")),
    ("digest", re.compile(r"(?<!\w)[0-9a-f]{64}(?!\w)")),
    ("hash", re.compile(r"(?<!\w)[0-9a-f]{32}(?!\w)")),
    ("token", re.compile(r"(?<!\w)[0-9a-f]{16}(?!\w)")),
    ("fingerprint", re.compile(r"(?<!\w)[0-9a-f]{12}(?!\w)")),
    ("port", re.compile(r"(?<=127\.0\.0\.1:)\d{4,5}")),
    ("user", re.compile(r"(?<!\w)[0-9a-f]{12}@example\.org")),
]
STEADY = {"9998", "9999"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def away(seconds: float) -> str:
    """How far from the record's own time, in steps that no test is slow enough to miss."""
    steps = round(seconds / 300) * 5
    return f"{steps:+d} min" if steps else "now"


class Normal:
    def __init__(self, names: dict, now: str | None = None):
        pairs = [(value, name) for name, value in names.items() if value]
        # As they stand in an address.
        pairs += [(quote(value, safe=""), name) for value, name in pairs if quote(value, safe="") != value]
        self.names = sorted(pairs, key=lambda pair: -len(pair[0]))
        self.now = moment(now) if now else None
        self.seen: dict[str, dict[str, str]] = {}

    def text(self, text: str) -> str:
        for value, name in self.names:
            text = text.replace(value, "{" + name + "}")
        if self.now:
            text = TIME.sub(lambda found: "{" + away((moment(found[0]) - self.now).total_seconds()) + "}", text)
        text = SPAN.sub(lambda found: "{" + away(int(found[1])) + "} " + found[2], text)
        text = CUT_PATH.sub("{data}/", text)
        text = WAIT.sub("{wait}", text)
        for kind, pattern in KINDS:
            text = pattern.sub(lambda found, kind=kind: self.name(kind, found[0]), text)
        return text

    def name(self, kind, value) -> str:
        if value in STEADY:
            return value
        known = self.seen.setdefault(kind, {})
        return "{" + f"{kind} {known.setdefault(value.replace('-', ''), str(len(known) + 1))}" + "}"

    def value(self, value, name=""):
        if isinstance(value, dict):
            return {key: self.value(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, name) for each in value]
        if name == "age_seconds" and isinstance(value, int):
            return "{age}"
        if name in ("release", "user_agent"):
            return "{" + name.replace("_", " ") + "}"
        return self.text(value) if isinstance(value, str) else value


def normal(record: dict, names: dict) -> dict:
    """Unchanged but for what must vary."""
    return Normal(names, record["time"]).value(record)


def written(value) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
