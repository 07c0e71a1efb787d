"""Bytes that are not HTTP, or not quite: never a 500, never a hang."""

import socket
from urllib.parse import urlsplit

import pytest

from wire import exchange

# Shorter than a server's idle timeout should be: waiting for more is no answer.
LIMIT_SECONDS = 10
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def request(head: str, body: str = "") -> bytes:
    return (head + "\r\n" + body).encode("latin-1")


MALFORMED = {
    "no request line": request("\r\n\r\n\r\nnonsense\r\n"),
    "words": request("this is not http\r\n"),
    "no version": request("GET /\r\nHost: h\r\n"),
    "version 9": request("GET / HTTP/9.9\r\nHost: h\r\n"),
    "lower-case protocol": request("GET / http/1.1\r\nHost: h\r\n"),
    "empty method": request(" / HTTP/1.1\r\nHost: h\r\n"),
    "method with a control character": request("G\x01T / HTTP/1.1\r\nHost: h\r\n"),
    "space in the target": request("GET /a b HTTP/1.1\r\nHost: h\r\n"),
    "control character in the target": request("GET /\x01 HTTP/1.1\r\nHost: h\r\n"),
    "two lengths": request(
        f"POST /oauth/token HTTP/1.1\r\nHost: h\r\n{FORM}"
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "a=b&c=",
    ),
    "negative length": request(
        "POST /oauth/token HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n"
    ),
    "length that is no number": request(
        "POST /oauth/token HTTP/1.1\r\nHost: h\r\nContent-Length: five\r\n"
    ),
    "length beyond 64 bits": request(
        "POST /oauth/token HTTP/1.1\r\nHost: h\r\n"
        "Content-Length: 99999999999999999999999\r\n"
    ),
    "length and chunks": request(
        f"POST /oauth/token HTTP/1.1\r\nHost: h\r\n{FORM}"
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: h\r\n\r\n",
    ),
    "chunk size that is no number": request(
        f"POST /oauth/token HTTP/1.1\r\nHost: h\r\n{FORM}Transfer-Encoding: chunked\r\n",
        "zz\r\nabc\r\n0\r\n\r\n",
    ),
    "unknown transfer coding": request(
        f"POST /oauth/token HTTP/1.1\r\nHost: h\r\n{FORM}Transfer-Encoding: rot13\r\n",
        "abc",
    ),
    "NUL in a header": request("GET / HTTP/1.1\r\nHost: h\r\nX-A: a\x00b\r\n"),
    "header without a colon": request("GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n"),
    "space before the colon": request("GET / HTTP/1.1\r\nHost : h\r\n"),
    "folded header": request("GET / HTTP/1.1\r\nHost: h\r\nX-A: a\r\n b\r\n"),
    "bare carriage return": request("GET / HTTP/1.1\r\nHost: h\r\nX-A: a\rb\r\n"),
    "one huge header": request(
        "GET / HTTP/1.1\r\nHost: h\r\nX-A: " + "a" * 1_000_000 + "\r\n"
    ),
    "thirty thousand headers": request(
        "GET / HTTP/1.1\r\nHost: h\r\n" + "X-A: a\r\n" * 30_000
    ),
    "huge target": request("GET /" + "a" * 1_000_000 + " HTTP/1.1\r\nHost: h\r\n"),
    "TLS hello": bytes.fromhex("160301020001000001fc0303") + b"\x00" * 64,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
# What a lenient parser would take for a good request; the others are refused as well,
# but a server may close without a word.
MUST_NOT_SUCCEED = set(MALFORMED) - {"folded header", "lower-case protocol"}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request(issuer, name, still_answers):
    address = urlsplit(issuer)
    received = b""
    with socket.create_connection((address.hostname, address.port), 5) as peer:
        peer.settimeout(LIMIT_SECONDS)
        try:
            # The host it serves, or it could refuse for the host alone.
            host = f"Host: {address.netloc}\r\n".encode()
            peer.sendall(MALFORMED[name].replace(b"Host: h\r\n", host))
            peer.shutdown(socket.SHUT_WR)
            while piece := peer.recv(65536):
                received += piece
        except (BrokenPipeError, ConnectionResetError, OSError) as failure:
            assert not isinstance(failure, TimeoutError), "neither answered nor closed"
    if received:
        assert received.startswith(b"HTTP/1."), received[:100]
        status = int(received.split(b" ")[1])
        if name in MUST_NOT_SUCCEED:
            assert 400 <= status < 500 or status in (501, 505), received[:200]
        else:
            assert status < 500
        # One request line in, at most one answer out: the rest was not a request.
        if name == "length and chunks":
            assert received.count(b"HTTP/1.") == 1, "request smuggling"
    still_answers()


def test_no_host(issuer, still_answers):
    received = exchange(
        issuer, b"GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    assert received.startswith(b"HTTP/1.1 400"), received[:100]
    still_answers()


def test_two_hosts(issuer, still_answers):
    host = urlsplit(issuer).netloc
    received = exchange(
        issuer,
        f"GET /health/live HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    assert received.startswith(b"HTTP/1.1 400"), received[:100]
    still_answers()


def test_a_hundred_requests_that_never_end(issuer, still_answers):
    address = urlsplit(issuer)
    unfinished = []
    try:
        for _ in range(100):
            peer = socket.create_connection((address.hostname, address.port), 5)
            peer.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: h\r\nContent-Len")
            unfinished.append(peer)
        # The slow ones must not keep the others waiting.
        still_answers()
    finally:
        for peer in unfinished:
            peer.close()
    still_answers()


def test_http_1_0(issuer):
    host = urlsplit(issuer).netloc
    received = exchange(issuer, f"GET /health/live HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    assert received.split(b" ")[1] == b"200", received[:100]
    # A host is no duty there, but without one nobody knows whom it is for.
    received = exchange(issuer, b"GET /health/live HTTP/1.0\r\n\r\n")
    assert received.split(b" ")[1] == b"400", received[:100]
