"""How a node gets to its PostgreSQL: TLS, certificates and passwords; what is wrong is said with what to do."""

import time

import pytest

from certificates import HOUR, Authority
from command_line import DONE, UNAVAILABLE, doorward
from demo_server import free_port
from node_calls import is_ready, seconds_until
from postgresql_server import Node, PostgreSQL


class Secured:
    """A server that lets the user `doorward` in over TLS alone, with a password."""

    def __init__(self, folder):
        self.server = PostgreSQL()
        if not self.server.start():
            pytest.skip("PostgreSQL is not installed")
        self.folder, self.key = folder, folder / "key"
        self.key.write_text("a5" * 32)
        self.key.chmod(0o600)
        self.authority, self.stranger = Authority(folder, "authority"), Authority(folder, "stranger")
        self.password = self.server.add_user("doorward")
        self.server.create("company", owner="doorward")
        self.wants("scram-sha-256")
        self.shows(*self.authority.issue("good", "localhost"), ssl_ca_file=self.server.add_file(
            "clients.pem", self.authority.file.read_bytes()
        ))

    def wants(self, method):
        self.server.admit(*(f"hostssl company doorward {place} {method}" for place in ("127.0.0.1/32", "::1/128")))

    def shows(self, certificate, key, **settings):
        self.server.use_tls(certificate, key, **settings)

    def url(self, host="localhost", **parameters):
        parameters = {"sslmode": "verify-full", "sslrootcert": self.authority.file} | parameters
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://doorward@{host}:{self.server.port}/company?{query}"

    def try_it(self, url):
        return doorward("migrate", "--check", "--database", url, "--data", self.folder)


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    secured = Secured(tmp_path_factory.mktemp("secured"))
    yield secured
    secured.server.end()


@pytest.fixture
def password(secured, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", secured.password)
    return secured.password


def refused(ran, *words):
    assert ran.code == UNAVAILABLE and not ran.stdout, ran.output
    for word in words:
        assert word in ran.stderr, ran.stderr


def test_a_node_serves_over_verified_tls_and_all_its_connections_are_encrypted(secured, password, tmp_path):
    node = Node(tmp_path, "node", secured.url(), key=secured.key).started()
    encrypted = (
        "SELECT count(*), bool_and(s.ssl), min(s.version) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
        " WHERE a.usename = 'doorward'"
    )
    # Each connects on its own; the node is ready before the last one has.
    seconds_until(lambda: secured.server.sql(encrypted) == "6|t|TLSv1.3", 10)
    assert node.stop() == 0
    assert secured.try_it(secured.url()).code == DONE
    assert password not in node.printed()


def test_another_authority_is_refused(secured, password):
    refused(secured.try_it(secured.url(sslrootcert=secured.stranger.file)), "verify failed", "sslrootcert", "openssl")


def test_another_name_is_refused(secured, password):
    refused(secured.try_it(secured.url("127.0.0.1")), "does not match host name", "certificate for the name in the address")


def test_a_missing_file_of_the_authority_is_refused(secured, password):
    refused(secured.try_it(secured.url(sslrootcert="/nowhere/ca.pem")), "/nowhere/ca.pem", "sslrootcert=FILE")


def test_an_expired_certificate_is_refused_until_it_is_renewed(secured, password):
    secured.shows(*secured.authority.issue("expired", "localhost", ends=-HOUR))
    try:
        refused(secured.try_it(secured.url()), "verify failed", "expired")
    finally:
        secured.shows(*secured.authority.issue("renewed", "localhost"))
    assert secured.try_it(secured.url()).code == DONE


def test_a_server_without_tls_is_refused_and_not_waited_for(secured, password, tmp_path):
    secured.server.alter(ssl="off")
    try:
        refused(secured.try_it(secured.url()), "does not support SSL", "ssl = on")
        start = time.monotonic()
        ran = doorward(
            "serve", "--database", secured.url(), "--data", tmp_path, "--listen", f"127.0.0.1:{free_port()}"
        )
        refused(ran, "does not support SSL")
        assert time.monotonic() - start < 5
    finally:
        secured.server.alter(ssl="on")


def test_a_connection_without_tls_is_refused(secured, password):
    refused(secured.try_it(secured.url(sslmode="disable")), "no pg_hba.conf entry", "sslmode=require")


def test_a_missing_and_a_wrong_password_are_told_apart(secured, monkeypatch):
    refused(secured.try_it(secured.url()), "no password", "PGPASSFILE")
    monkeypatch.setenv("PGPASSWORD", "wrong-canary")
    ran = secured.try_it(secured.url())
    refused(ran, "password authentication failed", "correct the password")
    assert "canary" not in ran.output


def test_a_password_that_was_changed_at_both_ends_needs_no_restart(secured, tmp_path, monkeypatch):
    file = tmp_path / "pgpass"
    line = f"localhost:{secured.server.port}:company:doorward:"
    file.write_text(line + secured.password + "\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    node = Node(tmp_path, "node", secured.url(), key=secured.key).started()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'doorward'"
    secured.server.sql("ALTER USER doorward PASSWORD 'another'")
    try:
        secured.server.sql(cut)
        seconds_until(lambda: not is_ready(node), 10)
        assert "password authentication failed" in waited_for(node, "password authentication failed")
        assert secured.password not in node.printed()
        file.write_text(line + "another\n")
        node.wait_until(lambda: is_ready(node))
    finally:
        secured.server.sql(f"ALTER USER doorward PASSWORD '{secured.password}'")
        assert node.stop() == 0


def waited_for(node, words):
    return node.wait_until(lambda: words in node.printed() and node.printed())


def test_a_client_certificate_takes_the_passwords_place(secured):
    certificate, key = secured.authority.issue("doorward")
    foreign, foreign_key = secured.stranger.issue("foreign")
    other, other_key = secured.authority.issue("somebody")
    secured.wants("cert")
    try:
        assert secured.try_it(secured.url(sslcert=certificate, sslkey=key)).code == DONE
        refused(secured.try_it(secured.url()), "sslcert=FILE")
        refused(secured.try_it(secured.url(sslcert=foreign, sslkey=foreign_key)), "ssl_ca_file")
        refused(secured.try_it(secured.url(sslcert=other, sslkey=other_key)), "common name")
        key.chmod(0o644)
        refused(secured.try_it(secured.url(sslcert=certificate, sslkey=key)), "chmod 600")
    finally:
        secured.wants("scram-sha-256")
