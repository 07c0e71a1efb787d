"""The database goes away, and comes back: what can be verified is, the rest is 503, and nothing has to be restarted."""

import threading
import time

import pytest

from command_line import UNAVAILABLE, doorward, new_machine
from node_calls import is_ready, revoke, seconds_until, token_of
from postgresql_server import Node, PostgreSQL
from token_requests import token_request
from wire import call


@pytest.fixture
def fragile(tmp_path):
    """A server of this test's own, and a node on it."""
    server = PostgreSQL()
    if not server.start():
        pytest.skip("PostgreSQL is not installed")
    node = Node(tmp_path, "node", server.url()).started()
    client = new_machine(node.data, "machine", "--grant", "client_credentials", "--scope", "api.read")
    yield server, node, client
    assert node.stop() == 0
    server.end()


@pytest.mark.parametrize("away,back", [("stop", "start"), ("kill", "start"), ("freeze", "thaw")])
def test_while_the_database_is_away_what_can_be_verified_is_and_the_rest_is_503(fragile, away, back):
    server, node, client = fragile
    token, other = token_of(node, client), token_of(node, client)
    server.order(away)
    start = time.monotonic()
    answer = revoke(node, client, other)
    assert answer.status_code == 503, answer.text
    # What hangs is given up after seconds, and from then on said at once.
    assert time.monotonic() - start < 15
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"] == "temporarily_unavailable" and answer.json()["error_description"]
    assert node.verify(token).status_code == 200
    assert node.verify("dwa_never-issued").status_code in (401, 503)
    seconds_until(lambda: not is_ready(node), limit=10)
    desk = call(
        "POST",
        f"{node.base}/desk/api/v2/auth/refresh",
        json={"refresh_token": "dwr_" + "A" * 43},
    )
    assert desk.status_code == 503 and desk.headers["Content-Type"].startswith("application/problem+json"), desk.text
    assert int(desk.headers["Retry-After"]) > 0
    start = time.monotonic()
    assert revoke(node, client, other).status_code == 503
    assert time.monotonic() - start < 3
    server.order(back)
    waited = seconds_until(lambda: is_ready(node), limit=10)
    assert waited < 5, waited
    assert seconds_until(lambda: revoke(node, client, other).status_code == 200) < 1
    assert node.verify(other).status_code == 401
    assert node.verify(token).status_code == 200


def test_connections_that_are_cut_are_not_noticed_by_callers(fragile):
    server, node, client = fragile
    refused = []
    stopped = threading.Event()

    def work():
        while not stopped.is_set():
            token = token_request(
                f"{node.base}/oauth/token", client, {"grant_type": "client_credentials", "resource": f"{node.issuer}/api"}
            )
            answer = revoke(node, client, token.json().get("access_token", ""))
            refused.extend(answer.text for answer in (token, answer) if answer.status_code != 200)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        time.sleep(0.1)
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doorward'")
    stopped.set()
    for thread in threads:
        thread.join()
    assert not refused, refused[:3]


def test_a_database_that_was_set_read_only_is_503_until_it_is_writable(fragile):
    server, node, client = fragile
    token = token_of(node, client)
    server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
    server.sql("SELECT pg_reload_conf()")
    seconds_until(lambda: revoke(node, client, token).status_code == 503)
    assert node.verify(token).status_code == 200
    server.sql("ALTER SYSTEM RESET default_transaction_read_only")
    server.sql("SELECT pg_reload_conf()")
    seconds_until(lambda: revoke(node, client, token).status_code == 200)
    assert node.verify(token).status_code == 401


def test_a_server_that_starts_before_its_database_waits_for_it(tmp_path):
    server = PostgreSQL()
    if not server.start():
        pytest.skip("PostgreSQL is not installed")
    server.order("stop")
    node = Node(tmp_path, "node", server.url())
    assert seconds_until(lambda: "waiting up to" in node.printed()) < 5
    ran = doorward("client", "list", "--database", server.url(), "--data", tmp_path / "node")
    assert ran.code == UNAVAILABLE, "a command does not wait"
    server.order("start")
    node.started()
    assert node.stop() == 0
    server.end()
