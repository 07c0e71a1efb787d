"""The token of an API call, broken: another one, a changed one, one of another kind, time or place."""

import base64
import time
from itertools import product

import jwt

from mutations import Table, named

TABLE = Table("bearer token")
add = TABLE.add
DAY = 86_400
SIGNATURE = named("signature.valid", "a signature by", "another signature, or altered content")


def form(expected="", actual=""):
    return named("token.form", expected, actual)


def genuine(name, *faults, contract="oauth", near=(), evidence=(), **changes):
    """Signed with the server's own key: nothing is wrong but what was changed."""

    def send(w):
        made = {key: value(w) if callable(value) else value for key, value in changes.items()}
        return w.api(contract, token=w.signed(contract, **made))

    add(f"{name} ({contract})", send, *faults, near=near, evidence=evidence)


# What the manifest has.
for contract in ("oauth", "problem", "kordiam", "cyoda", "smartcar-v3"):

    def kind(name, *faults, near=(), contract=contract):
        add(f"{name} ({contract})", lambda w: w.api(contract, token=w.token(contract, name)), *faults, near=near)

    kind("expired", named("not.expired", "expiry after", "20"))
    kind("not_yet_valid", named("not.before", "not before", "20"))
    kind("wrong_audience", named("audience.here", "{issuer}", "https://elsewhere.example"))
    kind("untrusted_issuer", named("issuer.trusted", "{issuer}", "https://"))
    kind("bad_signature", named("signature.valid", "a signature by", "another signature, or altered content"))
    key = named("key.known", "", "")
    kind("unknown", *([key] if contract in ("oauth", "problem") else [named("algorithm.allowed", "RS256", "ES256"), key]))
    kind("revoked", named("not.revoked", "a token in force", "revoked at"))
    kind("forbidden", named("scope.sufficient" if contract != "smartcar-v3" else "resource.granted", "", ""))
for contract in ("shaid", "smartcar-v2"):

    def kind(name, *faults, contract=contract):
        add(f"{name} ({contract})", lambda w: w.api(contract, token=w.token(contract, name)), *faults)

    kind("expired", named("not.expired", "expiry after", "20"))
    kind("revoked", named("not.revoked", "a token in force", "revoked at"))
    kind("unknown", named("token.known", "a token issued here", "unknown"))

# Cut, glued, mistyped.
for name, change, faults, near in [
    ("its last character cut", lambda t: t[:-1], [form()], "cut off"),
    ("its last ten characters cut", lambda t: t[:-10], [SIGNATURE], "cut off"),
    ("half of it", lambda t: t[: len(t) // 2], [form()], "cut off"),
    ("its first character cut", lambda t: t[1:], [form()], ()),
    ("the signature cut", lambda t: t.rpartition(".")[0], [form()], "cut off"),
    ("an empty signature", lambda t: t.rpartition(".")[0] + ".", [SIGNATURE], "cut off"),
    ("twice over", lambda t: t + t, [form()], ()),
    ("padding added", lambda t: t + "==", [form()], "added"),
    ("a full stop added", lambda t: t + ".", [form()], ()),
    ("in small letters", lambda t: t.lower(), [form()], ()),
    ("five parts", lambda t: t + ".x.y", [form()], "JWE"),
    ("base64 of the token", lambda t: base64.b64encode(t.encode()).decode(), [form()], ()),
]:
    add(f"{name} (oauth)", lambda w, change=change: w.api(token=change(w.token())), *faults, near=near)
for name, change, near in [
    ("its last character cut", lambda t: t[:-1], ()),
    ("twice over", lambda t: t + t, "twice"),
    ("its prefix cut", lambda t: t[4:], "prefix||beginning"),
]:
    add(f"{name} (shaid)", lambda w, change=change: w.api("shaid", token=change(w.token("shaid"))),
        form("opaque token of 47 characters"), near=near)  # fmt: skip
for name, change, near in [
    ("its last character cut", lambda t: t[:-1], ()),
    ("without hyphens", lambda t: t.replace("-", ""), "hyphen"),
    ("in braces", lambda t: t + "}", ()),
]:
    check = form("UUID of 36") if "brace" not in name else named("credential.parsed", "", "")
    add(f"{name} (smartcar-v2)", lambda w, change=change: w.api("smartcar-v2", token=change(w.token("smartcar-v2"))),
        check, near=near)  # fmt: skip
for name, end, near in [("a newline's escape at its end", "%0A", "percent"), ("a quotation mark at its end", "'", "quotation")]:
    add(f"{name} (shaid)", lambda w, end=end: w.api("shaid", token=w.token("shaid") + end),
        named("credential.parsed", "one token", "a character that no token has"), near=near)  # fmt: skip
add("in capitals (smartcar-v2)", lambda w: w.api("smartcar-v2", token=w.token("smartcar-v2").upper()),
    named("token.known", "a token issued here", "unknown"), near="capitals")  # fmt: skip

# Something else than an access token of this API.
WRONG = [
    ("a refresh token", lambda w: w.tokens()["refresh_token"], "refresh token"),
    ("an authorization code", lambda w: w.flow().given, "authorization code"),
    ("a client's secret", lambda w: w.client("machine")["client_secret"], "client secret"),
    ("a client's id", lambda w: w.client("machine")["client_id"], "id of client {machine}||client id"),
    ("an opaque token of another API", lambda w: w.token("shaid"), "access token"),
]
for (name, made, near), (contract, expected) in product(WRONG, [("oauth", "JWT"), ("shaid", "opaque")]):
    if contract == "shaid" and "opaque" in name:
        continue
    # Those of the prefix kinds have the form of an opaque token; only the store knows better.
    alike = contract == "shaid" and "id" not in name.split("'s ")[-1]
    fault = named("token.known", "a token issued here", "unknown") if alike else form(expected, "")
    add(f"{name} ({contract})", lambda w, made=made, contract=contract: w.api(contract, token=made(w)), fault, near=near)
add("a JWT of another API (shaid)", lambda w: w.api("shaid", token=w.token()), form("opaque", ""), near="JWT")
add("a JWT of another API (smartcar-v2)", lambda w: w.api("smartcar-v2", token=w.token("smartcar-v3")),
    form("UUID", ""), near="JWT")  # fmt: skip
add("a UUID token (oauth)", lambda w: w.api(token=w.token("smartcar-v2")), form("JWT", ""), near="UUID")
add("a vehicle's id for a token (smartcar-v2)", lambda w: w.api("smartcar-v2", token=w.vehicle),
    named("token.known", "a token issued here", "unknown"))  # fmt: skip
add("a refresh token in UUID form (smartcar-v2)", lambda w: w.api("smartcar-v2", token=w.tokens("smartcar")["refresh_token"]),
    named("token.known", "a token issued here", "unknown"), near="refresh token")  # fmt: skip
add("a code in UUID form (smartcar-v2)", lambda w: w.api("smartcar-v2", token=w.flow("smartcar").given),
    named("token.known", "a token issued here", "unknown"), near="authorization code")  # fmt: skip
add("an ID token (oauth)", lambda w: w.api(token=w.tokens()["id_token"]),
    named("algorithm.allowed", "ES256", "RS256"), named("type.accepted", "at+jwt", "JWT"),
    named("claims.present", "jti", "absent"), near="ID token", evidence="typ")  # fmt: skip
add("a token for the problem API (oauth)", lambda w: w.api(token=w.token("problem")),
    named("audience.here", "{issuer}/api", "{issuer}/problem"), near="path")  # fmt: skip
add("a token of kordiam (cyoda)", lambda w: w.api("cyoda", token=w.token("kordiam")),
    named("audience.here", "{issuer}/cyoda", "{issuer}/kordiam"), near="path")  # fmt: skip

# Signed by the server itself, wrong in one claim or header member.
genuine("typ JWT", named("type.accepted", "at+jwt", "JWT"), header={"typ": "JWT"}, evidence="JWT")
genuine("no typ", named("type.accepted", "at+jwt", "absent"), header={"typ": None})
genuine("crit", named("signature.valid", "no critical", "x"), header={"crit": ["x"], "x": 1})
for text, near in [
    ("{issuer}/", "trailing slash"),
    ("https://{host}", "https instead of http"),
    ("http://localhost:1", ()),
    ("https://elsewhere.example", ()),
    ("{host}", "cut short||scheme||few characters"),
]:
    genuine(f"iss {text}", named("issuer.trusted", "{issuer}", text), near=near,
            claims=lambda w, text=text: {"iss": text.replace("{issuer}", w.issuer).replace("{host}", w.names["host"])})  # fmt: skip
genuine("no iss", named("issuer.trusted", "{issuer}", "absent"), claims={"iss": None})
for text, near in [
    ("{issuer}/api/", "trailing slash"),
    ("{issuer}/API", "capitals"),
    ("{issuer}", "length of its path"),
    ("https://{host}/api", "https instead of http"),
    ("http://localhost:{port}/api", "localhost"),
    ("{host}/api", "scheme||few characters||cut short"),
    ("oauth", ()),
]:
    genuine(f"aud {text}", named("audience.here", "{issuer}/api", text), near=near,
            claims=lambda w, text=text: {"aud": text.replace("{issuer}", w.issuer).replace("{host}", w.names["host"]).replace("{port}", w.issuer.rsplit(":")[-1])})  # fmt: skip
genuine("no aud", named("audience.here", "{issuer}/api", "absent||none"), claims={"aud": None})
genuine("expired a minute ago", named("not.expired", "expiry after", "20"), claims=lambda w: {"exp": int(time.time()) - 60})
genuine("expired a year ago", named("not.expired", "expiry after", "20"), claims=lambda w: {"exp": int(time.time()) - 365 * DAY})
genuine("exp of 1970", named("not.expired", "expiry after", "1970"), claims={"exp": 1})
genuine("nbf in ten minutes", named("not.before", "not before", "20"), claims=lambda w: {"nbf": int(time.time()) + 600})
genuine("nbf in ten seconds", named("not.before", "not before", "20"), claims=lambda w: {"nbf": int(time.time()) + 10})
genuine("nbf and iat ahead by a clock", named("not.before", "not before", "20"), near="ahead of us",
        claims=lambda w: {"nbf": int(time.time()) + 42, "iat": int(time.time()) + 42})  # fmt: skip
genuine("nbf in milliseconds", named("not.before", "not before", ""), near="milliseconds",
        claims=lambda w: {"nbf": int(time.time() * 1000)})  # fmt: skip
for claim, value, kind in [
    ("exp", "tomorrow", "string"),
    ("exp", None, "absent"),
    ("sub", None, "absent"),
    ("sub", 7, "number"),
    ("client_id", None, "absent"),
    ("jti", 5, "number"),
    ("iat", None, "absent"),
    ("iat", "now", "string"),
    ("iss", 5, "number"),
    ("aud", 5, "number"),
]:
    check = "claims.present" if value is None else "payload.read"
    genuine(f"{claim} {value!r}", named(check, claim if value is None else "", ""), claims={claim: value},
            near=f"the claim {claim}")  # fmt: skip
add("a payload that is no JSON (oauth)", lambda w: w.api(token=w.signed(payload=b"hello there")),
    named("payload.read", "", ""), near="not JSON")  # fmt: skip
add("a payload that is an array (oauth)", lambda w: w.api(token=w.signed(payload=b"[1]")),
    named("payload.read", "", ""), near="no JSON object")  # fmt: skip
genuine("scope as an array", named("claims.present", "scope", ""), claims={"scope": ["api.read"]}, near="array")
genuine("too little scope", named("scope.sufficient", "api.read", "api.write"), claims={"scope": "api.write"})
genuine("no scope", named("scope.sufficient", "api.read", "none"), claims={"scope": None})
genuine("scope misspelled", named("scope.sufficient", "api.read", "api.raed"), claims={"scope": "api.raed"}, near="api.read")
genuine("scope in capitals", named("scope.sufficient", "api.read", "API.READ"), claims={"scope": "API.READ"}, near="capitals")
genuine("scopes with commas", named("scope.sufficient", "api.read", "api.read,api.write"), claims={"scope": "api.read,api.write"}, near="comma")
genuine("a client that does not exist", named("client.enabled", "an enabled client", "nobody"), claims={"client_id": "nobody"})
genuine("a disabled client", named("client.enabled", "an enabled client", "{disabled}"),
        claims=lambda w: {"client_id": w.client("disabled")["client_id"]})  # fmt: skip

# Signed with another key, or none.
add("a foreign key (oauth)", lambda w: w.api(token=w.foreign()), SIGNATURE)
add("a foreign key and kid (oauth)", lambda w: w.api(token=w.foreign(header={"kid": "theirs"})),
    named("key.known", "", "theirs"), evidence="theirs")  # fmt: skip
add("no kid (oauth)", lambda w: w.api(token=w.signed(header={"kid": None})), named("key.known", "", ""), near="names no key")
genuine("kid cut short", named("key.known", "", ""), near="kid",
        header=lambda w: {"kid": jwt.get_unverified_header(w.token())["kid"][:-2]})  # fmt: skip
add("alg none and no signature (oauth)", lambda w: w.api(token=w.signed(header={"alg": "none"}).rpartition(".")[0] + "."),
    named("algorithm.allowed", "ES256", "none"), near="not signed at all")  # fmt: skip
for alg in ("none", "HS256", "ES384", "PS256"):
    near = {"none": "not signed at all", "HS256": "shared secret"}.get(alg, ())
    genuine(f"alg {alg}", named("algorithm.allowed", "ES256", alg), header={"alg": alg}, near=near, evidence=alg)
genuine("RS256 key where ES256 belongs", named("algorithm.allowed", "ES256", "RS256"),
        header=lambda w: {"alg": "RS256"}, key=lambda w: w.signing["RS256"])  # fmt: skip
# Two faults at once: both show.
EXPIRED = named("not.expired", "expiry after", "20")
add("a foreign key, and expired (oauth)",
    lambda w: w.api(token=w.foreign(claims={"exp": int(time.time()) - 60})), SIGNATURE, EXPIRED)  # fmt: skip
add("a foreign key, and another audience (oauth)",
    lambda w: w.api(token=w.foreign(claims={"aud": w.issuer + "/api/"})),
    SIGNATURE, named("audience.here", "{issuer}/api", "{issuer}/api/"), near="trailing slash")  # fmt: skip
genuine("expired, and without the scope", EXPIRED, named("scope.sufficient", "api.read", "api.write"),
        claims=lambda w: {"exp": int(time.time()) - 60, "scope": "api.write"})  # fmt: skip
genuine("another issuer, and another audience", named("issuer.trusted", "{issuer}", "https://x.example"),
        named("audience.here", "{issuer}/api", "https://y.example"),
        claims={"iss": "https://x.example", "aud": "https://y.example"})  # fmt: skip
add("expired, at a route that does not exist (oauth)", lambda w: w.api(token=w.token(kind="expired"), path="/note"),
    named("route.known", "route", "/note"), EXPIRED, near="/notes")  # fmt: skip
add("revoked, and for an unknown vehicle (smartcar-v2)",
    lambda w: w.api("smartcar-v2", token=w.token("smartcar-v2", "revoked"),
                    path="/v2.0/vehicles/0b7e9d5a-3a53-4d7e-9d6a-111111111111/odometer"),
    named("not.revoked", "in force", "revoked"), named("resource.granted", "vehicle 0b7e9d5a", ""))  # fmt: skip
