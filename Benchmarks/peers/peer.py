"""What all peers have in common: how they are installed, started, asked and measured.

A peer runs alone on the server's core and is asked by the same load generator as Doorward. Every answer's status and body
are looked at; one that is not what was meant ends the benchmark.
"""

import base64
import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import load
import servers

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / ".venv"
CLIENT, SECRET = "bench", "a-secret-of-32-random-characters"
# A connection more than are open, for each of three runs.
CHAINS = 3 * 33


class Missing(Exception):
    """A peer that cannot be installed here, and why."""


@dataclass
class Work:
    """One thing that is asked of a peer: a form that is posted, and what every right answer contains."""

    name: str
    path: str
    authorization: str
    body: str = ""
    marker: str = ""
    connections: int = 32
    # For rotation: a refresh token for each chain.
    chains: list = field(default_factory=list)


def basic(client: str = CLIENT, secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


class Peer:
    name = ""
    # Which tokens it issues, and what a reader must know of how it was set up.
    how = ""
    ready_path = "/"

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = servers.free_port()
        self.host = f"127.0.0.1:{self.port}"

    def install(self) -> str:
        """Its version. Raises Missing."""
        raise NotImplementedError

    def prepare(self):
        """Whatever must exist before the first start."""

    def command(self) -> list:
        raise NotImplementedError

    def works(self) -> list:
        """What is asked of the running server."""
        raise NotImplementedError

    def post(self, path: str, body: str, headers: dict) -> tuple:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def tokens(self, path: str, form: str, authorization: str) -> dict:
        """What the token endpoint answers."""
        status, text = self.post(path, form, {"Authorization": authorization})
        if status != 200:
            raise SystemExit(f"{self.name}: no token: {status} {text}")
        return json.loads(text)


class PythonPeer(Peer):
    """One that lives in the bench's own environment, served by gunicorn.

    One worker of four threads. Gunicorn's documentation begins with "(2 x $num_cores) + 1" workers, three on one core; they
    were tried, and `sync` ones, and were slower here: SQLite has one writer. Threads also keep connections open, as a proxy
    in front would.
    """

    distribution, application = "", ""

    def install(self) -> str:
        return installed(self.distribution)

    def environment(self) -> dict:
        return {}

    def python(self, *command) -> str:
        ran = subprocess.run([ENVIRONMENT / "bin" / "python", *command], cwd=HERE, env=self.variables(), capture_output=True, text=True)
        if ran.returncode:
            raise SystemExit(f"{self.name}: {command} ended with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.stdout

    def variables(self) -> dict:
        return {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "PEER_FOLDER": str(self.folder),
                **self.environment()}

    def command(self) -> list:
        pairs = [f"{name}={value}" for name, value in self.variables().items() if name not in os.environ or os.environ[name] != value]
        return ["env", "-C", HERE, *pairs, ENVIRONMENT / "bin" / "gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads",
                "4", "--keep-alive", "75", "--no-control-socket", "--bind", self.host, "--log-level", "warning", self.application]


def installed(distribution: str) -> str:
    """The version in the bench's environment, which is made when it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = ENVIRONMENT / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        for command in ([sys.executable, "-m", "venv", ENVIRONMENT],
                        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", HERE / "requirements.txt"]):
            ran = subprocess.run(command, capture_output=True, text=True)
            if ran.returncode:
                raise Missing("pip could not install it: " + (ran.stderr.strip().splitlines() or ["?"])[-1][:200])
        stamp.write_text(wanted)
    ran = subprocess.run([python, "-c", f"import importlib.metadata as m; print(m.version('{distribution}'))"],
                         capture_output=True, text=True)
    if ran.returncode:
        raise Missing("it is not in the bench's environment")
    return ran.stdout.strip()


def tree(pid: int) -> list:
    """The process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in tree(int(child)))]


def megabytes(pids) -> float:
    """What they take together; pages that several share count once (proportional set size)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def check(peer: Peer, work: Work):
    """Asks once, so that a wrong setting is told of with its answer."""
    status, text = peer.post(work.path, work.body, {"Authorization": work.authorization})
    if status != 200 or work.marker not in text:
        raise SystemExit(f"{peer.name}, {work.name}: answered {status} {text[:500]}")


def measure(peer: Peer, seconds: float, runs: int) -> dict:
    """Everything about one peer, for results.json. What fails here is told of and ends nothing but itself."""
    found = {"name": peer.name, "how": peer.how}
    try:
        found["version"] = peer.install()
        peer.folder.mkdir(parents=True, exist_ok=True)
        peer.prepare()
        server = servers.Process(peer.command(), peer.folder / "log", servers.SERVER_CORE)
    except (Missing, SystemExit) as why:
        print(f"{peer.name:42} not measured: {why}", flush=True)
        return found | {"missing": str(why).splitlines()[0]}
    try:
        found["start, ms"] = servers.until_ready(server, peer.port, peer.ready_path) * 1000
        time.sleep(1)
        found["memory idle, MB"] = megabytes(tree(server.popen.pid))
        found["works"] = {}
        for work in peer.works():
            try:
                figure = measure_work(peer, server, work, seconds, runs)
            except SystemExit as why:
                print(f"{peer.name}, {work.name}: {why}", flush=True)
                found["works"][work.name] = {"failed": "its answers were not all right"}
                continue
            found["works"][work.name] = vars(figure)
            print(f"{peer.name + ', ' + work.name:42} {figure}", flush=True)
        found["memory after, MB"] = megabytes(tree(server.popen.pid))
    except SystemExit as why:
        print(f"{peer.name:42} not measured: {why}", flush=True)
        found["missing"] = str(why).splitlines()[0]
    finally:
        server.stop()
    return found


def measure_work(peer: Peer, server, work: Work, seconds: float, runs: int):
    url, pids = f"http://{peer.host}{work.path}", tree(server.popen.pid)
    if not work.chains:
        check(peer, work)
        return load.measure(pids, url, runs=runs, seconds=seconds, connections=work.connections, script="judged.lua",
                            headers=[f"Authorization: {work.authorization}"], arguments=[work.body, work.marker])
    measured, chains = [], list(work.chains)
    for _ in range(runs):
        # One more than connections: the load generator asks for one request that it does not send.
        mine, chains = chains[: work.connections + 1], chains[work.connections + 1 :]
        file = peer.folder / "chains"
        file.write_text("\n".join(mine) + "\n")
        measured.append(load.once(pids, url, seconds=seconds, connections=work.connections, script="refresh.lua",
                                  arguments=[str(file), work.authorization, peer.host, work.path]))
    return load.median(measured)
