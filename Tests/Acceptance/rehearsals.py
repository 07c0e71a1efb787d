"""What `doorward check` says of a request that is about to be sent, to be compared with what then happened."""

import json
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

import wire
from command_line import DONE, REFUSED, Ran, doorward


@dataclass
class Rehearsed:
    ran: Ran

    @property
    def record(self) -> dict | None:
        """The record of the refusal; nothing where there would be none."""
        return json.loads(self.ran.stdout) if self.ran.code == REFUSED and self.ran.stdout else None

    @property
    def foretold(self) -> tuple[str | None, str | None, int | None]:
        """Reason, deciding check and status. A request that would be admitted has neither reason nor status."""
        if record := self.record:
            return outcome(record)
        if self.ran.code != DONE:
            return f"no outcome, exit code {self.ran.code}: {self.ran.stderr.strip()[:200]}", None, None
        return None, None, json.loads(self.ran.stdout).get("status")


def outcome(record: dict, status: int | None = None) -> tuple[str, str | None, int | None]:
    """Reason, deciding check and status of a refusal's record; a silent refusal has no answer of its own in it."""
    decided = next((check["name"] for check in record["checks"] if check.get("decided")), None)
    return record["reason"], decided, record.get("answer", {}).get("status", status)


def saved(prepared: requests.PreparedRequest) -> bytes:
    """As a browser's tools save it: HTTP/1.1 with all that goes over the wire."""
    lines = [f"{prepared.method} {prepared.path_url} HTTP/1.1", f"Host: {urlsplit(prepared.url).netloc}"]
    fields = [(text(name), text(value)) for name, value in prepared.headers.items()]
    lines += [f"{name}: {value}" for name, value in fields if name.lower() != "host"]
    body = prepared.body or b""
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body.encode() if isinstance(body, str) else body)


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class Watch:
    """Counts the requests that are sent, and rehearses those whose numbers are `chosen` just before they are sent."""

    def __init__(self, data, chosen=()):
        self.data = data
        self.chosen = chosen
        self.count = 0
        self.rehearsed: Rehearsed | None = None

    def before(self, request: bytes):
        self.count += 1
        self.rehearsed = None
        if self.count in self.chosen:
            ran = doorward("check", "--request", "-", "--json", "--data", self.data, stdin=request)
            self.rehearsed = Rehearsed(ran)


@contextmanager
def watching(watch: Watch):
    """Both ways the tests send: through `requests`, and bytes as they are."""
    send, exchange = requests.adapters.HTTPAdapter.send, wire.exchange

    def sending(adapter, prepared, *arguments, **options):
        watch.before(saved(prepared))
        return send(adapter, prepared, *arguments, **options)

    def exchanging(base, sent, *arguments, **options):
        watch.before(sent)
        return exchange(base, sent, *arguments, **options)

    requests.adapters.HTTPAdapter.send, wire.exchange = sending, exchanging
    try:
        yield watch
    finally:
        requests.adapters.HTTPAdapter.send, wire.exchange = send, exchange
