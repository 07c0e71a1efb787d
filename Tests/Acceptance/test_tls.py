"""TLS with a certificate file; and certificates that cannot be used."""

import datetime
import ipaddress
import ssl

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from demo_server import Server, free_port


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "doorward test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def configuration(folder, port, key="key.pem"):
    (folder / "doorward.yaml").write_text(
        f"issuer: https://127.0.0.1:{port}\nlisten: 127.0.0.1:{port}\n"
        f"tls: {{certificate: {folder}/cert.pem, private_key: {folder}/{key}}}\n"
    )
    return ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(folder / "data")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder)
    port = free_port()
    server = Server(configuration(folder, port), folder, "serve")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    yield f"https://127.0.0.1:{port}", str(folder / "cert.pem")
    assert server.stop() == 0


def test_it_answers_over_tls(server):
    url, trusted = server
    answer = requests.get(f"{url}/.well-known/openid-configuration", verify=trusted, timeout=10)
    assert answer.json()["issuer"] == url
    assert answer.headers["Trace-Id"]
    refused = requests.post(f"{url}/oauth/token", verify=trusted, timeout=10)
    assert refused.status_code in (400, 401) and refused.json()["error_uri"].startswith(url)


def test_RFC6797_6_1_a_browser_is_told_to_stay_with_https(server):
    url, trusted = server
    for path in ("/login", "/", "/no-such-page"):
        answer = requests.get(f"{url}{path}", verify=trusted, timeout=10)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    form = {"grant_type": "client_credentials"}
    for answer in (
        requests.post(f"{url}/oauth/token", data=form, verify=trusted, timeout=10),
        requests.get(f"{url}/verify", verify=trusted, timeout=10),
        # Not a length: another way through the server.
        requests.get(f"{url}/verify", verify=trusted, timeout=10, data=iter([b"x"])),
    ):
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", answer.url
    elsewhere = requests.get(f"{url}/login", verify=trusted, timeout=10, headers={"Host": "other.example"})
    assert "Strict-Transport-Security" not in elsewhere.headers


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_of_tls_are_not_spoken(server):
    url, trusted = server
    context = ssl.create_default_context(cafile=trusted)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    import socket

    host, port = url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port))) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname=host)


def test_plain_http_at_the_tls_port_hurts_nobody(server):
    url, trusted = server
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(url.replace("https", "http"), timeout=5)
    assert requests.get(f"{url}/health/live", verify=trusted, timeout=10).status_code == 200


@pytest.mark.parametrize("key", ["missing.pem", "cert.pem"])
def test_a_key_that_cannot_be_read_is_named(tmp_path, key):
    certificate(tmp_path)
    server = Server(configuration(tmp_path, free_port(), key), tmp_path, "serve")
    assert server.process.wait(20) == 3
    assert key in server.printed()


def test_a_key_of_another_certificate_is_named(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    certificate(tmp_path)
    certificate(other)
    server = Server(configuration(tmp_path, free_port(), "other/key.pem"), tmp_path, "serve")
    assert server.process.wait(20) == 3, server.printed()
    assert "other/key.pem" in server.printed()
