"""Token requests of machines, broken: how the client proves itself, the body, its parameters."""

import base64
import json
from urllib.parse import quote, urlencode

from mutations import Table, named

TABLE = Table("client and token request")
add = TABLE.add
# Without a secret the client counts as one that has none, for which it is not registered.
UNPROVEN = named("client.method.registered", "client_secret_basic", "none")
SECRET = named("client.authenticated", "a current secret of {machine}", "another value")


def secret(name, change, near, by="basic"):
    client = "machine" if by == "basic" else "poster"

    def send(w):
        return w.machine(client, by=by, secret=change(w.client(client)["client_secret"]))

    add(f"secret {name} ({by})", send, named("client.authenticated", "a current secret of {" + client + "}", "another value"),
        near=near)  # fmt: skip


for by in ("basic", "post"):
    secret("with a newline", lambda s: s + "\n", "without a trailing newline it is a current secret", by=by)
    secret("with a carriage return and newline", lambda s: s + "\r\n", "newline||white space", by=by)
    secret("with a space", lambda s: s + " ", "white space at an end", by=by)
    secret("with a space before", lambda s: " " + s, "white space at an end", by=by)
    secret("in double quotes", lambda s: f'"{s}"', "quotation marks", by=by)
    secret("in single quotes", lambda s: f"'{s}'", "quotation marks", by=by)
    secret("undefined", lambda s: "undefined", "undefined", by=by)
    secret("wrong", lambda s: "wrong", (), by=by)
secret("with a written newline", lambda s: s + "\\n", "written \\n at its end")
secret("with %0A", lambda s: s + "%250A", "%0A||percent", by="basic")
secret("with a byte order mark", lambda s: "\ufeff" + s, "byte order mark", by="post")
secret("with a full stop", lambda s: s + ".", "a `.` at its end")
secret("with a comma", lambda s: s + ",", "a `,` at its end")
secret("twice", lambda s: s + s, "written twice")
secret("cut by one character", lambda s: s[:-1], "cut||46 characters||characters")
secret("without its prefix", lambda s: s[4:], "prefix||dws_||characters")
secret("in capitals", lambda s: s.upper(), ())
secret("a template", lambda s: "${CLIENT_SECRET}", "template that nobody filled in")
secret("changeme", lambda s: "changeme", "changeme")
secret("with Bearer before", lambda s: "Bearer " + s, "`Bearer ` at its beginning", by="post")
secret("percent-encoded twice", lambda s: quote(quote("x" + s, safe="") + "%2F", safe=""), ())
add("secret empty (basic)", lambda w: w.machine(secret=""), named("client.authenticated", "secret", ""), near="empty")
add("secret empty (post)", lambda w: w.machine(by="none", more=[("client_id", w.client("machine")["client_id"]), ("client_secret", "")]),
    named("client.authenticated||client.presented", "client credentials", "client_secret"), UNPROVEN)  # fmt: skip
add("secret of another client", lambda w: w.machine(secret=w.client("web")["client_secret"]), SECRET, near="secret of client {web}")
add("secret of another client (post)", lambda w: w.machine("poster", by="post", secret=w.client("web")["client_secret"]),
    named("client.authenticated", "a current secret of {poster}", "another value"),
    near="secret of client {web}")  # fmt: skip
add("a token for the secret", lambda w: w.machine(secret=w.token("shaid")), SECRET, near="access token")
add("a refresh token for the secret", lambda w: w.machine(secret=w.tokens()["refresh_token"]), SECRET, near="refresh token")
add("a code for the secret", lambda w: w.machine(secret=w.flow().given), SECRET, near="authorization code")
add("a JWT for the secret", lambda w: w.machine(secret=w.token()), SECRET, near="JWT")
add("the id as secret, too", lambda w: w.machine(secret=w.client("machine")["client_id"]), SECRET, near="id of client {machine}||it is the id")


def rotated(w, name, keep):
    old = w.new_client(name, "--grant", "client_credentials", "--scope", "api.read")
    w.rotate(name, keep)
    return w.machine(name, secret=old["client_secret"])


add("secret rotated", lambda w: rotated(w, "rotated-at-once", "0s"),
    named("client.authenticated", "a current secret of {rotated-at-once}", "expired at||another value"),
    near="expired secret||ended at")  # fmt: skip

UNKNOWN = "the id of a registered client"


def identifier(name, change, actual, near, by="basic"):
    client = "machine" if by == "basic" else "poster"
    add(f"id {name} ({by})", lambda w: w.machine(client, by=by, id=change(w.client(client)["client_id"])),
        named("client.authenticated", UNKNOWN, actual), near=near)  # fmt: skip


for by in ("basic", "post"):
    identifier("mistyped", lambda i: i[:-1] + ("0" if i[-1] != "0" else "1"), "", "few characters", by=by)
    identifier("cut", lambda i: i[:-1], "", "cut short", by=by)
    identifier("in capitals", lambda i: i.upper(), "", "capitals", by=by)
    identifier("with a space", lambda i: i + " ", "", "white space", by=by)
    identifier("with a newline", lambda i: i + "\n", "", "newline", by=by)
    identifier("quoted", lambda i: f'"{i}"', "", "quotation marks", by=by)
    identifier("undefined", lambda i: "undefined", "undefined", "literal `undefined`", by=by)
    identifier("without hyphens", lambda i: i.replace("-", ""), "", "hyphens||few characters", by=by)
add("id empty (basic)", lambda w: w.machine(id=""), named("client.presented", "id, colon, secret", "the id is empty"))
for by in ("basic", "post"):
    add(f"id and secret swapped ({by})",
        lambda w, by=by: w.machine(by=by, id=w.client("machine")["client_secret"], secret=w.client("machine")["client_id"]),
        named("client.authenticated", UNKNOWN, ""), near=("swapped", "rotate it"))  # fmt: skip
add("id of another client", lambda w: w.machine(id=w.client("web")["client_id"]),
    named("client.authenticated", "a current secret of {web}", "another value"),
    named("grant.type.registered", "authorization_code", "client_credentials"), near="secret of client {machine}")  # fmt: skip
add("disabled client", lambda w: w.machine("disabled"), named("client.authenticated", "an enabled client", "{disabled}, disabled"))
add("the name for the id", lambda w: w.machine(id="Nightly export"), named("client.authenticated", UNKNOWN, "Nightly export"), near="name of client")


def header(name, make, *faults, near=()):
    add(f"Basic {name}", lambda w: w.machine(by="none", headers={"Authorization": make(w.client("machine"))}), *faults, near=near)


def b64(text):
    return base64.b64encode(text.encode()).decode()


DECODED = "base64 of form-encoded id, colon, secret"
header("without base64", lambda c: f"Basic {c['client_id']}:{c['client_secret']}", named("client.authenticated||client.presented", DECODED, ""))
header("without a colon", lambda c: "Basic " + b64(c["client_id"] + c["client_secret"]), named("client.presented", DECODED, "colon"))
header("the id alone", lambda c: "Basic " + b64(c["client_id"]), named("client.presented", DECODED, "colon"))
header("empty", lambda c: "Basic", named("client.presented", "", ""))
header("misspelled", lambda c: "Bsic " + b64(f"{c['client_id']}:{c['client_secret']}"), named("client.presented", "id, colon, secret", "not Basic"))
header("as Bearer", lambda c: "Bearer " + b64(f"{c['client_id']}:{c['client_secret']}"), named("client.presented", "id, colon, secret", "not Basic"))
header("secret first", lambda c: "Basic " + b64(f"{c['client_secret']}:{c['client_id']}"), named("client.authenticated", UNKNOWN, ""), near="swapped")
header("encoded twice", lambda c: "Basic " + b64(b64(f"{c['client_id']}:{c['client_secret']}")), named("client.presented", DECODED, "colon"), near="twice")
header("quoted", lambda c: 'Basic "' + b64(f"{c['client_id']}:{c['client_secret']}") + '"', named("client.presented", DECODED, ""), near="quotation")
header("with a newline in base64", lambda c: "Basic " + b64(f"{c['client_id']}:{c['client_secret']}\n"), SECRET, near="trailing newline")

ABSENT = named("client.presented", "client credentials", "")
add("no authentication", lambda w: w.machine(by="none"), ABSENT)
add("id alone in the body", lambda w: w.machine(by="named"), named("client.authenticated||client.presented", "client credentials", "client_secret"), UNPROVEN, near="confidential")
add("secret alone in the body", lambda w: w.machine(by="none", client_secret=w.client("machine")["client_secret"]), named("client.presented", "", "client_id"))
add("clientId for client_id", lambda w: w.machine(by="none", clientId="x", client_secret="y"), named("client.presented", "", "client_id"), near="`clientId`")
add("client_secrt", lambda w: w.machine(by="named", client_secrt="y"), named("client.authenticated||client.presented", "client credentials", "client_secret"), UNPROVEN, near="`client_secrt`")
add("in both places", lambda w: w.machine(more=[("client_id", w.client("machine")["client_id"]), ("client_secret", w.client("machine")["client_secret"])]),
    named("client.presented", "exactly one", "client_secret_basic, client_secret_post"))  # fmt: skip
add("two ids", lambda w: w.machine(client_id=w.client("web")["client_id"]), named("client.presented", "same client id", "{machine} and {web}"))
add("post where basic is registered", lambda w: w.post_only_basic(), named("client.method.registered", "client_secret_basic", "client_secret_post"))
add("secret in the query", lambda w: w.machine(by="none", query="?" + urlencode({"client_id": w.client("machine")["client_id"], "client_secret": w.client("machine")["client_secret"]})),
    named("client.presented||parameters.once||body.read", "header or the body", "client_secret in the query"))  # fmt: skip

# The body and its parameters.
FORM = "application/x-www-form-urlencoded"
add("JSON", lambda w: w.machine(body=json.dumps({"grant_type": "client_credentials"}), kind="application/json"),
    named("content.type.read", FORM, "application/json"), near="not JSON")  # fmt: skip
add("JSON called a form", lambda w: w.machine(body=json.dumps({"grant_type": "client_credentials"})),
    named("grant.type.known", "grant_type", ""), near="JSON")  # fmt: skip
add("a form called JSON", lambda w: w.machine(kind="application/json"), named("content.type.read", FORM, "application/json"), near="looks like a form")
add("a form called text", lambda w: w.machine(kind="text/plain"), named("content.type.read", FORM, "text/plain"), near="looks like a form")
add("multipart", lambda w: w.machine(kind="multipart/form-data; boundary=x", body="--x--"), named("content.type.read", FORM, "multipart/form-data"), near="multipart")
add("no content type", lambda w: w.machine(kind=""), named("content.type.read", FORM, "none"), near="looks like a form")
add("misspelled content type", lambda w: w.machine(kind="application/x-www-form-urlencode"), named("content.type.read", FORM, "urlencode"), near="looks like a form")
add("another charset", lambda w: w.machine(body=b"grant_type=client_credentials&scope=\xff\xfe"), named("body.read", "", ""))
add("a bad escape", lambda w: w.machine(body="grant_type=client_credentials&scope=%zz"), named("body.read", "", ""))
add("an empty body", lambda w: w.machine(body=""), named("grant.type.known", "grant_type", "absent"), near="empty")
add("parameters in the query", lambda w: w.machine(body="", query="?grant_type=client_credentials"), named("grant.type.known", "grant_type", "absent"), near="query")
add("GET", lambda w: w.machine(method="GET"), named("method.allowed", "POST", "GET"))
add("PUT", lambda w: w.machine(method="PUT"), named("method.allowed", "POST", "PUT"))
GRANTS = "client_credentials"
for value, near in [
    ("client_credential", "grant type"), ("client-credentials", "grant type"), ("CLIENT_CREDENTIALS", "capitals"),
    ("clientcredentials", "grant type"), ("client_credentials ", "white space"), ("password", ()), ("implicit", ()),
    ("urn:ietf:params:oauth:grant-type:device_code", ()), ("undefined", "undefined"),
]:  # fmt: skip
    add(f"grant_type {value!r}", lambda w, value=value: w.machine(grant_type=value), named("grant.type.known", GRANTS, value.strip()), near=near)
add("no grant_type", lambda w: w.machine(grant_type=None), named("grant.type.known", "grant_type", "absent"))
add("grant_type empty", lambda w: w.machine(grant_type=""), named("grant.type.known", "grant_type", ""))
add("granttype", lambda w: w.machine(grant_type=None, granttype=GRANTS), named("grant.type.known", "grant_type", "absent"), near="`granttype`")
add("grantType", lambda w: w.machine(grant_type=None, grantType=GRANTS), named("grant.type.known", "grant_type", "absent"), near="`grantType`")
add("grant_type twice", lambda w: w.machine(more=[("grant_type", GRANTS)]), named("parameters.once", "at most once", "`client_credentials`, `client_credentials`"))
add("scope twice", lambda w: w.machine(scope="api.read", more=[("scope", "api.write")]), named("parameters.once", "at most once", "`api.read`, `api.write`"))
add("a grant it may not use", lambda w: w.machine("web"), named("grant.type.registered", "authorization_code", "client_credentials"))
add("too many parameters", lambda w: w.machine(more=[(f"p{i}", "x") for i in range(70)]), named("body.read||parameters.once", "at most 64", "71"))
ALLOWED = "api.read api.write"
for scope, actual, near in [
    ("api.reed", "api.reed", "`api.reed`"), ("API.READ", "API.READ", "capitals"), ("api.read,api.write", "api.read,api.write", "commas"),
    ("api.read+api.write", "api.read+api.write", "plus||+||white space"), ("admin", "admin", ()), ("api:read", "api:read", "few characters"),
    ("openid api.read", "openid", ()), ("api.read;api.write", "api.read;api.write", "semicolon||cut short||what follows"),
]:  # fmt: skip
    add(f"scope {scope!r}", lambda w, scope=scope: w.machine(scope=scope), named("scope.allowed", ALLOWED, actual), near=near)
add("scope with a quotation mark", lambda w: w.machine(scope='"api.read"'), named("scope.allowed", "", ""), near="quotation")
add("scope with two spaces", lambda w: w.machine(scope="api.read  api.admin"), named("scope.allowed", "", ""))
add("scope with a newline", lambda w: w.machine(scope="api.read\napi.write"), named("scope.allowed", "printable ASCII", "another character"))
add("scope with an umlaut", lambda w: w.machine(scope="api.r\u00e4d"), named("scope.allowed", "printable ASCII", "another character"))
for resource, near in [
    ("{issuer}/api/", "trailing slash"), ("https://{host}/api", "https instead of http"), ("{issuer}/API", "capitals"),
    ("http://localhost:{port}/api", "localhost"), ("https://elsewhere.example", ()), ("{issuer}/apis", "path||characters||what follows"),
]:  # fmt: skip
    add(f"resource {resource}", lambda w, resource=resource: w.machine(resource=w.fill(resource)), named("resource.known", "{issuer}/api", resource), near=near)
add("resource not absolute", lambda w: w.machine(resource="api"), named("resource.known", "absolute URI", "api"))
add("resource with a fragment", lambda w: w.machine(resource=w.issuer + "/api#x"), named("resource.known", "without fragment", "#x"))
# Two faults.
add("secret with a newline, and a scope too many", lambda w: w.machine(secret=w.client("machine")["client_secret"] + "\n", scope="admin"),
    SECRET, named("scope.allowed", ALLOWED, "admin"), near="trailing newline")  # fmt: skip
add("unknown client and unknown grant", lambda w: w.machine(id="nobody", grant_type="password"),
    named("client.authenticated", UNKNOWN, "nobody"), named("grant.type.known", GRANTS, "password"))  # fmt: skip
add("scope and resource", lambda w: w.machine(scope="admin", resource=w.issuer + "/api/"),
    named("scope.allowed", ALLOWED, "admin"), named("resource.known", "{issuer}/api", "{issuer}/api/"), near="trailing slash")  # fmt: skip
# The contracts' own endpoints.
for contract in ("kordiam", "cyoda"):
    add(f"wrong secret ({contract})", lambda w, contract=contract: w.machine(contract, by="post", secret="wrong"),
        named("client.authenticated", "a current secret of {" + contract + "}", "another value"))  # fmt: skip
add("no client_id (kordiam)", lambda w: w.machine("kordiam", by="none", client_secret="x"), named("client.presented", "client credentials", "client_id"))
add("XML (kordiam)", lambda w: w.machine("kordiam", by="post", kind="application/xml", body="<a/>"), named("content.type.read", "application/json", "application/xml"))
add("broken JSON (kordiam)", lambda w: w.post("kordiam", by="none", kind="application/json", body='{"client_id": '), named("body.read", "", ""))
add("JSON array (kordiam)", lambda w: w.post("kordiam", by="none", kind="application/json", body="[1]"), named("body.read", "", ""))
add("a number in JSON (kordiam)", lambda w: w.post("kordiam", by="none", kind="application/json", body='{"client_id": 5}'), named("body.read", "", ""))
