"""Three nodes behind nginx from the files of examples/nodes as they are shipped: only names, ports and paths are replaced."""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import requests

from certificates import Authority
from command_line import doorward
from demo_server import Server, binary, free_port
from node_calls import is_ready
from postgresql_server import PostgreSQL

SHIPPED = Path(__file__).resolve().parents[2] / "examples/nodes"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
NAME = "localhost"


def adapted(name: str, changes: dict) -> str:
    """A shipped file with `old` replaced by `new`; each must be there, or the test would test something else."""
    return replaced((SHIPPED / name).read_text(), changes, name)


def replaced(text: str, changes: dict, what: str) -> str:
    for old, new in changes.items():
        assert old in text, f"{what} has no {old!r} any more"
        text = text.replace(old, str(new))
    return text


class ShippedNode(Server):
    """One instance of the unit: its ExecStart, its environment file."""

    def __init__(self, world: "ShippedNodes", port: int):
        self.port, self.base = port, f"http://127.0.0.1:{port}"
        self.data = world.folder / f"state-{port}"
        self.data.mkdir(mode=0o700, exist_ok=True)
        unit = (SHIPPED / "doorward@.service").read_text()
        line = re.search(r"^ExecStart=(.*)$", unit, re.M)[1]
        line = replaced(line, {
            "/usr/local/bin/doorward": binary(), "/etc/doorward": world.settings,
            "${STATE_DIRECTORY}": self.data, "%i": port,
        }, "ExecStart")
        super().__init__(shlex.split(line)[1:], world.folder, f"node-{port}-{secrets.token_hex(2)}")

    def started(self):
        self.wait_until(lambda: is_ready(self))
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def verify(self, token):
        """At this very node, as a proxy asks."""
        headers = {
            "X-Forwarded-Method": "GET", "X-Forwarded-Proto": "https", "X-Forwarded-Host": NAME,
            "X-Forwarded-Uri": "/api/notes", "Authorization": f"Bearer {token}",
        }
        return requests.get(f"{self.base}/verify", headers=headers, timeout=15)

    def explain(self, trace, *arguments):
        return doorward("explain", trace, "--data", self.data, *arguments)


class ShippedNodes:
    """PostgreSQL with TLS and a password, three nodes on it, nginx before them."""

    def __init__(self, folder: Path, upstream: int, server: PostgreSQL):
        self.folder, self.server = folder, server
        self.settings = folder / "etc-doorward"
        self.settings.mkdir()
        self.authority = Authority(folder)
        self.certificate, self.key = self.authority.issue("door", NAME)
        self.ports = [free_port() for _ in range(3)]
        self.port = free_port()
        self.issuer = f"https://{NAME}:{self.port}"
        self.log = folder / "doorward.log"
        self.prepare_database()
        (self.settings / "key").write_text(secrets.token_hex(32))
        (self.settings / "key").chmod(0o400)
        (self.settings / "doorward.yaml").write_text(
            adapted("doorward.yaml", {"https://id.example.com": self.issuer, "127.0.0.1:9001": f"127.0.0.1:{upstream}"})
        )
        self.environment = self.read_environment()
        os.environ.update(self.environment)
        self.nodes = [ShippedNode(self, port) for port in self.ports]
        for node in self.nodes:
            node.started()
        self.nginx = self.start_nginx()

    def prepare_database(self):
        server = self.server
        server.use_tls(*self.authority.issue("database", NAME))
        password = server.add_user("doorward")
        server.admit("hostssl doorward doorward 127.0.0.1/32 scram-sha-256", "hostssl doorward doorward ::1/128 scram-sha-256")
        server.create("doorward", owner="doorward")
        (self.settings / "pgpass").write_text(f"{NAME}:{server.port}:doorward:doorward:{password}\n")
        (self.settings / "pgpass").chmod(0o400)
        shutil.copy(self.authority.file, self.settings / "db-ca.pem")
        self.password = password

    def read_environment(self) -> dict:
        """As somebody's shell reads it before a command; systemd takes the same quotes."""
        text = adapted("environment", {
            "db.internal:5432": f"{NAME}:{self.server.port}", "/etc/doorward/db-ca.pem": self.settings / "db-ca.pem",
            "/etc/doorward/pgpass": self.settings / "pgpass", "/etc/doorward/key": self.settings / "key",
        })
        file = self.settings / "environment"
        file.write_text(text)
        sourced = subprocess.run(
            ["sh", "-c", f"set -a; . {file}; set +a; exec env -0"], env={}, check=True, capture_output=True, text=True
        )
        found = dict(line.split("=", 1) for line in sourced.stdout.split("\0") if line)
        named = re.findall(r"^(\w+)=", text, re.M)
        return {name: found[name] for name in named}

    def start_nginx(self):
        text = adapted("nginx.conf", {
            "listen 443": f"listen 127.0.0.1:{self.port}", "id.example.com;": f"{NAME};",
            "/etc/nginx/id.example.com.pem": self.certificate, "/etc/nginx/id.example.com.key": self.key,
            "/var/log/nginx/doorward.log": self.log,
            **{f"127.0.0.1:808{n}": f"127.0.0.1:{port}" for n, port in enumerate(self.ports, 1)},
            # Where nginx keeps things; it may not be root.
            "worker_processes": f"daemon off;\npid {self.folder}/pid;\nerror_log {self.folder}/nginx.log;\nworker_processes",
            "http {": "http {\n" + "".join(
                f"  {kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            ),
        })
        file = self.folder / "nginx.conf"
        file.write_text(text)
        process = subprocess.Popen([NGINX, "-p", str(self.folder), "-c", str(file)])
        for _ in range(100):
            try:
                self.call("GET", "/health/live")
                return process
            except requests.ConnectionError:
                assert process.poll() is None, (self.folder / "nginx.log").read_text()
                time.sleep(0.05)
        raise AssertionError((self.folder / "nginx.log").read_text())

    def call(self, method, path, **options):
        options = {"verify": str(self.authority.file), "timeout": 15, "allow_redirects": False} | options
        return requests.request(method, path if path.startswith("https:") else self.issuer + path, **options)

    def passed(self) -> list[list[str]]:
        """The lines of nginx's log, as `log_format nodes` has them: time, method, status, seconds, nodes, trace."""
        lines = self.log.read_text().splitlines()
        # Several nodes that were tried stand as "a, b".
        return [re.sub(r"(?<=\d), (?=\d)", ",", line).split(" ") for line in lines]

    def line_of(self, trace) -> list[str]:
        for _ in range(100):
            found = [line for line in self.passed() if trace in line[5]]
            if found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"{trace} is not in nginx's log")

    def node_of(self, trace) -> ShippedNode:
        """The node that answered it, by nginx's log alone."""
        return self.node_at(self.line_of(trace)[4].split(",")[-1])

    def node_at(self, address) -> ShippedNode:
        return next(node for node in self.nodes if address.endswith(f":{node.port}"))

    def restart(self, node):
        self.nodes[self.nodes.index(node)] = ShippedNode(self, node.port).started()

    def stop(self):
        for variable in self.environment:
            os.environ.pop(variable, None)
        self.nginx.terminate()
        self.nginx.wait(10)
        return [node.stop() for node in self.nodes]
