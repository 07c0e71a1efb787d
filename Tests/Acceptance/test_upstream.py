"""An API that is not there, and one that does not answer."""

import socket
import time

import pytest
import requests

from demo_server import Server, free_port


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        route = "routes: [{match: GET /x, access: everyone}]"
        (folder / "doorward.yaml").write_text(
            f"issuer: http://127.0.0.1:{port}\nlisten: 127.0.0.1:{port}\napis:\n"
            f"  - {{name: gone, prefix: /gone, upstream: 'http://127.0.0.1:{free_port()}', {route}}}\n"
            f"  - {{name: mute, prefix: /mute, timeout: 1s, "
            f"upstream: 'http://127.0.0.1:{silent.getsockname()[1]}', {route}}}\n"
        )
        server = Server(
            ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")],
            folder,
            "serve",
        )
        server.wait_until(lambda: "Doorward serves" in server.printed())
        yield f"http://127.0.0.1:{port}"
        assert server.stop() == 0


def test_an_api_that_is_gone(gate):
    started = time.monotonic()
    answer = requests.get(f"{gate}/gone/x", timeout=10)
    assert time.monotonic() - started < 2, "a refused connection is not tried again"
    assert (answer.status_code, answer.json()["code"]) == (502, "UPSTREAM_UNAVAILABLE")


def test_an_api_that_does_not_answer(gate):
    answer = requests.get(f"{gate}/mute/x", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (504, "UPSTREAM_TIMEOUT")
    assert answer.json()["retry"] == "same"
