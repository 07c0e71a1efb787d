"""A load in which every answer is judged: good, expired, revoked, forbidden, malformed and unknown tokens together, while
tokens are being revoked. wrk does not know which request an answer belongs to, so this one asks by itself."""

import argparse
import collections
import os
import random
import select
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import load
import mixed_cases
import servers
from mixed_cases import INTROSPECTION, VERIFY

CONNECTIONS = 32
# A good token is as frequent as all others together; so is one that is about to be revoked, or was a moment ago.
WEIGHTS = {"valid": 8}
REVOCATIONS_A_SECOND = 100
# How many requests about a token follow at once on the answer that it is revoked.
AT_ONCE = 4
VALID, REVOKING, REVOKED = "valid", "being revoked", "revoked"
# Of so many subjects behind and ahead of the one being revoked a request is about one.
WINDOW = 24


class Connection:
    """One keep-alive connection that always has one request under way, and knows which."""

    __slots__ = ("socket", "case", "subject", "state", "sent", "buffer")

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, case, subject=None):
        self.case, self.subject, self.sent = case, subject, time.perf_counter()
        self.state = subject and subject.state
        self.socket.send(case.request)

    def answer(self) -> bytes | None:
        """The whole answer, or None as long as a part is missing."""
        piece = self.socket.recv(65536)
        if not piece:
            raise SystemExit(f"the connection ended during “{self.case.name}”")
        text = self.buffer = self.buffer + piece if self.buffer else piece
        end = text.find(b"\r\n\r\n")
        if end < 0:
            return None
        at = text.find(b"Content-Length: ", 0, end) + 16
        if at < 16:
            raise SystemExit(f"an answer without a length to “{self.case.name}”")
        missing = end + 4 + int(text[at : text.index(b"\r", at)]) - len(text)
        if missing < 0:
            raise SystemExit(f"more than an answer to “{self.case.name}”")
        if missing:
            return None
        self.buffer = b""
        return text


class Load:
    """Thirty-two connections that ask, and one that revokes."""

    def __init__(self, port: int, place: str, classes: dict, subjects: list):
        self.place, self.subjects = place, subjects
        self.kinds = [kind for kind in classes for _ in range(WEIGHTS.get(kind, 1))]
        self.kinds += ["subject"] * len(self.kinds)
        self.classes = classes
        self.random = random.Random(3)
        self.soon = collections.deque()
        self.judged, self.wrong, self.latencies = collections.Counter(), [], []
        self.revocation_waits = []
        self.revoked = 0
        self.revoker = Connection(port)
        self.askers = [Connection(port) for _ in range(CONNECTIONS)]

    def ask(self, connection: Connection):
        if self.soon:
            subject = self.soon.popleft()
        else:
            kind = self.random.choice(self.kinds)
            if kind != "subject":
                return connection.send(self.random.choice(self.classes[kind]))
            at = self.revoked + self.random.randrange(-WINDOW, WINDOW)
            subject = self.subjects[min(max(at, 0), len(self.subjects) - 1)]
        # Before its revocation was sent: accepted. After its acknowledgement was read: refused. Between them: either.
        side = subject.alive if subject.state == VALID else subject.dead
        connection.send(side[self.place], subject)

    def judge(self, connection: Connection, answer: bytes):
        case, subject = connection.case, connection.subject
        self.latencies.append(time.perf_counter() - connection.sent)
        kind, wrong = case.kind, case.wrong(answer)
        certain = subject is None or connection.state == REVOKED or connection.state == subject.state == VALID
        if not certain:
            kind = "while being revoked, either way"
            wrong = subject.alive[self.place].wrong(answer) and subject.dead[self.place].wrong(answer)
        self.judged[kind] += 1
        if wrong:
            # The head tells status and code; tokens are in neither.
            self.wrong.append(f"{case.name}: {answer[:500]!r}")

    def revoke_next(self):
        subject = self.subjects[self.revoked]
        subject.state = REVOKING
        self.revoker.send(subject.revoke, subject)

    def acknowledged(self, answer: bytes):
        """From here on nobody may accept it."""
        subject = self.revoker.subject
        if self.revoker.case.wrong(answer):
            self.wrong.append(f"{self.revoker.case.name}: {answer[:500]!r}")
        self.judged["revocation"] += 1
        self.revocation_waits.append(time.perf_counter() - self.revoker.sent)
        subject.state = REVOKED
        self.revoked += 1
        self.soon.extend([subject] * AT_ONCE)

    def run(self, seconds: float, pids) -> tuple:
        """Asks for so long; answers the seconds that it took and those that the server worked. Waits for every answer."""
        by_number = {each.socket.fileno(): each for each in [self.revoker, *self.askers]}
        poll = select.epoll()
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        before = load.processor_seconds(pids)
        began = time.perf_counter()
        for connection in self.askers:
            self.ask(connection)
        waiting, idle = len(self.askers), True
        while waiting or not idle:
            for number, _ in poll.poll(0.005):
                connection = by_number[number]
                answer = connection.answer()
                if answer is None:
                    continue
                if connection is self.revoker:
                    self.acknowledged(answer)
                    idle = True
                    continue
                self.judge(connection, answer)
                if time.perf_counter() - began < seconds:
                    self.ask(connection)
                    continue
                waiting -= 1
                if not waiting:
                    # A revocation may still be under way.
                    took, spent = time.perf_counter() - began, load.processor_seconds(pids) - before
            passed = time.perf_counter() - began
            if idle and passed < seconds and self.revoked < min(passed * REVOCATIONS_A_SECOND, len(self.subjects)):
                self.revoke_next()
                idle = False
        for connection in by_number.values():
            connection.socket.close()
        return took, spent


def run(server, manifest: dict, quick: bool) -> dict:
    """Figures by name, with how many answers of each class were judged. Ends the benchmark when one was wrong.

    What the server stores in is the caller's affair.
    """
    seconds = 2 if quick else 6
    cases = mixed_cases.Cases(f"127.0.0.1:{server.port}", manifest)
    found = {}
    cores = os.sched_getaffinity(0)
    many = seconds * REVOCATIONS_A_SECOND
    # All tokens first: after a load the server still records what it refused.
    prepared = {place: (cases.constant(place), cases.subjects(many * 3 // 4, many // 8)) for place in (VERIFY, INTROSPECTION)}
    for place, (classes, subjects) in prepared.items():
        asking = Load(server.port, place, classes, subjects)
        os.sched_setaffinity(0, {int(load.LOAD_CORE)})
        passed, spent = asking.run(seconds, server.pids)
        os.sched_setaffinity(0, cores)
        answers, waits = sum(asking.judged.values()), sorted(asking.latencies)
        if asking.wrong:
            raise SystemExit(
                f"mixed, {place}: {len(asking.wrong)} of {answers} answers are wrong:\n" + "\n".join(asking.wrong[:5]))
        if not asking.judged["revoked just now"]:
            raise SystemExit(f"mixed, {place}: nothing was revoked during the load")
        found[f"mixed, {place}"] = {
            "rate": answers / passed, "microseconds": spent / answers * 1e6, "share": spent / passed,
            "p50": waits[len(waits) // 2] * 1000, "p99": waits[len(waits) * 99 // 100] * 1000,
            "revocation p50": statistics.median(asking.revocation_waits) * 1000,
            "revocation longest": max(asking.revocation_waits) * 1000, "wrong": 0, "judged": dict(sorted(asking.judged.items()))}
    return found


def table(results: dict) -> str:
    """What was judged, class by class."""
    figures = {f"{place}{f' on {engine}' if engine else ''}": results.get(f"{engine}{': ' if engine else ''}mixed, {place}")
               for engine in ("", "PostgreSQL") for place in (VERIFY, INTROSPECTION)}
    figures = {title: figure for title, figure in figures.items() if figure}
    if not figures:
        return ""
    lines = ["| answers judged under a mixed load | " + " | ".join(figures) + " |", "|---|" + "---|" * len(figures)]
    for kind in sorted(set().union(*(figure["judged"] for figure in figures.values()))):
        cells = " | ".join(f"{figure['judged'][kind]:,}" if kind in figure["judged"] else "" for figure in figures.values())
        lines.append(f"| {kind.replace('_', ' ')} | {cells} |")
    lines.append("| **wrong** | " + " | ".join(f"**{figure['wrong']}**" for figure in figures.values()) + " |")
    for title, which in (("p50", "revocation p50"), ("longest", "revocation longest")):
        lines.append(f"| a revocation, {title}, ms | " + " | ".join(f"{figure[which]:,.1f}" for figure in figures.values()) + " |")
    lines.append("| answers a second | " + " | ".join(f"{figure['rate']:,.0f}" for figure in figures.values()) + " |")
    return "\n".join(lines) + "\n"


def main():
    """The mixed load alone, on either engine."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--database", help="postgresql://… of an empty database; otherwise SQLite")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), servers.free_port()
        manifest = servers.fill(options.binary.resolve(), folder, port)
        text = servers.configuration(port, folder / "data", port)
        if options.database:
            text += f"database: {options.database}\n"
            subprocess.run(
                [options.binary, "migrate", "--data", folder / "data", "--from", f"sqlite:{folder}/data/doorward.sqlite",
                 "--to", options.database], check=True)
        (folder / "doorward.yaml").write_text(text)
        server = servers.Doorward(options.binary.resolve(), folder, port)
        try:
            print(table(run(server, manifest, options.quick)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
