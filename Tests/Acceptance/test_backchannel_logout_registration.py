"""OpenID Connect Back-Channel Logout 1.0, 2.2 and 2.3: what is announced, and what can be registered."""

import pytest

from command_line import USAGE, doorward, on
from flows import new_client
from wire import call


def test_BCL_2_3_discovery_and_registration_say_it(demo, issuer):
    metadata = call("GET", f"{issuer}/.well-known/openid-configuration").json()
    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True
    # In a private network: the operator registers it, so it is no way to reach one.
    options = ("--backchannel-logout-uri", "http://10.1.2.3:8080/out", "--backchannel-logout-session-required")
    client = new_client(demo.data, "Told", "https://told.example/cb", options=options)
    shown = on(demo.data, "client", "show", client["client_id"], "--json").json()
    assert shown["backchannel_logout_uri"] == "http://10.1.2.3:8080/out"
    assert shown["backchannel_logout_session_required"] is True


@pytest.mark.parametrize(
    "options",
    [
        ("--backchannel-logout-uri", "https://a.example/x#y"),
        ("--backchannel-logout-uri", "ftp://a.example/"),
        ("--backchannel-logout-uri", "https://user@a.example/"),
        ("--backchannel-logout-uri", "https:///x"),
        ("--backchannel-logout-uri", "http://a.example:0/"),
        ("--backchannel-logout-uri", "http://a.example/", "--public"),
        ("--backchannel-logout-session-required",),
    ],
)
def test_BCL_2_2_what_cannot_be_registered_is_refused_with_words(demo, options):
    arguments = ["client", "create", "--data", demo.data, "--name", "x", "--grant", "authorization_code"]
    ran = doorward(*arguments, "--redirect-uri", "https://a.example/cb", *options)
    assert ran.code == USAGE and "--backchannel-logout" in ran.stderr
