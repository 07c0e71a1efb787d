"""The servers under measurement, each alone on one core."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

SERVER_CORE = "0"
LOAD_CORE = "1"

# The demo's APIs, one for each contract: name, prefix, first segments below it, routes.
APIS = [
    ("smartcar-v2", "smartcar", ["v2.0", "v1.0"], [
        '{match: "GET /v2.0/vehicles/{vehicle_id:uuid}/odometer", scope: read_odometer, resource: vehicle vehicle_id}',
        '{match: GET /v2.0/user, scope: read_user_profile}',
    ]),
    ("smartcar-v3", "smartcar", ["v3"], [
        '{match: "GET /v3/vehicles/{vehicle_id}", scope: read_vehicle_info, resource: vehicle vehicle_id}',
    ]),
    ("shaid", "shaid", [], ['{match: "GET,POST /maids/0/appid", scope: appids}']),
    ("kordiam", "kordiam", [], ['{match: GET /api/v2/elements, scope: api.read}']),
    ("cyoda", "cyoda", [], ['{match: GET /api/entities, scope: api.read}']),
    ("oauth", "api", [], ['{match: GET /notes, scope: api.read}', '{match: "GET /notes/{id}", scope: api.read}']),
    ("problem", "problem", [], ['{match: GET /notes, scope: api.read}', '{match: "GET /notes/{id}", scope: api.read}']),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(port: int, data: Path, upstream: int) -> str:
    url = f"http://127.0.0.1:{port}"
    lines = [f"issuer: {url}", f"listen: 127.0.0.1:{port}", f"data: {data}", "trusted_proxies: [loopback]", "apis:"]
    for name, prefix, under, routes in APIS:
        audience = f"{url}/{prefix}" + (f"/{under[0]}" if under else "")
        lines += [f"  - name: {name}", f"    contract: {name}", f"    prefix: /{prefix}", f"    audience: {audience}"]
        if under:
            lines.append(f"    under: [{', '.join(under)}]")
        lines += [f"    upstream: http://127.0.0.1:{upstream}", "    routes:", *(f"      - {route}" for route in routes)]
    return "\n".join(lines) + "\n"


class Process:
    def __init__(self, command, log: Path, core: str, environment=None):
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                ["taskset", "-c", core, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(environment or {})})
        self.log = log

    @property
    def pids(self):
        """The process and its children."""
        pid = self.popen.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def stop(self, pid=None):
        os.kill(pid or self.popen.pid, signal.SIGTERM)
        self.popen.wait(30)


def until_ready(process: Process, port: int, path: str, limit: float = 60) -> float:
    """Seconds until the first 200."""
    start = time.perf_counter()
    question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    while time.perf_counter() - start < limit:
        if process.popen.poll() is not None:
            raise SystemExit(f"the server ended while starting:\n{process.log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(question)
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return time.perf_counter() - start
        except OSError:
            pass
        # Fine at first, since that is measured; a server that has much to do first is not to be disturbed by questions.
        time.sleep(0.001 if time.perf_counter() - start < 2 else 0.2)
    raise SystemExit(f"no answer on {path} within {limit} s")


class Nginx(Process):
    """One worker: a fixed, empty 200 for everything, or a small JSON as the API behind the gate."""

    def __init__(self, folder: Path, name: str, body: str, core: str):
        self.port = free_port()
        file = folder / f"{name}.conf"
        file.write_text(
            f"daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.error;\n"
            f"events {{ worker_connections 512; }}\n"
            f"http {{ access_log off; default_type application/json; keepalive_requests 100000000;\n"
            f"  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;\n"
            f"  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;\n"
            f"  server {{ listen 127.0.0.1:{self.port}; location / {{ return 200 '{body}'; }} }} }}\n")
        super().__init__(["nginx", "-c", file], folder / f"{name}.log", core)
        until_ready(self, self.port, "/")


class Doorward(Process):
    """`doorward serve` with one API for each contract, on a data folder that the demo filled."""

    def __init__(self, binary: Path, folder: Path, port: int, database=None):
        # What a data folder's server once used it uses again, so each engine has a folder of its own.
        command = [binary, "serve", "--config", folder / ("doorward-postgresql.yaml" if database else "doorward.yaml")]
        super().__init__(
            command, folder / "doorward.log", SERVER_CORE, {"DOORWARD_DATABASE": database} if database else None)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.seconds_to_ready = until_ready(self, port, "/health/ready")

    @property
    def resident_megabytes(self) -> float:
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def fill(binary: Path, folder: Path, port: int) -> dict:
    """Runs the demo once for its clients and tokens; what it wrote stays in the data folder."""
    manifest = folder / "manifest.json"
    demo = Process(
        [binary, "demo", "--listen", f"127.0.0.1:{port}", "--data", folder / "data", "--manifest", manifest],
        folder / "demo.log", SERVER_CORE)
    deadline = time.monotonic() + 60
    while not manifest.exists():
        if demo.popen.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the demo did not start:\n{demo.log.read_text()}")
        time.sleep(0.05)
    time.sleep(0.2)
    demo.stop()
    return json.loads(manifest.read_text())
