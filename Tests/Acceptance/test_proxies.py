"""The proxies of examples/, the real ones, in front of an API, asking the demo's /verify."""

import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from demo_server import free_port
from upstream_server import upstream_server
from wire import present

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def upstream():
    """An API that answers with the identity headers it received."""

    def echo(headers):
        return "\n".join(
            f"{name.lower()}={value}" for name, value in headers.items() if name.lower().startswith("x-auth-")
        )

    with upstream_server(echo) as port:
        yield port


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request, issuer, upstream, tmp_path_factory):
    program = shutil.which(request.param) or shutil.which(f"/usr/sbin/{request.param}")
    if program is None:
        pytest.skip(f"NOT TESTED: {request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    port = free_port()
    name = "nginx.conf" if request.param == "nginx" else "Caddyfile"
    listening = "8090" if request.param == "nginx" else "8091"
    text = (EXAMPLES / name).read_text()
    text = text.replace(f"127.0.0.1:{listening}", f"127.0.0.1:{port}")
    text = text.replace("127.0.0.1:9001", f"127.0.0.1:{upstream}")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{urlsplit(issuer).port}")
    if request.param == "nginx":
        text = f"daemon off;\npid {folder}/pid;\nerror_log {folder}/log;\n" + text.replace(
            "http {", f"http {{\n access_log off;\n client_body_temp_path {folder}/b;\n proxy_temp_path {folder}/p;\n"
            f" fastcgi_temp_path {folder}/f;\n uwsgi_temp_path {folder}/u;\n scgi_temp_path {folder}/s;"
        )
        command = [program, "-p", str(folder), "-c", str(folder / name)]
    else:
        text = "{\n\tadmin off\n}\n" + text
        command = [program, "run", "--config", str(folder / name), "--adapter", "caddyfile"]
    (folder / name).write_text(text)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            requests.get(address, timeout=1)
            break
        except requests.ConnectionError:
            time.sleep(0.05)
    yield address
    process.terminate()
    process.wait(10)


def test_a_good_token_passes_with_its_identity(proxy, contracts):
    headers = present("oauth", contracts["oauth"]["tokens"]["valid"])
    answer = requests.get(proxy + "/api/notes", headers=headers, timeout=5)
    assert answer.status_code == 200
    assert "x-auth-scope=api.read api.write" in answer.text


@pytest.mark.parametrize("kind", ["expired", "bad_signature", "revoked", "wrong_audience"])
def test_a_bad_token_is_refused(proxy, contracts, kind):
    headers = present("oauth", contracts["oauth"]["tokens"][kind])
    answer = requests.get(proxy + "/api/notes", headers=headers, timeout=5)
    assert answer.status_code == 401
    assert "error=\"invalid_token\"" in answer.headers["WWW-Authenticate"]


def test_no_token_and_too_little_scope(proxy, contracts):
    assert requests.get(proxy + "/api/notes", timeout=5).status_code == 401
    headers = present("oauth", contracts["oauth"]["tokens"]["forbidden"])
    answer = requests.get(proxy + "/api/notes", headers=headers, timeout=5)
    assert answer.status_code == 403, answer.text


def test_identity_from_outside_does_not_pass(proxy, contracts):
    headers = present("oauth", contracts["oauth"]["tokens"]["valid"])
    names = ["Subject", "Client", "Scope", "Issuer", "Audience", "Resources", "Token-Id", "Expires"]
    headers |= {f"X-Auth-{name}": "mallory" for name in names}
    answer = requests.get(proxy + "/api/notes", headers=headers, timeout=5)
    assert answer.status_code == 200
    assert "mallory" not in answer.text


def test_a_caller_cannot_choose_what_is_asked(proxy, contracts):
    """The proxy's own X-Forwarded-* count, not the caller's."""
    headers = present("oauth", contracts["oauth"]["tokens"]["forbidden"])
    for name in ("X-Forwarded", "X-Original"):
        headers |= {f"{name}-Uri": "/kordiam/docs/errors/unauthorized", f"{name}-Method": "GET", f"{name}-Host": "x"}
    answer = requests.get(proxy + "/api/notes", headers=headers, timeout=5)
    assert answer.status_code == 403, answer.text
