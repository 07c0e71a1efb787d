"""An application's back-channel logout address: it keeps what is posted to it."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

WAIT_SECONDS = 5


@dataclass
class Posted:
    path: str
    content_type: str
    body: str
    at: float

    @property
    def token(self) -> str:
        found = parse_qs(self.body, strict_parsing=True)
        assert set(found) == {"logout_token"} and len(found["logout_token"]) == 1, self.body
        return found["logout_token"][0]


class LogoutReceiver:
    def __init__(self, status=200, delay=0.0, location=None, port=0):
        self.posted: list[Posted] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length).decode()
                receiver.posted.append(Posted(self.path, self.headers["Content-Type"], body, time.monotonic()))
                time.sleep(delay)
                try:
                    self.send_response(status)
                    if location:
                        self.send_header("Location", location)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    # The server did not wait, as it should.
                    pass

            def do_GET(self):
                receiver.posted.append(Posted("GET " + self.path, "", "", time.monotonic()))
                self.send_error(405)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def uri(self, path="/logout") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def wait(self, count=1, seconds=WAIT_SECONDS) -> list[Posted]:
        deadline = time.monotonic() + seconds
        while len(self.posted) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.posted) >= count, f"{len(self.posted)} of {count} in {seconds} s"
        return self.posted

    def close(self):
        self.server.shutdown()
        self.server.server_close()
