"""A throw-away PostgreSQL (Tests/postgresql-server.sh), and nodes of `doorward serve` on it."""

import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from demo_server import Server, free_port
from node_calls import is_ready
from wire import call

SCRIPT = Path(__file__).resolve().parents[1] / "postgresql-server.sh"
NOT_INSTALLED = 77


class PostgreSQL:
    """Ends with this process, however that ends, since it lives as long as its standard input is open."""

    def __init__(self, *settings, standby_of: "PostgreSQL | None" = None):
        self.port = free_port()
        self.process = None
        self.environment = {"DOORWARD_STANDBY_OF": str(standby_of.port)} if standby_of else {}
        self.settings = settings or ("fsync=off", "max_connections=100")

    def start(self) -> bool:
        """False where PostgreSQL is not installed."""
        # It refuses to run as root; and its user may not be able to read where the tests are.
        account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            [*account, "sh", "-c", SCRIPT.read_text(), "postgresql-server", str(self.port), *self.settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment},
        )
        line = self.process.stdout.readline()
        if not line and self.process.wait() in (NOT_INSTALLED, 1) and not shutil.which("psql"):
            return False
        assert line.startswith("ready"), line
        self.folder = Path(line.split()[1])
        return True

    def order(self, command):
        """`stop`, `start`, `kill`, `freeze`, `thaw` or `promote`."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def url(self, database="postgres", password=None) -> str:
        user = f"postgres:{password}" if password else "postgres"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def sql(self, text, database="postgres") -> str:
        return subprocess.run(
            ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", text],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def create(self, database, owner="postgres") -> str:
        self.sql(f"CREATE DATABASE {database} OWNER {owner}")
        return self.url(database)

    def add_file(self, name, content: bytes) -> Path:
        """A file that is the server's own, as it demands of its key."""
        file, owner = self.folder / name, self.folder.stat()
        file.write_bytes(content)
        file.chmod(0o600)
        os.chown(file, owner.st_uid, owner.st_gid)
        return file

    def alter(self, **settings):
        """Settings that hold from now on; None takes one back."""
        for name, value in settings.items():
            self.sql(f"ALTER SYSTEM RESET {name}" if value is None else f"ALTER SYSTEM SET {name} = '{value}'")
        self.reload()

    def reload(self):
        before = self.sql("SELECT pg_conf_load_time()")
        self.sql("SELECT pg_reload_conf()")
        for _ in range(200):
            if self.sql("SELECT pg_conf_load_time()") != before:
                return
            time.sleep(0.02)
        raise AssertionError("the settings were not read again")

    def use_tls(self, certificate: Path, key: Path, **settings):
        self.add_file("server.pem", certificate.read_bytes())
        self.add_file("server.key", key.read_bytes())
        self.alter(ssl_cert_file=self.folder / "server.pem", ssl_key_file=self.folder / "server.key", ssl="on", **settings)

    def admit(self, *rules):
        """Who may connect and how, besides the tests' own superuser (`pg_hba.conf`)."""
        mine = ("local all all trust", "host all postgres 127.0.0.1/32 trust", "host replication postgres 127.0.0.1/32 trust")
        self.add_file("data/pg_hba.conf", "\n".join([*mine, *rules, ""]).encode())
        self.reload()

    def add_user(self, name) -> str:
        """One who may sign in and no more; its password."""
        password = secrets.token_urlsafe(16)
        self.sql(f"CREATE USER {name} PASSWORD '{password}'")
        return password

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


CONFIGURATION = """
trusted_proxies: [loopback]
apis:
  - name: notes
    contract: oauth
    prefix: /api
    upstream: http://127.0.0.1:9
    routes:
      - {{match: GET /notes, scope: api.read}}
  - name: desk
    contract: kordiam
    prefix: /desk
    upstream: http://127.0.0.1:9
    routes:
      - {{match: GET /elements, scope: api.read}}
"""


class Node(Server):
    """`doorward serve` on a data folder of its own; several with one issuer and one database are one server."""

    def __init__(self, directory, name, database, issuer=None, key=None, port=None, environment=None, more=""):
        self.port = port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.issuer = issuer or self.base
        self.data = directory / name
        self.data.mkdir(exist_ok=True)
        configuration = directory / f"{name}.yaml"
        configuration.write_text(CONFIGURATION.format() + more)
        arguments = ["serve", "--listen", f"127.0.0.1:{self.port}", "--issuer", self.issuer]
        arguments += ["--data", str(self.data), "--config", str(configuration)]
        arguments += ["--database", database] if database else []
        arguments += ["--key-file", str(key)] if key else []
        os.environ.update(environment or {})
        try:
            super().__init__(arguments, directory, name)
        finally:
            for variable in environment or {}:
                del os.environ[variable]

    def started(self) -> "Node":
        self.wait_until(lambda: is_ready(self))
        return self

    def verify(self, token, path="/api/notes"):
        headers = {
            "X-Forwarded-Method": "GET",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": self.issuer.removeprefix("http://"),
            "X-Forwarded-Uri": path,
            "Authorization": f"Bearer {token}",
        }
        return call("GET", f"{self.base}/verify", headers=headers)
