"""Requests as bytes, and a connection that is read an answer at a time."""

import base64
import socket
from urllib.parse import urlencode, urlsplit

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


def refresh(manifest, grant) -> bytes:
    return post(
        manifest["issuer"], "/oauth/token", manifest["clients"]["web"],
        grant_type="refresh_token", refresh_token=grant[1]["refresh_token"],
    )


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
