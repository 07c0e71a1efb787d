"""Every credential that was handed out while the suite ran: none may turn up where it does not belong.

A JWT counts by its payload and its signature; its header is alike in all.
"""

import re
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

WORD = re.compile(r"[A-Za-z0-9_-]{16,}")
# The word, and what it is.
PLANTED: dict[str, str] = {}
# Pages and redirect targets: request and text.
PAGES: list[tuple[str, str]] = []
REDIRECTS: list[tuple[str, str]] = []
SECRET_MEMBERS = ("access_token", "refresh_token", "id_token", "client_secret")


def plant(what: str, text: str | None):
    words = WORD.findall(text or "")
    for word in words[1:] if (text or "").startswith("eyJ") else words:
        PLANTED[word] = what


def found_in(text: str) -> set[str]:
    return {f"{PLANTED[word]} {word[:8]}…" for word in WORD.findall(text) if word in PLANTED}


def plant_members(body):
    if isinstance(body, dict):
        for name in SECRET_MEMBERS:
            if isinstance(body.get(name), str):
                plant(name, body[name])


def watch(request: str, answer):
    """Remembers what an answer handed out, and what may not repeat it."""
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        try:
            plant_members(answer.json())
        except ValueError:
            pass
    elif kind.startswith("text/html"):
        PAGES.append((request, answer.text))
    for line in answer.headers.get("Set-Cookie", "").split(", "):
        for name, cookie in parsed(line).items():
            plant(f"cookie {name}", cookie.value)
    target = answer.headers.get("Location")
    if target:
        query = parse_qs(urlsplit(target).query)
        for code in query.get("code", []):
            plant("authorization code", code)
        own = {word for code in query.get("code", []) for word in WORD.findall(code)}
        rest = target
        for word in own:
            rest = rest.replace(word, "(its own code)")
        REDIRECTS.append((request, rest))


def parsed(line: str) -> SimpleCookie:
    try:
        return SimpleCookie(line)
    except Exception:  # What is no cookie holds none.
        return SimpleCookie()


def plant_manifest(manifest: dict):
    for name, client in manifest["clients"].items():
        plant(f"secret of {name}", client.get("client_secret"))
    for name, entry in manifest["contracts"].items():
        for kind, token in entry["tokens"].items():
            plant(f"{kind} token of {name}", token)
