"""In front of an API: what is wrong with the request, its credential, the token, and what it is good for."""

import time

from command_line import doorward
from flows import new_client, new_user
import flows
from situations import Stage, situation
from wire import call, exact, present

OTHER_VEHICLE = "0b7e9d5a-3a53-4d7e-9d6a-111111111111"


def plain(reason, send):
    situation(reason)(lambda s: send(s.world))


plain("authorization_header_absent", lambda w: w.api(authorization=""))
plain("authorization_scheme_unsupported", lambda w: w.api(authorization=f"Baerer {w.token()}"))
plain("token_in_query_not_accepted", lambda w: w.api(authorization="", path=f"/notes?access_token={w.token()}"))
plain("credentials_repeated", lambda w: w.api(authorization=[f"Bearer {w.token()}"] * 2))
plain("authorization_syntax", lambda w: w.api(authorization=f"Bearer Bearer {w.token()}"))
plain("token_format_unrecognised", lambda w: w.api(token="undefined"))
plain("token_unknown", lambda w: w.api("shaid", token=w.token("shaid", "unknown")))
plain("token_algorithm_rejected", lambda w: w.api(token=w.signed(header={"alg": "HS256"})))
plain("token_key_unknown", lambda w: w.api(token=w.foreign(header={"kid": "theirs"})))
plain("token_signature_invalid", lambda w: w.api(token=w.foreign()))
plain("token_type_wrong", lambda w: w.api(token=w.signed(header={"typ": "JWT"})))
plain("token_issuer_untrusted", lambda w: w.api(token=w.signed(claims={"iss": w.issuer + "/"})))
plain("token_critical_header", lambda w: w.api(token=w.signed(header={"crit": ["x"], "x": 1})))
plain("token_claim_missing", lambda w: w.api(token=w.signed(claims={"sub": None})))
plain("token_expired", lambda w: w.api(token=w.token(kind="expired")))
plain("token_not_yet_valid", lambda w: w.api(token=w.token(kind="not_yet_valid")))
plain("token_audience_mismatch", lambda w: w.api(token=w.token("problem")))
plain("scope_missing", lambda w: w.api(token=w.token(kind="forbidden")))
plain("resource_not_granted", lambda w: w.api("smartcar-v2", path=f"/v2.0/vehicles/{OTHER_VEHICLE}/odometer"))


@situation("token_client_disabled")
def _(s):
    w = s.world
    made = w.new_client("soon-disabled", "--grant", "client_credentials", "--scope", "api.read")
    token = w.keep(w.machine("soon-disabled", resource=w.issuer + "/api").json()["access_token"])
    assert doorward("client", "disable", made["client_id"], "--data", w.data).code == 0
    time.sleep(0.3)
    return w.api(token=token)


@situation("privilege_missing")
def _(s):
    w = s.world
    vehicle = {"type": "vehicle", "identifier": w.vehicle, "privileges": ["read_odometer"]}
    token = w.signed("smartcar-v3", claims={"authorization_details": [vehicle], "scope": "read_vehicle_info"})
    return w.api("smartcar-v3", token=token, path=f"/v3/vehicles/{w.vehicle}")


# -- Revoked


@situation("token_revoked_by_client")
def _(s):
    w = s.world
    token = w.tokens()["access_token"]
    assert w.introspect(token, "web", "revoke").status_code == 200
    return w.api(token=token)


@situation("token_revoked_by_operator")
def _(s):
    w = s.world
    token = w.tokens()["access_token"]
    assert doorward("token", "revoke", "-", "--data", w.data, stdin=token).code == 0
    time.sleep(0.3)
    return w.api(token=token)


@situation("token_revoked_by_person")
def _(s):
    w = s.world
    client = new_client(w.data, "Trip planner", "https://client.example/cb")
    w.made["trip planner"] = client
    flow = flows.Flow(w.issuer, w.issuer, client, "openid api.read")
    browser = flow.begin()
    browser.sign_in(*new_user(w.data))
    browser.press("Allow access")
    token = w.keep(flow.exchange(browser.arrived["code"]).json()["access_token"])
    browser.open("/account")
    form = next(f for f in browser.page.forms if any("withdraw" in b.caption.lower() for b in f.buttons()))
    browser.submit(form, form.sent(form.buttons()[0]))
    return w.api(token=token)


@situation("token_revoked_by_containment")
def _(s):
    """Of the access token that came with a refresh token that was used twice."""
    w = s.world
    place = w.contracts["kordiam"]["base"] + "/api/v2/auth/refresh"
    first = w.kordiam()
    second = w.post("kordiam", by="none", endpoint=place, refresh_token=first["refresh_token"]).json()
    w.keep(second["refresh_token"])
    w.post("kordiam", by="none", endpoint=place, refresh_token=second["refresh_token"])
    Stage.of(w, w.post("kordiam", by="none", endpoint=place, refresh_token=first["refresh_token"])).examined()
    return w.api("kordiam", token=first["access_token"])


# -- The request


plain("message_malformed", lambda w: w.api(headers=[("Content-Length", "twelve")]))
plain("target_ambiguous", lambda w: w.api(path="/x/../notes"))
plain("headers_too_large", lambda w: w.api(headers=[("X-Large", "a" * 100_000)]))
plain("route_unknown", lambda w: w.api(path="/note"))
plain("method_not_allowed", lambda w: w.api(method="DELETE"))
plain("request_parameter_missing", lambda w: w.api("smartcar-v3", path=f"/v3/vehicles/{w.vehicle}/signals"))
plain("request_parameter_invalid", lambda w: w.api("smartcar-v2", path="/v2.0/vehicles/my-car/odometer"))
plain("api_version_unsupported", lambda w: w.api("kordiam", path="/api/v3/elements"))
plain("representation_not_acceptable", lambda w: w.api("kordiam", headers=[("Accept", "text/html")]))
plain("provocation_unusable", lambda w: w.api(headers=[("Provoke-Refusal", "ACCESS_TOKEN_EXPIRD")]))
plain("topic_unknown", lambda w: call("GET", f"{w.issuer}/help/errors.NOPE"))
plain("topic_malformed", lambda w: exact(w.issuer, "GET", "/help/errors%3CNOPE"))
