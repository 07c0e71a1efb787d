"""contracts.md 1.2 and 1.4: re-authentication where people have different vehicles, on a server that is not the demo."""

import json
import uuid

import pytest

import flows
from command_line import create_user, doorward, within_a_second
from demo_server import Server, free_port
from pages import Browser
from test_connect_smartcar import HOME
from test_reauthentication import NONE
from upstream_server import upstream_server


class Garage:
    """An upstream where everybody has one vehicle of their own, and one has none."""

    def __init__(self):
        self.carless = set()

    def vehicles(self, headers) -> str:
        subject = headers["X-Auth-Subject"]
        return json.dumps([{"id": vehicle_of(subject), "title": "One car"}] if subject not in self.carless else [])


def vehicle_of(subject) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, subject))


class Served:
    """`serve` with a configuration, not the demo: no test mode, and people who have different things."""

    def __init__(self, folder, garage: Garage, upstream: int):
        self.garage = garage
        port = free_port()
        self.issuer, self.data = f"http://127.0.0.1:{port}", folder / "data"
        (folder / "doorward.yaml").write_text(
            f"issuer: {self.issuer}\nlisten: 127.0.0.1:{port}\napis:\n"
            f"  - name: cars\n    contract: smartcar-v2\n    prefix: /cars\n"
            f"    upstream: http://127.0.0.1:{upstream}\n"
            "    resources: {type: vehicle, legend: Vehicles, path: /things}\n"
            "    routes: [{match: GET /x, scope: read_x}]\n"
            f"  - name: bare\n    contract: smartcar-v2\n    prefix: /bare\n    upstream: http://127.0.0.1:1\n"
            "    routes: [{match: GET /x, scope: read_x}]\n"
        )
        arguments = ["serve", "--config", str(folder / "doorward.yaml"), "--data", str(self.data)]
        self.server = Server(arguments, folder, "serve")
        self.server.wait_until(lambda: "Doorward serves" in self.server.printed())
        self.people = [self.person(f"{name}@example.org") for name in ("ada", "bob", "carless")]
        self.garage.carless.add(self.people[2]["subject"])
        client = flows.new_client(self.data, "Garage", HOME, scope="read_x")
        self.query = {"response_type": "vehicle_id", "client_id": client["client_id"], "redirect_uri": HOME}

    def person(self, name) -> dict:
        made = create_user(self.data, name, "a long password").json()
        return {"username": name, "subject": made["id"], "vehicle": vehicle_of(made["id"])}

    def ask(self, person, vehicle) -> Browser:
        browser = Browser(self.issuer)
        browser.open(f"{self.issuer}/cars/oauth/reauthenticate", params=self.query | {"vehicle_id": vehicle})
        browser.sign_in(person["username"], "a long password")
        return browser


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    garage = Garage()
    with upstream_server(garage.vehicles) as port:
        served = Served(tmp_path_factory.mktemp("reauthentication"), garage, port)
        yield served
        assert served.server.stop() == 0, served.server.printed()[-4000:]


def test_1_4_a_vehicle_of_another_person_is_answered_like_an_unknown_one(served):
    ada, bob, carless = served.people
    own = served.ask(ada, ada["vehicle"])
    assert "One car" in own.page.text
    own.press("Confirm")
    assert own.location == f"{HOME}?vehicle_id={ada['vehicle']}"
    for person, vehicle in [(ada, bob["vehicle"]), (ada, str(uuid.uuid4())), (carless, ada["vehicle"])]:
        assert served.ask(person, vehicle).location == f"{HOME}?{NONE}"


def test_1_4_a_vehicle_sold_before_the_button_is_pressed_is_not_confirmed(served):
    bob = served.people[1]
    browser = served.ask(bob, bob["vehicle"])
    served.garage.carless.add(bob["subject"])
    browser.press("Confirm")
    served.garage.carless.remove(bob["subject"])
    assert browser.location == f"{HOME}?{NONE}"


def test_1_2_not_you_asks_the_next_person(served):
    ada, bob, _ = served.people
    browser = served.ask(ada, ada["vehicle"])
    browser.press("Not you?")
    assert browser.page.headings == ["Sign in"]
    browser.sign_in(bob["username"], "a long password")
    assert browser.location == f"{HOME}?{NONE}"


def test_an_api_without_things_of_people_has_no_such_endpoint(served):
    answer = Browser(served.issuer).open(f"{served.issuer}/bare/oauth/reauthenticate", params=served.query)
    assert answer.status_code == 401 or answer.status_code == 404
    assert "Location" not in answer.headers


def test_explain_says_what_the_account_does_not_have(served):
    ada, bob, _ = served.people
    trace = served.ask(ada, bob["vehicle"]).answer.headers["Trace-Id"]

    def told():
        ran = doorward("explain", trace, "--data", served.data)
        return ran.code == 0 and "resource_absent" in ran.stdout and bob["vehicle"] in ran.stdout

    assert within_a_second(told)
