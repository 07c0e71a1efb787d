"""Apache's mod_auth_openidc, a certified relying party, with the demo as its provider."""

import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from command_line import doorward
from demo_server import free_port
from pages import Browser
from token_requests import skip_loudly

MODULES = Path("/usr/lib/apache2/modules")
NEEDED = {
    "mpm_event": "mpm_event",
    "authn_core": "authn_core",
    "authz_core": "authz_core",
    "authz_user": "authz_user",
    "cgid": "cgid",
    "auth_openidc": "auth_openidc",
}

CONFIGURATION = """
ServerName 127.0.0.1
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
Listen 127.0.0.1:{port}
{modules}
{user}
DefaultRuntimeDir {folder}
ScriptSock {folder}/cgid.sock
DocumentRoot {folder}/htdocs
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {base}/private/redirect_uri
OIDCDefaultLoggedOutURL {base}/bye
OIDCCryptoPassphrase {passphrase}
OIDCPKCEMethod S256
OIDCScope "openid api.read"
OIDCRemoteUserClaim sub
<Location /private>
  AuthType openid-connect
  Require valid-user
</Location>
ScriptAlias /private/who {folder}/who.sh
<Directory {folder}>
  Options +ExecCGI
</Directory>
"""


@pytest.fixture(scope="module")
def party(demo, issuer):
    program = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if program is None or not (MODULES / "mod_auth_openidc.so").exists():
        skip_loudly("apache2 with libapache2-mod-auth-openidc is not installed")
    # Not pytest's own folder: Apache's workers run as another user where the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="doorward-apache-"))
    folder.chmod(0o755)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    client = doorward(
        "client", "create", "--data", demo.data, "--name", "Apache",
        "--redirect-uri", f"{base}/private/redirect_uri",
        "--redirect-uri", f"{base}/bye",
        "--backchannel-logout-uri", f"{base}/private/redirect_uri?logout=backchannel",
        "--grant", "authorization_code", "--scope", "openid api.read", "--json",
    ).json()  # fmt: skip
    (folder / "htdocs").mkdir()
    (folder / "htdocs/bye").write_text("signed out")
    who = folder / "who.sh"
    who.write_text('#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%s" "$REMOTE_USER"\n')
    who.chmod(0o755)
    modules = "\n".join(
        f"LoadModule {name}_module {MODULES}/mod_{file}.so" for name, file in (*NEEDED.items(), ("alias", "alias"))
    )
    root = Path("/root").exists() and Path("/proc/self").owner() == "root"
    (folder / "httpd.conf").write_text(
        CONFIGURATION.format(
            folder=folder,
            port=port,
            modules=modules,
            issuer=issuer,
            base=base,
            user="User www-data\nGroup www-data" if root else "",
            passphrase=secrets.token_hex(16),
            client_id=client["client_id"],
            client_secret=client["client_secret"],
        )  # fmt: skip
    )
    process = subprocess.Popen(
        [program, "-DFOREGROUND", "-f", str(folder / "httpd.conf")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    for _ in range(100):
        try:
            requests.get(f"{base}/bye", timeout=1)
            break
        except requests.ConnectionError:
            assert process.poll() is None, process.stdout.read().decode()
            time.sleep(0.05)
    yield base, folder / "error.log"
    process.terminate()
    process.wait(10)
    shutil.rmtree(folder)


class TwoSites(Browser):
    """Follows redirects between the relying party and its provider, and nowhere else."""

    def __init__(self, base, issuer):
        super().__init__(base)
        self.sites = {urlsplit(base).netloc, urlsplit(issuer).netloc}

    def go(self, method, url, **options):
        answer = self.request(method, url, **options)
        for _ in range(20):
            if answer.status_code not in (302, 303):
                return answer
            target = urljoin(answer.url, answer.headers["Location"])
            assert urlsplit(target).netloc in self.sites, target
            answer = self.request("GET", target)
        raise AssertionError("redirected over and over")


@pytest.fixture
def signed_in(party, issuer, manifest):
    base, log = party
    browser = TwoSites(base, issuer)
    browser.open(f"{base}/private/who")
    user = manifest["users"][0]
    browser.sign_in(user["username"], user["password"])
    if browser.answer.headers["Content-Type"].startswith("text/html"):
        browser.press("Allow access")
    assert browser.answer.status_code == 200, (browser.answer.text, log.read_text()[-3000:])
    return browser


def test_the_person_signs_in_and_apache_knows_who_it_is(signed_in):
    assert signed_in.answer.url.endswith("/private/who")
    assert signed_in.answer.text.strip(), "REMOTE_USER is empty"


def test_a_replayed_callback_is_refused(signed_in):
    callback = next(a.url for a in signed_in.visited if "/redirect_uri?" in a.url)
    signed_in.session.cookies.clear()
    assert signed_in.request("GET", callback).status_code >= 400


def test_the_deny_button_brings_an_error_apache_shows(party, issuer, demo):
    import flows

    base, _ = party
    browser = TwoSites(base, issuer)
    browser.open(f"{base}/private/who")
    browser.sign_in(*flows.new_user(demo.data))
    browser.press("Deny access")
    assert urlsplit(browser.answer.url).path == "/private/redirect_uri"
    # Version 2.4.12 takes the `iss` of RFC 9207 in an error for a discovery answer, and says so instead of the error;
    # either way nobody is signed in.
    assert "denied" in browser.answer.text or "target_link_uri" in browser.answer.text
    assert "REMOTE_USER" not in browser.answer.text


def test_sign_out_at_apache_ends_the_session_at_the_provider(party, signed_in, issuer):
    base, _ = party
    signed_in.open(f"{base}/private/redirect_uri", params={"logout": f"{base}/bye"})
    if signed_in.answer.headers.get("Content-Type", "").startswith("text/html"):
        signed_in.press("Sign out")
    signed_in.open(f"{base}/private/who")
    assert signed_in.page.form_with("Sign in")


def test_BCL_2_5_sign_out_at_the_provider_ends_the_session_at_apache(party, signed_in, issuer):
    """OpenID Connect Back-Channel Logout 1.0: the module checks the logout token with code of its own."""
    base, log = party
    signed_in.open(f"{base}/private/who")
    assert signed_in.answer.status_code == 200 and signed_in.answer.text.strip()
    signed_in.open(f"{issuer}/oauth/logout")
    signed_in.press("Sign out")
    for _ in range(50):
        signed_in.open(f"{base}/private/who")
        if signed_in.answer.headers["Content-Type"].startswith("text/html"):
            break
        time.sleep(0.1)
    assert signed_in.page.form_with("Sign in"), log.read_text()[-3000:]
