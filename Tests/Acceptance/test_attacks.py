"""What an attacker tried first, and found: each case failed once."""

import json
import socket
import sqlite3
import stat
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from demo_server import Server, free_port
from wire import basic, call, exact, exchange, present


def send(base, text: bytes) -> bytes:
    return exchange(base, text)


@pytest.mark.parametrize("path", ["/oauth/token", "/nowhere", "/kordiam/api/v2/auth/token"])
def test_a_chunked_body_beyond_the_limit_is_refused(issuer, path, still_answers):
    """It had two readers, which ended the process."""
    chunk = b"a" * 65537
    host = urlsplit(issuer).netloc.encode()
    sent = b"POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n" % (path.encode(), host)
    sent += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = send(issuer, sent + b"10001\r\n" + chunk + b"\r\n0\r\n\r\n")
    assert b" 413 " in answer.split(b"\r\n")[0] + b" ", answer[:200]
    still_answers()


@pytest.mark.parametrize("target", ["/verify", "/api/notes", "/no/such/path", "//x", "/oauth/token", "/errors"])
def test_a_refused_HEAD_has_no_body(issuer, target):
    """The next answer on the connection would be misread."""
    host = urlsplit(issuer).netloc
    sent = f"HEAD {target} HTTP/1.1\r\nHost: {host}\r\n\r\nGET /health/live HTTP/1.1\r\nHost: {host}\r\n"
    received = send(issuer, (sent + "Connection: close\r\n\r\n").encode())
    first, _, rest = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 ")
    assert rest.startswith(b"HTTP/1.1 200"), rest[:100]


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 9223372036854775808",
        "Transfer-Encoding: gzip, chunked",
    ],
)
def test_a_length_or_coding_that_can_be_read_in_two_ways_is_refused(issuer, head, still_answers):
    host = urlsplit(issuer).netloc
    received = send(issuer, f"POST /api/notes HTTP/1.1\r\nHost: {host}\r\n{head}\r\nConnection: close\r\n\r\n".encode())
    assert received.split(b"\r\n")[0].split(b" ")[1] == b"400", received[:200]
    still_answers()


@pytest.mark.parametrize("connection", ["close, x", "CLOSE", "Upgrade"])
def test_a_connection_that_is_to_end_ends(issuer, connection):
    host = urlsplit(issuer).netloc
    for path in ("/verify", "/health/live"):
        started = time.monotonic()
        sent = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\nUpgrade: x\r\n\r\n"
        assert send(issuer, sent.encode()).startswith(b"HTTP/1.1 ")
        assert time.monotonic() - started < 3


def test_answers_that_nobody_reads_do_not_pile_up(issuer, demo):
    """Questions without an end on one connection, no answer read: the server stops reading."""

    def resident() -> int:
        text = open(f"/proc/{demo.process.pid}/status").read()
        return int(text.split("VmRSS:")[1].split()[0])

    before = resident()
    host = urlsplit(issuer)
    burst = f"GET /verify HTTP/1.1\r\nHost: {host.netloc}\r\n\r\n".encode() * 500
    sent = 0
    with socket.create_connection((host.hostname, host.port)) as peer:
        peer.settimeout(1)
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            try:
                sent += peer.send(burst)
            except TimeoutError:
                break
        started = time.monotonic()
        assert call("GET", f"{issuer}/health/live").status_code == 200
        assert time.monotonic() - started < 2
        assert resident() - before < 80_000, "kilobytes grown"


def test_a_name_alone_does_not_find_out_which_clients_exist(token_endpoint, clients):
    answers = set()
    named = [clients["machine"]["client_id"], "11111111-1111-4111-8111-111111111111"]
    named += [clients["disabled"]["client_id"]] if "disabled" in clients else []
    for name in named:
        answer = call("POST", token_endpoint, data={"grant_type": "client_credentials", "client_id": name})
        body = {k: v for k, v in answer.json().items() if k != "trace_id"}
        answers.add((answer.status_code, json.dumps(body)))
    assert len(answers) == 1


def test_secrets_in_the_wrong_place_are_not_kept(issuer, token_endpoint, clients, contracts, demo):
    client = clients["machine"]
    secret = client["client_secret"]
    token = contracts["oauth"]["tokens"]["valid"]
    call("POST", token_endpoint, data={"grant_type": "client_credentials"}, headers=basic(secret, client["client_id"]))
    call("POST", token_endpoint, data={"grant_type": secret}, headers=basic(client["client_id"], secret))
    call("GET", f"{issuer}/x/{secret}/y")
    call("GET", f"{issuer}/kordiam/{secret}")
    call("GET", f"{issuer}/api/{token}")
    call("GET", f"{issuer}/api/notes", headers={"Authorization": f"Token {token}"})
    time.sleep(0.5)
    with sqlite3.connect(f"file:{demo.data}/journal.sqlite?mode=ro", uri=True) as journal:
        kept = "\n".join(str(row) for table in tables(journal) for row in journal.execute(f"SELECT * FROM {table}"))
    assert secret not in kept
    assert token not in kept and token.split(".")[2] not in kept


def tables(database):
    return [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_records_have_a_bounded_size(issuer, demo):
    for index in range(20):
        call("GET", f"{issuer}/api/{index}" + "/x" * 7000)
    time.sleep(0.5)
    with sqlite3.connect(f"file:{demo.data}/journal.sqlite?mode=ro", uri=True) as journal:
        largest = max(
            journal.execute(f"SELECT coalesce(max(length(body)), 0) FROM {table}").fetchone()[0]
            for table in tables(journal)
            if "body" in [column[1] for column in journal.execute(f"PRAGMA table_info({table})")]
        )
    assert 100 < largest < 8_000


def test_files_are_for_their_owner_only(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    port = free_port()
    arguments = ["serve", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "open")]
    server = Server(arguments, tmp_path, "serve")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    for file in (tmp_path / "open").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    assert server.stop() == 0


def test_only_reading_is_open_on_public_documents(issuer):
    for method, status in (("GET", (200,)), ("DELETE", (401, 404, 405))):
        answer = call(
            "GET",
            f"{issuer}/verify",
            headers={"X-Forwarded-Method": method, "X-Forwarded-Uri": "/cyoda/api/help/errors"},
        )
        assert answer.status_code in status, method


def test_a_question_without_a_method_is_refused(issuer, contracts):
    headers = present("oauth", contracts["oauth"]["tokens"]["valid"]) | {"X-Forwarded-Uri": "/api/notes"}
    answer = call("GET", f"{issuer}/verify", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "X-Forwarded-Method"


def test_canonically_equivalent_letters_are_other_letters(contracts):
    """The Kelvin sign is a K to Swift's ==, and to no API."""
    token = contracts["cyoda"]["tokens"]["valid"]
    assert exact(contracts["cyoda"]["base"], "GET", "/%E2%84%AAordiam/api/v2/elements").status_code == 404
    assert token


def test_documentation_costs_little(issuer):
    for path in ("/help", "/errors/" + "x" * 16_000):
        started = time.monotonic()
        call("GET", f"{issuer}{path}")
        assert time.monotonic() - started < 0.6, path


@pytest.fixture(scope="module")
def echoing(tmp_path_factory):
    """A gate in front of an API that answers with the very bytes of each request's head."""
    folder = tmp_path_factory.mktemp("echoing")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection):
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    return
                head += part
            if b"/slow" in head:
                time.sleep(20)
            text = head.split(b"\r\n\r\n")[0]
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
            )

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port = free_port()
    upstream = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (folder / "doorward.yaml").write_text(
        f"issuer: http://127.0.0.1:{port}\nlisten: 127.0.0.1:{port}\napis:\n"
        f"  - {{name: open, prefix: /open, upstream: '{upstream}', routes: [{{match: 'GET,POST /**', access: everyone}}]}}\n"
    )
    arguments = ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")]
    server = Server(arguments, folder, "serve")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    yield f"http://127.0.0.1:{port}"
    assert server.stop() == 0, server.printed()[-4000:]
    listener.close()


@pytest.mark.parametrize(
    "asked, forwarded",
    [
        ("/x?q=a%26b[]", "/x?q=a%26b%5B%5D"),
        ('/%41"', "/%41%22"),
        ("/x?x[]=1&y=%41", "/x?x%5B%5D=1&y=%41"),
        ("/x?a|b=c^d", "/x?a%7Cb=c%5Ed"),
        ("/x?access%5Ftoken=t&b=1", "/x?b=1"),
        ("/x?access_token=t", "/x"),
        ("/plain/%20/x?y=+&z=%2B", "/plain/%20/x?y=+&z=%2B"),
    ],
)
def test_what_is_forwarded_is_what_was_checked(echoing, asked, forwarded):
    received = send(echoing, f"GET /open{asked} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert f"GET {forwarded} HTTP/1.1".encode() in received, received


def test_a_broken_escape_in_the_query_is_refused(echoing):
    assert b" 400 " in send(echoing, b"GET /open/x?a=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


def test_headers_that_override_do_not_pass(echoing):
    names = ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP", "Forwarded"]
    names += ["X_Auth_Subject", "Trace_Id", "X.Auth.Subject", "X-Auth-Subject", "Transfer_Encoding"]
    heads = "".join(f"{name}: mallory\r\n" for name in names)
    received = send(echoing, f"GET /open/x HTTP/1.1\r\nHost: a\r\n{heads}Accept: x/y\r\nConnection: close\r\n\r\n".encode())
    assert b"mallory" not in received
    assert b"x/y" in received


def test_forty_slow_callers_do_not_keep_others_from_an_api(echoing):
    address = urlsplit(echoing)
    slow = []
    for _ in range(40):
        peer = socket.create_connection((address.hostname, address.port))
        peer.sendall(b"POST /open/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx")
        slow.append(peer)
    time.sleep(0.3)
    started = time.monotonic()
    assert requests.get(f"{echoing}/open/quick", timeout=10).status_code == 200
    assert time.monotonic() - started < 2
    for peer in slow:
        peer.close()


