"""What is the server's own: an upstream, its store, its keys, and a trace nobody has."""

import json
import sqlite3
import time
from contextlib import contextmanager

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command_line import doorward
from demo_server import Server, free_port
from situations import Given, Stage, situation
from test_uploads import upstream
from wire import basic, call


class Upstream:
    """An API behind the gate that can be told how to fail."""

    def __init__(self):
        self.how = self.garbage
        self.listener = upstream(lambda connection: self.how(connection))
        self.port = self.listener.getsockname()[1]

    @staticmethod
    def garbage(connection):
        connection.recv(65536)
        connection.sendall(b"this is no HTTP\r\n\r\n")

    @staticmethod
    def mute(connection):
        connection.recv(65536)
        time.sleep(3)


class Served:
    """`serve`, live: the demo's APIs at the same addresses, whose upstream fails, and one whose upstream is not there."""

    # Contract, prefix, below it, a route.
    APIS = [
        ("smartcar-v2", "/smartcar", "under: [v2.0], ", "/v2.0/vehicles/{id}/odometer"),
        ("smartcar-v3", "/smartcar", "under: [v3], ", "/v3/vehicles/{id}"),
        ("shaid", "/shaid", "", "/maids/0/appid"),
        ("kordiam", "/kordiam", "", "/api/v2/elements"),
        ("cyoda", "/cyoda", "", "/api/entities"),
        ("oauth", "/api", "", "/notes"),
        ("problem", "/problem", "", "/notes"),
    ]

    def __init__(self, folder):
        self.upstream, port, gone = Upstream(), free_port(), free_port()
        self.issuer, self.data = f"http://127.0.0.1:{port}", folder / "data"
        lines = [f"issuer: {self.issuer}", f"listen: 127.0.0.1:{port}", "apis:"]
        lines += [
            f"  - {{name: {contract}, contract: {contract}, prefix: {prefix}, {under}timeout: 1s, "
            f"upstream: 'http://127.0.0.1:{self.upstream.port}', routes: [{{match: 'GET {path}', access: everyone}}]}}"
            for contract, prefix, under, path in self.APIS
        ]
        lines.append(
            f"  - {{name: gone, prefix: /gone, upstream: 'http://127.0.0.1:{gone}', routes: [{{match: GET /x, access: everyone}}]}}"
        )
        (folder / "doorward.yaml").write_text("\n".join(lines) + "\n")
        arguments = ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(self.data)]
        self.server = Server(arguments, folder, "serve")
        self.server.wait_until(lambda: "Doorward serves" in self.server.printed())
        self.names = {
            "issuer": self.issuer, "host": self.issuer[7:], "folder": str(folder), "gone": f"127.0.0.1:{gone}",
            "upstream": f"127.0.0.1:{self.upstream.port}",
        }  # fmt: skip

    def get(self, path, **headers) -> Given:
        return Given(call("GET", self.issuer + path, headers=headers), self.data, self.names)


def served(s: Stage) -> Served:
    def make():
        made = Served(s.place("served"))
        s.running.append(made.server)
        return made

    return s.once("served", make)


@situation("upstream_connect")
def _(s):
    return served(s).get("/gone/x")


@situation("upstream_response_invalid")
def _(s):
    served(s).upstream.how = Upstream.garbage
    return served(s).get("/api/notes")


@situation("upstream_timeout")
def _(s):
    served(s).upstream.how = Upstream.mute
    return served(s).get("/api/notes")


@situation("provocation_on_live")
def _(s):
    """At an address that is served, so that nothing else is refused."""
    return served(s).get("/oauth/jwks", **{"Provoke-Refusal": "STORAGE_UNAVAILABLE"})


# -- The store


def switched(w, state):
    machine = w.client("machine")
    sent = basic(machine["client_id"], machine["client_secret"])
    answer = w.post(by="none", headers=sent, endpoint=f"{w.issuer}/_test/storage", state=state)
    assert answer.status_code == 200, answer.text


@contextmanager
def store(w, state):
    """A demo whose store fails so."""
    switched(w, state)
    try:
        yield
    finally:
        switched(w, "ok")


def failing(state):
    def make(s):
        token = s.spare.tokens()["refresh_token"]
        with store(s.spare, state):
            return Stage.of(s.spare, s.spare.refresh(token=token)).examined()

    return make


situation("storage_unavailable")(failing("unavailable"))
situation("storage_read_only")(failing("read_only"))
situation("storage_full")(failing("full"))


def database(w):
    return sqlite3.connect(w.data / "doorward.sqlite", isolation_level=None, timeout=10)


@situation("storage_damaged")
def _(s):
    w = s.spare
    token = w.tokens()["refresh_token"]
    with database(w) as file:
        file.execute("UPDATE record SET body = CAST('x' || substr(body, 2) AS BLOB) WHERE kind = 'token_family'")
    try:
        return Stage.of(w, w.refresh(token=token)).examined()
    finally:
        with database(w) as file:
            file.execute("UPDATE record SET body = CAST('{' || substr(body, 2) AS BLOB) WHERE kind = 'token_family'")


@situation("storage_contended")
def _(s):
    """Whenever a family is written somebody was there first: the database takes no such write, as after a lost race."""
    w = s.spare
    token = w.tokens()["refresh_token"]
    with database(w) as file:
        file.execute(
            "CREATE TRIGGER lost BEFORE UPDATE ON record WHEN OLD.kind = 'token_family' BEGIN SELECT RAISE(IGNORE); END"
        )
    try:
        return Stage.of(w, w.refresh(token=token)).examined()
    finally:
        with database(w) as file:
            file.execute("DROP TRIGGER lost")


# -- Keys


def checksum(kind, key, version, revision, closed, expires, body) -> int:
    """What the store keeps beside a record without indexes: FNV-1a of 64 bits over all that it says (RFC 9923)."""

    def number(value):
        return b"\0" if value is None else b"\1" + (value & (2**64 - 1)).to_bytes(8, "little")

    state = 0xCBF29CE484222325
    for byte in kind.encode() + b"\0" + key.encode() + b"\0" + b"".join(map(number, (version, revision, closed, expires))) + body:
        state = ((state ^ byte) * 0x100000001B3) & (2**64 - 1)
    return state - 2**64 if state >= 2**63 else state


def changed_keys(w, change):
    """The stored signing keys, as a tool beside the server would leave them; the server hears of it at once."""
    with database(w) as file:
        file.execute("BEGIN IMMEDIATE")
        file.execute("UPDATE store SET revision = revision + 1")
        (revision,) = file.execute("SELECT revision FROM store").fetchone()
        change(file, revision)
        columns = "kind, key, version, revision, closed, expires, body"
        for row in file.execute(f"SELECT {columns} FROM record WHERE kind = 'signing_key'").fetchall():
            file.execute("UPDATE record SET checksum = ? WHERE kind = ? AND key = ?", [checksum(*row), *row[:2]])
        file.execute("COMMIT")
    time.sleep(0.4)


def without_keys(s):
    """A demo whose signing keys were taken out of the store; `before` is a refresh token from before."""

    def make():
        w = s.demo("keyless")
        w.before = w.tokens()["refresh_token"]

        def close(file, revision):
            closed = [int(time.time() * 1000), revision]
            file.execute("UPDATE record SET closed = ?, revision = ?, version = version + 1 WHERE kind = 'signing_key'", closed)

        changed_keys(w, close)
        return w

    return s.once("without keys", make)


@situation("signing_key_absent")
def _(s):
    w = without_keys(s)
    return Stage.of(w, w.refresh(token=w.before))


def impossible_key() -> bytes:
    """An RSA key whose numbers agree, but for one prime that is none: it can be read, and what it signs never verifies."""
    a, b, q = (rsa.generate_private_key(65537, size).private_numbers().p for size in (1024, 1024, 2048))
    p, e = a * b, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q))
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form)


def with_bad_key(s):
    """A demo with a signing key that went bad in the store: it loads, and cannot sign."""

    def make():
        w = s.demo("bad key")
        seal = AESGCM(bytes.fromhex((w.data / "key").read_text().strip()))
        name, nonce = "damaged-key", b"0" * 12
        sealed = (nonce + seal.encrypt(nonce, impossible_key(), f"signing-key:{name}".encode())).hex()
        body = {"id": name, "algorithm": "RS256", "sealed": sealed, "created": int(time.time() * 1000) + 1000}
        row = "(kind, key, version, revision, announced, indexed, body) VALUES ('signing_key', ?, 1, ?, 1, 0, ?)"

        def insert(file, revision):
            file.execute(f"INSERT INTO record {row}", [name, revision, json.dumps(body).encode()])

        changed_keys(w, insert)
        return w

    return s.once("with a bad key", make)


@situation("internal_fault")
def _(s):
    w = with_bad_key(s)
    return Stage.of(w, w.machine("kordiam", by="post"))


@situation("trace_unknown")
def _(s):
    return doorward("explain", "0" * 32, "--data", s.world.data)
