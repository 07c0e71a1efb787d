"""An API behind the door, whose answers a test makes."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def upstream_server(body_of):
    """Answers every GET with 200 and what `body_of(headers)` gives, on a port of its own, which it yields."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = body_of(self.headers).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
