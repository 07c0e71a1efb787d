"""Random authorization requests: valid ones of three clients, bent in up to three places.

Another run: DOORWARD_SEED=NUMBER. The seed and the number of the request stand in every failure.
"""

import os
import random
import re
from collections import Counter
from urllib.parse import parse_qs, parse_qsl, quote, quote_plus, unquote_to_bytes, urlsplit

import pytest

import flows
from flows import challenge
from pages import Page
from wire import exact

SEED = int(os.environ.get("DOORWARD_SEED", "20261121"))
CASES = int(os.environ.get("DOORWARD_CASES", "900"))

# As a tag, an attribute, an entity, a header: each part is looked for where it would come out.
CANARY = "'\"zq7=></title></zq7><zq7 onzq7=1>&zq7;\r\nZq7: zq7"
UNESCAPED = ("<zq7", "</zq7", "&zq7;", "\"zq7=", "\r\nZq7:")
NAMES = [
    *("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"),
    *("response_mode", "prompt", "max_age", "nonce", "login_hint", "id_token_hint", "ui_locales", "resource"),
    *("request", "request_uri", "approval_prompt", "single_select", "user", "mode", "display", "claims", "x"),
]
VALUES = [
    *("", " ", "0", "-1", "1e9", "null", "true", "[]", '{"a":1}', "none", "login", "none login", "consent", "force"),
    *("code", "token", "code token", "query", "fragment", "form_post", "form_post.jwt", "S256", "plain", "auto"),
    *("openid", "api.read", "api.write", "required:read_vin", "read_odometer openid", "a" * 300, "99999999999999999999"),
    *("\0", "\x1b[31m", "a\r\nSet-Cookie: a=b", "\u202e", "\ufeff", "ü€😀", "K\u212a", "e\u0301", "\U0010ffff"),
    *("javascript:alert(1)", "data:text/html,x", "//evil.example", "{{7*7}}", "${7*7}", "../../x", CANARY, CANARY),
]
RAW = ["%", "%zz", "%c0%af", "%ff", "%00", "%250d%250a", "%u003c", "+", "%2B", ";state=x", "%26state%3Dx", "a=b", "%0d%0aZq7:+x"]
PIECES = [
    *("//", "\\", "@", "@evil.example", ".evil.example", "evil.example", ".", "/", "/../", "/./", "%2f", "%2e", "%00", "%20"),
    *("\t", "\r\n", " ", "#", "#x", "?", "?x=1", "&x=1", ":", ":80", ":0", ":99999", "user:pw@", "\u3002", "\uff0f", "\u2024"),
]
SCHEMES = ["javascript:", "JavaScript:", "data:text/html,", "vbscript:", "file://", "blob:", "about:", "https:", "HTTP:", "ftp:"]
HOSTS = ["127.0.0.1", "example.com"]
OTHER_HOSTS = ["localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "127.0.0.2", "EXAMPLE.com", "example.com.", "xn--e1aybc"]


def bent_address(chance: random.Random, known: str) -> str:
    kind = chance.randrange(7)
    if kind == 0:
        return chance.choice(SCHEMES) + chance.choice(["", "//", "alert(1)//"]) + known
    if kind == 1:
        return known.replace(chance.choice(HOSTS), chance.choice(OTHER_HOSTS))
    if kind == 2:
        at = chance.randrange(len(known))
        return known[:at] + known[at].swapcase() + known[at + 1 :]
    if kind == 3:
        at = chance.randrange(len(known))
        return known[:at] + f"%{ord(known[at]):02x}" + known[at + 1 :]
    if kind == 4:
        return re.sub(r"//[^/]*", lambda m: m[0].split(":")[0] + f":{chance.randrange(70000)}", known, count=1)
    at = chance.choice([0, len(known), known.find("//") + 2, known.find("/", 8), chance.randrange(len(known))])
    return known[:at] + chance.choice([*PIECES, CANARY]) + known[at:]


def encoded(chance: random.Random, text: str) -> str:
    """In one of the ways a client may write it (URL standard, form encoding)."""
    way = chance.randrange(4)
    if way == 0:
        return quote(text, safe="")
    if way == 1:
        return "".join(f"%{byte:02x}" for byte in text.encode())
    return quote_plus(text, safe=chance.choice(["", "/:", "~!*'()"]))


def bend(chance: random.Random, pairs: list, flow) -> list:
    """Pairs of a name and a value as they stand on the wire."""
    at = chance.randrange(len(pairs))
    name = pairs[at][0]
    kind = chance.randrange(10)
    if kind == 0:
        return pairs[:at] + pairs[at + 1 :] or pairs
    if kind == 1:
        return [*pairs, chance.choice([pairs[at], (name, ""), (name, quote_plus(chance.choice(VALUES)))])]
    if kind == 2:
        long = chance.choice(["z", "ü", "%", "<", " "]) * chance.choice([81, 201, 1025, 4097])
        return [*pairs[:at], (name, quote_plus(long)), *pairs[at + 1 :]]
    if kind == 3:
        odd = chance.choice([name.upper(), name + "[]", name + "%00", "%20" + name, quote(name + "\u0301"), "x." + name])
        return [*pairs[:at], (odd, pairs[at][1]), *pairs[at + 1 :]]
    if kind == 4:
        return [*pairs[:at], (name, pairs[at][1] + chance.choice(RAW)), *pairs[at + 1 :]]
    if kind in (5, 6):
        uri = bent_address(chance, chance.choice(flow.client["redirect_uris"]))
        return [(n, encoded(chance, uri) if n == "redirect_uri" else v) for n, v in pairs]
    if kind == 7:
        return [(n, v) for n, v in pairs if n != name] + [(name, quote_plus(chance.choice(VALUES)))]
    name = chance.choice(NAMES)
    return [(n, v) for n, v in pairs if n != name] + [(name, encoded(chance, chance.choice(VALUES)))]


def a_request(chance: random.Random, manifest):
    flow = chance.choice([flows.web, flows.public, flows.smartcar])(manifest)
    query = flow.query() | ({"login_hint": flows.AUTO} if chance.random() < 0.7 else {})
    if chance.random() < 0.25:
        query["response_mode"] = chance.choice(["query", "fragment", "form_post"])
    if chance.random() < 0.25:
        query["state"] = CANARY
    if chance.random() < 0.2:
        query["redirect_uri"] = chance.choice(flow.client["redirect_uris"])
    pairs = [(name, encoded(chance, value)) for name, value in query.items()]
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        pairs = bend(chance, pairs, flow)
    chance.shuffle(pairs)
    return flow, "&".join(f"{name}={value}" for name, value in pairs), chance.choice(["GET", "GET", "POST"])


def send(flow, text: str, method: str):
    path = urlsplit(flow.authorize).path
    if method == "GET":
        return exact(flow.issuer, "GET", f"{path}?{text}")
    return exact(flow.issuer, "POST", path, [("Content-Type", "application/x-www-form-urlencoded")], text.encode())


def belongs(address: str, flow) -> bool:
    """Scheme, host, port and path of a registered address, and its query first; only a loopback port is free."""
    if address.startswith(urlsplit(flow.authorize).path + "?"):
        return True  # a form of another site is asked again as a link, at the same endpoint
    found = urlsplit(address)
    for known in map(urlsplit, flow.client["redirect_uris"]):
        loopback = known.scheme == "http" and known.hostname == "127.0.0.1"
        hosts = found.hostname == known.hostname and (loopback or found.netloc == known.netloc)
        place = (found.scheme, found.path, found.username, found.password) == (known.scheme, known.path, None, None)
        if hosts and place and (found.query == known.query or found.query.startswith(known.query and known.query + "&")):
            return True
    return False


def may_have_a_code(flow, text: str) -> bool:
    """What this test thinks of the request, by itself: necessary, not sufficient."""
    pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
    names = [name for name, _ in pairs if name != "resource"]
    query = dict(pairs)
    if len(names) != len(set(names)) or query.get("response_type") != "code":
        return False
    if query.get("client_id") != flow.client["client_id"] or query.get("login_hint") != flows.AUTO:
        return False
    if query.get("request") or query.get("request_uri"):
        return False
    proof = query.get("code_challenge", "")
    if proof and (query.get("code_challenge_method") != "S256" or not re.fullmatch(r"[\w-]{43}", proof, re.ASCII)):
        return False
    if not proof and "client_secret" not in flow.client:
        return False
    asked = {scope.removeprefix("required:") for scope in query.get("scope", "").split(" ") if scope}
    return asked <= set(flow.client["scope"].split())


def assert_harmless_page(answer, flow, page):
    """One heading that is the title, nothing from outside as markup, no address but ours and the application's."""
    assert page.headings == [page.title] and page.title and page.lang
    for raw in UNESCAPED:
        assert raw not in answer.text, raw
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        assert tag not in ("zq7", "iframe", "base", "object", "embed"), tag
        assert attributes.get("http-equiv", "").lower() != "refresh"
        for name in ("href", "src", "action", "formaction"):
            target = attributes.get(name, "/")
            ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
            assert ours or (name == "action" and belongs(target, flow)), (tag, target)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    known = {"default-src", "style-src", "img-src", "frame-ancestors", "base-uri"}
    assert known <= set(policy) <= known | {"form-action", "script-src"}
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+'", policy.get("script-src", "'sha256-x'"))
    for source in policy.get("form-action", "").split():
        whole = re.fullmatch(r"'self'|https:|http://(127\.0\.0\.1|localhost):(\d+|\*)", source)
        assert whole or any(uri.startswith(source) for uri in flow.client["redirect_uris"]), source
    assert answer.headers["X-Frame-Options"] == "DENY"


def readable(text: str) -> bool:
    """Whole escapes of UTF-8, in a line that a server need not refuse for its length."""
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return False
    return len(text) < 16_000 and not re.search("%(?![0-9a-fA-F]{2})", text)


def shortened(text) -> str:
    return re.sub(r"(.{1,6}?)\1{9,}", r"\1…", str(text))[:3000]


def judge(flow, text, method, answer) -> str:
    """What kind of answer it was; whatever it was, these hold."""
    headers = answer.headers
    assert answer.status_code in (200, 302, 303) or 400 <= answer.status_code < 500
    assert re.fullmatch(r"[0-9a-f]{32}", headers.get("Trace-Id", ""))
    assert "no-store" in headers.get("Cache-Control", "")
    assert not any(name.lower().startswith("zq7") or "a=b" in value for name, value in headers.items())
    assert "Refresh" not in headers and "Access-Control-Allow-Origin" not in headers
    location = headers.get("Location")
    if location is not None:
        assert answer.status_code in (302, 303)
        assert re.fullmatch(r"[\x21\x23-\x26\x28-\x3b\x3d\x3f-\x7e]+", location)
        assert belongs(location, flow), location
        assert headers["Referrer-Policy"] == "no-referrer"
        parts = urlsplit(location)
        if not parts.netloc:
            assert "Set-Cookie" not in headers
            return "asked as a link"
        arrived = parse_qs(parts.fragment or parts.query, keep_blank_values=True)
    else:
        assert answer.status_code not in (302, 303)
        if not headers["Content-Type"].startswith("text/html"):
            # What cannot be read as a request at all is refused before anybody knows that it is for a person.
            assert answer.status_code == 400 and not readable(text), answer.text
            return "unreadable"
        page = Page(answer.text)
        assert_harmless_page(answer, flow, page)
        assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"
        posts = [form for form in page.forms if not form.action.startswith("/")]
        if not posts:
            return "page" if answer.status_code == 200 else "refused"
        arrived = {name: [value] for name, value in posts[0].sent(None)}
    assert ("code" in arrived) != ("error" in arrived), arrived
    assert all(len(arrived.get(name, [""])) == 1 for name in ("code", "error", "state", "iss")), arrived
    states = [value for name, value in parse_qsl(text, keep_blank_values=True) if name == "state"]
    if states and len(states[0].encode()) > 4096:
        states = []  # refused for its length, and not sent back either
    if len(states) < 2:
        assert arrived.get("state", [""]) == (states or [""]), (arrived, states)
    if "code" in arrived:
        assert may_have_a_code(flow, text), arrived
        return "code"
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", arrived["error_description"][0]), arrived
    return "error"


def test_random_requests_do_no_harm(manifest, still_answers):
    chance = random.Random(SEED)
    print(f"DOORWARD_SEED={SEED}")
    seen = Counter()
    for number in range(CASES):
        flow, text, method = a_request(chance, manifest)
        answer, fault = send(flow, text, method), None
        try:
            seen[judge(flow, text, method, answer)] += 1
        except (AssertionError, KeyError, ValueError) as found:
            fault = found
        if fault:
            head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
            pytest.fail(
                f"DOORWARD_SEED={SEED} request {number}: {method} {flow.authorize}?{shortened(text)}\n"
                f"{answer.status_code}\n{shortened(head)}\n{shortened(answer.text)}\n{shortened(fault)}",
                pytrace=False,
            )
    print(dict(seen))
    # A test of refusals alone would prove nothing.
    kinds = ("code", "error", "page", "refused", "unreadable")
    assert all(seen[kind] >= CASES // 100 for kind in kinds), seen
    still_answers()


def test_the_judge_would_notice(manifest):
    """The rules above against what they must not let through."""
    flow = flows.smartcar(manifest)
    for bad in (
        *("https://example.com.evil.example/home?code=x", "https://evil.example/home", "https://example.com/home/x"),
        *("https://u@example.com/home", "http://example.com/home", "https://example.com:444/home", "//example.com/home"),
    ):
        assert not belongs(bad, flow), bad
    assert belongs("https://example.com/home?a=1&code=x", flow) and belongs("https://example.com/home?code=x", flow)
    assert challenge("v" * 43) and not may_have_a_code(flow, "response_type=code&response_type=code")
