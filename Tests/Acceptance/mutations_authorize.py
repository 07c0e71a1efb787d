"""Authorization requests, broken, and what comes after them in the browser."""

import pages
from flows import AUTO, public, smartcar, web
from mutations import Table, named

TABLE = Table("authorize and forms")
add = TABLE.add
URI = {"web": "http://127.0.0.1:9999/callback", "public": "http://127.0.0.1:9998/callback", "smartcar": "https://example.com/home"}


def ask(name, *faults, client="web", near=(), drop=(), more=(), hint=AUTO, **changes):
    def send(w):
        filled = {key: value(w) if callable(value) else value for key, value in changes.items()}
        return w.authorize(client, more=more, drop=drop, hint=hint, **filled)

    add(f"{name} ({client})", send, *faults, near=near)


KNOWN = "a registered client_id"
CLIENT = named("client.known", KNOWN, "unknown")
ask("no client_id", named("client.known", "client_id", ""), drop=["client_id"])
ask("client_id empty", named("client.known", "client_id", ""), client_id="")
ask("client_id mistyped", CLIENT, client_id=lambda w: w.client("web")["client_id"][:-1] + "x", near="few characters")
ask("client_id cut", CLIENT, client_id=lambda w: w.client("web")["client_id"][:-1], near="cut short")
ask("client_id in capitals", CLIENT, client_id=lambda w: w.client("web")["client_id"].upper(), near="capitals")
ask("client_id with a space", CLIENT, client_id=lambda w: w.client("web")["client_id"] + " ", near="white space")
ask("client_id undefined", CLIENT, client_id="undefined", near="literal `undefined`")
ask("client_id a template", CLIENT, client_id="${CLIENT_ID}", near="template")
ask("client_id example", CLIENT, client_id="YOUR_CLIENT_ID", near="an example's text")
ask("client_id is the secret", CLIENT, client_id=lambda w: w.client("web")["client_secret"], near="secret of client {web}||client's secret")
ask("client_id is the name", CLIENT, client_id="Notes on the web", near="name of client")
ask("clientId", named("client.known", "client_id", ""), drop=["client_id"], clientId="x", near="`clientId`")
ask("client_id twice", named("parameters.once", "client_id once", "client_id"), more=[("client_id", "x")])
ask("disabled client", named("client.known", "an enabled client", "{disabled-web}, disabled"), client_id=lambda w: w.disabled_web())
ask("a machine's client_id", named("redirect.address.registered", "none||no redirect", URI["web"]), named("grant.type.registered", "authorization_code", "client_credentials"),
    client_id=lambda w: w.client("machine")["client_id"], scope="api.read", near="registered for client {web}")  # fmt: skip

for name, value, near in [
    ("a trailing slash", URI["web"] + "/", "trailing slash"),
    ("https", URI["web"].replace("http:", "https:"), "https instead of http"),
    ("localhost", URI["web"].replace("127.0.0.1", "localhost"), "localhost instead of 127.0.0.1"),
    ("capitals", URI["web"].replace("callback", "Callback"), "capitals"),
    ("a query", URI["web"] + "?a=1", "in the query"),
    ("a fragment", URI["web"] + "#a", "fragment"),
    ("another path", URI["web"].replace("callback", "auth/cb"), "in its path"),
    ("a longer path", URI["web"] + "/x", "length of its path"),
    ("a mistyped path", URI["web"].replace("callback", "calback"), "path||few characters"),
    ("another host", "https://evil.example/callback", ()),
    ("encoding twice", "http%3A%2F%2F127.0.0.1%3A9999%2Fcallback", "percent-encoded twice"),
    ("a space", URI["web"] + " ", "white space"),
    ("undefined", "undefined", "literal `undefined`"),
    ("a template", "{{REDIRECT_URI}}", "template"),
    ("no scheme", URI["web"][7:], "scheme"),
    ("that of another client", URI["smartcar"], "registered for client {smartcar}"),
    ("user information", "http://127.0.0.1:9999@evil.example/callback", ()),
    ("javascript", "javascript:alert(1)", "could not be registered"),
    ("a wildcard", "http://*.0.0.1:9999/callback", ()),
]:
    ask(f"redirect_uri: {name}", named("redirect.address.registered", URI["web"], value), redirect_uri=value, near=near)
ask("redirect_uri: www", named("redirect.address.registered", URI["smartcar"], "https://www.example.com/home"), client="smartcar", redirect_uri="https://www.example.com/home", near="www.")
ask("redirect_uri: another query", named("redirect.address.registered", URI["smartcar"], "a=2"), client="smartcar", redirect_uri="https://example.com/home?a=2", near="in the query")
ask("redirect_uri twice", named("redirect.address.registered", URI["web"], "two addresses"), named("parameters.once", "redirect_uri once", "redirect_uri"), more=[("redirect_uri", "x")])

TYPE = "response.type.offered"
ask("no response_type", named(TYPE, "response_type", "nothing"), drop=["response_type"])
for value, near in [("token", ()), ("id_token", ()), ("code token", ()), ("Code", "capitals"), ("codes", "few characters||what follows"), ("authorization_code", ()), ("undefined", "undefined")]:
    ask(f"response_type {value}", named(TYPE, "code", value), response_type=value, near=near)
ask("responseType", named(TYPE, "response_type", "nothing"), drop=["response_type"], responseType="code", near="`responseType`")
ask("response_mode", named("response.mode.offered", "query", "`magic`"), response_mode="magic")
ask("response_mode form_post", named("response.mode.offered", "query", "`form_post`"), client="smartcar", response_mode="form_post")

for client in ("web", "public"):
    allowed = "openid profile email api.read"
    for scope, actual, near in [
        ("openid api.reed", "api.reed", "few characters"),
        ("openid API.READ", "API.READ", "capitals"),
        ("openid,api.read", "openid,api.read", "commas"),
        ("openid admin", "admin", ()),
        ("openid api.write", "api.write", ()),
    ]:
        ask(f"scope {scope!r}", named("scope.allowed", allowed, actual), client=client, scope=scope, near=near)
ask("scope with a plus sign", named("scope.allowed", "openid", "openid+api.read"), scope="openid+api.read", near="plus")
ask("scope with a quotation mark", named("scope.allowed", "", ""), scope='"openid"', near="quotation")
ask("scope twice", named("parameters.once", "scope once", "`openid"), more=[("scope", "api.read")])
ask("scope misspelled", named("scope.allowed", "read_odometer", "read_odometr"), client="smartcar", scope="read_odometr", near="few characters")
ask("scope read:odometer", named("scope.allowed", "read_odometer", "read:odometer"), client="smartcar", scope="read:odometer", near="few characters")

PROOF = "proof.key.offered"
ask("no code_challenge", named(PROOF, "code_challenge with S256", "none"), client="public", drop=["code_challenge", "code_challenge_method"])
ask("plain", named(PROOF, "S256", "plain"), client="public", code_challenge_method="plain")
ask("no method, which means plain", named(PROOF, "S256", "plain||none"), client="public", drop=["code_challenge_method"])
ask("s256", named(PROOF, "S256", "s256"), client="public", code_challenge_method="s256", near="capitals")
ask("SHA256", named(PROOF, "S256", "SHA256"), client="public", code_challenge_method="SHA256")
ask("a method without a challenge", named(PROOF, "code_challenge", "none"), drop=["code_challenge"], client="public")
ask("a challenge padded", named(PROOF, "43", "44"), client="public", code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", near="without padding")
ask("a challenge in plain base64", named(PROOF, "43", ""), client="public", code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")
ask("a challenge in hexadecimal", named(PROOF, "43", "64"), client="public", code_challenge="a" * 64, near="64 characters")
ask("a challenge too short", named(PROOF, "43", "=`aaaaaaaaaa`"), client="public", code_challenge="a" * 10, near="10 characters")
ask("challenge twice", named("parameters.once", "code_challenge once", "=`" + "a" * 43 + "`, `x`"), code_challenge="a" * 43, more=[("code_challenge", "x")])
ask("codeChallenge", named(PROOF, "code_challenge with S256", "none"), client="public", drop=["code_challenge", "code_challenge_method"], codeChallenge="x", near="`codeChallenge`")

ask("a request object", named("request.readable", "plain parameters", "request"), request="eyJhbGciOiJub25lIn0.e30.")
ask("a request_uri", named("request.readable", "plain parameters", "request_uri"), request_uri="https://x.example/r")
ask("prompt unknown", named("prompt.known", "login", "`sing-in`"), prompt="sing-in")
ask("prompt none and login", named("prompt.known", "none", "`none login`"), prompt="none login")
ask("max_age no number", named("maximum.age.known", "", "`an hour`"), max_age="an hour")
ask("max_age negative", named("maximum.age.known", "", "`-1`"), max_age="-1")
ask("nobody signed in, and prompt none", named("signed.in", "a session", ""), prompt="none", hint=None)
ask("resource with a slash", named("resource.known", "{issuer}/api", "{issuer}/api/"), resource=lambda w: w.issuer + "/api/", near="trailing slash")
ask("resource unknown", named("resource.known", "{issuer}/api", "https://elsewhere.example"), resource="https://elsewhere.example")
ask("resource not absolute", named("resource.known", "{issuer}/api", "notes"), resource="notes")
# Two and three faults.
ask("a scope and a response type", named(TYPE, "code", "token"), named("scope.allowed", "api.read", "admin"), response_type="token", scope="openid admin")
ask("an address and a scope", named("redirect.address.registered", URI["web"], URI["web"] + "/"), named("scope.allowed", "api.read", "admin"),
    redirect_uri=URI["web"] + "/", scope="openid admin", near="trailing slash")  # fmt: skip
ask("no challenge and another mode", named("response.mode.offered", "query", "magic"), named(PROOF, "S256", "none"), client="public",
    response_mode="magic", drop=["code_challenge", "code_challenge_method"])  # fmt: skip
add("POST without a form type (web)", lambda w: w.post(by="none", endpoint=f"{w.issuer}/oauth/authorize", kind="text/plain", body="x"),
    named("content.type.read||body.read", "form", "text/plain"))  # fmt: skip
add("DELETE (web)", lambda w: w.post(by="none", endpoint=f"{w.issuer}/oauth/authorize", method="DELETE"),
    named("method.allowed", "GET", "DELETE"))  # fmt: skip

# Pages.
FLOWS = {"web": web, "public": public, "smartcar": smartcar}


def signing_in(w, change, cookies=True):
    flow = web(w.manifest)
    browser = flow.begin(pages.Browser(w.issuer))
    return change(w, browser)


def typed(username, password):
    def change(w, browser):
        w.keep(password if isinstance(password, str) else "")
        return browser.press("Sign in", fill={"Email|Username": username, "Password": password})

    return change


ADA = "ada@example.com"
PASSWORD = "correct horse battery staple"
add("sign in: unknown name", lambda w: signing_in(w, typed("nobody@example.com", "a-password-of-nobody")),
    named("user_unknown||signed.in", "a registered user", "none"))  # fmt: skip
for name, password, near in [
    ("wrong", "a-wrong-password", ()), ("with a space", PASSWORD + " ", ()), ("in capitals", PASSWORD.upper(), ()),
]:  # fmt: skip
    add(f"sign in: password {name}", lambda w, password=password: signing_in(w, typed(ADA, password)),
        named("password_mismatch||signed.in", "the user's password", "another"), near=near)  # fmt: skip


def forged(w, browser):
    form = browser.page.form_with("Sign in")
    tokens = [f.name for f in form.fields if f.type == "hidden" and len(f.value) >= 16]
    change = dict.fromkeys(tokens, "forged")
    return browser.press("Sign in", fill={"Email|Username": ADA, "Password": PASSWORD}, change=change)


def without_cookies(w, browser):
    browser.session.cookies.clear()
    return browser.press("Sign in", fill={"Email|Username": ADA, "Password": PASSWORD})


add("form: another's token", lambda w: signing_in(w, forged), named("form_token_mismatch||signed.in", "its own form token", "another's"))
add("form: no cookie", lambda w: signing_in(w, without_cookies), named("cookie_absent||signed.in", "the cookie", "none"))


def deny(w, browser):
    browser.sign_in(ADA, PASSWORD)
    return browser.press("Deny access")


add("consent denied", lambda w: signing_in(w, deny), named("consent.given", "Allow access", "Deny access"))
