"""The requests of the mixed load, each with the one answer that is right for it."""

import base64
import json
import random
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import people

VERIFY, INTROSPECTION = "/verify", "introspection"

# What each kind of token is answered with at /verify: the status, and the page of the code, which every contract's challenge names.
EXPECTED = {
    "expired": (401, "access-token-expired"),
    "revoked": (401, "access-token-invalid"),
    "forbidden": (403, "scope-insufficient"),
    "not_yet_valid": (401, "access-token-not-yet-valid"),
    "wrong_audience": (401, "access-token-audience-mismatch"),
    "untrusted_issuer": (401, "access-token-invalid"),
    "bad_signature": (401, "access-token-invalid"),
    "unknown": (401, "access-token-invalid"),
    "malformed": (400, "credentials-malformed"),
}
# Where a contract says it in its own way.
OWN = {
    ("kordiam", "revoked"): (401, "access-token-revoked"),
    ("smartcar-v3", "forbidden"): (403, None, b'"code":"ACCESS_DENIED"'),
    **{(contract, "malformed"): (401, "credentials-malformed")
       for contract in ("smartcar-v2", "smartcar-v3", "shaid", "kordiam", "cyoda")},
}
# Whose the tokens of the manifest are, where they are not those of the client "machine": only the holder may introspect them.
HOLDERS = {"smartcar-v2": "smartcar", "smartcar-v3": "smartcar", "kordiam": "kordiam", "cyoda": "cyoda"}
# Introspection says of these that they are active: they are, for somebody else or for something else.
ACTIVE = {"valid", "forbidden", "wrong_audience"}
INACTIVE = b'\r\n\r\n{"active":false}'


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and how the right answer begins and what it contains."""

    kind: str
    name: str
    request: bytes
    status: bytes
    marker: bytes

    def wrong(self, answer: bytes) -> bool:
        return not answer.startswith(self.status) or self.marker not in answer


@dataclass(slots=True)
class Subject:
    """A token that is valid until it is revoked during the load."""

    kind: str
    alive: dict
    dead: dict
    revoke: Case
    state: str = "valid"


def case(kind: str, name: str, request: bytes, status: int, marker: bytes) -> Case:
    return Case(kind, name, request, b"HTTP/1.1 %d " % status, marker)


def jwt_id(token: str) -> str:
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"]


class Cases:
    def __init__(self, host: str, manifest: dict):
        self.host, self.manifest = host, manifest
        self.connection = HTTPConnection(host, timeout=30)

    # Requests.
    def get(self, contract: str, credentials: str, route: str = "") -> bytes:
        entry = self.manifest["contracts"][contract]
        path = entry["base"].removeprefix(f"http://{self.host}") + (route or entry["protected"])
        return (f"GET /verify HTTP/1.1\r\nHost: {self.host}\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: {path}\r\n"
                f"Authorization: {credentials}\r\n\r\n").encode()

    def post(self, path: str, client: str, **form) -> bytes:
        body = urlencode(form)
        return (f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: {self.basic(client)}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def basic(self, client: str) -> str:
        entry = self.manifest["clients"][client]
        return "Basic " + base64.b64encode(f"{entry['client_id']}:{entry['client_secret']}".encode()).decode()

    def token_answer(self, client: str, below: str = "", **form) -> dict:
        self.connection.request("POST", f"{below}/oauth/token", urlencode(form), {
            "Authorization": self.basic(client), "Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"a token was not issued: {answer.status} {body[:300]}")
        return json.loads(body)

    def machine_token(self, scope: str) -> str:
        return self.token_answer("machine", grant_type="client_credentials", scope=scope,
                                 resource=f"http://{self.host}/api")["access_token"]

    # The right answers.
    def verify(self, contract: str, outcome: str, token: str, kind: str = "", identifier: str = "", route: str = "") -> Case:
        kind = kind or outcome
        name = f"{kind}, {contract}"
        request = self.get(contract, ("" if contract == "shaid" else "Bearer ") + token, route)
        if outcome == "valid":
            # Not only accepted: accepted as this token.
            return case(kind, name, request, 200, f"\r\nX-Auth-Token-Id: {identifier}".encode())
        status, page, *marker = OWN.get((contract, outcome)) or EXPECTED[outcome]
        return case(kind, name, request, status, marker[0] if marker else f'/errors/{page}"'.encode())

    def introspect(self, outcome: str, token: str, client: str, kind: str = "", identifier: str = "") -> Case:
        kind = kind or outcome
        request = self.post("/oauth/introspect", client, token=token)
        active = f'"jti":"{identifier}"'.encode() if identifier else b'{"active":true,'
        return case(kind, f"{kind}, introspected", request, 200, active if outcome in ACTIVE else INACTIVE)

    def constant(self, place: str) -> dict:
        """The cases whose outcome never changes, by class. Random ones are drawn from a fixed seed."""
        source, classes = random.Random(7), {}

        def add(kind, made):
            classes.setdefault(kind, []).append(made)

        for contract, entry in self.manifest["contracts"].items():
            for kind, token in entry["tokens"].items():
                if kind == "refresh":
                    continue
                identifier = jwt_id(token) if kind == "valid" and token.count(".") == 2 else ""
                if place == VERIFY:
                    add(kind, self.verify(contract, kind, token, identifier=identifier))
                else:
                    add(kind, self.introspect(kind, token, HOLDERS.get(contract, "machine"), identifier=identifier))
            if place == VERIFY:
                add("malformed", self.verify(contract, "malformed", "two words"))
        for _ in range(300):
            good, narrow = self.machine_token("api.read"), self.machine_token("api.write")
            stranger = "dwa_" + base64.urlsafe_b64encode(source.randbytes(32)).decode().rstrip("=")
            head, signature = good.rsplit(".", 1)
            forged = f"{head}.{signature[:20]}{'B' if signature[20] == 'A' else 'A'}{signature[21:]}"
            for kind, token in (("valid", good), ("forbidden", narrow), ("unknown", stranger), ("bad_signature", forged)):
                identifier = jwt_id(token) if kind in ACTIVE else ""
                if place == VERIFY:
                    add(kind, self.verify("oauth", kind, token, identifier=identifier))
                else:
                    add(kind, self.introspect(kind, token, "machine", identifier=identifier))
                    if kind == "valid":
                        add("another's", self.introspect("another's", token, "cyoda"))
        if place == INTROSPECTION:
            for word in ("x", "a.b.c", "%00", "é", "eyJhbGciOiJub25lIn0.e30."):
                add("malformed", self.introspect("malformed", word, "machine"))
        return classes

    # What is revoked during the load.
    def subject(self, kind: str, contract: str, client: str, token: str, presented: str) -> Subject:
        identifier = jwt_id(token) if token.count(".") == 2 else ""
        route = "/v2.0/user" if kind == "opaque" else ""
        before, after = "valid until revoked", "revoked just now"
        return Subject(
            kind,
            alive={VERIFY: self.verify(contract, "valid", token, before, identifier, route),
                   INTROSPECTION: self.introspect("valid", token, client, before, identifier)},
            dead={VERIFY: self.verify(contract, "revoked", token, after, route=route),
                  INTROSPECTION: self.introspect("revoked", token, client, after)},
            revoke=case("revocation", kind, self.post("/oauth/revoke", client, token=presented), 200, b""))

    def subjects(self, count: int, grants: int) -> list:
        made = []
        for _ in range(count):
            token = self.machine_token("api.read")
            made.append(self.subject("JWT", "oauth", "machine", token, token))
        for answer in self.code_flows("web", "", "api.read", grants):
            # The refresh token takes its whole grant with it (RFC 7009, 2.1), and so the access token.
            made.append(self.subject("JWT of a grant", "oauth", "web", answer["access_token"], answer["refresh_token"]))
        for answer in self.code_flows("smartcar", "/smartcar", "read_user_profile", grants):
            made.append(self.subject("opaque", "smartcar-v2", "smartcar", answer["access_token"], answer["access_token"]))
        random.Random(11).shuffle(made)
        return made

    def code_flows(self, client: str, below: str, scope: str, count: int):
        """Answers of the token endpoint below an API's prefix, each from a grant of its own."""
        entry = self.manifest["clients"][client]
        path = f"{below}/oauth/authorize?" + urlencode({
            "response_type": "code", "client_id": entry["client_id"], "redirect_uri": entry["redirect_uris"][0], "scope": scope})
        visitor = people.Person(self.host)
        visitor.sign_in(self.manifest["users"][0])
        visitor.consent(path)
        for _ in range(count):
            status, location, page = visitor.ask("GET", path)
            code = parse_qs(urlsplit(location).query).get("code")
            if not code:
                raise SystemExit(f"no code: {status} {location} {page[:300]}")
            yield self.token_answer(
                client, below, grant_type="authorization_code", code=code[0], redirect_uri=entry["redirect_uris"][0])
