"""What a test sees of a node's signing keys, and how fast they change in tests."""

import base64
import json
import re
from datetime import datetime
from itertools import pairwise
from math import inf

import pytest

from command_line import new_machine
from wire import call

PERIOD, AHEAD = 5, 2
# A look every 0.3 to 0.9 s, an attempt that another was faster at, and what making an RSA key takes here.
LATE = 5


def keys(period=f"{PERIOD}s", ahead=f"{AHEAD}s"):
    return f"keys: {{rotate_after: {period}, publish_before: {ahead}}}\n"


def at(text):
    return datetime.fromisoformat(text).timestamp()


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def kid(token):
    return part(token, 0)["kid"]


def published(node):
    return {key["kid"] for key in call("GET", f"{node.base}/oauth/jwks").json()["keys"]}


def machine_of(node):
    return new_machine(node.data, "machine", "--grant", "client_credentials", "--scope", "api.read")


def rotations(node):
    return int(re.search(r"^doorward_key_rotations_total (\d+)", call("GET", f"{node.base}/metrics").text, re.M)[1])


def assert_published_well_before_they_sign(made, nodes, sets, signed):
    """
    `sets`: node, time of the question and the keys in the answer. `signed`: when the first token of each key was seen.
    A node hears within a second, so that a second is left; how fast the test itself asks makes no difference.
    """
    asked_ahead = set()
    for key in made:
        heard = at(key["created"]) + 1
        assert heard < at(key["signs_from"]) <= signed.get(key["kid"], inf), key
        for node, asked, names in sets:
            assert asked < heard or key["kid"] in names, (asked, key)
            if heard <= asked < at(key["signs_from"]):
                asked_ahead.add(node)
    assert asked_ahead == set(nodes), "nobody asked before a key signed"


def assert_one_a_period(found, period=PERIOD, late=LATE):
    """Each key of an algorithm begins when its predecessor ends, a period after that began."""
    for algorithm in {key["alg"] for key in found}:
        chain = sorted((key for key in found if key["alg"] == algorithm), key=lambda key: at(key["signs_from"]))
        for old, new in pairwise(chain):
            assert old["signs_until"] == new["signs_from"], (old, new)
            lasted = at(new["signs_from"]) - at(old["signs_from"])
            assert period <= lasted < period + late, (lasted, old, new)
            assert at(new["signs_from"]) - at(new["created"]) == pytest.approx(AHEAD, abs=0.5)
        assert [key["signs_until"] for key in chain].count(None) == 1, chain
