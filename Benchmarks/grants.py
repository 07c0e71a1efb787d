"""Puts grants into a stopped server's database: each with its family and its current refresh token."""

import base64
import hashlib
import json
import random
import sqlite3
import time
from pathlib import Path

LIFETIME_MS = 30 * 86_400_000
# How many of the refresh tokens are known, to be rotated; of the others nobody has the token.
KNOWN = 1000


def uuid(source: random.Random) -> str:
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def add(database: Path, count: int, client: str, audience: str, seed: int) -> list:
    """Stores `count` grants and answers the first thousand refresh tokens.

    The rows are those of the schema's first version: the server brings them to its own when it starts, which gives them
    their checksums.
    """
    source = random.Random(seed)
    now = int(time.time() * 1000)
    ends = now + LIFETIME_MS
    tokens, made = [], []
    for _ in range(min(count, KNOWN)):
        tokens.append("dwr_" + base64.urlsafe_b64encode(source.randbytes(32)).rstrip(b"=").decode())
        digest = hashlib.sha256(tokens[-1].encode()).hexdigest()
        made.append((uuid(source), uuid(source), uuid(source), digest, f"{source.getrandbits(256):064x}"))
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("PRAGMA temp_store = FILE")
    # Millions of rows at once: written once only, since a file that breaks is made anew.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        to_first_version(connection)
        connection.execute(
            "CREATE TEMP TABLE made (grant_id TEXT, family TEXT, subject TEXT, digest TEXT, salt TEXT)")
        connection.executemany("INSERT INTO made VALUES (?, ?, ?, ?, ?)", made)
        random_uuid = (
            "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'"
            " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))")
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 WHERE :more > 0 UNION ALL SELECT i + 1 FROM n WHERE i < :more)"
            f" INSERT INTO made SELECT {random_uuid}, {random_uuid}, {random_uuid}, lower(hex(randomblob(32))),"
            f" lower(hex(randomblob(32))) FROM n", {"more": count - len(made)})
        common = {"client": json.dumps(client), "audience": json.dumps(audience), "now": now, "ends": ends}
        who = "'\"client\":' || :client || ',\"subject\":\"' || subject || '\",\"scope\":\"api.read\",\"details\":[]'"
        for kind, key, expires, indexed, body in [
            ("grant", "grant_id", "NULL", 1,
             f"""'{{"id":"' || grant_id || '",' || {who} || ',"created":' || :now || '}}'"""),
            ("token_family", "family", ":ends", 0,
             f"""'{{"id":"' || family || '","grant":"' || grant_id || '","contract":"oauth",' || {who} || ',"audience":['
                 || :audience || '],"generation":1,"rotated":' || :now || ',"salt":"' || salt || '","created":' || :now
                 || ',"expires":' || :ends || '}}'"""),
            ("refresh_token", "digest", ":ends", 0,
             """'{"family":"' || family || '","generation":1,"digest":"' || digest || '","expires":' || :ends || '}'"""),
        ]:
            # In the order of the keys, which fills pages instead of splitting them.
            connection.execute(
                "INSERT INTO record (kind, key, version, revision, announced, indexed, closed, expires, body)"
                f" SELECT '{kind}', {key}, 1, 0, 0, {indexed}, NULL, {expires}, CAST({body} AS BLOB) FROM made ORDER BY {key}",
                common)
        for name, value in (("client", ":id"), ("subject", "subject")):
            connection.execute(
                f"INSERT INTO record_index (kind, name, value, key) SELECT 'grant', '{name}', {value}, grant_id FROM made"
                f" ORDER BY {value}, grant_id", {"id": client})
        connection.execute("DROP TABLE made")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return tokens


def to_first_version(connection: sqlite3.Connection):
    if not any(row[1] == "checksum" for row in connection.execute("PRAGMA table_info(record)")):
        return
    connection.execute("ALTER TABLE record DROP COLUMN checksum")
    connection.execute("DROP TABLE schema_version")
    connection.execute("DELETE FROM grdb_migrations WHERE identifier = '2: checksums'")
