"""The running demo, its manifest, and the tokens the tests share."""

import os
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo_server import Demo, binary
from postgresql_server import PostgreSQL
from token_requests import PagelessSignIn, RefreshTokens, skip_loudly
from wire import call, present


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes over a minute; DOORWARD_SLOW=1")


def pytest_collection_modifyitems(items):
    if os.environ.get("DOORWARD_SLOW") == "1":
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="set DOORWARD_SLOW=1 to run it"))


def pytest_terminal_summary(terminalreporter, config):
    """What was measured, for whoever reads the end of the run."""
    import test_check_agrees
    import test_collapse_timing
    import test_flood
    import test_mutation_score

    for title, key in [
        ("mutation score", test_mutation_score.SUMMARY),
        ("check and the live gate", test_check_agrees.SUMMARY),
        ("timing of the collapse groups", test_collapse_timing.SUMMARY),
        ("a million refusals", test_flood.SUMMARY),
    ]:
        lines = config.stash.get(key, [])
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)


RUNNING = []
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(autouse=True)
def the_demo_survives():
    """A server that dies would fail every later test; the one that did it is to be named, with what was printed."""
    yield
    for server in RUNNING:
        if server.process.poll() is not None:
            pytest.exit(f"the demo ended with {server.process.returncode}:\n{server.printed()[-8000:]}", 1)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    if not binary().exists():
        pytest.fail(f"no binary at {binary()}; build it or set DOORWARD_BINARY")
    server = Demo(tmp_path_factory.mktemp("demo"))
    server.manifest()
    RUNNING.append(server)
    yield server
    RUNNING.remove(server)
    assert server.stop() == 0, server.printed()[-4000:]


@pytest.fixture(scope="session")
def manifest(demo) -> dict:
    return demo.manifest()


@pytest.fixture(scope="session")
def issuer(manifest) -> str:
    return manifest["issuer"]


@pytest.fixture(scope="session")
def token_endpoint(issuer) -> str:
    return f"{issuer}/oauth/token"


@pytest.fixture(scope="session")
def clients(manifest) -> dict:
    return manifest["clients"]


@pytest.fixture(scope="session")
def contracts(manifest) -> dict:
    return manifest["contracts"]


@pytest.fixture(scope="session")
def still_answers(issuer):
    """For the end of a test that sent nonsense: the server must be none the worse."""

    def check():
        assert call("GET", f"{issuer}/health/live").status_code == 200

    return check


@pytest.fixture(scope="session")
def smartcar(contracts) -> str:
    return contracts["smartcar-v2"]["base"]


@pytest.fixture(scope="session")
def smartcar_user(contracts, smartcar) -> str:
    valid = contracts["smartcar-v2"]["tokens"]["valid"]
    answer = call("GET", f"{smartcar}/v2.0/user", headers=present("smartcar-v2", valid))
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


@pytest.fixture(scope="session")
def smartcar_vehicle(contracts, smartcar) -> str:
    """A vehicle on which the valid token may read the odometer."""
    headers = present("smartcar-v2", contracts["smartcar-v2"]["tokens"]["valid"])
    vehicles = call("GET", f"{smartcar}/v2.0/vehicles", headers=headers)
    assert vehicles.status_code == 200, vehicles.text
    for vehicle in vehicles.json()["vehicles"]:
        odometer = f"{smartcar}/v2.0/vehicles/{vehicle}/odometer"
        if call("GET", odometer, headers=headers).status_code == 200:
            return vehicle
    pytest.fail("the valid token reads the odometer of none of its vehicles")


@pytest.fixture(scope="session")
def smartcar_sign_in(clients, smartcar) -> PagelessSignIn:
    return PagelessSignIn(
        f"{smartcar}/oauth/authorize",
        f"{smartcar}/oauth/token",
        clients["smartcar"],
        scope="read_odometer",
        pkce=False,
    )


@pytest.fixture(scope="session")
def smartcar_refresh_tokens(contracts, smartcar_sign_in) -> RefreshTokens:
    given = contracts["smartcar-v2"]["tokens"].get("refresh")
    return RefreshTokens(smartcar_sign_in, given, "smartcar-v2")


@pytest.fixture(scope="session")
def web_sign_in(clients, issuer, token_endpoint) -> PagelessSignIn:
    authorize = f"{issuer}/oauth/authorize"
    return PagelessSignIn(authorize, token_endpoint, clients["web"], "openid api.read", pkce=True)


@pytest.fixture(scope="session")
def web_refresh_tokens(contracts, web_sign_in) -> RefreshTokens:
    given = contracts["oauth"]["tokens"].get("refresh")
    return RefreshTokens(web_sign_in, given, "web")


@pytest.fixture(scope="session")
def public_refresh_tokens(clients, issuer, token_endpoint) -> RefreshTokens:
    authorize = f"{issuer}/oauth/authorize"
    sign_in = PagelessSignIn(authorize, token_endpoint, clients["public"], "openid api.read", pkce=True)
    return RefreshTokens(sign_in, None, "public")


@pytest.fixture(scope="session")
def kordiam_tokens(contracts, clients):
    """Each call opens a new family: Kordiam gives refresh tokens to machines."""

    def fetch() -> dict:
        client = clients["kordiam"]
        answer = call(
            "POST",
            f"{contracts['kordiam']['base']}/api/v2/auth/token",
            json={
                "client_id": client["client_id"],
                "client_secret": client["client_secret"],
                "grant_type": "client_credentials",
            },
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    return fetch


@pytest.fixture(scope="session")
def gate_path(contracts):
    """The path of a contract's protected resource as seen at the issuer's host."""

    def path(contract: str) -> str:
        entry = contracts[contract]
        return urlsplit(entry["base"]).path.rstrip("/") + entry["protected"]

    return path


@pytest.fixture(scope="session")
def sdk(contracts):
    base = contracts["smartcar-v2"]["base"]
    # Read once, at import: the addresses must stand before it.
    os.environ.update(
        SMARTCAR_AUTH_ORIGIN=f"{base}/oauth/token",
        SMARTCAR_API_ORIGIN=base,
        SMARTCAR_VEHICLE_API_V3_ORIGIN=base,
        SMARTCAR_CONNECT_ORIGIN=base,
        SMARTCAR_MANAGEMENT_API_ORIGIN=base,
    )
    import smartcar

    assert smartcar.config.API_ORIGIN == base
    return smartcar


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, headless; the tests that need one are skipped aloud without it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip_loudly("playwright is not installed")
    if not CHROMIUM.exists():
        skip_loudly("chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def postgresql():
    server = PostgreSQL()
    if not server.start():
        warnings.warn("NOT TESTED: PostgreSQL is not installed (apt-get install postgresql)", stacklevel=1)
        pytest.skip("PostgreSQL is not installed")
    yield server
    server.end()
