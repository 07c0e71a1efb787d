"""Redirect URIs: RFC 6749 3.1.2, 8252 7.3, 9700 4.1.3. A near miss is a miss, and gets a page."""

from urllib.parse import urlsplit

import pytest

import flows
from flows import assert_page, new_client


@pytest.fixture
def flow(manifest):
    return flows.web(manifest)


@pytest.fixture
def native(manifest):
    return flows.public(manifest)


def near_misses(uri: str) -> dict:
    parts = urlsplit(uri)
    host, rest = parts.netloc, uri.split(parts.netloc, 1)[1]
    scheme = parts.scheme
    return {
        "slash": uri + "/",
        "query": uri + "?x=1",
        "empty query": uri + "?",
        "fragment": uri + "#x",
        "upper case": f"{scheme}://{host}{rest.upper()}",
        "scheme upper": uri.replace(scheme, scheme.upper(), 1),
        "dot segment": f"{scheme}://{host}/x/..{rest}",
        "encoded slash": f"{scheme}://{host}/%2f{rest}",
        "encoded letter": uri.replace("callback", "%63allback"),
        "userinfo": f"{scheme}://user@{host}{rest}",
        "at evil": f"{scheme}://{host}@evil.example{rest}",
        "suffix host": f"{scheme}://{parts.hostname}.evil.example{rest}",
        "no scheme": f"//{host}{rest}",
        "https": uri.replace("http:", "https:", 1),
        "localhost": uri.replace("127.0.0.1", "localhost"),
        "trailing space": uri + " ",
        "leading space": " " + uri,
        "newline": uri + "\r\nX: y",
        "backslash": f"{scheme}:\\\\{host}{rest}",
        "evil": "https://evil.example/callback",
        "javascript": "javascript:alert(1)//" + uri,
        "data": "data:text/html,x",
        "relative": rest,
        "nothing": "",
    }


MISSES = near_misses("http://127.0.0.1:9999/callback")


@pytest.mark.parametrize("name", MISSES)
def test_RFC9700_4_1_3_a_near_miss_of_a_redirect_uri_gets_a_page(flow, name):
    uri = near_misses(flow.redirect_uri)[name]
    browser = flow.ask(redirect_uri=uri)
    if name == "nothing" and browser.answer.status_code in (302, 303):
        # RFC 6749 3.1: empty counts as left out, and one is registered.
        assert browser.location.startswith(flow.redirect_uri)
        return
    assert_page(browser.answer)


def test_RFC8252_7_3_any_port_of_a_loopback_address(native):
    parts = urlsplit(native.redirect_uri)
    native.redirect_uri = f"http://127.0.0.1:51004{parts.path}"
    browser = native.ask()
    assert browser.location.startswith(native.redirect_uri)
    assert native.exchange(browser.arrived["code"]).status_code == 200


def test_RFC8252_7_3_the_port_is_bound_to_the_code(native):
    code = native.code()
    parts = urlsplit(native.redirect_uri)
    other = f"http://127.0.0.1:51005{parts.path}"
    answer = native.exchange(code, redirect_uri=other)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_RFC8252_7_3_only_the_port_is_free(native):
    parts = urlsplit(native.redirect_uri)
    for uri in (
        f"http://localhost:51004{parts.path}",
        f"http://127.0.0.2:51004{parts.path}",
        f"http://127.0.0.1:51004{parts.path}/x",
        f"https://127.0.0.1:51004{parts.path}",
        f"http://127.0.0.1:99999{parts.path}",
        f"http://127.0.0.1:5x{parts.path}",
    ):
        assert_page(native.ask(redirect_uri=uri).answer)


def test_RFC6749_3_1_2_3_of_several_redirect_uris_one_must_be_named(demo, issuer):
    uris = ["https://a.example/cb", "https://b.example/cb"]
    flow = flows.Flow(issuer, issuer, new_client(demo.data, "two", *uris), "api.read")
    assert_page(flow.ask(redirect_uri=None).answer)
    flow.redirect_uri = uris[1]
    assert flow.ask().location.startswith(uris[1])
