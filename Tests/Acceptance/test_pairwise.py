"""OpenID Connect Core 8: what clients call people."""

import pytest

import flows
from command_line import USAGE, doorward, on
from demo_server import Demo
from flows import new_client
from grants import id_token, userinfo
from token_requests import refresh, token_request
from wire import call

PAIRWISE = ("--subject-type", "pairwise")
SCOPE = "openid email api.read"


@pytest.fixture
def somebody(demo):
    return flows.new_user(demo.data)


@pytest.fixture
def application(demo, issuer):
    def make(*uris, options=PAIRWISE):
        client = new_client(demo.data, "Pairwise", *uris, scope=SCOPE, options=options)
        return flows.Flow(issuer, issuer, client, SCOPE)

    return make


def sign_in(flow, somebody, browser=None):
    browser = flow.begin(browser)
    if "code" not in (browser.answer.headers.get("Location") or ""):
        if "Password" in browser.page.text:
            browser.sign_in(*somebody)
        browser.press("Allow access")
    answer = flow.exchange(browser.arrived["code"])
    assert answer.status_code == 200, answer.text
    return browser, answer.json()


def subject(flow, somebody) -> str:
    return id_token(flow, sign_in(flow, somebody)[1]["id_token"])["sub"]


def introspected(flow, token) -> dict:
    return token_request(f"{flow.issuer}/oauth/introspect", flow.client, {"token": token}).json()


def account(demo, somebody) -> str:
    users = on(demo.data, "user", "list", "--json").json()
    return next(user["id"] for user in users if user["username"] == somebody[0])


def test_OIDC_8_1_one_name_everywhere_and_not_the_account(demo, application, somebody):
    import jwt

    flow = application("https://one.example/cb")
    _, tokens = sign_in(flow, somebody)
    sub = id_token(flow, tokens["id_token"])["sub"]
    person = userinfo(flow, tokens["access_token"]).json()
    assert person["sub"] == sub and person["email"] == somebody[0]
    access = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert access["sub"] == sub
    assert introspected(flow, tokens["access_token"])["sub"] == sub
    assert introspected(flow, tokens["refresh_token"])["sub"] == sub
    renewed = refresh(flow.token, flow.client, tokens["refresh_token"]).json()
    assert userinfo(flow, renewed["access_token"]).json()["sub"] == sub
    own = account(demo, somebody)
    assert sub != own and len(sub) == 43
    assert own not in str(access) + str(person) + str(introspected(flow, tokens["access_token"]))


def test_OIDC_8_1_the_same_within_a_sector_and_another_outside(application, somebody, demo):
    one = application("https://sector.example/a")
    two = application("https://sector.example:8443/b")
    named = application(
        "https://x.example/cb", "https://y.example/cb", options=(*PAIRWISE, "--sector-identifier", "sector.example")
    )
    addressed = application(
        "https://z.example/cb", options=(*PAIRWISE, "--sector-identifier", "https://sector.example/uris.json")
    )
    other = application("https://other.example/cb")
    same = {subject(flow, somebody) for flow in (one, two, named, addressed)}
    assert len(same) == 1
    assert subject(other, somebody) not in same
    assert subject(one, flows.new_user(demo.data)) not in same


def test_OIDC_8_public_is_the_default(demo, application, somebody):
    flow = application("https://public.example/cb", options=())
    assert subject(flow, somebody) == account(demo, somebody)


def test_OIDC_3_1_2_1_id_token_hint_works_with_both(demo, application, somebody):
    for options in ((), PAIRWISE):
        flow = application("https://hint.example/cb", options=options)
        browser, tokens = sign_in(flow, somebody)
        assert "code" in flow.begin(browser, prompt="none", id_token_hint=tokens["id_token"]).arrived
        _, others = sign_in(flow, flows.new_user(demo.data))
        flow.begin(browser, prompt="none", id_token_hint=others["id_token"])
        flows.assert_error(flow, browser, "login_required")


def test_RPL_2_a_pairwise_hint_signs_out(issuer, application, somebody):
    flow = application("https://bye.example/cb")
    browser, tokens = sign_in(flow, somebody)
    browser.open(f"{issuer}/oauth/logout", params={"id_token_hint": tokens["id_token"]})
    flow.begin(browser, prompt="none")
    flows.assert_error(flow, browser, "login_required")


@pytest.mark.parametrize(
    "uris, options",
    [
        (["https://a.example/cb", "https://b.example/cb"], PAIRWISE),
        (["com.example.app:/cb"], PAIRWISE),
        ([], PAIRWISE),
        (["https://a.example/cb"], (*PAIRWISE, "--sector-identifier", "http://a.example/")),
        (["https://a.example/cb"], (*PAIRWISE, "--sector-identifier", "a b")),
        (["https://a.example/cb"], ("--sector-identifier", "a.example")),
        (["https://a.example/cb"], ("--subject-type", "secret")),
    ],
)
def test_OIDC_8_1_what_has_no_one_sector_is_refused_with_words(demo, uris, options):
    arguments = ["client", "create", "--data", demo.data, "--name", "x", "--grant", "authorization_code", *options]
    for uri in uris:
        arguments += ["--redirect-uri", uri]
    ran = doorward(*arguments)
    assert ran.code == USAGE and ("sector" in ran.stderr or "subject-type" in ran.stderr)


def test_OIDC_Discovery_3_both_types_are_listed(issuer):
    metadata = call("GET", f"{issuer}/.well-known/openid-configuration").json()
    assert metadata["subject_types_supported"] == ["public", "pairwise"]


def test_OIDC_8_1_the_name_survives_a_restart(tmp_path):
    names = set()
    client = None
    for number in range(2):
        server = Demo(tmp_path, f"run{number}")
        manifest = server.manifest()
        try:
            issuer = manifest["issuer"]
            client = client or new_client(
                server.data, "Kept", "https://kept.example/cb", scope=SCOPE, options=PAIRWISE
            )
            flow = flows.Flow(issuer, issuer, client, SCOPE)
            names.add(id_token(flow, flow.tokens()["id_token"])["sub"])
        finally:
            assert server.stop() == 0
    assert len(names) == 1
