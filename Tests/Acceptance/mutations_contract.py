"""Routes, versions, parameters and resources of the APIs, and the same asked of the gateway."""

import time
from itertools import product

from mutations import Table, named
from wire import call, exact, present

TABLE = Table("contract and gateway")
add = TABLE.add
OTHER = "0b7e9d5a-3a53-4d7e-9d6a-111111111111"


def route(name, path, *faults, contract="oauth", method="GET", near=(), headers=(), token=None):
    def send(w):
        given = w.fill(path)
        made = w.token(contract, token) if token else None
        return w.api(contract, token=made, method=method, path=given, headers=headers)

    add(f"{name} ({contract})", send, *faults, near=near)


KNOWN = "route||perhaps"
for name, path, near in [
    ("a letter too few", "/note", "/notes"), ("a letter too many", "/notess", "/notes"), ("capitals", "/Notes", "capitals"),
    ("two letters swapped", "/ntoes", "/notes"), ("a prefix too much", "/api/notes", "one segment higher"),
    ("a version too much", "/v1/notes", "one segment higher"), ("quite another", "/invoices", ()),
]:  # fmt: skip
    route(name, path, named("route.known", KNOWN, path), near=near)
route("a trailing slash", "/notes/", named("route.known", KNOWN, "/notes/"), near="slash")
route("one segment too many", "/notes/1/2", named("route.known", KNOWN, "/notes/1/2"))
route("the root", "/", named("route.known", KNOWN, "/"))
route("a misspelling (kordiam)", "/api/v2/element", named("route.known", KNOWN, "/api/v2/element"), contract="kordiam", near="/api/v2/elements")
route("a misspelling (cyoda)", "/api/entity", named("route.known", KNOWN, "/api/entity"), contract="cyoda")
route("a misspelling (smartcar-v2)", "/v2.0/vehicels", named("route.known", KNOWN, "vehicels"), contract="smartcar-v2", near="/v2.0/vehicles")
route("odometre", "/v2.0/vehicles/{vehicle}/odometre", named("route.known", KNOWN, "odometre"), contract="smartcar-v2", near="odometer")
route("an odometer in v3", "/v3/vehicles/{vehicle}/odometer", named("route.known", KNOWN, "/v3/"), contract="smartcar-v3")
add("no API at all", lambda w: call("GET", f"{w.issuer}/apis/notes", headers=present("oauth", w.token())), named("route.known||route_unknown", "", "/apis/notes"), near="/api")
add("an endpoint of the issuer misspelled", lambda w: call("POST", f"{w.issuer}/oauth/tokens"), named("route.known||route_unknown", "", "/oauth/tokens"), near="/oauth/token")
add("the issuer's endpoint below an API", lambda w: call("POST", f"{w.issuer}/api/oauth/token"),
    named("route.known", KNOWN, "/oauth/token"), named("credential.parsed", "bearer", "absent"))  # fmt: skip
for method in ("DELETE", "PUT", "PATCH"):
    route(f"{method}", "/notes", named("method.allowed", "GET, POST||GET", method), method=method)
route("POST where GET belongs", "/v2.0/user", named("method.allowed", "GET", "POST"), contract="smartcar-v2", method="POST")
route("GET where POST belongs", "/v2.0/vehicles/{vehicle}/batch", named("method.allowed", "POST", "GET"), contract="smartcar-v2")
for what, path in [
    ("an empty segment", "//notes"), ("a dot segment", "/x/../notes"), ("an encoded slash", "/notes%2f1"), ("a semicolon", "/notes;x"),
    ("a backslash", "/notes\\1"), ("an encoded NUL", "/notes%00"), ("a bad escape", "/notes%zz"),
]:  # fmt: skip
    route(what, path, named("target.unambiguous", "", ""))

# What a contract asks for besides a token.
route("version 1", "/api/v1/elements", named("version.supported", "2", "1"), contract="kordiam")
route("version 3", "/api/v3/elements", named("version.supported", "2", "3"), contract="kordiam")
route("no version", "/api/elements", named("route.known||version.supported", "", ""), contract="kordiam", near="/api/v2/elements")
for value in ("1.0", "3.0", "two", "2"):
    route(f"API-Version {value}", "/api/v2/elements", named("version.supported", "2.0", value), contract="kordiam", headers=[("API-Version", value)])
for value in ("text/html", "application/xml", "application/jsom"):
    route(f"Accept {value}", "/api/v2/elements", named("representation.acceptable", "application/json", value), contract="kordiam", headers=[("Accept", value)])
route("Accept with q=0", "/api/v2/elements", named("representation.acceptable", "application/json", "q=0"), contract="kordiam", headers=[("Accept", "application/json;q=0")])
USER = "/v3/vehicles/{vehicle}/signals"
route("no sc-user-id", USER, named("parameters.valid", "sc-user-id", "absent"), contract="smartcar-v3")
route("sc-user-id empty", USER, named("parameters.valid", "sc-user-id", ""), contract="smartcar-v3", headers=[("sc-user-id", "")])
route("sc-userid", USER, named("parameters.valid", "sc-user-id", "absent"), contract="smartcar-v3", headers=[("sc-userid", "x")], near="sc-userid")
ODOMETER = "/v2.0/vehicles/{id}/odometer"
for name, text in [("cut", "{vehicle-}"), ("no UUID", "my-car"), ("undefined", "undefined"), ("a number", "1")]:
    def send(w, text=text):
        return w.api("smartcar-v2", path=ODOMETER.replace("{id}", text.replace("{vehicle-}", w.vehicle[:-1])))

    add(f"vehicle id {name} (smartcar-v2)", send, named("parameters.valid", "UUID", text.replace("{vehicle-}", "")), near="undefined" if text == "undefined" else ())  # fmt: skip

# What the token is not good for.
add("vehicle id without hyphens (smartcar-v2)", lambda w: w.api("smartcar-v2", path=ODOMETER.replace("{id}", w.vehicle.replace("-", ""))),
    named("resource.granted||parameters.valid", "vehicle||UUID", ""), near="hyphens")  # fmt: skip
route("another vehicle", ODOMETER.replace("{id}", OTHER), named("resource.granted", "vehicle " + OTHER, "other"), contract="smartcar-v2")
route("another vehicle", f"/v3/vehicles/{OTHER}", named("resource.granted", "vehicle " + OTHER, "other"), contract="smartcar-v3")
route("the location", "/v2.0/vehicles/{vehicle}/location", named("scope.sufficient", "read_location", "read_odometer"), contract="smartcar-v2")
route("the vehicle's number", "/v2.0/vehicles/{vehicle}/vin", named("scope.sufficient", "read_vin", "read_odometer"), contract="smartcar-v2")
route("a scope that is missing", "/maids/0/appid", named("scope.sufficient", "appids", "other||none"), contract="shaid", token="forbidden")
route("another's vehicle and no scope", f"/v2.0/vehicles/{OTHER}/location", named("scope.sufficient", "read_location", ""), contract="smartcar-v2")


def compatibility(name, authorization, *faults, near=()):
    def send(w):
        value = authorization(w)
        return exact(w.issuer, "GET", "/smartcar/v2.0/compatibility", [("Authorization", value)] if value else [])

    add(f"compatibility: {name}", send, *faults, near=near)


def basic_of(w, change):
    from wire import basic

    client = w.client("smartcar")
    return basic(client["client_id"], change(client["client_secret"]))["Authorization"]


compatibility("no client", lambda w: "", named("client.presented", "client credentials", ""))
compatibility("a bearer token", lambda w: f"Bearer {w.token('smartcar-v2')}", named("client.presented", "id, colon, secret", "not Basic"))
compatibility("a wrong secret", lambda w: basic_of(w, lambda s: "wrong"), named("client.authenticated", "a current secret of {smartcar}", "another value"))
compatibility("a secret with a newline", lambda w: basic_of(w, lambda s: s + "\n"), named("client.authenticated", "a current secret of {smartcar}", "another value"), near="trailing newline")

# The same, asked by a proxy.
STYLES = ("Forwarded", "Original")
for style in STYLES:

    def ask(name, *faults, near=(), style=style, **question):
        def send(w):
            filled = {key: value(w) if callable(value) else value for key, value in question.items()}
            return w.ask(style=style, **filled)

        add(f"/verify ({style}): {name}", send, *faults, near=near)

    ask("no token", named("credential.parsed", "bearer", "absent"), authorization="")
    ask("Baerer", named("credential.parsed", "bearer", "baerer"), authorization=lambda w: f"Baerer {w.token()}", near="resembles `Bearer`")
    ask("Bearer Bearer", named("credential.parsed", "", ""), authorization=lambda w: f"Bearer Bearer {w.token()}", near="written twice")
    ask("undefined", named("token.form", "", ""), authorization="Bearer undefined", near="undefined")
    ask("expired", named("not.expired", "expiry after", "20"), token=lambda w: w.token(kind="expired"))
    ask("expired a minute ago", named("not.expired", "expiry after", "20"), token=lambda w: w.signed(claims={"exp": int(time.time()) - 60}))
    ask("revoked", named("not.revoked", "a token in force", "revoked at"), token=lambda w: w.token(kind="revoked"))
    ask("a foreign key", named("signature.valid", "a signature by", "altered content"), token=lambda w: w.foreign())
    ask("another audience", named("audience.here", "{issuer}/api", "{issuer}/api/"), token=lambda w: w.signed(claims={"aud": w.issuer + "/api/"}), near="trailing slash")
    ask("no scope", named("scope.sufficient", "api.read", "api.write"), token=lambda w: w.signed(claims={"scope": "api.write"}))
    ask("a misspelled route", named("route.known", KNOWN, "/note"), uri="/api/note", near="/notes")
    ask("another method", named("method.allowed", "GET", "DELETE"), method="DELETE")
    ask("a dot segment", named("target.unambiguous", "", ""), uri="/api/x/../notes")
    ask("the wrong version", named("version.supported", "2", "9"), uri="/kordiam/api/v9/elements", token=lambda w: w.token("kordiam"))
    ask("another vehicle", named("resource.granted", OTHER, "other"), uri=f"/smartcar/v2.0/vehicles/{OTHER}/odometer", token=lambda w: w.token("smartcar-v2"))
    ask("no scheme for the token", named("credential.parsed", "", ""), authorization=lambda w: w.token(), near="there is no scheme")
    ask("no such API", named("route.known||route_unknown", "", "/nothing/here"), uri="/nothing/here")
    ask("no method", named("target_missing||method_missing||parameters.valid||message_malformed||request_parameter_missing", "Method", ""), method="")
add("/verify: no question", lambda w: call("GET", f"{w.issuer}/verify", headers=present("oauth", w.token())),
    named("parameters.valid", "X-Forwarded-Method", "absent"))  # fmt: skip
add("/verify: two questions", lambda w: w.ask(headers={"X-Original-Method": "GET", "X-Original-Uri": "/problem/notes"}),
    named("message_malformed||target.unambiguous||target_ambiguous", "", ""))  # fmt: skip
for (kind, check), contract in product(
    [("expired", "not.expired"), ("revoked", "not.revoked"), ("wrong_audience", "audience.here")], ["problem", "kordiam", "cyoda"]
):
    add(f"/verify: {kind} ({contract})",
        lambda w, kind=kind, contract=contract: w.ask(uri={"problem": "/problem/notes", "kordiam": "/kordiam/api/v2/elements", "cyoda": "/cyoda/api/entities"}[contract], token=w.token(contract, kind)),
        named(check, "", "20||elsewhere"))  # fmt: skip
