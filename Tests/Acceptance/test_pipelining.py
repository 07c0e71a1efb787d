"""Several requests on one connection, sent without waiting: each is answered, in its turn.

Some are answered at once, some after a look at the store, some by the framework; whoever
asked must not be able to tell from the order.
"""

import base64
import hashlib
import json
import signal
import socket
import sqlite3
import time
from contextlib import closing
from urllib.parse import urlencode, urlsplit

import pytest

import flows
from demo_server import Demo
from node_calls import seconds_until

FORM = "application/x-www-form-urlencoded"


def basic(client):
    pair = f"{client['client_id']}:{client['client_secret']}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def post(issuer, path, client, **form) -> bytes:
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(issuer).netloc}\r\nContent-Type: {FORM}\r\n"
        f"Authorization: {basic(client)}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def get(issuer, path, *fields) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {urlsplit(issuer).netloc}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Connection:
    def __init__(self, issuer):
        address = urlsplit(issuer)
        self.socket = socket.create_connection((address.hostname, address.port), 15)
        self.socket.settimeout(15)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """The next answer, or None when the connection ended: status, headers, body."""
        while b"\r\n\r\n" not in self.received:
            piece = self.socket.recv(65536)
            if not piece:
                assert not self.received, self.received[:200]
                return None
            self.received += piece
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        length = int(headers["content-length"])
        while len(self.received) < length:
            piece = self.socket.recv(65536)
            assert piece, "the connection ended within an answer"
            self.received += piece
        body, self.received = self.received[:length], self.received[length:]
        return int(lines[0].split(" ")[1]), headers, body

    def ends(self):
        return self.answer() is None


@pytest.fixture
def grant(manifest):
    flow = flows.web(manifest)
    return flow, flow.tokens()


def refresh(manifest, grant) -> bytes:
    return post(
        manifest["issuer"], "/oauth/token", manifest["clients"]["web"],
        grant_type="refresh_token", refresh_token=grant[1]["refresh_token"],
    )


def questions(manifest, grant):
    """Requests with what their answers look like."""
    issuer = manifest["issuer"]
    _, tokens = grant
    web, machine = manifest["clients"]["web"], manifest["clients"]["machine"]
    return [
        (post(issuer, "/oauth/token", machine, grant_type="client_credentials"), 200, b'"access_token"'),
        (refresh(manifest, grant), 200, b'"refresh_token"'),
        (get(issuer, "/health/live"), 200, b'"live"'),
        (post(issuer, "/oauth/introspect", web, token=tokens["access_token"]), 200, b'"active":true'),
        (get(issuer, "/oauth/jwks"), 200, b'"keys"'),
        (post(issuer, "/oauth/revoke", web, token=tokens["access_token"]), 200, b""),
        (post(issuer, "/oauth/introspect", web, token=tokens["access_token"]), 200, b'"active":false'),
        (post(issuer, "/oauth/token", web, grant_type="refresh_token", refresh_token="unknown"), 400, b"invalid_grant"),
        (get(issuer, "/nowhere"), 404, b""),
    ]


def test_answers_come_in_the_order_of_the_questions(manifest, grant):
    asked = questions(manifest, grant)
    with Connection(manifest["issuer"]) as connection:
        connection.send(b"".join(request for request, _, _ in asked))
        for request, status, part in asked:
            seen, _, body = connection.answer()
            assert (seen, part in body) == (status, True), (request[:60], seen, body[:200])


def test_in_pieces(manifest, grant):
    asked = questions(manifest, grant)
    whole = b"".join(request for request, _, _ in asked)
    with Connection(manifest["issuer"]) as connection:
        for start in range(0, len(whole), 173):
            connection.send(whole[start : start + 173])
            time.sleep(0.002)
        for request, status, part in asked:
            seen, _, body = connection.answer()
            assert (seen, part in body) == (status, True), (request[:60], seen, body[:200])


def test_who_has_sent_all_gets_all_answers(manifest, grant):
    """A caller may close its side when it has nothing more to say (RFC 9112 §9.6)."""
    for request, status, _ in questions(manifest, grant)[:2]:
        with Connection(manifest["issuer"]) as connection:
            connection.send(request)
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.answer()[0] == status
            assert connection.ends()


def test_the_connection_ends_where_its_last_request_says_so(manifest, grant):
    last = refresh(manifest, grant).replace(b"\r\nContent-Type", b"\r\nConnection: close\r\nContent-Type", 1)
    with Connection(manifest["issuer"]) as connection:
        connection.send(last + get(manifest["issuer"], "/health/live"))
        status, headers, _ = connection.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert connection.ends()


def test_what_is_no_http_is_answered_after_what_came_before(manifest, grant):
    with Connection(manifest["issuer"]) as connection:
        connection.send(refresh(manifest, grant) + b"nonsense\r\n\r\n")
        assert connection.answer()[0] == 200
        status, headers, _ = connection.answer()
        assert (status, headers["connection"]) == (400, "close") and headers["trace-id"]
        assert connection.ends()


def generation(data, refresh_token) -> int:
    """Which token of its family is the newest, by the store: the first is 1."""

    def read(kind, key):
        found = store.execute("SELECT body FROM record WHERE kind = ? AND key = ?", [kind, key]).fetchone()
        return json.loads(found[0])

    with closing(sqlite3.connect(f"file:{data}/doorward.sqlite?mode=ro", uri=True)) as store:
        token = read("refresh_token", hashlib.sha256(refresh_token.encode()).hexdigest())
        return read("token_family", token["family"])["generation"]


def test_a_caller_who_leaves_has_used_its_token_all_the_same(manifest, demo, grant):
    used = lambda: generation(demo.data, grant[1]["refresh_token"])
    assert used() == 1
    for _ in range(20):
        with Connection(manifest["issuer"]) as connection:
            connection.send(refresh(manifest, grant))
    # Before anybody else asks: one of those who left has rotated it.
    seconds_until(lambda: used() == 2)
    # All of them within the grace: the same successor for everyone, and the server stands.
    with Connection(manifest["issuer"]) as connection:
        connection.send(refresh(manifest, grant))
        assert connection.answer()[0] == 200
    assert used() == 2


def test_a_server_that_is_told_to_stop_answers_first(tmp_path):
    server = Demo(tmp_path)
    manifest = server.manifest()
    flow = flows.web(manifest)
    asked = refresh(manifest, (flow, flow.tokens()))
    connections = [Connection(manifest["issuer"]) for _ in range(20)]
    for connection in connections:
        # Who was answered once has been accepted; a connection that waits for that may be turned away.
        connection.send(get(manifest["issuer"], "/health/live"))
        assert connection.answer()[0] == 200
    for connection in connections:
        connection.send(asked)
    seconds_until(lambda: all(was_read(connection) for connection in connections))
    server.process.send_signal(signal.SIGTERM)
    for connection in connections:
        with connection:
            assert connection.answer()[0] == 200
            assert connection.ends()
    assert server.process.wait(10) == 0


def was_read(connection) -> bool:
    """Whether the server has taken what it was sent, by the kernel's count of what waits at either end (proc(5), tcp)."""
    mine, its = (f":{address[1]:04X}" for address in (connection.socket.getsockname(), connection.socket.getpeername()))
    waiting = {}
    with open("/proc/net/tcp") as connections:
        for line in list(connections)[1:]:
            _, local, remote, _, queues = line.split()[:5]
            if {local[-5:], remote[-5:]} == {mine, its}:
                waiting[local[-5:]] = queues.split(":")
    return int(waiting[mine][0], 16) == 0 and int(waiting[its][1], 16) == 0


def test_what_the_store_does_when_the_server_is_told_to_stop_is_answered(tmp_path):
    """Somebody else writes: the answers come long after the order to stop, and only then may the connections end."""
    server = Demo(tmp_path)
    manifest = server.manifest()
    issuer, clients = manifest["issuer"], manifest["clients"]
    flow = flows.web(manifest)
    tokens = flow.tokens()
    asked = refresh(manifest, (flow, tokens))
    machine = post(issuer, "/oauth/token", clients["machine"], grant_type="client_credentials")
    connections = [Connection(issuer) for _ in range(6)]
    with closing(sqlite3.connect(server.data / "doorward.sqlite", isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        for connection in connections[:4]:
            connection.send(asked)
        # Two whose bodies are still on their way.
        for connection in connections[4:]:
            connection.send(machine[:-5])
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        for connection in connections[4:]:
            connection.send(machine[-5:])
        other.execute("ROLLBACK")
    for connection in connections:
        with connection:
            status, headers, _ = connection.answer()
            assert (status, headers.get("connection")) == (200, "close")
            assert connection.ends()
    assert server.process.wait(10) == 0


@pytest.mark.parametrize("field", ["Content-Length: 50", "Transfer-Encoding: chunked"], ids=["length", "chunked"])
def test_who_stands_still_within_a_request_does_not_keep_a_server_from_stopping(tmp_path, field):
    server = Demo(tmp_path)
    with Connection(server.manifest()["issuer"]) as connection:
        connection.send(f"POST /oauth/token HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n3\r\nabc\r\n".encode())
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        # Less than a service manager waits before it kills.
        assert server.process.wait(20) == 0


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_who_waits_to_be_told_to_send_its_body_is_told(manifest, framing):
    """RFC 9110 §10.1.1: 100 (Continue), then the body, then the answer."""
    whole = post(manifest["issuer"], "/oauth/token", manifest["clients"]["machine"], grant_type="client_credentials")
    head, body = whole.split(b"\r\n\r\n", 1)
    if framing == "chunks":
        head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
        head += b"\r\nTransfer-Encoding: chunked"
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with Connection(manifest["issuer"]) as connection:
        connection.send(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.socket.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(body)
        status, _, body = connection.answer()
        assert (status, b'"access_token"' in body) == (200, True)
