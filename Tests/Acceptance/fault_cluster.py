"""Several `doorward serve` on one store, each of which can be killed, stopped and started again."""

import http.client
import signal
import time
from pathlib import Path
from urllib.parse import urlencode

from command_line import doorward
from demo_server import Server, free_port
from logout_receiver import LogoutReceiver

CONFIGURATION = """issuer: {issuer}
trusted_proxies: [loopback]
keys: {{rotate_after: 6s, publish_before: 3s}}
apis:
  - name: notes
    contract: oauth
    prefix: /api
    upstream: http://127.0.0.1:9
    routes:
      - {{match: GET /notes, scope: api.read}}
"""
REDIRECT_URI = "https://app.example/cb"
SCOPE = "openid api.read"
LIMIT_SECONDS = 6


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


class Node:
    def __init__(self, cluster: "Cluster", index: int, port: int):
        self.cluster, self.index, self.port = cluster, index, port
        self.starts = 0
        self.server: Server | None = None

    def start(self):
        self.starts += 1
        self.server = Server(
            [
                "serve", "--config", str(self.cluster.configuration), "--listen", f"127.0.0.1:{self.port}",
                *self.cluster.storage_of(self.index), *self.cluster.serving(),
            ],
            self.cluster.directory,
            f"node-{self.index}-{self.starts}",
        )

    def wait_until_ready(self, limit=60):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if self.server.process.poll() is not None:
                # A store that is away when the server starts is a reason to end; whoever runs it starts it again.
                time.sleep(0.3)
                self.start()
            answer = self.call("GET", "/health/ready", limit=2)
            if answer is not None and answer.status == 200:
                return
            time.sleep(0.05)
        raise AssertionError(f"node {self.index} is not ready after {limit} s:\n{self.server.printed()[-4000:]}")

    def signal(self, number):
        self.server.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.server.process.wait(10)

    def call(self, method, path, form=None, headers=(), limit=LIMIT_SECONDS) -> Answer | None:
        """One request on a connection of its own; None where no answer came."""
        sent = dict(headers)
        body = None
        if form is not None:
            body = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Cluster:
    # How long a key that a command makes is published before it signs: nodes on one file hear of it by looking only.
    publish_before = 2

    def __init__(self, directory: Path, nodes: int, database: str | None = None, data: Path | None = None):
        """`database`: an address of PostgreSQL; without one all nodes share a SQLite file below `data`."""
        self.directory, self.database = directory, database
        self.receiver: LogoutReceiver | None = None
        self.data = data or directory / "data"
        ports = [free_port() for _ in range(nodes)]
        self.issuer = f"http://127.0.0.1:{ports[0]}"
        self.configuration = directory / "doorward.yaml"
        self.configuration.write_text(CONFIGURATION.format(issuer=self.issuer))
        self.nodes = [Node(self, index, port) for index, port in enumerate(ports)]

    def storage_of(self, index) -> list[str]:
        arguments = ["--data", str(self.data)]
        return arguments + (["--database", self.database] if self.database else [])

    def serving(self) -> list[str]:
        """What only the servers are told."""
        return []

    def command(self, *arguments, stdin=""):
        return doorward(*arguments, *self.storage_of(0), "--json", stdin=stdin).json()

    def start(self):
        # The first one makes the schema and the keys, so that the others find them.
        for node in self.nodes:
            node.start()
            node.wait_until_ready()

    def stop(self) -> list[int]:
        for node in self.nodes:
            if node.server and node.server.process.poll() is None:
                node.signal(signal.SIGCONT)
        return [node.server.stop() for node in self.nodes]

    def end(self):
        """Whatever state they are in."""
        if self.receiver:
            self.receiver.close()
        for node in self.nodes:
            if node.server and node.server.process.poll() is None:
                node.server.process.kill()
                node.server.process.wait()

    def register(self):
        """A machine, and an application with a secret."""
        machine = self.command(
            "client", "create", "--name", "machine", "--grant", "client_credentials", "--scope", "api.read"
        )
        app = self.command(
            "client", "create", "--name", "app", "--grant", "authorization_code", "--grant", "refresh_token",
            "--scope", SCOPE, "--redirect-uri", REDIRECT_URI,
        )
        return machine, app

    def register_told(self):
        """An application that hears of sign-outs."""
        self.receiver = LogoutReceiver()
        app = self.command(
            "client", "create", "--name", "told", "--grant", "authorization_code", "--grant", "refresh_token",
            "--scope", SCOPE, "--redirect-uri", REDIRECT_URI, "--backchannel-logout-uri", self.receiver.uri(),
        )
        return app | {"told": True}

    def register_visitor(self):
        """A machine that is an application, too."""
        return self.command(
            "client", "create", "--name", "visitor", "--grant", "client_credentials", "--grant", "authorization_code",
            "--grant", "refresh_token", "--scope", SCOPE, "--redirect-uri", REDIRECT_URI,
        )

    def add_person(self, name, password):
        self.command("user", "create", "--username", name, "--password", "-", stdin=password)
