"""At the endpoints for clients: who asks, for what, and what is presented for it."""

from command_line import doorward
from mutation_world import World
from mutations_client import rotated
from mutations_grants import reused, used, withdrawn, without_challenge
import flows
from situations import Stage, situation
from wire import basic

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def plain(reason, send):
    situation(reason)(lambda s: send(s.world))


plain("client_unknown", lambda w: w.machine(id=w.client("machine")["client_id"] + "x"))
plain("client_secret_mismatch", lambda w: w.machine(secret=w.client("machine")["client_secret"] + "\n"))
plain("client_secret_expired", lambda w: rotated(w, "rotated", "0s"))
plain("client_disabled", lambda w: w.machine("disabled"))
plain("client_credentials_malformed", lambda w: w.machine(by="none", headers={"Authorization": "Basic bm8tY29sb24="}))
plain("client_authentication_absent", lambda w: w.machine(by="none"))
plain("client_authentication_repeated", lambda w: w.machine(
    more=[("client_id", w.client("machine")["client_id"]), ("client_secret", w.client("machine")["client_secret"])]))
plain("client_identifier_conflict", lambda w: w.machine(more=[("client_id", w.client("web")["client_id"])]))
plain("client_authentication_method_not_registered", World.post_only_basic)
plain("token_parameter_missing", lambda w: w.machine(grant_type=None))
plain("token_parameter_repeated", lambda w: w.machine(scope="api.read", more=[("scope", "api.write")]))
plain("token_parameter_invalid", lambda w: w.post("kordiam", by="none", kind="application/json", body='{"client_id": 5}'))
plain("token_parameters_too_many", lambda w: w.machine(more=[(f"p{index}", "x") for index in range(70)]))
plain("credentials_in_query", lambda w: w.machine(query="?client_secret=not-a-secret"))
plain("body_unreadable", lambda w: w.post("kordiam", by="none", kind="application/json", body='{"client_id": '))
plain("body_too_large", lambda w: w.machine(x="a" * 70_000))
plain("media_type_unsupported", lambda w: w.post("machine", kind="text/plain", body="grant_type=client_credentials"))
plain("grant_type_unknown", lambda w: w.machine(grant_type="client-credentials"))
plain("grant_type_not_registered", lambda w: w.machine("web"))
plain("scope_malformed", lambda w: w.machine(scope="api.r\u00e4d"))
plain("scope_not_registered", lambda w: w.machine(scope="api.raed"))
plain("scope_widened", lambda w: w.refresh(scope="openid api.read email"))
plain("resource_malformed", lambda w: w.machine(resource="api"))
plain("resource_unknown", lambda w: w.machine(resource=w.issuer + "/api/"))

# -- Codes

plain("code_malformed", lambda w: w.exchange(client="smartcar", code="abc"))
plain("code_unknown", lambda w: w.exchange(code=w.tokens()["refresh_token"]))
plain("code_reused", used)
plain("code_client_mismatch", lambda w: w.exchange(w.flow(), "public"))
plain("code_withdrawn", withdrawn)
plain("code_redirect_uri_mismatch", lambda w: w.exchange(redirect_uri="http://127.0.0.1:9999/callback/"))
plain("code_verifier_missing", lambda w: w.exchange(code_verifier=None))
plain("code_verifier_mismatch", lambda w: (lambda f: w.exchange(f, code_verifier=flows.challenge(f.verifier)))(w.flow()))
plain("code_verifier_unexpected", without_challenge)


def shift(w, offset):
    """The clock of a demo, set aside of the machine's."""
    machine = w.client("machine")
    sent = basic(machine["client_id"], machine["client_secret"])
    answer = w.post(by="none", headers=sent, endpoint=f"{w.issuer}/_test/clock", offset=offset)
    assert answer.status_code == 200, answer.text


def later(w: World, offset, ask):
    shift(w, offset)
    try:
        return Stage.of(w, ask()).examined()
    finally:
        shift(w, "0")


@situation("code_expired")
def _(s):
    flow = s.spare.flow()
    return later(s.spare, "+90s", lambda: s.spare.exchange(flow))


@situation("code_session_ended")
def _(s):
    w = s.world
    flow = flows.web(w.manifest)
    browser = flow.begin()
    browser.sign_in(*flows.new_user(w.data))
    browser.press("Allow access")
    flow.given = w.keep(browser.arrived["code"])
    browser.open(f"{flow.issuer}/oauth/logout")
    browser.press("Sign out")
    return w.exchange(flow)


@situation("provocation_unproven")
def _(s):
    """A public client only named itself; what it asked for is given."""
    answer = s.world.exchange(client="public", headers={"Provoke-Refusal": "STORAGE_UNAVAILABLE"})
    assert answer.status_code == 200, answer.text
    return answer


# -- Refresh tokens

plain("refresh_token_malformed", lambda w: w.refresh("smartcar", "abc"))
plain("refresh_token_unknown", lambda w: w.refresh(token=w.token("shaid")))
plain("refresh_token_reused", reused)
plain("refresh_token_client_mismatch", lambda w: w.refresh("public", w.tokens()["refresh_token"]))


@situation("refresh_token_family_revoked")
def _(s):
    """The newest of a family that was contained; the record of the replay is written by then."""
    w = s.world
    place = w.contracts["kordiam"]["base"] + "/api/v2/auth/refresh"
    first = w.kordiam()["refresh_token"]
    newest = w.keep(w.post("kordiam", by="none", endpoint=place, refresh_token=first).json()["refresh_token"])
    Stage.of(w, w.post("kordiam", by="none", endpoint=place, refresh_token=first)).examined()
    return w.post("kordiam", by="none", endpoint=place, refresh_token=newest)




@situation("refresh_token_expired")
def _(s):
    token = s.spare.tokens()["refresh_token"]
    return later(s.spare, "+31d", lambda: s.spare.refresh(token=token))


# -- Silent

plain("introspected_token_refused", lambda w: w.introspect(w.token(kind="expired")))
plain("introspection_asker_not_entitled", lambda w: w.introspect(w.token("kordiam")))
plain("revocation_token_unknown", lambda w: w.introspect(w.token("shaid")[:-1], what="revoke"))
plain("revocation_not_owner", lambda w: w.introspect(w.kordiam()["refresh_token"], what="revoke"))


@situation("introspected_refresh_token_refused")
def _(s):
    token = s.world.kordiam()["refresh_token"]
    assert s.world.introspect(token, "kordiam", "revoke").status_code == 200
    return s.world.introspect(token, "kordiam")
