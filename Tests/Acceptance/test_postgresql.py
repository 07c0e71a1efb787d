"""Several nodes on one PostgreSQL: what one did holds at the others, and what dies comes back by itself."""

import secrets
import signal
import threading
import time

import pytest

import flows
from command_line import UNAVAILABLE, USAGE, doorward, listed, new_machine
from demo_server import free_port
from grants import assert_invalid_grant
from node_calls import revoke, seconds_until, token_of
from postgresql_server import Node
from token_requests import client_credentials, refresh, token_request
from wire import call

REDIRECT = "https://app.example.com/back"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    file = tmp_path_factory.mktemp("key") / "key"
    file.write_text(secrets.token_hex(32))
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def nodes(postgresql, key, tmp_path_factory):
    directory = tmp_path_factory.mktemp("nodes")
    database = postgresql.create("company")
    first = Node(directory, "a", database, key=key)
    # At the same moment, on an empty database.
    second = Node(directory, "b", database, issuer=first.issuer, key=key)
    yield first.started(), second.started()
    assert first.stop() == 0
    assert second.stop() == 0


@pytest.fixture(scope="module")
def machine(nodes):
    return new_machine(nodes[0].data, "machine", "--grant", "client_credentials", "--scope", "api.read")


@pytest.fixture(scope="module")
def somebody(nodes):
    return flows.new_user(nodes[0].data)


@pytest.fixture
def flow(nodes):
    client = flows.new_client(nodes[0].data, f"web {secrets.token_hex(4)}", REDIRECT)
    return flows.Flow(nodes[0].issuer, nodes[0].issuer, client, "openid api.read")


def code(flow, somebody):
    browser = flow.begin()
    browser.sign_in(*somebody)
    browser.press("Allow access")
    return browser.arrived["code"]


def at(flow, node):
    """The same flow, its token requests at another node."""
    other = flows.Flow(node.issuer, node.issuer, flow.client, flow.scope)
    other.token, other.verifier = f"{node.base}/oauth/token", flow.verifier
    return other


def test_nodes_that_start_together_make_one_key_for_each_algorithm(nodes):
    keys = listed(nodes[0].data, "key")
    assert sorted(key["alg"] for key in keys) == sorted({key["alg"] for key in keys})
    served = [{key["kid"] for key in call("GET", f"{node.base}/oauth/jwks").json()["keys"]} for node in nodes]
    assert served[0] == served[1] == {key["kid"] for key in keys}


def test_a_token_of_one_node_is_accepted_by_the_other_until_it_is_revoked(nodes, machine):
    first, second = nodes
    waits = []
    for _ in range(20):
        token = client_credentials(f"{first.base}/oauth/token", machine, resource=f"{first.issuer}/api")["access_token"]
        assert second.verify(token).status_code == 200
        answer = token_request(f"{first.base}/oauth/revoke", machine, {"token": token})
        assert answer.status_code == 200
        assert first.verify(token).status_code == 401, "the node that revoked it accepted it"
        waits.append(seconds_until(lambda: second.verify(token).status_code == 401))
    assert max(waits) < 1, waits
    # Told, not found by looking five times a second.
    assert sorted(waits)[len(waits) // 2] < 0.1, waits


def test_a_code_of_one_node_is_redeemed_at_another_once(nodes, flow, somebody):
    given = code(flow, somebody)
    answers = []
    # At both nodes at once.
    threads = [
        threading.Thread(target=lambda node=node: answers.append(at(flow, node).exchange(given))) for node in nodes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 400], [answer.text for answer in answers]
    assert_invalid_grant(at(flow, nodes[1]).exchange(given))


def test_a_code_of_one_node_is_redeemed_at_another(nodes, flow, somebody):
    answer = at(flow, nodes[1]).exchange(code(flow, somebody))
    assert answer.status_code == 200, answer.text
    assert nodes[0].verify(answer.json()["access_token"]).status_code in (200, 401)


def test_a_family_rotates_across_nodes_and_its_reuse_ends_it_everywhere(nodes, flow, somebody):
    tokens = [at(flow, nodes[1]).exchange(code(flow, somebody)).json()]
    for turn in range(6):
        answer = refresh(f"{nodes[turn % 2].base}/oauth/token", flow.client, tokens[-1]["refresh_token"])
        assert answer.status_code == 200, answer.text
        tokens.append(answer.json())
    assert_invalid_grant(refresh(f"{nodes[0].base}/oauth/token", flow.client, tokens[1]["refresh_token"]))
    for node in nodes:
        assert_invalid_grant(refresh(f"{node.base}/oauth/token", flow.client, tokens[-1]["refresh_token"]))


def test_a_client_is_known_at_once_and_disabled_within_a_second_everywhere(nodes):
    client = new_machine(nodes[0].data, "short", "--grant", "client_credentials", "--scope", "api.read")
    for node in nodes:
        client_credentials(f"{node.base}/oauth/token", client)
    assert doorward("client", "disable", client["client_id"], "--data", nodes[0].data).code == 0
    for node in nodes:
        endpoint = f"{node.base}/oauth/token"
        refused = lambda: token_request(endpoint, client, {"grant_type": "client_credentials"}).status_code == 401
        assert seconds_until(refused) < 1


def test_commands_find_the_database_of_the_folders_server(nodes, postgresql):
    assert {client["client_id"] for client in listed(nodes[0].data, "client")} == {
        client["client_id"] for client in listed(nodes[1].data, "client")
    }
    assert not (nodes[0].data / "doorward.sqlite").exists()
    ran = doorward("serve", "--data", nodes[0].data, "--listen", f"127.0.0.1:{free_port()}")
    assert ran.code == USAGE and "used postgresql://" in ran.stderr


def test_of_two_rotations_at_once_no_algorithm_has_two_active_keys(nodes):
    for _ in range(3):
        threads = [
            threading.Thread(target=lambda node=node: doorward("key", "rotate", "--data", node.data)) for node in nodes
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        active = [key["alg"] for key in listed(nodes[0].data, "key") if key["state"] == "active"]
        assert sorted(active) == sorted(set(active))


def test_another_key_file_is_refused_with_what_to_do(nodes, postgresql, tmp_path):
    ran = doorward(
        "serve", "--database", postgresql.url("company"), "--data", tmp_path, "--listen", f"127.0.0.1:{free_port()}"
    )
    assert ran.code == UNAVAILABLE
    assert "another key file" in ran.stderr and "--key-file" in ran.stderr


def test_a_node_that_is_killed_or_stopped_holds_up_nobody(nodes, postgresql, machine, key, tmp_path):
    first = nodes[0]
    third = Node(tmp_path, "c", postgresql.url("company"), issuer=first.issuer, key=key).started()
    client = new_machine(first.data, "storm", "--grant", "client_credentials", "--scope", "api.read")
    stopped = threading.Event()

    def storm():
        # Revocations take the one lock that commits share.
        while not stopped.is_set():
            try:
                token = client_credentials(f"{third.base}/oauth/token", client)["access_token"]
                token_request(f"{third.base}/oauth/revoke", client, {"token": token})
            except Exception:
                return

    threads = [threading.Thread(target=storm) for _ in range(4)]
    for thread in threads:
        thread.start()
    slowest = 0
    for round in range(3):
        time.sleep(0.2)
        third.process.send_signal(signal.SIGSTOP if round < 2 else signal.SIGKILL)
        for _ in range(5):
            start = time.monotonic()
            token = client_credentials(f"{first.base}/oauth/token", machine)["access_token"]
            assert token_request(f"{first.base}/oauth/revoke", machine, {"token": token}).status_code == 200
            slowest = max(slowest, time.monotonic() - start)
        third.process.send_signal(signal.SIGCONT if round < 2 else signal.SIGKILL)
    stopped.set()
    third.process.wait(10)
    for thread in threads:
        thread.join()
    assert slowest < 1, slowest


def test_the_password_is_seen_nowhere(postgresql, tmp_path):
    password = "canary%2F" + secrets.token_hex(8)
    postgresql.create("secretive")
    node = Node(tmp_path, "node", postgresql.url("secretive", password)).started()
    try:
        arguments = open(f"/proc/{node.process.pid}/cmdline").read()
        assert "postgresql://postgres:xxx" in arguments and password not in arguments
        assert call("GET", f"{node.base}/health/ready").status_code == 200
    finally:
        assert node.stop() == 0
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert password.encode() not in file.read_bytes(), file
    gone = postgresql.url("secretive", password).replace(f":{postgresql.port}", f":{free_port()}")
    for url in (gone, gone.replace("/secretive", "/nowhere"), gone.replace("canary%2F", "canary/"), gone + "?nonsense=1"):
        ran = doorward("client", "list", "--data", tmp_path / "node", "--database", url)
        assert ran.code in (USAGE, UNAVAILABLE), ran.output
        assert "canary" not in ran.output and password[-16:] not in ran.output


def test_the_address_may_come_from_the_environment(postgresql, tmp_path):
    database = postgresql.create("environment")
    node = Node(tmp_path, "node", None, environment={"DOORWARD_DATABASE": database}).started()
    assert node.stop() == 0
    assert f"and {database}" in node.printed()
    assert int(postgresql.sql("SELECT count(*) FROM doorward.record WHERE kind = 'signing_key'", "environment")) > 0


def test_a_database_that_does_not_exist_is_not_waited_for(postgresql, tmp_path):
    start = time.monotonic()
    ran = doorward("serve", "--database", postgresql.url("nowhere"), "--data", tmp_path, "--listen", "127.0.0.1:0")
    assert ran.code == UNAVAILABLE and "nowhere" in ran.stderr
    assert time.monotonic() - start < 5


def test_a_sqlite_store_is_copied_into_postgresql_and_served_from_there(postgresql, tmp_path):
    node = Node(tmp_path, "node", None).started()
    client = new_machine(node.data, "machine", "--grant", "client_credentials", "--scope", "api.read")
    token, revoked = token_of(node, client), token_of(node, client)
    assert revoke(node, client, revoked).status_code == 200
    assert node.stop() == 0
    database = postgresql.create("copied")
    ran = doorward("migrate", "--from", f"sqlite:{node.data}/doorward.sqlite", "--to", database)
    assert ran.code == 0, ran.output
    ran = doorward("migrate", "--check", "--database", database, "--data", node.data)
    assert ran.code == 0 and "nothing to do" in ran.stdout, ran.output
    node = Node(tmp_path, "node", database, port=node.port).started()
    assert node.verify(token).status_code == 200
    assert node.verify(revoked).status_code == 401
    assert revoke(node, client, token).status_code == 200
    assert node.verify(token).status_code == 401
    assert node.stop() == 0
