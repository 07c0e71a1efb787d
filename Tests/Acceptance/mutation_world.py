"""The valid requests that the mutations break, at a demo of their own."""

import base64
import json
import secrets
import sqlite3
import time
from urllib.parse import quote, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import flows
from command_line import doorward, new_machine
from wire import basic, call, exact, present


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class World:
    def __init__(self, demo):
        self.demo = demo
        self.data = demo.data
        self.manifest = demo.manifest()
        self.issuer = self.manifest["issuer"]
        self.clients = self.manifest["clients"]
        self.contracts = self.manifest["contracts"]
        self.vehicle = self.contracts["smartcar-v2"]["protected"].split("/")[3]
        # Credentials that were sent somewhere: none may stand in a record.
        self.canaries = {client["client_secret"] for client in self.clients.values() if "client_secret" in client}
        for entry in self.contracts.values():
            self.canaries.update(entry["tokens"].values())
        self.canaries.update(user["password"] for user in self.manifest["users"])
        self.signing = dict(self.own_keys())
        self.made = {}
        machine = ("--grant", "client_credentials", "--scope", "api.read api.write")
        self.new_client("poster", *machine, "--method", "client_secret_post")

    @property
    def names(self) -> dict:
        names = {name: client["client_id"] for name, client in self.clients.items()}
        names |= {f"{name}.uri": client["redirect_uris"][0] for name, client in self.clients.items() if "redirect_uris" in client}
        names |= {name: client["client_id"] for name, client in self.made.items()}
        return names | {"issuer": self.issuer, "vehicle": self.vehicle, "host": urlsplit(self.issuer).netloc,
                        "port": str(urlsplit(self.issuer).port)}

    def keep(self, secret: str) -> str:
        public = {client["client_id"] for client in (*self.clients.values(), *self.made.values())} | {self.vehicle}
        if len(secret) >= 16 and secret not in public and not secret.startswith("$"):
            self.canaries.add(secret)
        return secret

    # Tokens

    def token(self, contract="oauth", kind="valid") -> str:
        return self.contracts[contract]["tokens"][kind]

    def own_keys(self):
        """The demo's own signing keys: what is signed with them is genuine but for what is broken."""
        seal = AESGCM(bytes.fromhex((self.data / "key").read_text().strip()))
        with sqlite3.connect(f"file:{self.data}/doorward.sqlite?mode=ro", uri=True) as store:
            bodies = [row[0] for row in store.execute("SELECT body FROM record WHERE kind = 'signing_key'")]
        for body in map(json.loads, bodies):
            sealed = bytes.fromhex(body["sealed"])
            raw = seal.decrypt(sealed[:12], sealed[12:], f"signing-key:{body['id']}".encode())
            if body["algorithm"] == "ES256":
                key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
            else:
                key = serialization.load_der_private_key(raw, None)
            yield body["algorithm"], key

    def signed(self, contract="oauth", header=None, claims=None, key=None, payload=None) -> str:
        """The contract's valid token, changed, and signed with the server's own key unless another is given."""
        parts = self.token(contract).split(".")
        head = decode(parts[0]) | (header or {})
        body = decode(parts[1]) | {"jti": secrets.token_hex(8)} | (claims or {})
        head = {name: value for name, value in head.items() if value is not None}
        body = {name: value for name, value in body.items() if value is not None}
        content = f"{encode(json.dumps(head).encode())}.{encode(payload or json.dumps(body).encode())}"
        key = key or self.signing[decode(parts[0])["alg"]]
        if isinstance(key, ec.EllipticCurvePrivateKey):
            r, s = utils.decode_dss_signature(key.sign(content.encode(), ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        else:
            signature = key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        return self.keep(f"{content}.{encode(signature)}")

    def foreign(self, contract="oauth", **changes) -> str:
        return self.signed(contract, key=ec.generate_private_key(ec.SECP256R1()), **changes)

    # At the APIs

    def api(self, contract="oauth", token=None, authorization=None, method="GET", path=None, headers=(), body=b""):
        """The protected request; `authorization` is the whole field, `""` none."""
        entry = self.contracts[contract]
        fields = list(headers)
        if token is not None:
            self.keep(token)
            authorization = present(contract, token)["Authorization"]
        if authorization is None:
            authorization = present(contract, entry["tokens"]["valid"])["Authorization"]
        for field in [authorization] if isinstance(authorization, str) else authorization:
            if field:
                fields.append(("Authorization", field))
        target = urlsplit(entry["base"]).path + (path or entry["protected"])
        return exact(self.issuer, method, target, fields, body)

    def ask(self, uri=None, token=None, authorization=None, method="GET", headers=None, style="Forwarded"):
        """The same question at the gateway's /verify."""
        fields = {}
        if style == "Forwarded":
            address = urlsplit(self.issuer)
            fields |= {"X-Forwarded-Proto": address.scheme, "X-Forwarded-Host": address.netloc}
        fields |= {f"X-{style}-Method": method, f"X-{style}-Uri": uri or "/api/notes"}
        token = token or self.token()
        fields |= {"Authorization": f"Bearer {token}"} if authorization is None else {"Authorization": authorization}
        fields |= headers or {}
        return call("GET", f"{self.issuer}/verify", headers={n: v for n, v in fields.items() if v})

    # At the token endpoint

    def endpoint(self, client="machine") -> str:
        place = {
            "smartcar": self.contracts["smartcar-v2"]["base"] + "/oauth/token",
            "kordiam": self.contracts["kordiam"]["base"] + "/api/v2/auth/token",
            "cyoda": self.contracts["cyoda"]["base"] + "/api/oauth/token",
        }
        return place.get(client, f"{self.issuer}/oauth/token")

    def client(self, name: str) -> dict:
        return self.made.get(name) or self.clients[name]

    def new_client(self, name: str, *arguments) -> dict:
        """A client made for a mutation; {name} stands for its id."""
        self.made[name] = new_machine(self.data, name, *arguments)
        self.keep(self.made[name].get("client_secret", ""))
        return self.made[name]

    def post(self, client="machine", by="basic", id=None, secret=None, endpoint=None, query="", more=(), body=None,
             kind=None, headers=None, method="POST", **parameters):  # fmt: skip
        """A token request; a parameter that is None is left out."""
        known = self.client(client)
        id = known["client_id"] if id is None else id
        secret = known.get("client_secret", "") if secret is None else secret
        self.keep(secret)
        fields = dict(headers or {})
        pairs = [(name, value) for name, value in parameters.items() if value is not None]
        if by == "basic":
            fields |= basic(id, secret)
        elif by == "post":
            pairs += [("client_id", id), ("client_secret", secret)]
        elif by == "named":
            pairs += [("client_id", id)]
        pairs += list(more)
        content = urlencode(pairs) if body is None else body
        if kind != "":
            fields["Content-Type"] = kind or "application/x-www-form-urlencoded"
        address = (endpoint or self.endpoint(client)) + query
        return call(method, address, data=content, headers=fields)

    def fill(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", value)
        return text

    def rotate(self, name: str, keep: str = "0s"):
        ran = doorward("client", "rotate-secret", self.made[name]["client_id"], "--keep-old", keep, "--data", self.data)
        assert ran.code == 0, ran.output
        time.sleep(0.3)

    def post_only_basic(self):
        self.new_client("basic-only", "--grant", "client_credentials", "--scope", "api.read", "--method", "client_secret_basic")
        return self.machine("basic-only", by="post")

    def disabled_web(self) -> str:
        web = self.clients["web"]
        arguments = ["--grant", "authorization_code", "--scope", web["scope"], "--redirect-uri", web["redirect_uris"][0]]
        made = self.new_client("disabled-web", *arguments)
        assert doorward("client", "disable", made["client_id"], "--data", self.data).code == 0
        time.sleep(0.3)
        return made["client_id"]

    def machine(self, client="machine", **changes):
        return self.post(client, **({"grant_type": "client_credentials"} | changes))

    # With a person

    def flow(self, client="web", **changes) -> flows.Flow:
        """A flow that has its code: `flow.given`."""
        flow = {"web": flows.web, "public": flows.public, "smartcar": flows.smartcar}[client](self.manifest)
        flow.given = self.keep(flow.code(**changes))
        self.keep(flow.verifier)
        return flow

    def tokens(self, client="web") -> dict:
        flow = self.flow(client)
        answer = flow.exchange(flow.given)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        for name in ("access_token", "refresh_token", "id_token"):
            if name in found:
                self.keep(found[name])
        return found

    def exchange(self, flow=None, client="web", by=None, **changes):
        """The exchange of a new code."""
        flow = flow or self.flow(client)
        parameters = {
            "grant_type": "authorization_code",
            "code": flow.given,
            "redirect_uri": flow.redirect_uri,
            "code_verifier": flow.verifier if flow.pkce else None,
        }
        for name in ("code", "code_verifier"):
            self.keep(changes.get(name) or "")
        by = by or ("named" if client == "public" else "basic")
        return self.post(client, by=by, **(parameters | changes))

    def refresh(self, client="web", token=None, by=None, **changes):
        token = token or self.tokens(client)["refresh_token"]
        self.keep(token)
        by = by or ("named" if client == "public" else "basic")
        return self.post(client, by=by, **({"grant_type": "refresh_token", "refresh_token": token} | changes))

    def kordiam(self) -> dict:
        """A machine's tokens with a refresh token, new ones."""
        answer = self.machine("kordiam", by="post")
        assert answer.status_code == 200, answer.text
        found = answer.json()
        self.keep(found["refresh_token"])
        return found

    def authorize(self, client="web", more=(), drop=(), hint=flows.AUTO, **changes):
        """The authorization request, without a page to follow."""
        flow = {"web": flows.web, "public": flows.public, "smartcar": flows.smartcar}[client](self.manifest)
        query = flow.query(**({"login_hint": hint} | changes | {name: None for name in drop}))
        query = urlencode([*query.items(), *more], quote_via=quote)
        return call("GET", f"{flow.authorize}?{query}")

    def introspect(self, token, client="machine", what="introspect", **changes):
        self.keep(token or "")
        return self.post(client, endpoint=f"{self.issuer}/oauth/{what}", **({"token": token} | changes))

    # Records

    def record(self, trace: str) -> tuple[dict | None, str]:
        """From the journal itself, which is what `doorward explain TRACE --json` prints."""
        for _ in range(100):
            with sqlite3.connect(f"file:{self.data}/journal.sqlite?mode=ro", uri=True) as journal:
                for ring in ("ring", "security"):
                    row = journal.execute(f"SELECT body FROM {ring} WHERE trace = ?", [trace]).fetchone()
                    if row:
                        text = bytes(row[0]).decode()
                        return json.loads(text), text
            time.sleep(0.1)
        return None, "nothing in the journal"

    def explained(self, trace: str) -> dict:
        return doorward("explain", trace, "--data", self.data, "--json").json()
