"""A server with one core, and refusals of many kinds in masses: what commits does not wait until all of them are recorded."""

import http.client
import os
import threading
import time

import pytest

from demo_server import Demo
from wire import call

# Enough records for many seconds of looking at requests a second time.
REFUSALS_OF_A_KIND = 150
# Half of the five seconds for which a flood's refusals are looked at.
LONGEST_SECONDS = 2.5


@pytest.fixture(scope="module")
def lonely(tmp_path_factory):
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        server = Demo(tmp_path_factory.mktemp("one-core"))
    finally:
        os.sched_setaffinity(0, cores)
    yield server
    settle(server)
    assert server.stop() == 0, server.printed()[-4000:]


def settle(server):
    """Waits until all records are made; the end of the server would make them at once, which is no matter of this test."""
    for _ in range(60):
        before = processor_seconds(server)
        time.sleep(1)
        if processor_seconds(server) - before < 0.2:
            return


def processor_seconds(server) -> float:
    with open(f"/proc/{server.process.pid}/stat") as status:
        fields = status.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def refuse(manifest, contract, entry):
    """Every kind of token of a contract that its API refuses, over one connection."""
    host = manifest["issuer"].removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    path = entry["base"].removeprefix(manifest["issuer"]) + entry["protected"]
    scheme = "" if contract == "shaid" else "Bearer "
    for _ in range(REFUSALS_OF_A_KIND):
        for kind, token in entry["tokens"].items():
            if kind == "valid":
                continue
            connection.request("GET", path, headers={"Authorization": scheme + token})
            answer = connection.getresponse()
            answer.read()
            assert answer.status in (401, 403), (contract, kind, answer.status)
    connection.close()


def test_a_revocation_does_not_wait_for_the_records_of_a_flood(lonely):
    manifest = lonely.manifest()
    client = manifest["clients"]["machine"]
    basic = (client["client_id"], client["client_secret"])
    tokens = [
        call("POST", f"{manifest['issuer']}/oauth/token", auth=basic, data={"grant_type": "client_credentials"}).json()["access_token"]
        for _ in range(400)
    ]
    senders = [threading.Thread(target=refuse, args=(manifest, *item)) for item in manifest["contracts"].items()]
    for sender in senders:
        sender.start()
    waits, quiet = [], None
    # Also after the last refusal: that is when all of them are being looked at.
    while tokens and (quiet is None or time.monotonic() < quiet + 2):
        if quiet is None and not any(sender.is_alive() for sender in senders):
            quiet = time.monotonic()
        start = time.perf_counter()
        answer = call("POST", f"{manifest['issuer']}/oauth/revoke", auth=basic, data={"token": tokens.pop()})
        waits.append(time.perf_counter() - start)
        assert answer.status_code == 200
        time.sleep(0.1)
    assert quiet is not None and time.monotonic() >= quiet + 2, "there were too few tokens to go on until after the flood"
    for sender in senders:
        sender.join()
    assert max(waits) <= LONGEST_SECONDS, sorted(waits)[-5:]
