"""The documentation: each page in every form, the lists of everything, the addresses that contracts know."""

import re
from urllib.parse import urljoin

import pytest

from documentation_forms import Text, from_synopsis, of_html, of_man, of_markdown, words
from wire import call, media_type

FORMS = {
    ".html": "text/html",
    ".md": "text/markdown",
    ".json": "application/json",
    ".txt": "text/plain",
    ".7": "text/troff",
}


@pytest.fixture(scope="module")
def catalogue(issuer):
    return call("GET", f"{issuer}/errors.json").json()


def form(issuer, path, suffix):
    answer = call("GET", f"{issuer}{path}{suffix}")
    assert answer.status_code == 200, (path, suffix)
    assert media_type(answer) == FORMS[suffix]
    assert "Set-Cookie" not in answer.headers
    return answer.content.decode()


def test_every_form_of_every_page_says_the_same(issuer, catalogue):
    paths = [f"/errors/{entry['slug']}" for entry in catalogue["codes"]]
    paths += [f"/errors/reasons/{entry['reason'].replace('_', '-')}" for entry in catalogue["reasons"]]
    paths += [f"/help/contracts.{name}" for name in ("oauth", "kordiam", "smartcar-v2")]
    paths += ["/help/commands.explain"]
    assert len(paths) > 190
    for path in paths:
        expected = from_synopsis(of_markdown(form(issuer, path, ".md")))
        assert len(expected) > 15, path
        assert from_synopsis(of_html(form(issuer, path, ".html"))) == expected, path
        assert from_synopsis(words(form(issuer, path, ".txt"))) == expected, path
        assert from_synopsis(of_man(form(issuer, path, ".7"))) == expected, path
        descriptor = call("GET", f"{issuer}{path}.json").json()
        assert from_synopsis(of_markdown(descriptor["body"])) == expected, path


def test_every_page_has_the_facts_of_its_entry(issuer, catalogue):
    for entry in catalogue["codes"]:
        text = form(issuer, f"/errors/{entry['slug']}", ".md")
        assert f"`{entry['status']}`" in text, entry["code"]
        assert f"Retryable: `{'yes' if entry['retryable'] else 'no'}`" in text
        assert entry["retry"] in text
        for reason in entry["reasons"]:
            assert reason in text, (entry["code"], reason)
        for wire in entry["wire"]:
            assert f"`{wire['contract']}`" in text, (entry["code"], wire["contract"])


def test_the_index_lists_every_code_in_every_form(issuer, catalogue):
    for suffix in (".html", ".md", ".txt", ".7"):
        text = form(issuer, "/errors", suffix).replace("\\_", "_")
        missing = [e["code"] for e in catalogue["codes"] if e["code"] not in text]
        assert missing == [], suffix


@pytest.mark.parametrize(
    "query, holds",
    [
        ("status=401", lambda e: e["status"] == 401),
        ("where=token", lambda e: "token" in e["where"]),
        ("actor=operator", lambda e: "operator" in e["actors"]),
        ("retry=after", lambda e: e["retry"] == "after"),
        (
            "status=401&where=token&actor=developer",
            lambda e: e["status"] == 401 and "token" in e["where"] and "developer" in e["actors"],
        ),
    ],
)
def test_the_index_is_narrowed_without_a_script(issuer, catalogue, query, holds):
    expected = {e["code"] for e in catalogue["codes"] if holds(e)}
    assert expected
    page = Text(call("GET", f"{issuer}/errors?{query}").text)
    slugs = {e["slug"]: e["code"] for e in catalogue["codes"]}
    shown = {slugs[link.removeprefix("/errors/")] for link in page.links if link.removeprefix("/errors/") in slugs}
    assert shown == expected


def test_each_narrowing_is_a_link_that_leads_to_something(issuer):
    page = Text(call("GET", f"{issuer}/errors?where=token").text)
    facets = [link for link in page.links if link.startswith("/errors?")]
    assert any("where=token" in link and "status=401" in link for link in facets)
    for link in facets:
        assert call("GET", urljoin(issuer, link)).status_code == 200


def test_head_says_what_get_says(issuer):
    got = call("GET", f"{issuer}/errors/forbidden")
    head = call("HEAD", f"{issuer}/errors/forbidden")
    assert head.status_code == 200 and head.content == b""
    for name in ("ETag", "Content-Type", "Content-Length", "Vary", "Link"):
        assert head.headers[name] == got.headers[name]


def test_the_links_of_the_header_lead_to_the_other_forms(issuer):
    links = call("GET", f"{issuer}/errors/forbidden").headers["Link"]
    found = re.findall(r'<([^>]+)>; rel="(\w+)"(?:; type="([^"]+)")?', links)
    assert {kind for _, kind, _ in found} == {"canonical", "alternate", "describedby"}
    for address, _, kind in found:
        answer = call("GET", urljoin(issuer, address))
        assert answer.status_code == 200
        assert not kind or media_type(answer) == kind


@pytest.mark.parametrize("path", ["/llms.txt", "/errors/llms.txt"])
def test_the_lists_for_machines_keep_their_grammar(issuer, catalogue, path):
    text = call("GET", f"{issuer}{path}").text
    lines = [line for line in text.split("\n") if line]
    assert lines[0].startswith("# ") and lines[1].startswith("> ")
    assert all(re.match(r"## |- \[[^]]+\]\([^)]+\)(: .+)?$", line) for line in lines[2:]), path
    addresses = re.findall(r"\]\(([^)]+)\)", text)
    assert {f"/errors/{e['slug']}.md" for e in catalogue["codes"]} <= set(addresses)
    for address in addresses:
        answer = call("GET", urljoin(issuer, address))
        assert answer.status_code == 200, address
        assert media_type(answer) == FORMS["." + address.rsplit(".", 1)[1]]


def test_the_full_text_holds_every_page(issuer, catalogue):
    text = call("GET", f"{issuer}/errors/llms-full.txt").text
    assert [e["code"] for e in catalogue["codes"] if f"# errors.{e['code']}\n" not in text] == []


@pytest.mark.parametrize(
    "path, anchors",
    [
        ("/docs/errors/unauthorized", set()),
        ("/docs/errors", set()),
        ("/docs/errors/api-errors/authentication-errors", {"null"}),
        ("/docs/errors/api-errors/permission-errors", set()),
        ("/docs/errors/connect-errors/access-denied", set()),
    ],
)
def test_the_addresses_of_the_contracts_are_found_at_our_host(issuer, path, anchors):
    answer = call("GET", issuer + path)
    assert answer.status_code == 200
    assert anchors <= Text(answer.text).anchors
    assert call("GET", f"{issuer}{path}.md").status_code == 200


def test_each_address_a_contract_writes_is_found_at_our_host(issuer, catalogue):
    looked = 0
    for entry in catalogue["codes"]:
        for wire in entry["wire"]:
            for host, rest in re.findall(r'"(https?://[^/"]+)(/[^"]*)"', str(wire["body"]).replace("'", '"')):
                if "/errors/" not in rest:
                    continue
                looked += 1
                path, _, anchor = rest.partition("#")
                answer = call("GET", issuer + path)
                assert answer.status_code == 200, (host, rest)
                assert not anchor or anchor in Text(answer.text).anchors, (host, rest)
    assert looked > 100


# --- topics ---


@pytest.fixture(scope="module")
def tree(issuer):
    return call("GET", f"{issuer}/help").json()


def test_every_code_reason_contract_and_command_is_a_topic(tree, catalogue):
    names = {topic["topic"] for topic in tree["topics"]}
    assert {f"errors.{e['code']}" for e in catalogue["codes"]} <= names
    assert {f"reasons.{e['reason']}" for e in catalogue["reasons"]} <= names
    assert {f"contracts.{wire['contract']}" for e in catalogue["codes"] for wire in e["wire"]} <= names
    assert {"commands.serve", "commands.explain", "commands.catalogue.export", "commands.client.create"} <= names


def test_references_between_topics_lead_somewhere_and_back(tree):
    topics = {topic["topic"]: topic for topic in tree["topics"]}
    assert len(topics) == len(tree["topics"]) > 200
    for name, topic in topics.items():
        for other in topic["see_also"]:
            assert name in topics[other]["see_also"], (name, other)
        for child in topic.get("children", []):
            assert topics[child]["path"][:-1] == topic["path"]
        assert list(topic)[:9] == [
            "topic", "path", "title", "synopsis", "body", "sections", "see_also", "stability", "actions",
        ]  # fmt: skip
        if "." in name:
            assert name in topics[name.rpartition(".")[0]]["children"]


def test_a_topic_is_found_dotted_slashed_and_in_every_form(issuer, tree):
    for topic in tree["topics"]:
        name = topic["topic"]
        dotted = call("GET", f"{issuer}/help/{name}")
        assert dotted.json() == topic
        assert call("GET", f"{issuer}/help/{name.replace('.', '/')}").content == dotted.content
    for suffix, kind in FORMS.items():
        assert media_type(call("GET", f"{issuer}/help/contracts.shaid{suffix}")) == kind
    asked = call("GET", f"{issuer}/help/contracts.shaid", headers={"Accept": "text/html"})
    assert media_type(asked) == "text/html"


@pytest.mark.parametrize("topic", ["errors.NOPE", "contracts.nope", "contracts.oauth.x"])
def test_an_unknown_topic(issuer, topic):
    answer = call("GET", f"{issuer}/help/{topic}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "HELP_TOPIC_NOT_FOUND"


def test_other_methods_and_other_origins(issuer):
    assert call("POST", f"{issuer}/help").status_code == 405
    asked = call("OPTIONS", f"{issuer}/help/errors")
    assert asked.status_code == 204 and asked.headers["Access-Control-Max-Age"] == "86400"
    assert call("GET", f"{issuer}/help").headers["Access-Control-Allow-Origin"] == "*"
