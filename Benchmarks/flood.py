"""A million refusals: what each costs at the end compared with the beginning, what they leave in memory and on disk, and
whether a security event in their middle is still explained."""

import json
import statistics
import subprocess
import urllib.request

import load

MANY = 1_000_000
QUICK = 100_000
CHUNK_SECONDS = 1


def post(url: str, body: dict):
    """The answer's status, body and trace."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as refused:
        answer = refused
    return answer.status, json.load(answer), answer.headers["Trace-Id"]


def reuse(manifest: dict) -> str:
    """A refresh token used twice beyond its grace: the trace of a security event."""
    base, client = manifest["contracts"]["kordiam"]["base"], manifest["clients"]["kordiam"]
    body = {name: client[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    token = post(f"{base}/api/v2/auth/token", body)[1]["refresh_token"]
    answers = [post(f"{base}/api/v2/auth/refresh", {"refresh_token": token}) for _ in range(2)]
    if [status for status, _, _ in answers] != [200, 401]:
        raise SystemExit(f"a refresh token used twice was answered {answers}")
    return answers[1][2]


def run(server, manifest: dict, journal, binary, quick: bool) -> dict:
    """Figures by name. Stops when an answer was not the refusal, or when the event is not explained."""
    limit = QUICK if quick else MANY
    before, chunks, event = server.resident_megabytes, [], None
    while sum(chunk.answers for chunk in chunks) < limit:
        chunks.append(load.once(server.pids, server.url + "/api/notes", seconds=CHUNK_SECONDS, refused=True))
        if event is None and sum(chunk.answers for chunk in chunks) >= limit // 2:
            event = reuse(manifest)
    after = server.resident_megabytes
    subprocess.run(["sleep", "3"], check=True)
    explained = subprocess.run(
        [binary, "explain", event, "--json", "--data", journal.parent], capture_output=True, text=True)
    reason = json.loads(explained.stdout or "{}").get("reason")
    if reason != "refresh_token_reused":
        raise SystemExit(f"the event in the middle of the flood is explained as {reason}: {explained.stderr}")
    # The first answers are written into the journal one by one; the first chunk has them in it.
    part = max(1, len(chunks) // 5)
    first, last = chunks[:part], chunks[-part:]

    def ratio(of):
        return statistics.median(map(of, last)) / statistics.median(map(of, first))

    return {
        "flood: refusals": {"rate": sum(chunk.answers for chunk in chunks)},
        "flood: processor time of an answer, last fifth to first": {"rate": ratio(lambda chunk: chunk.microseconds)},
        "flood: median wait, last fifth to first": {"rate": ratio(lambda chunk: chunk.p50)},
        "flood: rate of the last fifth": {"rate": statistics.median(chunk.rate for chunk in last)},
        "flood: memory before, MB": {"rate": before},
        "flood: memory after, MB": {"rate": after},
        "flood: journal, MB": {"rate": sum(file.stat().st_size for file in journal.parent.glob(f"{journal.name}*")) / 1e6},
    }
