"""A server that is told to stop answers what it was sent, and what may be on its way; then connections and process end."""

import signal
import sqlite3
import time
from contextlib import closing

import pytest

import flows
from demo_server import Demo
from node_calls import seconds_until
from raw_http import Connection, get, post, refresh
from upstream_server import door_before


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


def is_refused(manifest) -> bool:
    """Whether the server takes no more connections."""
    try:
        Connection(manifest["issuer"]).socket.close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_request_that_crosses_the_order_to_stop_is_answered_and_told_that_it_was_the_last(tmp_path):
    """A proxy that keeps connections may have sent it already, and cannot send every request a second time."""
    server = Demo(tmp_path)
    manifest = server.manifest()
    issuer = manifest["issuer"]
    flow = flows.web(manifest)
    crossing = [
        post(issuer, "/oauth/token", manifest["clients"]["machine"], grant_type="client_credentials"),
        refresh(manifest, (flow, flow.tokens())), get(issuer, "/oauth/jwks"), get(issuer, "/health/live"),
    ]
    connections = [Connection(issuer) for _ in range(len(crossing) + 2)]
    unused, resting = connections[-2:]
    resting.send(get(issuer, "/health/live"))
    assert resting.answer()[0] == 200
    time.sleep(1.2)
    new = Connection(issuer)
    for connection in connections[:-1]:
        connection.send(get(issuer, "/health/live"))
        assert connection.answer()[0] == 200
    used = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    # Nobody has had it for a while.
    assert resting.ends()
    seconds_until(lambda: is_refused(manifest))
    # Until each of the server's threads has heard.
    time.sleep(0.2)
    for connection, asked in zip(connections, crossing):
        connection.send(asked)
        status, headers, _ = connection.answer()
        assert (status, headers.get("connection")) == (200, "close")
        assert connection.ends()
    new.send(get(issuer, "/health/live"))
    assert new.answer()[0] == 200 and new.ends()
    assert time.monotonic() - used < 1, "too slow to say anything"
    assert unused.ends()
    assert 0.9 < time.monotonic() - used < 3
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


LONG = 24 << 20


@pytest.fixture
def downloads(tmp_path):
    """A server with an API whose one answer is longer than what the kernel holds for a connection."""
    with door_before(lambda _: "x" * LONG, tmp_path, "/files", "GET /long") as door:
        yield door


@pytest.mark.parametrize("why", ["Connection: close", "HTTP/1.0", "an order to stop", "both"])
def test_the_last_answer_of_a_connection_is_whole_however_slowly_it_is_read(downloads, why):
    server, issuer = downloads
    asked = get(issuer, "/files/long", *(["Connection: close"] if why in ("Connection: close", "both") else []))
    if why == "HTTP/1.0":
        asked = asked.replace(b"HTTP/1.1", b"HTTP/1.0")
    with Connection(issuer) as connection:
        connection.send(asked)
        # It has begun, and waits for its reader.
        received = len(connection.socket.recv(1024))
        time.sleep(1)
        if "stop" in why or why == "both":
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        while piece := connection.socket.recv(1 << 20):
            received += len(piece)
            time.sleep(0.02)
    assert LONG < received < LONG + 4096
    if "stop" in why or why == "both":
        assert server.process.wait(15) == 0


def test_after_an_answer_that_said_it_was_the_last_nothing_is_done(downloads):
    _, issuer = downloads
    with Connection(issuer) as connection:
        connection.send(get(issuer, "/files/long", "Connection: close") + get(issuer, "/health/live"))
        status, headers, _ = connection.answer()
        assert (status, headers.get("connection")) == (200, "close")
        assert connection.ends()


def test_who_never_reads_its_last_answer_does_not_keep_a_server_from_stopping(downloads):
    server, issuer = downloads
    with Connection(issuer) as connection:
        connection.send(get(issuer, "/files/long", "Connection: close"))
        time.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        # Less than a service manager waits before it kills.
        assert server.process.wait(20) == 0
