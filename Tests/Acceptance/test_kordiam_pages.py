"""contracts.md 5.6, row KO-14: the pages behind Kordiam's type URIs."""

import pytest

from test_kordiam import BEARER_TEXT, CLIENT_TEXT, REFRESH_TEXT, TYPES
from wire import call, media_type


@pytest.fixture(scope="module")
def base(contracts):
    return contracts["kordiam"]["base"]


KO_14_WORDS = [
    f"{TYPES}/unauthorized",
    "Description",
    "Response Example",
    "Common Causes",
    "How to Fix",
    BEARER_TEXT,
    CLIENT_TEXT,
    REFRESH_TEXT,
]


def test_KO_14_page(base):
    page = call("GET", f"{base}/docs/errors/unauthorized")
    assert page.status_code == 200
    assert media_type(page) == "text/html"
    assert all(word in page.text for word in KO_14_WORDS)


def test_KO_14_raw_markdown(base):
    page = call("GET", f"{base}/docs/errors/unauthorized.md")
    assert page.status_code == 200
    assert media_type(page) == "text/markdown"
    assert page.text.startswith("# unauthorized")
    headings = [line[3:] for line in page.text.splitlines() if line.startswith("## ")]
    assert headings == KO_14_WORDS[1:5]
    assert all(word in page.text for word in KO_14_WORDS)
