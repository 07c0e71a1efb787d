"""Puts grants into a stopped server's database: each with its family and its current refresh token."""

import base64
import hashlib
import json
import random
import sqlite3
import time
from pathlib import Path

LIFETIME_MS = 30 * 86_400_000


def uuid(source: random.Random) -> str:
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def add(database: Path, count: int, client: str, audience: str, seed: int) -> list:
    """Stores `count` grants and answers the first thousand refresh tokens."""
    source = random.Random(seed)
    now = int(time.time() * 1000)
    ends = now + LIFETIME_MS
    tokens, grants, families, refresh, index = [], [], [], [], []
    who = json.dumps(client)
    for _ in range(count):
        grant, family, subject = uuid(source), uuid(source), uuid(source)
        token = "dwr_" + base64.urlsafe_b64encode(source.randbytes(32)).rstrip(b"=").decode()
        digest = hashlib.sha256(token.encode()).hexdigest()
        salt = f"{source.getrandbits(256):064x}"
        if len(tokens) < 1000:
            tokens.append(token)
        grants.append((grant, None, 1,
            f'{{"id":"{grant}","client":{who},"subject":"{subject}","scope":"api.read","details":[],"created":{now}}}'))
        families.append((family, ends, 0,
            f'{{"id":"{family}","grant":"{grant}","contract":"oauth","client":{who},"subject":"{subject}",'
            f'"scope":"api.read","details":[],"audience":["{audience}"],"generation":1,"rotated":{now},"salt":"{salt}",'
            f'"created":{now},"expires":{ends}}}'))
        refresh.append((digest, ends, 0,
            f'{{"family":"{family}","generation":1,"digest":"{digest}","expires":{ends}}}'))
        index.append(("client", client, grant))
        index.append(("subject", subject, grant))
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA cache_size = -400000")
    with connection:
        for kind, rows in (("grant", grants), ("token_family", families), ("refresh_token", refresh)):
            # In the order of the keys, which fills pages instead of splitting them.
            rows.sort()
            connection.executemany(
                "INSERT INTO record (kind, key, version, revision, announced, indexed, closed, expires, body)"
                f" VALUES ('{kind}', ?1, 1, 0, 0, ?3, NULL, ?2, CAST(?4 AS BLOB))", rows)
        index.sort()
        connection.executemany("INSERT INTO record_index (kind, name, value, key) VALUES ('grant', ?, ?, ?)", index)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return tokens
