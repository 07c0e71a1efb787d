"""What holds for every page for people: form, headers, cookies, CSRF, nothing reflected, nothing redirected."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

import flows
from equivalence import TRACE_HEADERS
from flows import signed_in
from form_fields import UNLABELLED_TYPES
from pages import Browser, Page


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


@pytest.fixture(scope="module")
def every_page(manifest):
    """A browser at each kind of page, by name."""
    flow = flows.web(manifest)
    vendor = flows.smartcar(manifest)
    failed = flow.begin()
    failed.sign_in("nobody@example.org", "wrong")
    account = signed_in(flow, manifest, prompt="consent")
    account.press("Allow access")
    account.open("/account")
    logout = signed_in(flow, manifest, prompt="consent")
    logout.open("/oauth/logout")
    return {
        "sign in": flow.begin(),
        "sign in failed": failed,
        "consent": signed_in(flow, manifest, prompt="consent"),
        "unknown client": flow.begin(client_id="nobody"),
        "smartcar sign in": vendor.begin(),
        "smartcar consent": signed_in(vendor, manifest, approval_prompt="force"),
        "smartcar unknown client": vendor.begin(client_id="nobody"),
        "account": account,
        "sign out": logout,
    }


def test_every_page_has_a_language_one_heading_and_its_title(every_page):
    for name, browser in every_page.items():
        page = browser.page
        assert page.lang, name
        assert len(page.headings) == 1 and page.headings[0], (name, page.headings)
        # The title may name the product after the heading.
        assert page.title.startswith(page.headings[0]), (name, page.title)


def test_every_field_has_a_label_and_every_button_a_text(every_page):
    for name, browser in every_page.items():
        for field in browser.page.fields():
            if field.type == "submit":
                assert field.caption, name
            elif field.type not in UNLABELLED_TYPES:
                assert field.label or field.attributes.get("aria-label"), (name, field)


def test_every_identifier_occurs_once_and_every_image_has_a_text(every_page):
    for name, browser in every_page.items():
        tags = browser.page.tags
        identifiers = [a["id"] for _, a in tags if "id" in a]
        assert len(identifiers) == len(set(identifiers)), name
        assert all("alt" in a for tag, a in tags if tag == "img"), name
        assert any(tag == "main" for tag, _ in tags), name


def test_every_page_has_the_headers(every_page):
    for name, browser in every_page.items():
        headers = browser.answer.headers
        policy = headers.get("Content-Security-Policy", "")
        assert "unsafe-" not in policy and "*" not in policy.split(), (name, policy)
        assert re.search(r"default-src '(none|self)'", policy), (name, policy)
        assert "frame-ancestors 'none'" in policy, (name, policy)
        assert "base-uri 'none'" in policy or "base-uri 'self'" in policy, (name, policy)
        assert headers.get("X-Frame-Options", "DENY").upper() == "DENY", name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert "no-store" in headers["Cache-Control"], name
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin"), name
        assert "charset=utf-8" in headers["Content-Type"].lower(), name


def test_no_page_runs_or_fetches_anything_of_others(every_page):
    for name, browser in every_page.items():
        for tag, attributes in browser.page.tags:
            assert not [a for a in attributes if a.startswith("on")], (name, tag)
            assert "style" not in attributes, (name, tag)
            source = attributes.get("src") or (tag == "link" and attributes.get("href"))
            if source and not source.startswith("data:image/"):
                target = urljoin(browser.answer.url, source)
                assert urlsplit(target).netloc == urlsplit(browser.base).netloc


def test_redirects_after_a_form_become_get(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    browser.press("Allow access")
    for answer in browser.visited:
        if answer.request.method == "POST":
            # Smartcar's own is 302; RFC 9700 4.12 only excludes 307 and 308.
            assert answer.status_code in (302, 303), answer.url


def cookies_of(answer) -> list[str]:
    return answer.raw.headers.getlist("Set-Cookie")


def test_cookies_are_locked_to_this_host_and_out_of_scripts(flow, manifest):
    browser = signed_in(flow, manifest, prompt="consent")
    lines = [line for answer in browser.visited for line in cookies_of(answer)]
    assert lines
    for line in lines:
        parts = [part.strip().lower() for part in line.split(";")[1:]]
        assert "httponly" in parts, line
        assert "samesite=lax" in parts or "samesite=strict" in parts, line
        assert "path=/" in parts, line
        assert not any(part.startswith("domain") for part in parts), line


def test_the_session_is_a_new_one_after_sign_in(flow, manifest):
    browser = flow.begin(prompt="consent")
    before = dict(browser.session.cookies)
    user = manifest["users"][0]
    browser.sign_in(user["username"], user["password"])
    after = dict(browser.session.cookies)
    changed = {n for n in after if after[n] != before.get(n)}
    assert changed, (sorted(before), sorted(after))
    # What was known before signing in opens nothing afterwards.
    thief = Browser(flow.issuer)
    thief.session.cookies.update(before)
    flow.begin(thief, prompt="none")
    assert thief.arrived["error"] == "login_required"


def test_a_session_named_by_the_attacker_is_not_taken(flow, manifest):
    browser = flow.begin(prompt="consent")
    names = list(dict(browser.session.cookies)) or ["session"]
    fixed = Browser(flow.issuer)
    for name in names:
        fixed.session.cookies.set(name, "chosen-by-mallory", domain="127.0.0.1", path="/")
    signed_in(flow, manifest, fixed, prompt="consent")
    assert "chosen-by-mallory" not in dict(fixed.session.cookies).values()


def masked(page_answer) -> tuple:
    """Status, headers and bytes without traces, tokens of forms and cookies' values."""
    text = page_answer.text
    for form in Page(text).forms:
        for each in form.fields:
            if each.type == "hidden" and each.value:
                text = text.replace(each.value, "HIDDEN")
    for name in TRACE_HEADERS:
        if name in page_answer.headers:
            text = text.replace(page_answer.headers[name], "TRACE")
    skipped = {*TRACE_HEADERS, "date", "set-cookie"}
    headers = {n.lower(): v for n, v in page_answer.headers.items() if n.lower() not in skipped}
    # A different nonce of the policy is no difference.
    headers = {n: re.sub(r"nonce-[^']+", "nonce", v) for n, v in headers.items()}
    return page_answer.status_code, headers, re.sub(r'nonce="[^"]+"', "", text)


def test_unknown_user_and_wrong_password_look_alike(flow, manifest):
    known = manifest["users"][0]["username"]
    unknown = "x" * known.index("@") + known[known.index("@") :]
    answers = []
    for username in (known, unknown):
        browser = flow.begin(prompt="consent")
        browser.sign_in(username, "certainly wrong")
        assert browser.answer.status_code == 422
        answers.append(masked(browser.answer))
        answers[-1] = (*answers[-1][:2], answers[-1][2].replace(username, "USER"))
    assert answers[0] == answers[1]
