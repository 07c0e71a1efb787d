"""The documentation as files, and the site in a real browser: every link and anchor leads somewhere, at any width."""

import functools
import http.server
import json
import threading
from urllib.parse import urljoin, urlsplit

import pytest

from command_line import DONE, REFUSED, UNAVAILABLE, doorward
from documentation_forms import Text
from wire import call



@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    # Below an address of its own, so that a link from the root would miss.
    folder = tmp_path_factory.mktemp("web") / "some/where"
    ran = doorward("catalogue", "export", "site", folder, "--issuer", "https://login.example")
    assert ran.code == DONE, ran.output
    return folder


@pytest.fixture(scope="module")
def served(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(folder.parent.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/where/"
        server.shutdown()


def test_every_form_is_beside_its_page(folder):
    for code in doorward("catalogue", "list", "--json").json():
        assert (folder / "errors" / code["slug"] / "index.html").exists()
        for suffix in ("md", "json", "txt", "7"):
            assert (folder / f"errors/{code['slug']}.{suffix}").stat().st_size > 100
    for name in ("errors.json", "errors/schema.json", "errors/openapi.json", "help.json", "help/errors.FORBIDDEN.json"):
        json.loads((folder / name).read_text())
    for name in ("llms.txt", "errors/llms.txt", "errors/llms-full.txt", "index.html", "docs/errors/unauthorized.md"):
        assert (folder / name).exists()


def crawl(start, fetch):
    """Every page below an address, by its links; what is dead, and which anchors are missing."""
    waiting, pages, wanted, dead = [start], {}, [], []
    while waiting:
        url = waiting.pop()
        if url in pages:
            continue
        status, kind, text = fetch(url)
        if status != 200:
            dead.append((url, status))
        pages[url] = Text(text) if kind.startswith("text/html") and status == 200 else None
        for link in pages[url].links if pages[url] else []:
            target = urljoin(url, link)
            if target.startswith(start):
                page, _, anchor = target.partition("#")
                wanted.append((url, page, anchor))
                waiting.append(page)
    missing = [w for w in wanted if w[2] and (not pages[w[1]] or w[2] not in pages[w[1]].anchors)]
    return pages, dead, missing


def fetched(url):
    answer = call("GET", url, allow_redirects=True)
    return answer.status_code, answer.headers.get("Content-Type", ""), answer.text


def test_every_link_of_the_files_leads_to_a_file(served):
    pages, dead, missing = crawl(served, fetched)
    assert dead == [] and missing == []
    assert len([page for page in pages.values() if page]) > 230
    # What only a server answers is named in full, and nothing else leaves the copy.
    for page in filter(None, pages.values()):
        for link in page.links:
            assert not link.startswith("/"), link
            assert urlsplit(link).netloc in ("", "login.example", "datatracker.ietf.org", "www.rfc-editor.org"), link


def test_links_of_the_markdown_lead_to_markdown(served):
    import re

    for name in ("llms.txt", "errors/llms.txt", "errors.md", "help.md", "errors/reasons.md"):
        text = call("GET", served + name).text
        links = re.findall(r"\]\(([^)]+)\)", text)
        assert links, name
        for link in links:
            target = urljoin(served + name, link)
            assert target.startswith(served), (name, link)
            assert call("GET", target).status_code == 200, (name, link)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "index.html").write_text("mine")
    refused = doorward("catalogue", "export", "site", own)
    assert refused.code == REFUSED and "--force" in refused.output
    assert [p.name for p in own.iterdir()] == ["index.html"]
    (own / "keep").write_text("mine")
    assert doorward("catalogue", "export", "site", own, "--force").code == DONE
    assert (own / "keep").read_text() == "mine" and "mine" not in (own / "index.html").read_text()


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path):
    site = tmp_path / "site"
    assert doorward("catalogue", "export", "site", site).code == DONE
    (site / "errors/left-over.md").write_text("old")
    assert doorward("catalogue", "export", "site", site).code == DONE
    assert not (site / "errors/left-over.md").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    file = tmp_path / "file"
    file.write_text("x")
    assert doorward("catalogue", "export", "site", file).code == REFUSED
    assert doorward("catalogue", "export", "site", file / "below").code in (REFUSED, UNAVAILABLE)


# --- a real browser ---


@pytest.fixture(scope="module")
def window(chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    yield page
    page.close()


def look(window, start, limit=400):
    """Opens page after page as its links show; what the browser complained of, and what is wider than a phone."""
    complaints, wide, visited, waiting = [], [], set(), [start]

    def hear(message):
        # A browser asks every host for this, and the host of a copy is somebody else's.
        if message.type in ("error", "warning") and not message.location["url"].endswith("/favicon.ico"):
            complaints.append((window.url, message.text))

    window.on("console", hear)
    window.on("pageerror", lambda e: complaints.append((window.url, str(e))))
    while waiting and len(visited) < limit:
        url = waiting.pop(0)
        if url in visited:
            continue
        visited.add(url)
        answer = window.goto(url)
        assert answer.status == 200, url
        found = window.evaluate(
            """() => ({wide: document.documentElement.scrollWidth > window.innerWidth,
                 headings: document.querySelectorAll('h1').length,
                 title: document.title === document.querySelector('h1')?.innerText.replace(/\\u200b/g, ''),
                 links: [...document.querySelectorAll('a[href]')].map(a => a.href),
                 small: parseFloat(getComputedStyle(document.body).fontSize) < 15})"""
        )
        if found["wide"] or found["small"]:
            wide.append(url)
        assert found["headings"] == 1 and found["title"], url
        for link in found["links"]:
            page = link.split("#")[0]
            # Files are no pages; they are fetched elsewhere.
            if page.startswith(start) and not page.endswith((".md", ".json", ".txt", ".7")) and "?" not in page:
                waiting.append(page)
    return visited, complaints, wide


def test_the_files_in_a_browser_at_the_width_of_a_phone(window, served):
    visited, complaints, wide = look(window, served)
    assert len(visited) > 230
    assert complaints == [] and wide == []


def test_the_site_in_a_browser_at_the_width_of_a_phone(window, issuer):
    visited, complaints, wide = look(window, f"{issuer}/errors")
    assert len(visited) > 190
    assert complaints == [] and wide == []
    for path in ("/help", "/docs/errors/unauthorized", "/docs/errors/api-errors/authentication-errors#null"):
        window.goto(issuer + path)
        assert not window.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path


def test_searching_needs_no_script(window, issuer):
    window.goto(f"{issuer}/errors?where=token")
    window.get_by_label("Search codes and reasons").fill("refresh reused")
    window.get_by_role("button", name="Search").click()
    assert "where=token" in window.url and "q=refresh" in window.url
    codes = window.locator(".article li a").all_inner_texts()
    assert "errors.REFRESH_TOKEN_REJECTED" in codes and "errors.FORBIDDEN" not in codes
