"""An API behind the door, whose answers a test makes."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from demo_server import Server, free_port


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


@contextmanager
def door_before(body_of, folder, prefix, route):
    """A server, not the demo, in front of such an API with one route that is open to everyone; yields it and its address."""
    with upstream_server(body_of) as upstream:
        port = free_port()
        (folder / "doorward.yaml").write_text(
            f"issuer: http://127.0.0.1:{port}\nlisten: 127.0.0.1:{port}\napis:\n"
            f"  - {{name: api, prefix: {prefix}, upstream: 'http://127.0.0.1:{upstream}', "
            f"routes: [{{match: {route}, access: everyone}}]}}\n"
        )
        arguments = ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")]
        server = Server(arguments, folder, "serve")
        server.wait_until(lambda: "Doorward serves" in server.printed())
        yield server, f"http://127.0.0.1:{port}"
        if server.process.poll() is None:
            assert server.stop() == 0, server.printed()[-4000:]
