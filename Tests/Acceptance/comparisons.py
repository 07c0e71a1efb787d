"""For each code, place and contract: a real refusal beside the one that is provoked with a good request.

Each function takes the `Pair` of one contract; it sends the real thing, provokes the same, and hands both to `same`.
"""

import re
from collections.abc import Callable
from difflib import unified_diff

from provoking import HEADER, shape
from situations import Stage
from wire import basic, call, exact, present

ALL = ("oauth", "problem", "smartcar-v3", "smartcar-v2", "shaid", "kordiam", "cyoda")
SIGNED = ("oauth", "problem", "smartcar-v3", "kordiam", "cyoda")
ENDPOINTS = ("oauth", "smartcar-v3", "smartcar-v2", "kordiam", "cyoda")
PEOPLE = ("oauth", "smartcar-v2")
COMPARISONS: dict[tuple[str, str, str], Callable] = {}
# Of a page: what is new each time it is made. A wait is a time, too.
FRESH = [
    (re.compile(r'(name="form_token" value=")[^"]*'), r"\1FRESH"),
    (re.compile(r"(doorward=)[^;]*"), r"\1FRESH"),
    (re.compile(r"(wait |Wait |in )\d+ (second|minute)s?"), r"\1N \2"),
]


def compares(place: str, codes: str, contracts=ALL):
    """One function for several codes takes the code as well."""

    def add(function):
        for code in codes.split():
            for contract in contracts:
                key = (code, contract, place)
                assert key not in COMPARISONS, key
                COMPARISONS[key] = function
        return function

    return add


class Pair:
    def __init__(self, stage: Stage, code: str, contract: str, world=None):
        self.stage = stage
        self.code = code
        self.contract = contract
        self.w = world or stage.world

    def at(self, world) -> "Pair":
        return Pair(self.stage, self.code, self.contract, world)

    @property
    def entry(self) -> dict:
        return self.w.contracts[self.contract]

    def same(self, provoked, real, *paths):
        assert provoked.headers.get("Provoked") == "true", (provoked.status_code, provoked.headers, provoked.text[:600])
        assert "Provoked" not in real.headers
        told = [self.lines(answer, *paths) for answer in (provoked, real)]
        assert told[0] == told[1], "\n".join(unified_diff(*told, "provoked", "real", n=1, lineterm=""))

    def lines(self, answer, *paths) -> list[str]:
        status, headers, text = self.shape(answer, *paths)
        return [str(status), *(f"{name}: {value}" for name, value in sorted(headers.items())), *text.splitlines()]

    def shape(self, answer, *paths):
        status, headers, text = shape(answer, *paths)
        headers = {name: self.plain(value) for name, value in headers.items() if name != "retry-after" or status != 429}
        return status, headers, self.plain(text)

    @staticmethod
    def plain(text):
        for pattern, name in FRESH:
            text = pattern.sub(name, text)
        return text

    def asks(self, reason=None) -> str:
        return self.code + (f";reason={reason}" if reason else "")

    # -- In front of the API

    def api(self, provoked=None, token="valid", path=None, method="GET", **headers):
        sent = present(self.contract, self.entry["tokens"].get(token, token)) if token else {}
        if provoked:
            sent[HEADER] = provoked
        return call(method, self.entry["base"] + (path or self.entry["protected"]), headers=sent | headers)

    def like(self, *paths, reason=None, **real):
        """A real request at the API, and the good one that provokes the same."""
        known = [path for path in paths if path]
        self.same(self.api(self.asks(reason)), self.api(**real), *known, *([self.entry["protected"]] if known else []))

    # -- At the endpoints for clients

    CLIENT = {"oauth": "machine", "smartcar-v2": "smartcar", "smartcar-v3": "smartcar", "kordiam": "kordiam", "cyoda": "cyoda"}
    PATH = {
        "smartcar-v2": "/oauth/token", "smartcar-v3": "/oauth2/token", "kordiam": "/api/v2/auth/token",
        "cyoda": "/api/oauth/token",
    }  # fmt: skip

    @property
    def endpoint(self) -> str:
        return f"{self.w.issuer}/oauth/token" if self.contract == "oauth" else self.entry["base"] + self.PATH[self.contract]

    @property
    def client(self) -> dict:
        return self.w.clients[self.CLIENT[self.contract]]

    @property
    def credentials(self) -> dict:
        return basic(self.client["client_id"], self.client["client_secret"])

    def ask(self, parameters=None, provoked=None, headers=None, method="POST", endpoint=None):
        parameters = {"grant_type": "client_credentials"} if parameters is None else parameters
        sent = dict(self.credentials if headers is None else headers)
        if provoked:
            sent[HEADER] = provoked
        return call(method, endpoint or self.endpoint, headers=sent, data=parameters)

    def like_token(self, parameters=None, reason=None, base=None, **real):
        self.same(self.ask(base, self.asks(reason)), self.ask(parameters, **real))

    # -- Where people are

    def flow(self, client=None, **options):
        import flows

        if client is None:
            return flows.web(self.w.manifest) if self.contract == "oauth" else flows.smartcar(self.w.manifest)
        base = self.w.issuer if self.contract == "oauth" else self.entry["base"]
        scope = "api.read" if self.contract == "oauth" else "read_odometer"
        return flows.Flow(self.w.issuer, base, client, scope, **options)

    def provoked_page(self, flow=None, reason=None, browser=None, **changes):
        """With the cookie of a browser that has one, so that none is set."""
        flow = flow or self.flow()
        request = browser.request if browser else call
        return request("GET", flow.authorize, params=flow.query(**changes), headers={HEADER: self.asks(reason)})


def exact_api(pair: Pair, fields, path=None):
    """A request whose lines reach the server as they are."""
    base = pair.entry["base"]
    return exact(base, "GET", base[base.index("/", 8) :] + (path or pair.entry["protected"]), fields)
