"""Every link leads somewhere: in the catalogue's pages, in the contracts' pages, and in the refusals themselves."""

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from wire import call, present


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "action") and value:
                self.links.append(value)
            if name == "id":
                self.anchors.add(value)


def documents(manifest):
    """Where the contracts of the demo keep pages of their own."""
    base = manifest["contracts"]
    return [
        f"{base['kordiam']['base']}/docs/errors/unauthorized",
        f"{base['smartcar-v2']['base']}/docs/errors/api-errors/permission-errors",
    ]


def test_no_link_of_any_page_is_dead(issuer, manifest):
    waiting = deque([f"{issuer}/", f"{issuer}/errors", *documents(manifest)])
    pages, wanted, dead = {}, [], []
    while waiting:
        url = waiting.popleft()
        if url in pages:
            continue
        answer = call("GET", url, headers={"Accept": "text/html"})
        # A page for a person leads a stranger to the sign-in.
        if answer.status_code != 200 and answer.headers.get("Location") != "/login":
            dead.append((url, answer.status_code))
        is_html = answer.headers.get("Content-Type", "").startswith("text/html")
        pages[url] = Page(answer.text) if is_html and answer.status_code == 200 else None
        for link in pages[url].links if pages[url] else []:
            target = urljoin(url, link)
            if not target.startswith(issuer) or "/oauth/authorize" in target:
                continue
            page, _, anchor = target.partition("#")
            wanted.append((url, page, anchor))
            waiting.append(page)
    assert dead == []
    missing = [w for w in wanted if w[2] and pages[w[1]] and w[2] not in pages[w[1]].anchors]
    assert missing == []
    assert len(pages) > 100


def test_every_address_of_the_index_for_machines_answers(issuer):
    text = call("GET", f"{issuer}/llms.txt").text
    addresses = set(re.findall(re.escape(issuer) + r"/[^\s)>\"]+", text)) | {
        urljoin(issuer, path) for path in re.findall(r"\]\((/[^)\s]+)\)", text)
    }
    assert len(addresses) > 40
    assert [a for a in sorted(addresses) if call("GET", a).status_code != 200] == []


def links_in(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from links_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from links_in(item)
    elif isinstance(value, str) and value.startswith("http"):
        yield value


@pytest.mark.parametrize("kind", ["expired", "revoked", "forbidden", "unknown", None])
def test_the_address_in_a_refusal_is_a_page_about_it(manifest, issuer, kind):
    for contract, entry in manifest["contracts"].items():
        if kind and kind not in entry["tokens"]:
            continue
        headers = present(contract, entry["tokens"][kind]) if kind else {}
        answer = call("GET", entry["base"] + entry["protected"], headers=headers)
        assert answer.status_code in (400, 401, 403, 404), (contract, kind)
        for link in links_in(answer.json()):
            if link.startswith(issuer):
                found = call("GET", link)
            else:
                # The contract's own host, whose pages the demo keeps below the contract's prefix.
                found = call("GET", entry["base"] + urlsplit(link).path)
            assert found.status_code == 200, (contract, kind, link)
