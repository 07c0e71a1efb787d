"""Puts grants into a stopped server's database: each with its family and its current refresh token."""

import base64
import hashlib
import json
import random
import subprocess
import time
from pathlib import Path

LIFETIME_MS = 30 * 86_400_000
# How many of the refresh tokens are known, to be rotated; of the others nobody has the token.
KNOWN = 1000
SOURCE = Path(__file__).parent / "checksum.c"


def uuid(source: random.Random) -> str:
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def known(count: int, source: random.Random) -> tuple:
    """The tokens that are known, and of each of these grants: id, family, subject, digest of the token, salt."""
    tokens = ["dwr_" + base64.urlsafe_b64encode(source.randbytes(32)).rstrip(b"=").decode()
              for _ in range(min(count, KNOWN))]
    return tokens, [(uuid(source), uuid(source), uuid(source), hashlib.sha256(token.encode()).hexdigest(),
                     f"{source.getrandbits(256):064x}") for token in tokens]


def extension(folder: Path) -> Path:
    """The function that makes the checksums, for the shell of SQLite."""
    library = folder / "checksum.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return library.with_suffix("")


def add(database: Path, count: int, client: str, audience: str, seed: int) -> list:
    """Stores `count` grants and answers the first thousand refresh tokens."""
    source = random.Random(seed)
    now = int(time.time() * 1000)
    ends = now + LIFETIME_MS
    tokens, made = known(count, source)
    values = ",\n".join("('" + "','".join(row) + "')" for row in made)
    random_uuid = (
        "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'"
        " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))")
    client_text, audience_text = json.dumps(client), json.dumps(audience)
    who = f"""'"client":{client_text},"subject":"' || subject || '","scope":"api.read","details":[]'"""
    script = [
        f".load {extension(database.parent)}",
        # Millions of rows at once: written once only, since a file that breaks is made anew.
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN;",
        "CREATE TEMP TABLE made (grant_id TEXT, family TEXT, subject TEXT, digest TEXT, salt TEXT);",
        f"INSERT INTO made VALUES {values};",
        f"WITH RECURSIVE n(i) AS (SELECT 1 WHERE {count - len(made)} > 0 UNION ALL SELECT i + 1 FROM n"
        f" WHERE i < {count - len(made)}) INSERT INTO made SELECT {random_uuid}, {random_uuid}, {random_uuid},"
        " lower(hex(randomblob(32))), lower(hex(randomblob(32))) FROM n;",
    ]
    for kind, key, expires, indexes, body in [
        ("grant", "grant_id", "NULL", f", 'client', '{client}', 'subject', subject",
         f"""'{{"id":"' || grant_id || '",' || {who} || ',"created":{now}}}'"""),
        ("token_family", "family", ends, "",
         f"""'{{"id":"' || family || '","grant":"' || grant_id || '","contract":"oauth",' || {who} || ',"audience":[{audience_text}]'
             || ',"generation":1,"rotated":{now},"salt":"' || salt || '","created":{now},"expires":{ends}}}'"""),
        ("refresh_token", "digest", ends, "",
         f"""'{{"family":"' || family || '","generation":1,"digest":"' || digest || '","expires":{ends}}}'"""),
    ]:
        # In the order of the keys, which fills pages instead of splitting them.
        script.append(
            "INSERT INTO record (kind, key, version, revision, announced, indexed, closed, expires, body, checksum)"
            f" SELECT '{kind}', {key}, 1, 0, 0, {1 if indexes else 0}, NULL, {expires}, CAST({body} AS BLOB),"
            f" record_checksum('{kind}', {key}, 1, 0, NULL, {expires}, {body}{indexes}) FROM made ORDER BY {key};")
    for name, value in (("client", f"'{client}'"), ("subject", "subject")):
        script.append(
            f"INSERT INTO record_index (kind, name, value, key) SELECT 'grant', '{name}', {value}, grant_id FROM made"
            f" ORDER BY {value}, grant_id;")
    script += ["DROP TABLE made;", "COMMIT;", "PRAGMA journal_mode = WAL;"]
    subprocess.run(["sqlite3", "-bail", database], input="\n".join(script), text=True, check=True, capture_output=True)
    return tokens
