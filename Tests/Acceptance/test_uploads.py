"""Bodies on their way to an API: large ones, slow ones, and APIs that do not wait for them."""

import hashlib
import socket
import threading
import time

import pytest
import requests

from demo_server import Server, free_port

MEBIBYTE = 1 << 20


def read_head(connection) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return head
        head += part
    return head


def eager(connection):
    """Answers as soon as the head is there and reads no further."""
    if read_head(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nearly")
        time.sleep(0.2)


def echo(connection):
    """Reads all of it, answers with its length and digest."""
    head, _, body = read_head(connection).partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    digest, seen = hashlib.sha256(body), len(body)
    while seen < length:
        part = connection.recv(65536)
        if not part:
            return
        seen += len(part)
        digest.update(part)
    text = f"{seen} {digest.hexdigest()}".encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))


def forgetful(connection):
    """Answers one request and closes a connection that it had promised to keep."""
    if read_head(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def download(connection):
    if read_head(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MEBIBYTE))
        for _ in range(64):
            connection.sendall(bytes(MEBIBYTE))


def broken(connection):
    if read_head(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")


def upstream(answer):
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection):
        with connection:
            try:
                answer(connection)
            except OSError:
                pass

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads")
    port = free_port()
    listeners = {answer.__name__: upstream(answer) for answer in (eager, echo, forgetful, download, broken)}
    lines = [f"issuer: http://127.0.0.1:{port}", f"listen: 127.0.0.1:{port}", "apis:"]
    for name, listener in listeners.items():
        lines.append(
            f"  - {{name: {name}, prefix: /{name}, upstream: 'http://127.0.0.1:{listener.getsockname()[1]}', "
            "routes: [{match: 'POST,HEAD /x', access: everyone}, {match: GET /x, access: everyone}, "
            "{match: POST /token, access: token}]}"
        )
    (folder / "doorward.yaml").write_text("\n".join(lines) + "\n")
    server = Server(
        ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")], folder, "serve"
    )
    server.wait_until(lambda: "Doorward serves" in server.printed())
    yield f"http://127.0.0.1:{port}"
    assert server.stop() == 0, server.printed()[-4000:]
    for listener in listeners.values():
        listener.close()


def connect(gate) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", int(gate.rsplit(":", 1)[1])))
    connection.settimeout(20)
    return connection


def read_until(connection, wanted: bytes):
    seen = b""
    while wanted not in seen:
        part = connection.recv(65536)
        assert part, f"closed before {wanted}: {seen}"
        seen += part


HEAD = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n"


def test_an_api_that_answers_before_the_body_came(gate):
    """Two readers of one connection used to stop the process."""
    for _ in range(20):
        with connect(gate) as connection:
            connection.sendall(HEAD % (b"/eager/x", b"Content-Length: 100\r\n") + bytes(50))
            read_until(connection, b"early")
            connection.sendall(bytes(50) + b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            connection.recv(65536)
    assert requests.get(f"{gate}/health/live", timeout=5).status_code == 200


def test_a_HEAD_with_a_body_that_is_not_waited_for(gate):
    for _ in range(20):
        with connect(gate) as connection:
            connection.sendall((HEAD % (b"/eager/x", b"Content-Length: 100\r\n")).replace(b"POST", b"HEAD") + bytes(50))
            read_until(connection, b"200 OK")
            connection.sendall(bytes(50) + b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            connection.recv(65536)
    assert requests.get(f"{gate}/health/live", timeout=5).status_code == 200


def test_the_connection_goes_on_after_an_early_answer(gate):
    with connect(gate) as connection:
        connection.sendall(HEAD % (b"/eager/x", b"Content-Length: 100\r\n") + bytes(50))
        read_until(connection, b"early")
        connection.sendall(bytes(50))
        time.sleep(0.2)
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        read_until(connection, b"200 OK")


def test_a_caller_who_never_sends_the_rest_is_disconnected(gate):
    with connect(gate) as connection:
        connection.sendall(HEAD % (b"/eager/x", b"Content-Length: 100\r\n") + bytes(50))
        read_until(connection, b"early")
        started = time.monotonic()
        assert connection.recv(65536) == b""
        assert 1 < time.monotonic() - started < 15


def test_a_kept_connection_that_the_api_closed_is_no_failure(gate):
    answers = [requests.get(f"{gate}/forgetful/x", timeout=10).status_code for _ in range(200)]
    assert set(answers) == {200}


def test_large_uploads_arrive_whole(gate):
    body = bytes(range(256)) * (32 * MEBIBYTE // 256)
    answer = requests.post(f"{gate}/echo/x", data=body, timeout=60)
    assert answer.text == f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def test_large_downloads_are_streamed(gate):
    seen = 0
    with requests.get(f"{gate}/download/x", stream=True, timeout=60) as answer:
        for part in answer.iter_content(MEBIBYTE):
            seen += len(part)
    assert seen == 64 * MEBIBYTE


def test_a_caller_who_leaves_in_the_middle_hurts_nobody(gate):
    for _ in range(10):
        with connect(gate) as connection:
            connection.sendall(HEAD % (b"/echo/x", b"Content-Length: 1000000\r\n") + bytes(1000))
    with requests.get(f"{gate}/download/x", stream=True, timeout=60) as answer:
        next(answer.iter_content(1000))
    assert requests.get(f"{gate}/health/live", timeout=5).status_code == 200


def test_an_answer_that_ends_early_is_no_whole_answer(gate):
    """The status is out already; what is left is not to pretend that the body is complete."""
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(f"{gate}/broken/x", timeout=20)
    assert requests.get(f"{gate}/health/live", timeout=5).status_code == 200


def test_a_refused_upload_on_a_closing_connection_gets_its_answer(gate):
    answer = requests.post(
        f"{gate}/echo/token", data=bytes(8 * MEBIBYTE), headers={"Connection": "close"}, timeout=20
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "CREDENTIALS_MISSING"
