"""HTTP as the tests need it: one call through `requests`, one with exact bytes.

Every answer is remembered, so that test_whole_session.py can state what holds for
all of them.
"""

import base64
import http.client
import io
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from canaries import watch

LIMIT_SECONDS = 15


@dataclass
class Seen:
    request: str
    status: int
    headers: dict
    challenges: str | None


SEEN: list[Seen] = []


def remember(request, status, headers):
    lowered = {name.lower(): value for name, value in headers}
    challenge = ", ".join(v for n, v in headers if n.lower() == "www-authenticate")
    SEEN.append(Seen(request, status, lowered, challenge or None))


def call(method, url, **options) -> requests.Response:
    """One request on a connection of its own: no cookies, no .netrc, no redirects."""
    with requests.Session() as session:
        session.trust_env = False
        options.setdefault("allow_redirects", False)
        answer = session.request(method, url, timeout=LIMIT_SECONDS, **options)
    # The query is left out: it may carry a token.
    remember(
        f"{method} {url.split('?')[0]}",
        answer.status_code,
        list(answer.headers.items()),
    )
    watch(f"{method} {url.split('?')[0]}", answer)
    return answer


@dataclass
class ExactAnswer:
    status_code: int
    headers: requests.structures.CaseInsensitiveDict
    content: bytes

    @property
    def text(self):
        return self.content.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.content)


class ReceivedBytes:
    """What http.client asks of a socket, over bytes that have already arrived."""

    def __init__(self, data: bytes):
        self.data = data

    def makefile(self, *_):
        return io.BytesIO(self.data)


def exchange(base: str, sent: bytes, limit: float = LIMIT_SECONDS) -> bytes:
    """Sends exactly these bytes and returns all that comes until the peer closes.

    Raises `TimeoutError` when the peer neither answers nor closes: a hang.
    """
    address = urlsplit(base)
    received = b""
    with socket.create_connection((address.hostname, address.port), limit) as peer:
        try:
            peer.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            # Refused before all was sent; the answer may be waiting all the same.
            pass
        while True:
            try:
                piece = peer.recv(65536)
            except ConnectionResetError:
                break
            if not piece:
                break
            received += piece
    return received


def parse(received: bytes, method: str = "GET") -> ExactAnswer:
    response = http.client.HTTPResponse(ReceivedBytes(received), method=method)
    response.begin()
    headers = requests.structures.CaseInsensitiveDict()
    for name, value in response.getheaders():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return ExactAnswer(response.status, headers, response.read())


def exact(base, method, target, headers=(), body: bytes = b"") -> ExactAnswer:
    """One request whose target and header lines reach the server unchanged."""
    lines = [f"{method} {target} HTTP/1.1"]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.append(f"Host: {urlsplit(base).netloc}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += ["Connection: close", "", ""]
    answer = parse(exchange(base, "\r\n".join(lines).encode() + body), method)
    remember(
        f"{method} {target.split('?')[0]}",
        answer.status_code,
        list(answer.headers.items()),
    )
    watch(f"{method} {target.split('?')[0]}", answer)
    return answer


def basic(identifier: str, secret: str) -> dict:
    pair = base64.b64encode(f"{identifier}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def present(contract: str, token: str) -> dict:
    """The header that carries the credential where the contract wants it."""
    if contract == "shaid":
        return {"Authorization": token}
    return {"Authorization": f"Bearer {token}"}


def media_type(answer) -> str:
    return answer.headers.get("Content-Type", "").split(";")[0].strip().lower()


def assert_json(answer, expected):
    """Equal as JSON, types included: 401 is not "401", and true is not 1."""
    actual = answer.json()
    assert json.dumps(actual, sort_keys=True) == json.dumps(expected, sort_keys=True), (
        f"got      {json.dumps(actual, ensure_ascii=False)}\n"
        f"expected {json.dumps(expected, ensure_ascii=False)}"
    )


def assert_not_stored(answer):
    directives = [
        part.strip().lower()
        for part in answer.headers.get("Cache-Control", "").split(",")
    ]
    assert "no-store" in directives, answer.headers.get("Cache-Control")
