"""PostgreSQL as the engine: a throw-away server with its disk's real fsync, and grants put into it."""

import json
import os
import random
import subprocess
import time
from pathlib import Path

import grants
import servers

SCRIPT = Path(__file__).resolve().parent.parent / "Tests" / "postgresql-server.sh"
# Otherwise its own: what anybody would set on a machine of this size, and a log that is not written twice a minute.
SETTINGS = ["shared_buffers=4GB", "max_wal_size=16GB", "checkpoint_timeout=30min", "wal_compression=lz4", "jit=off"]


class PostgreSQL:
    """On the load generator's core, so that the server under measurement has its own. Ends with this process."""

    def __init__(self):
        self.port = servers.free_port()
        account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            ["taskset", "-c", servers.LOAD_CORE, *account, "sh", "-c", SCRIPT.read_text(), "postgresql-server",
             str(self.port), *SETTINGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            raise SystemExit("PostgreSQL could not be started; is it installed?")
        self.folder = Path(line.split()[1])
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pids(self):
        server = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]

    def sql(self, text: str) -> str:
        return subprocess.run(
            ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", self.url, "-f", "-"], input=text, text=True,
            check=True, capture_output=True).stdout

    def end(self):
        self.process.stdin.close()
        self.process.wait(120)


def add(database: PostgreSQL, count: int, client: str, audience: str, seed: int) -> list:
    """Stores `count` grants, each with its family and its refresh token, and answers the first thousand tokens."""
    source = random.Random(seed)
    now = int(time.time() * 1000)
    ends = now + grants.LIFETIME_MS
    tokens, made = grants.known(count, source)
    known = "\n".join("\t".join(row) for row in made)
    client_text, audience_text = json.dumps(client), json.dumps(audience)
    who = f"""'"client":{client_text},"subject":"' || subject || '","scope":"api.read","details":[]'"""
    digits = "encode(sha256(gen_random_uuid()::text::bytea), 'hex')"
    rows = [
        ("grant", "grant_id", "NULL", f"""'{{"client":{client_text},"subject":"' || subject || '"}}'""",
         f"""'{{"id":"' || grant_id || '",' || {who} || ',"created":{now}}}'"""),
        ("token_family", "family", str(ends), "NULL",
         f"""'{{"id":"' || family || '","grant":"' || grant_id || '","contract":"oauth",' || {who} || ',"audience":[{audience_text}]'
             || ',"generation":1,"rotated":{now},"salt":"' || salt || '","created":{now},"expires":{ends}}}'"""),
        ("refresh_token", "digest", str(ends), "NULL",
         f"""'{{"family":"' || family || '","generation":1,"digest":"' || digest || '","expires":{ends}}}'"""),
    ]
    text = [
        "SET synchronous_commit = off; SET search_path = doorward; SET work_mem = '512MB';",
        "CREATE TEMP TABLE made (grant_id text COLLATE \"C\", family text COLLATE \"C\", subject text COLLATE \"C\","
        " digest text COLLATE \"C\", salt text);",
        f"COPY made FROM STDIN;\n{known}\n\\.\n",
        f"INSERT INTO made SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), {digits}, {digits}"
        f" FROM generate_series(1, {count - len(tokens)});",
    ]
    for kind, key, expires, indexed, body in rows:
        text.append(
            "INSERT INTO record (kind, key, version, revision, announced, closed, expires, indexed, body)"
            f" SELECT '{kind}', {key}, 1, 0, false, NULL, {expires}, {indexed}, convert_to({body}, 'UTF8')"
            f" FROM made ORDER BY {key};")
    for name, value in (("client", f"'{client}'"), ("subject", "subject")):
        text.append(
            f"INSERT INTO record_index (kind, name, value, key) SELECT 'grant', '{name}', {value}, grant_id FROM made"
            f" ORDER BY 3, 4;")
    text.append("DROP TABLE made; VACUUM ANALYZE record; VACUUM ANALYZE record_index; CHECKPOINT;")
    database.sql("\n".join(text))
    return tokens
