"""What an operator changes in a client, what is refused with words, and what a running server makes of it."""

import secrets

import pytest

import flows
from command_line import DONE, REFUSED, USAGE, doorward, on, within_a_second
from flows import new_client, new_user
from wire import call

CALLBACK = "https://update.example/cb"


@pytest.fixture
def client(demo):
    return new_client(demo.data, "Before", CALLBACK, scope="api.read")


def asks(issuer, client, **changes) -> dict | None:
    """Where the authorization endpoint sends somebody who is not signed in; none where a page comes."""
    flow = flows.Flow(issuer, issuer, client, "api.read")
    answer = call("GET", flow.authorize, params=flow.query(prompt="none", **changes))
    return answer.headers.get("Location")


def test_a_redirect_uri_is_added_and_removed(demo, issuer, client):
    other = "https://update.example/other"
    assert asks(issuer, client, redirect_uri=other) is None
    changed = on(demo.data, "client", "update", client["client_id"], "--add-redirect-uri", other, "--json").json()
    assert changed["redirect_uris"] == [CALLBACK, other]
    assert within_a_second(lambda: (asks(issuer, client, redirect_uri=other) or "").startswith(other))
    assert on(demo.data, "client", "update", client["client_id"], "--remove-redirect-uri", other).code == DONE
    assert within_a_second(lambda: asks(issuer, client, redirect_uri=other) is None)


def test_name_scope_and_grant_are_changed_in_one_call(demo, issuer, client):
    options = ("--name", "After", "--add-scope", "api.write profile", "--remove-scope", "api.read")
    changed = on(demo.data, "client", "update", client["client_id"], *options, "--remove-grant", "refresh_token", "--json")
    shown = on(demo.data, "client", "show", client["client_id"], "--json").json()
    assert shown == changed.json()
    assert (shown["name"], shown["scope"]) == ("After", "api.write profile")
    assert shown["grant_types"] == ["authorization_code"]
    assert within_a_second(lambda: "error=invalid_scope" in (asks(issuer, client) or ""))


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        ((), USAGE, "nothing"),
        (("--remove-scope", "nothing.such"), REFUSED, "nothing.such"),
        (("--remove-scope", "api.read"), REFUSED, "--scope"),
        (("--remove-redirect-uri", CALLBACK), REFUSED, "--redirect-uri"),
        (("--remove-redirect-uri", CALLBACK + "/"), REFUSED, CALLBACK + "/"),
        (("--add-redirect-uri", "http://update.example/"), USAGE, "loopback"),
        (("--add-grant", "password"), USAGE, "authorization_code"),
        (("--add-scope", 'a"b'), USAGE, "--add-scope"),
        (("--name", " "), REFUSED, "--name"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(demo, client, options, code, word):
    before = on(demo.data, "client", "show", client["client_id"], "--json").json()
    ran = on(demo.data, "client", "update", client["client_id"], *options)
    assert ran.code == code and word in ran.stderr, ran.output
    assert on(demo.data, "client", "show", client["client_id"], "--json").json() == before


def test_a_client_nobody_knows(demo):
    for verb in ("update", "enable"):
        options = ("--name", "x") if verb == "update" else ()
        ran = on(demo.data, "client", verb, "no-such-client", *options)
        assert ran.code == REFUSED and "no-such-client" in ran.stderr


def test_a_disabled_client_is_enabled_again(demo, issuer, client):
    assert within_a_second(lambda: asks(issuer, client) is not None)
    assert on(demo.data, "client", "disable", client["client_id"]).code == DONE
    assert within_a_second(lambda: asks(issuer, client) is None)
    assert on(demo.data, "client", "enable", client["client_id"]).code == DONE
    assert within_a_second(lambda: asks(issuer, client) is not None)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--scope", "api.read"), "--redirect-uri"),
        (("--redirect-uri", CALLBACK), "--scope"),
    ],
)
def test_a_client_that_could_ask_nobody_is_not_made(demo, options, word):
    ran = doorward("client", "create", "--name", "x", "--grant", "authorization_code", "--data", demo.data, *options)
    assert ran.code == USAGE and word in ran.stderr


@pytest.mark.parametrize("name", ["", " ", " grace", "grace ", "grâce", "a" * 81])
def test_a_name_nobody_could_type_again_is_not_made(demo, name):
    ran = doorward("user", "create", name, "--data", demo.data, stdin="long enough")
    assert ran.code == USAGE and "user name" in ran.stderr


def test_a_name_is_one_in_any_case(demo, issuer):
    name, password = f"Grace-{secrets.token_hex(4)}@Example.com", "a long password"
    assert doorward("user", "create", name, "--data", demo.data, stdin=password).code == DONE
    for again in (name, name.lower(), name.upper()):
        ran = doorward("user", "create", "--username", again, "--data", demo.data, stdin=password)
        assert ran.code == REFUSED, ran.output
    for typed in (name, name.lower(), f" {name.upper()} "):
        browser = flows.Browser(issuer)
        browser.open("/login")
        browser.sign_in(typed, password)
        assert name.lower() in browser.page.text
    assert on(demo.data, "user", "disable", name.upper()).code == DONE


def test_a_revoked_grant_takes_the_consent_with_it(demo, issuer, client):
    flow = flows.Flow(issuer, issuer, client, "api.read")
    browser = flow.begin()
    name, password = new_user(demo.data)
    browser.sign_in(name, password)
    browser.press("Allow access")
    flow.exchange(browser.arrived["code"])
    assert "code" in flow.begin(browser, prompt="none").arrived
    grants = on(demo.data, "grant", "list", "--client", client["client_id"], "--json").json()
    assert len(grants) == 2
    left = [on(demo.data, "grant", "revoke", grant["id"], "--json").json()["left"] for grant in grants]
    assert left == [1, 0]
    assert flow.begin(browser, prompt="none").arrived["error"] == "consent_required"
    assert "Before" not in browser.open("/account").text


def test_RPI_3_1_addresses_for_signing_out_are_of_their_own(demo, issuer):
    bye = "https://update.example/bye"
    client = new_client(demo.data, "Bye", CALLBACK, options=("--post-logout-redirect-uri", bye))
    parameters = {"client_id": client["client_id"], "post_logout_redirect_uri": bye}
    # At once: the client was made a moment ago.
    assert call("GET", f"{issuer}/oauth/logout", params=parameters).headers.get("Location") == bye
    answer = call("GET", f"{issuer}/oauth/logout", params=parameters | {"post_logout_redirect_uri": CALLBACK})
    assert "Location" not in answer.headers and answer.status_code == 400


def test_RPI_2_a_token_made_for_another_client_signs_nobody_out(demo, issuer):
    mine = new_client(demo.data, "Mine", CALLBACK)
    other = new_client(demo.data, "Other", CALLBACK)
    flow = flows.Flow(issuer, issuer, mine, "openid api.read")
    browser = flow.begin()
    name, password = new_user(demo.data)
    browser.sign_in(name, password)
    browser.press("Allow access")
    hint = flow.exchange(browser.arrived["code"]).json()["id_token"]
    browser.open(f"{issuer}/oauth/logout", params={"id_token_hint": hint, "client_id": other["client_id"]})
    assert browser.page.form_with("Sign out")
    assert name in browser.open("/account").text
    browser.open(f"{issuer}/oauth/logout", params={"id_token_hint": hint, "client_id": mine["client_id"]})
    assert name not in browser.open("/account").text
