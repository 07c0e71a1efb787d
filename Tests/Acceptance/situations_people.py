"""Where people are: the authorization endpoint, signing in, the forms, signing out."""

import json
import time
from urllib.parse import urljoin

import flows
from command_line import doorward
from pages import Browser
from situations import Stage, situation
from situations_client import shift
from test_reauthentication import Reauthentication
from wire import call

OTHER_VEHICLE = "0b7e9d5a-3a53-4d7e-9d6a-111111111111"
INCOMPATIBLE, INACTIVE = "smartcar@vehicle-incompatible.com", "smartcar@invalid-subscription.com"


def plain(reason, send):
    situation(reason)(lambda s: send(s.world))


# -- The request

plain("authorization_client_unknown", lambda w: w.authorize(client_id=w.client("web")["client_id"] + "x"))
plain("authorization_client_disabled", lambda w: w.authorize(client_id=w.disabled_web()))
plain("redirect_uri_unregistered", lambda w: w.authorize(redirect_uri=w.client("web")["redirect_uris"][0] + "/"))
plain("authorization_parameter_missing", lambda w: w.authorize(drop=["response_type"]))
plain("authorization_parameter_repeated", lambda w: w.authorize(more=[("scope", "api.read")]))
plain("authorization_parameter_invalid", lambda w: w.authorize(prompt="sing-in"))
plain("response_type_unknown", lambda w: w.authorize(response_type="token"))
plain("code_challenge_missing", lambda w: w.authorize("public", drop=["code_challenge", "code_challenge_method"]))
plain("code_challenge_method_refused", lambda w: w.authorize("public", code_challenge_method="plain"))
plain("request_object_sent", lambda w: w.authorize(request="eyJhbGciOiJub25lIn0.e30."))
plain("request_uri_sent", lambda w: w.authorize(request_uri="https://x.example/r"))
plain("login_required", lambda w: w.authorize(prompt="none", hint=None))


@situation("redirect_uri_missing")
def _(s):
    w = s.world
    made = flows.new_client(w.data, "Two places", "https://two.example/a", "https://two.example/b")
    w.made["two places"] = made
    return w.authorize(client_id=made["client_id"], drop=["redirect_uri"])


@situation("authorization_grant_not_registered")
def _(s):
    w = s.world
    made = flows.new_client(w.data, "No codes", "https://no-codes.example/cb")
    w.made["no codes"] = made
    ran = doorward("client", "update", made["client_id"], "--add-grant", "client_credentials", "--remove-grant",
                   "authorization_code", "--data", w.data)  # fmt: skip
    assert ran.code == 0, ran.output
    time.sleep(0.4)
    flow = flows.Flow(w.issuer, w.issuer, made, "api.read")
    return call("GET", flow.authorize, params=flow.query(login_hint=flows.AUTO))


@situation("authentication_context_unmet")
def _(s):
    wanted = {"id_token": {"acr": {"essential": True, "values": ["urn:mace:incommon:iap:silver"]}}}
    return s.world.authorize(claims=json.dumps(wanted))


# -- The person's answer


def consenting(w, flow=None, **changes) -> tuple[flows.Flow, Browser]:
    """Somebody new at the consent page."""
    flow = flow or flows.web(w.manifest)
    flow.user = flows.new_user(w.data)
    browser = flow.begin(**changes)
    browser.sign_in(*flow.user)
    return flow, browser


@situation("consent_required")
def _(s):
    flow, browser = consenting(s.world)
    flow.begin(browser, prompt="none")
    return browser.answer


@situation("consent_denied")
def _(s):
    _, browser = consenting(s.world)
    return browser.press("Deny access")


@situation("consent_abandoned")
def _(s):
    _, browser = consenting(s.world, flows.smartcar(s.world.manifest))
    return browser.press("Back to application")


def at_test_account(w, username, **changes):
    """A magic address of the test mode, with any password."""
    flow = flows.smartcar(w.manifest)
    browser = flow.begin(**changes)
    return browser.sign_in(username)


plain("resource_incompatible", lambda w: at_test_account(w, INCOMPATIBLE))
plain("subscription_inactive", lambda w: at_test_account(w, INACTIVE))


@situation("application_misconfigured")
def _(s):
    w = s.world
    browser = flows.signed_in(flows.smartcar(w.manifest), w.manifest, mode="live", single_select_vin="0SCAUDI012FE3B132")
    return browser.answer


@situation("resource_absent")
def _(s):
    return Reauthentication(s.world.manifest, OTHER_VEHICLE).at_confirmation().answer


# -- Signing in


def signing_in(w, username, password="a wrong password"):
    return flows.web(w.manifest).begin().sign_in(username, w.keep(password))


def throttled(browser, username):
    """As often as it takes: on a slow machine a wait may be over before the next try."""
    for _ in range(20):
        if browser.sign_in(username, "a wrong password").status_code == 429:
            return browser.answer
    raise AssertionError("nobody is slowed down")


plain("user_unknown", lambda w: signing_in(w, "nobody@example.com"))
plain("password_mismatch", lambda w: signing_in(w, flows.new_user(w.data)[0]))
plain("sign_in_throttled", lambda w: throttled(flows.web(w.manifest).begin(), flows.new_user(w.data)[0]))


@situation("user_disabled")
def _(s):
    name, password = flows.new_user(s.world.data)
    assert doorward("user", "disable", name, "--data", s.world.data).code == 0
    return signing_in(s.world, name, password)


# -- The forms


@situation("cookie_absent")
def _(s):
    browser = Browser(s.world.issuer, cookies=False)
    flows.web(s.world.manifest).begin(browser)
    return browser.sign_in(*flows.new_user(s.world.data))


@situation("form_token_mismatch")
def _(s):
    browser = flows.web(s.world.manifest).begin()
    other = flows.web(s.world.manifest).begin().page.form_with("Sign in")
    token = next(f.value for f in other.fields if f.name == "form_token")
    name, password = flows.new_user(s.world.data)
    return browser.press("Sign in", {"Email|Username": name, "Password": password}, change={"form_token": token})


def again(browser, page, url, caption):
    form = page.form_with(caption)
    return browser.request("POST", urljoin(url, form.action), data=form.sent(form.button(caption)))


@situation("form_expired")
def _(s):
    _, browser = consenting(s.spare)
    shift(s.spare, "+2h")
    try:
        return Stage.of(s.spare, browser.press("Allow access")).examined()
    finally:
        shift(s.spare, "0")


@situation("signed_out_meanwhile")
def _(s):
    """Disabled by the operator while the consent page lay open."""
    flow, browser = consenting(s.world)
    assert doorward("user", "disable", flow.user[0], "--data", s.world.data).code == 0
    time.sleep(0.3)
    return browser.press("Allow access")


@situation("form_answered")
def _(s):
    _, browser = consenting(s.world)
    page, url = browser.page, browser.answer.url
    browser.press("Allow access")
    return again(browser, page, url, "Allow access")


@situation("logout_address_unregistered")
def _(s):
    w = s.world
    leaving = {"client_id": w.client("web")["client_id"], "post_logout_redirect_uri": w.client("web")["redirect_uris"][0] + "/"}
    return call("GET", f"{w.issuer}/oauth/logout", params=leaving)
