"""What a person granted, broken: the code's exchange and the refresh."""

import base64
import hashlib
import time

from command_line import on
from flows import challenge
from mutations import Table, named

TABLE = Table("code and refresh")
add = TABLE.add
UNKNOWN_CODE = named("grant.found", "a code issued in the last minutes", "an unknown code")
NO_CODE = named("grant.presented", "code", "absent")


def changed(name, *faults, client="web", near=(), **changes):
    """One parameter of the exchange, from the flow that has the code."""

    def send(w):
        flow = w.flow(client)
        return w.exchange(flow, client, **{key: value(flow) if callable(value) else value for key, value in changes.items()})

    add(f"code: {name} ({client})", send, *faults, near=near)


changed("missing", NO_CODE, code=None)
changed("empty", NO_CODE, code="")
changed("undefined", UNKNOWN_CODE, code="undefined", near="literal `undefined`")
changed("cut", UNKNOWN_CODE, code=lambda f: f.given[:-1])
changed("with a newline", UNKNOWN_CODE, code=lambda f: f.given + "\n", near="newline")
changed("with a space", UNKNOWN_CODE, code=lambda f: f.given + " ", near="white space")
changed("quoted", UNKNOWN_CODE, code=lambda f: f'"{f.given}"', near="quotation marks")
changed("twice over", UNKNOWN_CODE, code=lambda f: f.given * 2, near="written twice")
changed("with the fragment of a browser", UNKNOWN_CODE, code=lambda f: f.given + "#_=_", near="fragment||what follows||#")
changed("percent-encoded", UNKNOWN_CODE, code=lambda f: "%64" + f.given[1:], near="percent-encoding")
changed("with the state after it", UNKNOWN_CODE, code=lambda f: f"{f.given}&state={f.state}", near="what follows||&state||parameter")
changed("the state instead", UNKNOWN_CODE, code=lambda f: f.state)
changed("malformed", named("grant.presented", "a code in the form", "another form"), client="smartcar", code="abc")
changed("of no one, in the right form", UNKNOWN_CODE, client="smartcar", code="0f8fad5b-d9cb-469f-a165-70867728950e")
changed("in capitals", named("grant.presented||grant.found", "code", ""), client="smartcar", code=lambda f: f.given.upper(), near="capitals")
add("code: a refresh token", lambda w: w.exchange(code=w.tokens()["refresh_token"]), UNKNOWN_CODE, near="a refresh token of family")
add("code: an access token", lambda w: w.exchange(code=w.token("shaid")), UNKNOWN_CODE, near="an access token of client")
add("code: a JWT", lambda w: w.exchange(code=w.token()), UNKNOWN_CODE, near="an access token of client")
add("code: the id of the client", lambda w: w.exchange(code=w.client("web")["client_id"]), UNKNOWN_CODE, near="id of client {web}")

REDIRECT = "http://127.0.0.1:9999/callback"
ADDRESSES = [
    ("a trailing slash", REDIRECT + "/", "trailing slash"),
    ("https", REDIRECT.replace("http:", "https:"), "https instead of http"),
    ("another port", REDIRECT.replace("9999", "9998"), "in the port"),
    ("no port", REDIRECT.replace(":9999", ""), "in the port"),
    ("localhost", REDIRECT.replace("127.0.0.1", "localhost"), "localhost instead of 127.0.0.1"),
    ("capitals", REDIRECT.replace("callback", "Callback"), "in capitals only"),
    ("a query", REDIRECT + "?a=1", "in the query"),
    ("a fragment", REDIRECT + "#a", "by a fragment"),
    ("another path", REDIRECT.replace("callback", "cb"), "in its path"),
    ("a longer path", REDIRECT + "/x", "length of its path"),
    ("encoding twice", "http%3A%2F%2F127.0.0.1%3A9999%2Fcallback", "percent-encoded twice"),
    ("a space", REDIRECT + " ", "white space"),
    ("undefined", "undefined", "literal `undefined`"),
    ("no scheme", REDIRECT[7:], "scheme"),
    ("another host", "https://app.example.com/callback", ()),
]
for name, value, near in ADDRESSES:
    changed(f"redirect_uri: {name}", named("redirect.address.same", REDIRECT, value), redirect_uri=value, near=near)
changed("redirect_uri missing", named("redirect.address.same", REDIRECT, "absent||none||missing"), redirect_uri=None, near="missing")
changed("redirect_uri empty", named("redirect.address.same", REDIRECT, "absent||none||empty"), redirect_uri="", near="missing")
changed("redirect_uri twice", named("parameters.once", "at most once", "`" + REDIRECT), more=[("redirect_uri", REDIRECT)])
changed("redirect_url", named("redirect.address.same", REDIRECT, ""), redirect_uri=None, redirect_url=REDIRECT, near="`redirect_url`")
changed("code twice", named("parameters.once", "at most once", "code repeated"), more=[("code", "x")])

HASH = "the verifier whose SHA-256 is the challenge"


def verifier(name, change, near, client="web"):
    changed(f"verifier {name}", named("proof.key.held", HASH, "another"), client=client, code_verifier=change, near=near)


for client in ("web", "public"):
    verifier("of another flow", lambda f: "a" * 64, (), client)
    verifier("is the challenge", lambda f: challenge(f.verifier), "the challenge itself", client)
    changed("verifier missing", named("proof.key.held", "code_verifier", "none"), client=client, code_verifier=None)
verifier("with a newline", lambda f: f.verifier + "\n", "newline")
verifier("with a space", lambda f: f.verifier + " ", "white space")
verifier("quoted", lambda f: f'"{f.verifier}"', "quotation marks")
verifier("padded", lambda f: f.verifier + "=", "`=` at its end")
verifier("undefined", lambda f: "undefined", "9 characters")
verifier("too short", lambda f: f.verifier[:20], "20 characters")
verifier("too long", lambda f: f.verifier * 3, "192 characters")
verifier("cut", lambda f: f.verifier[:-1], ())
verifier("twice", lambda f: f.verifier * 2, "written twice")
changed("verifier empty", named("proof.key.held", "", ""), code_verifier="")
changed("codeVerifier", named("proof.key.held", "code_verifier", "none"), code_verifier=None, codeVerifier="x" * 50, near="`codeVerifier`")


def wrongly_made(name, make, near):
    """A challenge that the client computed wrongly: it shows at the exchange."""

    def send(w):
        text = "v" * 48
        flow = w.flow(code_challenge=make(text))
        flow.verifier = text
        return w.exchange(flow)

    add(f"code: challenge {name}", send, named("proof.key.held", HASH, "another"), near=near)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


wrongly_made("of the hexadecimal text, cut", lambda v: hashlib.sha256(v.encode()).hexdigest()[:43], "hexadecimal")
wrongly_made("of decoded bytes", lambda v: b64(hashlib.sha256(base64.urlsafe_b64decode(v + "==")).digest()), "decoded bytes")
wrongly_made("of the verifier quoted", lambda v: b64(hashlib.sha256(f'"{v}"'.encode()).digest()), "quotation")
wrongly_made("of the verifier with a newline", lambda v: b64(hashlib.sha256((v + "\n").encode()).digest()), "newline")
wrongly_made("by SHA-512", lambda v: b64(hashlib.sha512(v.encode()).digest())[:43], "SHA-512")


def without_challenge(w):
    flow = w.flow(code_challenge=None, code_challenge_method=None)
    return w.exchange(flow)


add("code: a verifier without a challenge", without_challenge, named("proof.key.held", "a code_challenge before", "none"))


def used(w, by=None):
    flow = w.flow()
    assert w.exchange(flow).status_code == 200
    return w.exchange(flow)


def withdrawn(w):
    flow = w.flow()
    grants = on(w.data, "grant", "list", "--json").json()
    rows = grants if isinstance(grants, list) else grants["grants"]
    newest = max(rows, key=lambda row: row.get("created", row.get("createdAt", "")))
    ran = on(w.data, "grant", "revoke", newest.get("id") or newest["grant"])
    assert ran.code == 0, ran.output
    return w.exchange(flow)


def elsewhere(w, client, **changes):
    flow = w.flow()
    return w.exchange(flow, client, **changes)


GRANT_TYPE = named("grant.type.registered", "client_credentials", "authorization_code")
add("code: used twice", used, named("grant.current", "one exchange", "a second one"))
add("code: after its grant was revoked", withdrawn, named("grant.in.force", "a grant in force", "withdrawn at"))
add("code: at another client", lambda w: elsewhere(w, "public"), named("grant.held.by.client", "{web}", "{public}"))
add("code: at a machine", lambda w: elsewhere(w, "machine"), GRANT_TYPE, named("grant.held.by.client", "{web}", "{machine}"))
add("code: at another contract's endpoint",
    lambda w: w.exchange(w.flow(), "smartcar", endpoint=w.endpoint("smartcar")),
    named("grant.presented||grant.found", "code", ""), near="contract oauth||an authorization code")  # fmt: skip
add("code: a UUID code at the issuer's endpoint",
    lambda w: w.exchange(w.flow("smartcar"), "smartcar", endpoint=f"{w.issuer}/oauth/token"),
    named("grant.found", "code", "unknown"), near="contract smartcar-v2")  # fmt: skip
add("code: wrong secret", lambda w: w.exchange(secret="wrong"), named("client.authenticated", "a current secret of {web}", "another value"))
add("code: grant_type authorization-code", lambda w: w.exchange(grant_type="authorization-code"),
    named("grant.type.known", "authorization_code", "authorization-code"), near="grant type")  # fmt: skip
add("code: grant_type code", lambda w: w.exchange(grant_type="code"), named("grant.type.known", "authorization_code", "code"))
add("code: a wrong address and a wrong verifier",
    lambda w: w.exchange(redirect_uri=REDIRECT + "/", code_verifier="b" * 50),
    named("redirect.address.same", REDIRECT, REDIRECT + "/"), named("proof.key.held", HASH, "another"), near="trailing slash")  # fmt: skip
add("code: used twice, with a wrong verifier",
    lambda w: (lambda f: (w.exchange(f), w.exchange(f, code_verifier="c" * 50))[1])(w.flow()),
    named("grant.current", "one exchange", "a second"), named("proof.key.held", HASH, "another"))  # fmt: skip


def late(w):
    flow = w.flow()
    time.sleep(62)
    return w.exchange(flow)


add("code: expired", late, named("grant.in.force", "an exchange before", "a later one"), slow=True)

# Refreshing.
UNKNOWN = named("grant.found", "the newest refresh token of a family", "an unknown refresh token")


def token(name, change, near=(), fault=UNKNOWN, client="web"):
    add(f"refresh token {name} ({client})", lambda w: w.refresh(client, change(w.tokens(client)["refresh_token"])), fault, near=near)


token("with a newline", lambda t: t + "\n", "newline")
token("with a space", lambda t: t + " ", "white space")
token("quoted", lambda t: f'"{t}"', "quotation marks")
token("cut", lambda t: t[:-1])
token("without its prefix", lambda t: t[4:], "prefix||beginning")
token("undefined", lambda t: "undefined", "literal `undefined`")
token("null", lambda t: "null", "literal `null`")
token("with Bearer", lambda t: "Bearer " + t, "`Bearer `")
token("percent-encoded", lambda t: "%64" + t[1:], "percent-encoding")
token("in capitals", lambda t: t.upper(), "capitals", named("grant.presented||grant.found", "refresh token", ""), "smartcar")
token("malformed", lambda t: "abc", (), named("grant.presented", "a refresh token in the form", "another form"), "smartcar")
add("refresh: no token", lambda w: w.post("web", grant_type="refresh_token"), named("grant.presented", "refresh_token", "absent"))
add("refresh: empty", lambda w: w.post("web", grant_type="refresh_token", refresh_token=""), named("grant.presented", "refresh_token", ""))
add("refresh: refreshToken", lambda w: w.post("web", grant_type="refresh_token", refreshToken="x"), named("grant.presented", "refresh_token", "absent"), near="`refreshToken`")
add("refresh: token for refresh_token", lambda w: w.post("web", grant_type="refresh_token", token=w.tokens()["refresh_token"]),
    named("grant.presented", "refresh_token", "absent"))  # fmt: skip
add("refresh: an access token", lambda w: w.refresh(token=w.tokens()["access_token"]), UNKNOWN, near="an access token of client {web}")
add("refresh: an opaque access token", lambda w: w.refresh(token=w.token("shaid")), UNKNOWN, near="an access token of client")
add("refresh: an ID token", lambda w: w.refresh(token=w.tokens()["id_token"]), UNKNOWN, near="ID token||JWT")
add("refresh: a code", lambda w: w.refresh(token=w.flow().given), UNKNOWN, near="an authorization code")
add("refresh: the client's secret", lambda w: w.refresh(token=w.client("web")["client_secret"]), UNKNOWN, near="secret of client {web}")


def reused(w):
    first = w.kordiam()["refresh_token"]
    place = w.contracts["kordiam"]["base"] + "/api/v2/auth/refresh"
    answers = [w.post("kordiam", by="none", endpoint=place, refresh_token=first) for _ in range(2)]
    return answers[1]


def of_dead_family(w):
    first = w.kordiam()["refresh_token"]
    place = w.contracts["kordiam"]["base"] + "/api/v2/auth/refresh"
    newest = w.post("kordiam", by="none", endpoint=place, refresh_token=first).json()["refresh_token"]
    w.post("kordiam", by="none", endpoint=place, refresh_token=first)
    return w.post("kordiam", by="none", endpoint=place, refresh_token=w.keep(newest))


def revoked(w):
    token = w.tokens()["refresh_token"]
    assert w.introspect(token, "web", "revoke").status_code == 200
    return w.refresh(token=token)


add("refresh: reused", reused, named("grant.current", "generation 2", "generation 1"))
add("refresh: the newest of a family that was contained", of_dead_family, named("grant.in.force", "not revoked", "revoked at"))
add("refresh: revoked by its client", revoked, named("grant.in.force", "not revoked", "revoked at"))
add("refresh: at another client", lambda w: w.refresh("public", w.tokens()["refresh_token"]), named("grant.held.by.client", "{web}", "{public}"))
add("refresh: wrong secret", lambda w: w.refresh(secret="wrong"), named("client.authenticated", "a current secret of {web}", "another value"))
add("refresh: no client", lambda w: w.refresh(by="none"), named("client.presented", "client credentials", ""))
add("refresh: a public client with a secret", lambda w: w.refresh("public", by="basic", secret="something"),
    named("client.authenticated", "", ""), named("client.method.registered", "none", "client_secret_basic"), near="public client")  # fmt: skip
add("refresh: another contract's token", lambda w: w.refresh(token=w.kordiam()["refresh_token"]),
    named("grant.found", "refresh token", ""), near="contract kordiam")  # fmt: skip
add("refresh: at another contract's endpoint", lambda w: w.refresh("smartcar", w.tokens()["refresh_token"]),
    named("grant.presented||grant.found", "refresh token", ""), near="contract oauth||a refresh token of family")  # fmt: skip
add("refresh: wider", lambda w: w.refresh(scope="openid api.read api.write"), named("scope.allowed", "api.read", "api.write"))
add("refresh: scope misspelled", lambda w: w.refresh(scope="api.raed"), named("scope.allowed", "api.read", "api.raed"), near="few characters")
add("refresh: scopes with a comma", lambda w: w.refresh(scope="openid,api.read"), named("scope.allowed", "api.read", "openid,api.read"), near="commas")
add("refresh: another resource", lambda w: w.refresh(resource="https://elsewhere.example"), named("resource.known", "{issuer}", "https://elsewhere.example"))
add("refresh: grant_type refresh", lambda w: w.refresh(grant_type="refresh"), named("grant.type.known", "refresh_token", "refresh"), near="grant type")
add("refresh: of a public client by a stranger and wider", lambda w: w.refresh("web", w.tokens("public")["refresh_token"], scope="admin"),
    named("grant.held.by.client", "{public}", "{web}"), named("scope.allowed", "api.read", "admin"))  # fmt: skip
