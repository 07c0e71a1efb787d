"""contracts.md 1.2: the parameters of Connect that its SDKs send, and may leave out."""

import uuid

import pytest

import flows
from flows import assert_page
from test_smartcar_tokens import assert_user_tokens


@pytest.fixture
def flow(manifest):
    return flows.smartcar(manifest)


def test_1_2_the_client_may_call_itself_application_id(flow):
    browser = flow.ask(client_id=None, application_id=flow.client["client_id"])
    assert "code" in browser.arrived


def test_1_2_two_names_for_two_clients_are_refused_on_a_page(flow):
    assert_page(flow.ask(application_id=str(uuid.uuid4())).answer)


def test_1_2_without_a_redirect_uri_the_first_registered_is_used(flow):
    browser = flow.ask(redirect_uri=None)
    first = flow.client["redirect_uris"][0]
    assert browser.location.startswith(first)
    code = browser.arrived["code"]
    assert_user_tokens(flow.exchange(code, redirect_uri=None))


def test_1_2_without_a_scope_the_clients_own_are_meant(flow):
    assert "code" in flow.ask(scope=None).arrived


def test_1_2_the_extras_of_every_sdk_are_tolerated(flow):
    extras = {"app_origin": "https://a.example", "sdk_platform": "iOS"}
    extras |= {"sdk_version": "5.1", "external_id": "e", "flags": "country:DE"}
    assert "code" in flow.ask(mode="test", user="u", **extras).arrived
