"""Several requests on one connection, sent without waiting: each is answered, in its turn.

Some are answered at once, some after a look at the store, some by the framework; whoever
asked must not be able to tell from the order.
"""

import hashlib
import json
import socket
import sqlite3
import time
from contextlib import closing

import pytest

import flows
from node_calls import seconds_until
from raw_http import Connection, get, post, refresh


@pytest.fixture
def grant(manifest):
    flow = flows.web(manifest)
    return flow, flow.tokens()


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
