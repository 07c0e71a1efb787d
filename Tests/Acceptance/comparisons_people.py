"""At the authorization endpoint and on the pages: real refusals beside provoked ones."""

import json
import time

import flows
from command_line import doorward
from comparisons import PEOPLE, Pair, compares
from pages import Browser
from provoking import HEADER
from situations_people import INACTIVE, INCOMPATIBLE, OTHER_VEHICLE, consenting, throttled
from situations_client import shift
from situations_server import store
from test_reauthentication import Reauthentication
from wire import call, exact

SMARTCAR = ("smartcar-v2",)


def simply(code, contracts=PEOPLE, place="authorization", **changes):
    @compares(place, code, contracts)
    def _(pair: Pair):
        flow = pair.flow()
        pair.same(pair.provoked_page(flow), call("GET", flow.authorize, params=flow.query(**changes)))


simply("SCOPE_INVALID", scope="no.such.scope")
simply("RESOURCE_INDICATOR_INVALID", resource="https://elsewhere.example")
simply("AUTHORIZATION_REQUEST_INVALID", response_type=None)
simply("RESPONSE_TYPE_UNSUPPORTED", response_type="token")
simply("REQUEST_OBJECT_UNSUPPORTED", request="x")
simply("REQUEST_URI_UNSUPPORTED", request_uri="urn:x")
simply("LOGIN_REQUIRED", prompt="none")
simply("AUTHORIZATION_REDIRECT_URI_MISMATCH", place="page", redirect_uri="https://elsewhere.example/")


def new_client(pair: Pair, name, scope="api.read read_odometer", **options):
    return flows.new_client(pair.w.data, name, f"https://{name}.example/cb", scope=scope, **options)


@compares("authorization", "AUTHENTICATION_REQUIREMENTS_UNMET", PEOPLE)
def _(pair: Pair):
    """Claims are read where openid is asked for."""
    flow = pair.flow(new_client(pair, "demanding", "openid api.read read_odometer"))
    flow.scope = "openid"
    wanted = {"id_token": {"acr": {"essential": True, "values": ["x"]}}}
    pair.same(pair.provoked_page(flow), call("GET", flow.authorize, params=flow.query(claims=json.dumps(wanted))))


@compares("page", "AUTHORIZATION_CLIENT_UNKNOWN", PEOPLE)
def _(pair: Pair):
    """In the contract that repeats what was sent as client_id, both names stand for it."""
    flow = pair.flow()
    real = call("GET", flow.authorize, params=flow.query(client_id="nobody"))
    pair.same(pair.provoked_page(flow), real, flow.client["client_id"], "nobody")


@compares("authorization", "AUTHORIZATION_CLIENT_NOT_ALLOWED", PEOPLE)
def _(pair: Pair):
    made = new_client(pair, "no-codes")
    ran = doorward("client", "update", made["client_id"], "--add-grant", "client_credentials", "--remove-grant",
                   "authorization_code", "--data", pair.w.data)  # fmt: skip
    assert ran.code == 0, ran.output
    time.sleep(0.4)
    flow = pair.flow(made)
    real = call("GET", flow.authorize, params=flow.query())
    pair.same(pair.provoked_page(flow), real)


@compares("authorization", "PKCE_REQUIRED", PEOPLE)
def _(pair: Pair):
    flow = pair.flow(new_client(pair, "public", public=True))
    real = call("GET", flow.authorize, params=flow.query(code_challenge=None, code_challenge_method=None))
    pair.same(pair.provoked_page(flow), real)


# -- The person's answer


@compares("authorization", "CONSENT_REQUIRED CONSENT_DENIED", PEOPLE)
@compares("authorization", "CONSENT_ABANDONED", SMARTCAR)
def _(pair: Pair):
    flow, browser = consenting(pair.w, pair.flow())
    if pair.code == "CONSENT_REQUIRED":
        flow.begin(browser, prompt="none")
    else:
        browser.press("Deny access" if pair.code == "CONSENT_DENIED" else "Back to application")
    pair.same(pair.provoked_page(flow), browser.answer)


@compares("authorization", "RESOURCE_INCOMPATIBLE SUBSCRIPTION_INACTIVE", SMARTCAR)
def _(pair: Pair):
    flow = pair.flow()
    browser = flow.begin()
    browser.sign_in(INCOMPATIBLE if pair.code == "RESOURCE_INCOMPATIBLE" else INACTIVE)
    pair.same(pair.provoked_page(flow), browser.answer)


@compares("authorization", "APPLICATION_MISCONFIGURED", SMARTCAR)
def _(pair: Pair):
    flow = pair.flow()
    browser = flows.signed_in(flow, pair.w.manifest, mode="live", single_select_vin="0SCAUDI012FE3B132")
    pair.same(pair.provoked_page(flow), browser.answer)


@compares("authorization", "RESOURCE_ABSENT", SMARTCAR)
def _(pair: Pair):
    asked = Reauthentication(pair.w.manifest, OTHER_VEHICLE)
    real = asked.at_confirmation(redirect_uri="https://example.com/home").answer
    flow = pair.flow()
    pair.same(pair.provoked_page(flow, redirect_uri="https://example.com/home", state=asked.query["state"]), real)


# -- Pages


@compares("page", "LOGIN_FAILED LOGIN_THROTTLED", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    name, _ = flows.new_user(pair.w.data)
    browser = flow.begin(login_hint=name)
    real = browser.sign_in(name, "a wrong password") if pair.code == "LOGIN_FAILED" else throttled(browser, name)
    pair.same(pair.provoked_page(flow, browser=browser, login_hint=name), real)


@compares("page", "FORM_REJECTED", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    name, password = flows.new_user(pair.w.data)
    browser = flow.begin()
    fill = {"Email|Username": name, "Password": password}
    real = browser.press("Sign in", fill, change={"form_token": "forged"})
    pair.same(pair.provoked_page(flow, reason="form_token_mismatch"), real)


@compares("page", "INTERACTION_EXPIRED", PEOPLE)
def _(pair: Pair):
    pair = pair.at(pair.stage.spare)
    flow, browser = consenting(pair.w, pair.flow())
    shift(pair.w, "+2h")
    try:
        real = browser.press("Allow access")
    finally:
        shift(pair.w, "0")
    pair.same(pair.provoked_page(flow, reason="form_expired"), real)


@compares("page", "NOT_FOUND", PEOPLE)
def _(pair: Pair):
    """Pages are alike in all contracts."""
    real = call("GET", f"{pair.w.issuer}/nothing-here", headers={"Accept": "text/html"})
    pair.same(pair.provoked_page(), real)


@compares("page", "LOGOUT_REQUEST_INVALID", PEOPLE)
def _(pair: Pair):
    leaving = {"client_id": pair.w.client("web")["client_id"], "post_logout_redirect_uri": "https://elsewhere.example/bye"}
    pair.same(pair.provoked_page(), call("GET", f"{pair.w.issuer}/oauth/logout", params=leaving))


@compares("page", "METHOD_NOT_ALLOWED", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    pair.same(pair.provoked_page(flow), call("DELETE", flow.authorize, params=flow.query()))


@compares("page", "REQUEST_TOO_LARGE", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    pair.same(pair.provoked_page(flow), call("POST", flow.authorize, data={"x": "a" * 70_000}))


@compares("page", "REQUEST_MALFORMED", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    pair.same(pair.provoked_page(flow), call("POST", flow.authorize, data="a=%zz", headers=form))


@compares("page", "HEADERS_TOO_LARGE", PEOPLE)
def _(pair: Pair):
    flow = pair.flow()
    path = flow.authorize[len(pair.w.issuer) :]
    pair.same(pair.provoked_page(flow), exact(pair.w.issuer, "GET", path, [("X-Large", "a" * 100_000)]))


@compares("page", "STORAGE_UNAVAILABLE", PEOPLE)
def _(pair: Pair):
    """Signing in has to read who is there."""
    pair = pair.at(pair.stage.spare)
    flow = pair.flow()
    browser = flow.begin()
    with store(pair.w, "unavailable"):
        browser.sign_in(*flows.new_user(pair.w.data))
    pair.same(pair.provoked_page(flow), browser.answer)
