"""Introspection and revocation, broken, loudly and silently."""

from mutations import Table, named

TABLE = Table("introspection and revocation")
add = TABLE.add
FORCE = "an access token in force"
ISSUED = named("token.known||introspected_token_refused", FORCE, "token_unknown")


def refused(reason):
    return named("introspected_token_refused||token.known", FORCE, reason)


def about(name, token, fault, near=(), client="machine"):
    add(f"introspect {name}", lambda w: w.introspect(token(w), client), fault, near=near)


about("an expired token", lambda w: w.token(kind="expired"), refused("token_expired"))
about("a token not valid yet", lambda w: w.token(kind="not_yet_valid"), refused("token_not_yet_valid"))
about("a revoked token", lambda w: w.token(kind="revoked"), refused("token_revoked"))
about("a bad signature", lambda w: w.token(kind="bad_signature"), refused("token_signature_invalid"))
about("an unknown key", lambda w: w.token(kind="unknown"), refused("token_key_unknown"))
about("another issuer", lambda w: w.token(kind="untrusted_issuer"), refused("token_issuer_untrusted"))
about("an unknown opaque token", lambda w: w.token("shaid", "unknown"), refused("token_unknown"))
about("undefined", lambda w: "undefined", refused(""), near="literal `undefined`")
about("a token with a newline", lambda w: w.token() + "\n", refused(""), near="newline")
about("a quoted token", lambda w: f'"{w.token()}"', refused(""), near="quotation marks")
about("Bearer and a token", lambda w: "Bearer " + w.token(), refused(""), near="`Bearer `")
about("a token cut short", lambda w: w.token()[:-5], refused(""), near="cut off||signature")
about("an opaque token with a newline", lambda w: w.token("shaid") + "\n", refused(""), near="newline")
about("a code", lambda w: w.flow().given, refused(""), near="an authorization code")
about("a secret", lambda w: w.client("machine")["client_secret"], refused(""), near="secret of client {machine}")
about("an ID token", lambda w: w.tokens()["id_token"], refused(""), near="ID token")
add("introspect another client's token", lambda w: w.introspect(w.token("kordiam")),
    named("introspection_asker_not_entitled", "{kordiam}", "{machine}"))  # fmt: skip


def retired(w):
    token = w.kordiam()["refresh_token"]
    assert w.introspect(token, "kordiam", "revoke").status_code == 200
    return w.introspect(token, "kordiam")


add("introspect a revoked refresh token", retired, named("introspected_refresh_token_refused", "a refresh token in force", "family_revoked"))
for what in ("introspect", "revoke"):
    add(f"{what}: no token", lambda w, what=what: w.introspect(None, what=what), named("grant.presented||token_parameter_missing", "token", "absent"))
    add(f"{what}: token misspelled", lambda w, what=what: w.introspect(None, what=what, tokn="x"),
        named("grant.presented||token_parameter_missing", "token", "absent"), near="`tokn`")  # fmt: skip
    add(f"{what}: token twice", lambda w, what=what: w.introspect(w.token(), what=what, more=[("token", "x")]),
        named("parameters.once", "at most once", "token repeated"))  # fmt: skip
    add(f"{what}: no client", lambda w, what=what: w.introspect(w.token(), what=what, by="none"), named("client.presented", "client credentials", ""))
    add(f"{what}: a wrong secret", lambda w, what=what: w.introspect(w.token(), what=what, secret="wrong"),
        named("client.authenticated", "a current secret of {machine}", "another value"))  # fmt: skip
    add(f"{what}: a secret with a newline", lambda w, what=what: w.introspect(w.token(), what=what, secret=w.client("machine")["client_secret"] + "\n"),
        named("client.authenticated", "a current secret of {machine}", "another value"), near="trailing newline")  # fmt: skip
    add(f"{what}: JSON", lambda w, what=what: w.introspect(w.token(), what=what, kind="application/json", body='{"token": "x"}'),
        named("content.type.read", "x-www-form-urlencoded", "application/json"), near="JSON")  # fmt: skip
    add(f"{what}: a bearer token for the client", lambda w, what=what: w.introspect(w.token(), what=what, by="none", headers={"Authorization": f"Bearer {w.token()}"}),
        named("client.presented", "id, colon, secret", "not Basic"))  # fmt: skip
    add(f"{what}: GET", lambda w, what=what: w.introspect(w.token(), what=what, method="GET"), named("method.allowed||method_not_allowed", "POST", "GET"))
    add(f"{what}: in the query", lambda w, what=what: w.introspect(None, what=what, query="?token=abc"),
        named("grant.presented||token_parameter_missing||content.type.read", "", ""), near="query")  # fmt: skip

UNKNOWN = named("revocation_token_unknown", "a token issued here", "an unknown token")
add("revoke an unknown token", lambda w: w.introspect("never-issued", what="revoke"), UNKNOWN)
add("revoke a token cut short", lambda w: w.introspect(w.token("shaid")[:-1], what="revoke"), UNKNOWN)
add("revoke a token with a newline", lambda w: w.introspect(w.token("shaid") + "\n", what="revoke"), UNKNOWN, near="newline")
add("revoke a quoted token", lambda w: w.introspect(f"'{w.token('shaid')}'", what="revoke"), UNKNOWN, near="quotation marks")
add("revoke undefined", lambda w: w.introspect("undefined", what="revoke"), UNKNOWN, near="undefined")
add("revoke another client's token", lambda w: w.introspect(w.kordiam()["refresh_token"], what="revoke"),
    named("revocation_not_owner", "{kordiam}", "{machine}"))  # fmt: skip
add("revoke a code", lambda w: w.introspect(w.flow().given, "web", "revoke"), UNKNOWN, near="an authorization code")
