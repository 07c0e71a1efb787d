"""An API at a host of its own: there every path is the API's, also those that are the issuer's elsewhere."""

import pytest
import requests

from demo_server import Server, free_port

CAR = "car.example"
PLAIN = "plain.example"


def nothing():
    """A body without a length, which takes the framework's way."""
    yield b"grant_type=refresh_token&refresh_token=x&client_id=x&client_secret=y&token=z"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    port, upstream = free_port(), free_port()
    (folder / "doorward.yaml").write_text(
        f"""issuer: http://127.0.0.1:{port}
listen: 127.0.0.1:{port}
apis:
  - name: car
    contract: smartcar-v2
    host: {CAR}
    upstream: http://127.0.0.1:{upstream}
    routes:
      - {{match: GET /x, scope: a}}
  - name: plain
    contract: oauth
    host: {PLAIN}
    upstream: http://127.0.0.1:{upstream}
    routes:
      - {{match: "POST /oauth/revoke", access: everyone}}
"""
    )
    arguments = ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")]
    server = Server(arguments, folder, "hosts")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    yield f"http://127.0.0.1:{port}"
    assert server.stop() == 0


def post(url, path, host, body):
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(f"{url}{path}", data=body, headers=headers, timeout=10)


@pytest.mark.parametrize("body", [b"".join(nothing()), nothing], ids=["length", "chunked"])
def test_its_token_endpoint_speaks_its_contract(server, body):
    answer = post(server, "/oauth/token", CAR, body() if callable(body) else body)
    assert answer.status_code == 401
    # Smartcar's contract has no page to lead to.
    assert set(answer.json()) == {"error", "error_description"}
    own = post(server, "/oauth/token", "127.0.0.1", body() if callable(body) else body)
    assert own.json()["error_uri"].startswith(server)


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
@pytest.mark.parametrize("body", [b"".join(nothing()), nothing], ids=["length", "chunked"])
def test_the_issuers_endpoints_are_not_there(server, path, body):
    answer = post(server, path, CAR, body() if callable(body) else body)
    assert (answer.status_code, answer.json()["type"]) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("body", [b"".join(nothing()), nothing], ids=["length", "chunked"])
def test_a_route_of_that_path_is_forwarded(server, body):
    # Nobody is there: the gate says so, which shows where it would have gone.
    assert post(server, "/oauth/revoke", PLAIN, body() if callable(body) else body).status_code == 502
