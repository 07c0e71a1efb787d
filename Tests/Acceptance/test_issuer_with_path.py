"""An issuer below a path, behind a proxy that passes on nothing else: RFC 8414 3.1 allows it, and people must get in."""

from urllib.parse import urljoin, urlsplit

import pytest

import flows
from demo_server import Server, free_port
from pages import Browser


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    folder = tmp_path_factory.mktemp("below")
    person = flows.new_user(folder / "data")
    client = flows.new_client(folder / "data", "Below", "https://client.example/cb", scope="api.read")
    port = free_port()
    issuer = f"http://127.0.0.1:{port}/sign-in"
    arguments = ["serve", "--listen", f"127.0.0.1:{port}", "--issuer", issuer, "--data", str(folder / "data")]
    server = Server(arguments, folder, "below")
    server.wait_until(lambda: "Doorward serves" in server.printed())
    yield flows.Flow(issuer, issuer, client, "api.read"), person
    assert server.stop() == 0


class Behind(Browser):
    """Asks for what the proxy passes on, and for nothing else."""

    def request(self, method, url, **options):
        assert urlsplit(url).path.startswith("/sign-in/"), f"the proxy does not pass on {url}"
        return super().request(method, url, **options)


def test_every_address_of_a_page_is_below_the_issuer(below):
    flow, _ = below
    browser = flow.begin(Behind(flow.issuer))
    names = ("href", "src", "action")
    addresses = {tag[name] for _, tag in browser.page.tags for name in names if name in tag}
    assert addresses
    outside = [a for a in addresses if not urljoin(browser.answer.url, a).startswith(flow.issuer + "/")]
    assert outside == []


def test_a_person_signs_in_and_allows(below):
    flow, person = below
    browser = flow.begin(Behind(flow.issuer))
    browser.sign_in(*person)
    browser.press("Allow access")
    assert set(browser.arrived) == {"code", "state", "iss"}
    browser.open(f"{flow.issuer}/account")
    assert "Below" in browser.page.text
