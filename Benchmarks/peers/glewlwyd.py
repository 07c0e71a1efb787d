"""Glewlwyd (Debian's package): a server in C with SQLite. It signs JWTs, keeps a row of each, and introspects by that row.

Set up through its administration interface as its GETTING_STARTED and OIDC documents say: the OpenID Connect plugin, its
own database as the clients' backend, a confidential client with a client secret, refresh tokens of one use. What differs from Debian's
configuration: log level WARNING instead of INFO, and TLS left to a proxy, as with Doorward.
"""

import http.client
import json
import shutil
import sqlite3
import subprocess
from urllib.parse import urlencode

import servers
from peers.peer import CHAINS, CLIENT, SECRET, Missing, Peer, Work, basic

INSTALL_SQL = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
TOKEN, SCOPE = "/api/oidc/token", "api.read"
ADMINISTRATOR = {"username": "admin", "password": "password"}

CONFIGURATION = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}/"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="WARNING"
log_file="{folder}/glewlwyd.log"
cookie_secure=1
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.sqlite" }};
"""


class Glewlwyd(Peer):
    name = "Glewlwyd"
    how = ("C, SQLite; ES256 JWTs, each with a row. The client has a secret kept as it is, which its documentation offers beside "
           "a hashed password (that costs 20 – 30 ms a request); introspection is allowed by a token")
    ready_path = "/api/oidc/.well-known/openid-configuration"

    def install(self) -> str:
        if not shutil.which("glewlwyd"):
            raise Missing("the package glewlwyd is not installed")
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "glewlwyd"], capture_output=True, text=True)
        return asked.stdout or "unknown"

    def prepare(self):
        database = sqlite3.connect(self.folder / "glewlwyd.sqlite")
        with open(INSTALL_SQL) as statements:
            database.executescript(statements.read())
        database.close()
        (self.folder / "glewlwyd.conf").write_text(CONFIGURATION.format(port=self.port, folder=self.folder))
        server = servers.Process(self.command(), self.folder / "log", servers.SERVER_CORE)
        servers.until_ready(server, self.port, "/config")
        try:
            self.set_up()
        finally:
            server.stop()

    def command(self) -> list:
        return ["glewlwyd", f"--config-file={self.folder}/glewlwyd.conf"]

    def administer(self, method: str, path: str, body: dict, cookie: str = "") -> str:
        """Answers the session's cookie."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", "Cookie": cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {method} {path} answered {answer.status} {text}")
        return (answer.headers["Set-Cookie"] or "").split(";")[0]

    def set_up(self):
        cookie = self.administer("POST", "/api/auth/", ADMINISTRATOR)
        self.administer("POST", "/api/scope/", {
            "name": SCOPE, "display_name": "The notes", "description": "Reading them", "password_required": True,
            "password_max_age": 0, "scheme": {}}, cookie)
        self.administer("PUT", f"/api/user/{ADMINISTRATOR['username']}", {
            "name": "A person", "scope": ["g_admin", "g_profile", SCOPE], "enabled": True}, cookie)
        self.administer("POST", "/api/mod/plugin/", {
            "module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": True, "parameters": self.parameters()},
            cookie)
        self.administer("POST", "/api/client/", {
            "client_id": CLIENT, "name": CLIENT, "confidential": True, "client_secret": SECRET, "enabled": True,
            "authorization_type": ["code", "client_credentials", "refresh_token", "password"], "scope": [SCOPE],
            "redirect_uri": ["http://127.0.0.1:9/callback"], "token_endpoint_auth_method": ["client_secret_basic"]}, cookie)

    def parameters(self) -> dict:
        def openssl(*arguments, given=""):
            return subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, check=True).stdout

        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        allowed = {f"auth-type-{name}-enabled": True for name in ("code", "id-token", "password", "client", "refresh")}
        refused = {f"auth-type-{name}-enabled": False for name in ("token", "none", "device")}
        return {
            "iss": f"http://{self.host}", "jwt-type": "ecdsa", "jwt-key-size": "256", "key": key,
            "cert": openssl("pkey", "-pubout", given=key), "access-token-duration": 3600, "refresh-token-duration": 1209600,
            "code-duration": 600, "refresh-token-rolling": True, "refresh-token-one-use": "always", "allow-non-oidc": True,
            **allowed, **refused, "scope": [], "additional-parameters": [], "claims": [], "jwks-show": True, "jwks-x5c": [],
            "pkce-allowed": True, "pkce-required": False, "introspection-revocation-allowed": True,
            "introspection-revocation-auth-scope": [SCOPE], "introspection-revocation-allow-target-client": True,
            "subject-type": "public"}

    def works(self) -> list:
        form = f"grant_type=client_credentials&scope={SCOPE}"
        token = self.tokens(TOKEN, form, basic())["access_token"]
        person = urlencode({"grant_type": "password", "scope": SCOPE, **ADMINISTRATOR})
        chains = [self.tokens(TOKEN, person, basic())["refresh_token"] for _ in range(CHAINS)]
        return [
            Work("client credentials", TOKEN, basic(), form, '"access_token":"eyJ'),
            Work("introspection", "/api/oidc/introspect", f"Bearer {token}", f"token={token}", '"active":true'),
            Work("rotating refresh", TOKEN, basic(), chains=chains),
        ]
