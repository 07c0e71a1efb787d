"""docs/nodes.md, done: three nodes of examples/nodes behind its nginx, on a PostgreSQL with TLS and a password."""

import itertools
import signal
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest

import flows
from command_line import REFUSED, doorward, new_machine
from node_calls import is_ready, seconds_until
from pages import Browser
from postgresql_server import PostgreSQL
from shipped_nodes import NGINX, ShippedNodes
from signing_keys import published
from token_requests import skip_loudly
from upstream_server import upstream_server
from wire import basic

REDIRECT = "https://app.example.com/back"


@pytest.fixture(scope="module")
def upstream():
    with upstream_server(lambda _: '{"notes": []}') as port:
        yield port


@pytest.fixture(scope="module")
def world(upstream, tmp_path_factory):
    if NGINX is None:
        skip_loudly("nginx is not installed")
    server = PostgreSQL()
    if not server.start():
        skip_loudly("PostgreSQL is not installed (apt-get install postgresql)")
    world = ShippedNodes(tmp_path_factory.mktemp("three"), upstream, server)
    yield world
    assert world.stop() == [0, 0, 0]
    server.end()


@pytest.fixture(scope="module")
def client(world):
    return flows.new_client(world.nodes[0].data, "web", REDIRECT)


@pytest.fixture(scope="module")
def machine(world):
    return new_machine(world.nodes[1].data, "machine", "--grant", "client_credentials", "--scope", "api.read")


def post(world, path, client, **form):
    return world.call("POST", path, data=form, headers=basic(client["client_id"], client["client_secret"]))


def ask_for_token(world, machine):
    return post(world, "/oauth/token", machine, grant_type="client_credentials", resource=f"{world.issuer}/api")


def token_of(world, machine):
    answer = ask_for_token(world, machine)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def notes(world, token):
    return world.call("GET", "/api/notes", headers={"Authorization": f"Bearer {token}"})


def heard_everywhere(world, revoked):
    """docs/operating.md: a revocation holds at the other nodes within a second."""
    seconds_until(lambda: all(node.verify(revoked).status_code == 401 for node in world.nodes), 1)


def test_every_step_of_a_grant_is_answered_by_another_node(world, client):
    somebody = flows.new_user(world.nodes[2].data)
    flow = flows.Flow(world.issuer, world.issuer, client, "openid api.read")
    before = len(world.passed())
    browser = Browser(world.issuer)
    browser.session.verify = str(world.authority.file)
    flow.begin(browser, resource=f"{world.issuer}/api")
    browser.sign_in(*somebody)
    browser.press("Allow access")
    arrived = browser.arrived
    assert arrived["iss"] == world.issuer and arrived["state"] == flow.state
    first = post(
        world, "/oauth/token", client, grant_type="authorization_code", code=arrived["code"], redirect_uri=REDIRECT,
        code_verifier=flow.verifier, resource=f"{world.issuer}/api",
    )
    assert first.status_code == 200, first.text
    assert notes(world, first.json()["access_token"]).json() == {"notes": []}
    second = post(
        world, "/oauth/token", client, grant_type="refresh_token", refresh_token=first.json()["refresh_token"],
        resource=f"{world.issuer}/api",
    )
    assert second.status_code == 200, second.text
    token = second.json()["access_token"]
    assert notes(world, token).status_code == 200
    found = post(world, "/oauth/introspect", client, token=token)
    assert found.json()["active"] is True and found.json()["iss"] == world.issuer
    assert post(world, "/oauth/revoke", client, token=second.json()["refresh_token"]).status_code == 200
    heard_everywhere(world, token)
    # Three nodes, each asked once, by way of nginx.
    for _ in world.nodes:
        refused = notes(world, token)
        assert refused.status_code == 401, refused.text
    assert post(world, "/oauth/introspect", client, token=token).json() == {"active": False}
    late = post(world, "/oauth/token", client, grant_type="refresh_token", refresh_token=second.json()["refresh_token"])
    assert late.status_code == 400 and late.json()["error"] == "invalid_grant"

    world.line_of(late.headers["Trace-Id"])
    answered = [line[4] for line in world.passed()[before:]]
    assert len(answered) >= 12, answered
    repeated = [pair for pair in itertools.pairwise(answered) if pair[0] == pair[1]]
    assert not repeated, answered
    assert len(set(answered)) == 3, answered
    # The trace is explained at the node that nginx names, and at no other.
    for answer, reason in ((refused, "revoked"), (late, "refresh_token")):
        trace = answer.headers["Trace-Id"]
        mine = world.node_of(trace)
        seconds_until(lambda: mine.explain(trace).code == 0, 2)
        ran = mine.explain(trace)
        assert reason in ran.stdout.lower(), ran.output
        for node in world.nodes:
            if node is not mine:
                other = node.explain(trace)
                assert other.code == REFUSED and "Check --data" in other.output


def test_nginx_lets_pass_what_the_door_lets_pass(world, client):
    """A request and a redirect of 13 kB, a body above its megabyte; and `/metrics` is not for everybody."""
    flow = flows.Flow(world.issuer, world.issuer, client, "openid api.read")
    state = "+" * 4096
    answer = world.call("GET", "/oauth/authorize", params=flow.query(state=state, prompt="none"))
    assert answer.status_code in (302, 303), (answer.status_code, answer.text)
    assert len(answer.headers["Location"]) > 12288 and parse_qs(urlsplit(answer.headers["Location"]).query)["state"] == [state]
    large = world.call("POST", "/api/notes", data=b"x" * 3_000_000)
    assert large.headers.get("Trace-Id") and large.status_code in (401, 404, 405), large.text
    assert world.call("GET", "/metrics").status_code == 403
    assert world.call("GET", "/.well-known/oauth-authorization-server").json()["issuer"] == world.issuer
    assert world.call("GET", "/login").headers["Strict-Transport-Security"]


def test_a_get_is_asked_again_where_a_node_dies_and_a_post_is_not(world, client, machine):
    token = token_of(world, machine)
    sent = {"GET": lambda: notes(world, token), "POST": lambda: ask_for_token(world, machine)}
    for method, send in sent.items():
        stopped = world.nodes[:2]
        for node in stopped:
            node.process.send_signal(signal.SIGSTOP)
        answers, threads = [], []
        # At least one waits at a node that is stopped.
        for _ in range(6):
            threads.append(threading.Thread(target=lambda: answers.append(send())))
            threads[-1].start()
        time.sleep(1)
        before = len(world.passed())
        for node in stopped:
            node.kill()
        for thread in threads:
            thread.join()
        for node in stopped:
            world.restart(node)
        lines = [line for line in world.passed()[before:] if line[1] == method]
        assert lines, "no request was waiting at a node that died"
        if method == "GET":
            assert {answer.status_code for answer in answers} == {200}
            assert any("," in line[4] for line in lines), lines
        else:
            assert {answer.status_code for answer in answers} == {200, 502}
            assert all("," not in line[4] for line in lines), lines
            assert {line[2] for line in lines} == {"502"}


def test_nodes_that_are_killed_and_stopped_in_order_under_load_cost_no_request_that_others_can_answer(world, machine):
    token = token_of(world, machine)
    done = threading.Event()
    gotten, posted = [], []

    def read():
        while not done.is_set():
            gotten.append(notes(world, token).status_code)

    def write():
        while not done.is_set():
            posted.append(ask_for_token(world, machine).status_code)
            time.sleep(0.02)

    threads = [threading.Thread(target=target) for target in (read, read, write)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for node in list(world.nodes):
        node.kill()
        time.sleep(0.3)
        world.restart(node)
    killed = len(posted)
    # An upgrade: each is stopped in order, which costs nobody anything.
    for node in list(world.nodes):
        assert node.stop() == 0
        world.restart(node)
    time.sleep(0.5)
    done.set()
    for thread in threads:
        thread.join()
    assert set(gotten) == {200} and len(gotten) > 100, (len(gotten), set(gotten))
    assert set(posted[:killed]) <= {200, 502} and posted[:killed].count(502) <= 6, posted[:killed].count(502)
    assert set(posted[killed:]) <= {200}, "a node that was stopped in order lost a request"


def test_a_database_that_is_away_is_said_and_comes_back_by_itself(world, machine):
    token, other = token_of(world, machine), token_of(world, machine)
    for node in world.nodes:
        assert node.verify(token).status_code == 200
    world.server.order("stop")
    for node in world.nodes:
        seconds_until(lambda: not is_ready(node), 10)
        assert node.verify(token).status_code == 200
    assert notes(world, token).status_code == 200
    assert world.call("GET", "/health/ready").status_code == 503
    assert world.call("GET", "/health/live").status_code == 200
    refused = post(world, "/oauth/revoke", machine, token=other)
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0, refused.text
    assert refused.json()["error"] == "temporarily_unavailable"
    trace = refused.headers["Trace-Id"]
    node = world.node_of(trace)
    seconds_until(lambda: "STORAGE_UNAVAILABLE" in node.explain(trace).stdout, 2)
    assert world.password not in node.explain(trace).output
    world.server.order("start")
    for node in world.nodes:
        assert seconds_until(lambda: is_ready(node), 10) < 5
    assert post(world, "/oauth/revoke", machine, token=other).status_code == 200
    heard_everywhere(world, other)
    for node in world.nodes:
        assert node.verify(token).status_code == 200


def test_keys_are_rotated_with_any_nodes_folder(world, machine):
    token = token_of(world, machine)
    before = [published(node) for node in world.nodes]
    made = {key["kid"] for key in doorward("key", "rotate", "--data", world.nodes[1].data, "--json").json()}
    assert made and not any(made & keys for keys in before)
    seconds_until(lambda: all(made <= published(node) for node in world.nodes), 1)
    # Each node's own, and the old keys are still there.
    sets = [published(node) for node in world.nodes]
    assert sets[0] == sets[1] == sets[2] == before[0] | made
    for node in world.nodes:
        assert node.verify(token).status_code == 200
        assert node.verify(token_of(world, machine)).status_code == 200
