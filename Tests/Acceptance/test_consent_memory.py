"""What was consented is remembered for exactly what it was, and forgotten at once when it is withdrawn."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

import flows
from wire import call, present

ROUNDS = 10


def chosen(flow, browser, *vehicles) -> str:
    """Asks, shares these vehicles, and has a token for them."""
    flow.begin(browser, approval_prompt="force")
    boxes = browser.page.form_with("Allow access").ticks("resource")
    browser.press("Allow access", tick={box.value: box.value in vehicles for box in boxes})
    return flow.exchange(browser.arrived["code"]).json()["access_token"]


def reads(smartcar, token, vehicle, path) -> bool:
    answer = call("GET", f"{smartcar}/v2.0/vehicles/{vehicle}/{path}", headers=present("smartcar-v2", token))
    assert answer.status_code in (200, 403), answer.text
    return answer.status_code == 200


def without_a_page(flow, browser) -> str | None:
    """A token for which the person was not asked; none where a page came."""
    flow.begin(browser)
    if browser.answer.status_code == 200:
        return None
    return flow.exchange(browser.arrived["code"]).json()["access_token"]


@pytest.fixture
def at_home(manifest, demo):
    """Somebody new with three vehicles, and their browser."""
    flow = flows.smartcar(manifest)
    browser = flow.begin()
    browser.sign_in(*flows.new_user(demo.data))
    vehicles = [box.value for box in browser.page.form_with("Allow access").ticks("resource")]
    assert len(vehicles) == 3
    return browser, vehicles


def test_what_was_shared_of_one_vehicle_is_not_shared_of_another(manifest, smartcar, at_home):
    """The number of the first, the odometer of the second: nobody ever shared the number of the second."""
    browser, (first, second, _) = at_home
    both = chosen(flows.smartcar(manifest, "read_vin read_odometer"), browser, first)
    assert reads(smartcar, both, first, "vin") and not reads(smartcar, both, second, "vin")
    odometer = chosen(flows.smartcar(manifest, "read_odometer"), browser, second)
    assert reads(smartcar, odometer, second, "odometer") and not reads(smartcar, odometer, second, "vin")
    silent = without_a_page(flows.smartcar(manifest, "read_vin"), browser)
    assert silent is None or not reads(smartcar, silent, second, "vin")


def test_a_consent_without_vehicles_does_not_stand_for_one_with(manifest, issuer, smartcar, at_home):
    """The same client at another endpoint, for an API that has none: what comes later is asked, or is of use."""
    browser, (first, *_) = at_home
    flow = flows.smartcar(manifest, "read_odometer")
    chosen(flow, browser, first)
    other = flows.Flow(issuer, issuer, flow.client, "read_odometer", pkce=False)
    other.begin(browser, prompt="consent", resource=f"{issuer}/api")
    if browser.answer.status_code == 200:
        assert not browser.page.form_with("Allow access").ticks("resource")
        browser.press("Allow access")
    silent = without_a_page(flow, browser)
    assert silent is None or reads(smartcar, silent, first, "odometer")


def test_no_code_outlives_a_withdrawal_that_came_at_the_same_moment(manifest, issuer, demo):
    """It would stand on no page, and could not be withdrawn again."""
    flow = flows.web(manifest)
    browser = flow.begin()
    browser.sign_in(*flows.new_user(demo.data))
    cookies = browser.session.cookies.get_dict()

    def silently(_):
        return call("GET", flow.authorize, params=flow.query(prompt="none"), cookies=cookies).headers["Location"]

    issued = 0
    for number in range(ROUNDS):
        flow.begin(browser, prompt="consent")
        browser.press("Allow access")
        browser.open("/account")
        form = next(f for f in browser.page.forms if any("withdraw" in b.caption.lower() for b in f.buttons()))
        pairs = form.sent(form.buttons()[0])
        with ThreadPoolExecutor(13) as pool:
            before = [pool.submit(silently, n) for n in range(4)]
            withdrawn = pool.submit(call, "POST", f"{issuer}/account", data=pairs, cookies=cookies)
            locations = [f.result() for f in before + [pool.submit(silently, n) for n in range(8)]]
        assert withdrawn.result().status_code == 200
        for location in locations:
            for code in parse_qs(urlsplit(location).query).get("code", []):
                issued += 1
                assert flow.exchange(code).status_code == 400, f"round {number}: it works although all was withdrawn"
    assert issued, "nothing was at the same moment"


def test_a_vehicle_that_is_ticked_twice_is_shared_once(manifest, smartcar, at_home):
    browser, (first, *_) = at_home
    flow = flows.smartcar(manifest, "read_odometer")
    flow.begin(browser, approval_prompt="force")
    form = browser.page.form_with("Allow access")
    others = [pair for pair in form.sent(form.button("Allow access")) if pair[0] != "resource"]
    browser.submit(form, others + [("resource", first)] * 20)
    token = flow.exchange(browser.arrived["code"]).json()["access_token"]
    listed = call("GET", f"{smartcar}/v2.0/vehicles", headers=present("smartcar-v2", token)).json()
    assert listed["vehicles"] == [first] and listed["paging"]["count"] == 1


def test_RFC8707_2_a_resource_that_is_named_twice_is_one_audience(manifest, issuer):
    flow = flows.web(manifest)
    pairs = [*flow.query(login_hint=flows.AUTO).items(), *[("resource", f"{issuer}/api")] * 20]
    location = call("GET", flow.authorize, params=pairs).headers["Location"]
    (code,) = parse_qs(urlsplit(location).query)["code"]
    claims = jwt.decode(flow.exchange(code).json()["access_token"], options={"verify_signature": False})
    assert claims["aud"] in (f"{issuer}/api", [f"{issuer}/api"])


def test_the_sample_applications_callback_opened_twice_keeps_the_connection(manifest, issuer):
    """A second exchange of its code would make the server withdraw what the first gave."""
    with requests.Session() as browser:
        browser.trust_env = False

        def get(url):
            return browser.get(url, allow_redirects=False, timeout=15)

        asked = get(f"{manifest['app']}/connect").headers["Location"]
        back = get(f"{asked}&login_hint={flows.AUTO}").headers["Location"]
        assert back.startswith(manifest["app"]) and get(back).status_code == 303
        first = get(f"{manifest['app']}/log").text
        assert "Your drive log" in first
        get(back)
        assert get(f"{manifest['app']}/log").text == first


def test_what_a_code_was_for_is_let_go_of_in_time(manifest, demo):
    """Every code leaves a grant behind; one without an end would stay in the store for ever."""
    assert flows.web(manifest).tokens()
    with sqlite3.connect(f"file:{demo.data}/doorward.sqlite?mode=ro", uri=True) as store:
        endless, all_there_are = store.execute(
            "SELECT count(*) FILTER (WHERE expires IS NULL), count(*) FROM record WHERE kind = 'grant'"
        ).fetchone()
    assert all_there_are and not endless


def test_the_account_shows_all_that_an_application_holds(manifest, smartcar, at_home, issuer):
    """The number of the first, later the odometer of the second: both can be read, so both are shown."""
    browser, (first, second, _) = at_home
    number = chosen(flows.smartcar(manifest, "read_vin"), browser, first)
    odometer = chosen(flows.smartcar(manifest, "read_odometer"), browser, second)
    assert reads(smartcar, number, first, "vin") and reads(smartcar, odometer, second, "odometer")
    text = browser.open("/account").text
    flow = flows.smartcar(manifest)
    flow.begin(browser, approval_prompt="force")
    titles = {box.value: box.label for box in browser.page.form_with("Allow access").ticks("resource")}
    assert titles[first] in text and titles[second] in text


def test_what_is_unticked_later_ends(manifest, smartcar, at_home):
    """Two vehicles first, then one: the token of before does not keep the other."""
    browser, (first, second, _) = at_home
    flow = flows.smartcar(manifest, "read_odometer")
    both = chosen(flow, browser, first, second)
    assert reads(smartcar, both, first, "odometer")
    chosen(flows.smartcar(manifest, "read_odometer"), browser, first)
    answer = call("GET", f"{smartcar}/v2.0/vehicles/{second}/odometer", headers=present("smartcar-v2", both))
    assert answer.status_code == 401
