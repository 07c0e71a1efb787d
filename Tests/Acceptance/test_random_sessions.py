"""Cookies, form tokens and codes bent at random: none of them works for anybody but its owner, none twice.

Another run: DOORWARD_SEED=NUMBER.
"""

import os
import random
import re
import secrets
import statistics
import string
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

import flows
from command_line import doorward
from flows import new_client, new_user
from form_fields import Form
from pages import Browser
from token_requests import token_request
from wire import call, exact

SEED = int(os.environ.get("DOORWARD_SEED", "20261121"))
WORDS = string.ascii_letters + string.digits + "-_"
# A password check takes some twenty milliseconds; one that was left out would be ten times faster, not twice.
SLOWER_AT_MOST = 2.0


@pytest.fixture(scope="module")
def two(manifest, demo):
    """Two people in their browsers, signed in, who allowed nothing yet."""
    people = []
    for _ in range(2):
        name, password = new_user(demo.data)
        browser = flows.web(manifest).begin()
        browser.sign_in(name, password)
        people.append((name, browser))
    return people


def cookie_of(browser) -> tuple[str, str]:
    (pair,) = browser.session.cookies.get_dict().items()
    return pair


def bent(chance: random.Random, text: str, other: str) -> str:
    """Never the text itself, nor the other."""
    while True:
        at, kind = chance.randrange(len(text)), chance.randrange(9)
        made = {
            0: text[:at] + chance.choice(WORDS) + text[at + 1 :],
            1: text[:at],
            2: text[at:],
            3: text[:at] + other[at:],
            4: text.swapcase() if at % 2 else text.upper(),
            5: text + chance.choice(WORDS + ".=%, "),
            6: text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
            7: chance.choice(["%", "%00", "\t", "'", "*", "ü", "\\", "../"]) + text,
            8: "".join(chance.choice(WORDS) if c in WORDS else c for c in text),
        }[kind]
        if made.strip(" \t=,") not in (text, other):
            return made


def shown(issuer, header) -> str:
    answer = exact(issuer, "GET", "/account", [("Cookie", header)])
    assert answer.status_code in (200, 303), (answer.status_code, header)
    if answer.status_code == 303:
        assert answer.headers["Location"] == "/login"
    return answer.text


def test_a_bent_cookie_is_nobodys(issuer, two):
    chance = random.Random(SEED)
    (ada, hers), (bob, his) = two
    name, mine = cookie_of(hers)
    _, other = cookie_of(his)
    assert ada in shown(issuer, f"{name}={mine}") and bob in shown(issuer, f"{name}={other}")
    for number in range(300):
        text = bent(chance, *chance.choice([(mine, other), (other, mine)]))
        # Only what a browser may send: a semicolon would begin another cookie.
        page = shown(issuer, f"{name}={text}".encode("ascii", "replace").decode().replace(";", ""))
        assert ada not in page and bob not in page, (SEED, number, text)


def test_two_cookies_are_one_person_at_most(issuer, two):
    (ada, hers), (bob, his) = two
    name, mine = cookie_of(hers)
    _, other = cookie_of(his)
    for header in (f"{name}={mine}; {name}={other}", f"{name}={other};{name}={mine}", f"x={mine}; {name}x={other}"):
        page = shown(issuer, header)
        assert not (ada in page and bob in page), header
    for wrong in (f"x{name}={mine}", f"{name.upper()}={mine}", f"{name}x={mine}", f'{name}="{mine}"', f"${name}={mine}"):
        assert ada not in shown(issuer, wrong), wrong


def post(issuer, browser, path, pairs):
    return call("POST", f"{issuer}{path}", data=pairs, cookies=browser.session.cookies.get_dict())


def consent_pairs(flow, browser) -> list:
    flow.begin(browser, prompt="consent")
    form: Form = browser.page.form_with("Allow access")
    return form.sent(form.button("Allow access"))


def test_a_bent_form_token_opens_nothing(manifest, issuer, two):
    chance = random.Random(SEED)
    flow = flows.web(manifest)
    (_, hers), (_, his) = two
    pairs, others = consent_pairs(flow, hers), consent_pairs(flow, his)
    mine, other = dict(pairs)["form_token"], dict(others)["form_token"]
    stamp, nonce, code = mine.split(".")
    crafted = [
        *("", ".", "..", "...", f"{stamp}.{nonce}", f"{stamp}.{nonce}.", f"{mine}.", f"{mine}=", f" {mine}", f"{mine}\0"),
        *(f"+{mine}", f"0{mine}", f"{int(stamp) + 1}.{nonce}.{code}", f"-1.{nonce}.{code}", f"9223372036854775808.{nonce}.{code}"),
        *(f"{stamp}.{nonce.upper()}.{code}", f"{stamp}.{other.split('.')[1]}.{code}", f"{stamp}.{nonce}.{other.split('.')[2]}"),
        *(other, f"{nonce}.{stamp}.{code}"),
    ]
    tokens = crafted + [bent(chance, mine, other) for _ in range(130)]
    for number, token in enumerate(tokens):
        path = chance.choice(["/consent", "/consent", "/login", "/login/switch", "/account", "/oauth/logout"])
        changed = [(n, token if n == "form_token" else v) for n, v in pairs]
        if path == "/login":
            changed += [("username", "nobody@example.com"), ("password", "x" * 12)]
        answer = post(issuer, hers, path, changed)
        where = (SEED, number, path, token)
        if path == "/oauth/logout" and token == "":
            assert answer.status_code in (200, 400, 403, 422), where
            continue
        assert answer.status_code in (400, 403), (*where, answer.status_code)
        assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers, where
    flow.begin(hers, prompt="none")
    assert hers.arrived["error"] == "consent_required"
    # The one that was given works, so that all this was refused for its token.
    assert post(issuer, hers, "/consent", pairs).status_code in (302, 303)


def test_ten_answers_to_one_page_are_one_consent(manifest, issuer, demo):
    flow = flows.web(manifest)
    browser = flow.begin()
    browser.sign_in(*new_user(demo.data))
    pairs = consent_pairs(flow, browser)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(issuer, browser, "/consent", pairs), range(10)))
    codes = [a.headers["Location"] for a in answers if "code=" in a.headers.get("Location", "")]
    assert len(codes) == 1, [a.status_code for a in answers]
    assert all(400 <= a.status_code < 500 for a in answers if "Location" not in a.headers)


def test_a_code_opens_for_its_own_client_address_and_verifier_alone(manifest, demo):
    chance = random.Random(SEED)
    thief = new_client(demo.data, "Thief", flows.web(manifest).redirect_uri)
    for number in range(25):
        flow = flows.web(manifest)
        code = flow.code()
        wrong = [
            lambda: flow.exchange(code, client=thief),
            lambda: flow.exchange(code, client=manifest["clients"]["public"]),
            lambda: flow.exchange(code, redirect_uri=bent(chance, flow.redirect_uri, "x" * len(flow.redirect_uri))),
            lambda: flow.exchange(code, code_verifier=bent(chance, flow.verifier, flow.state * 6)),
            lambda: flow.exchange(bent(chance, code, code[::-1])),
            lambda: token_request(
                flows.smartcar(manifest).token,
                manifest["clients"]["smartcar"],
                {"grant_type": "authorization_code", "code": code, "redirect_uri": flow.redirect_uri},
            ),
        ]
        chance.shuffle(wrong)
        for attempt in wrong:
            answer = attempt()
            assert 400 <= answer.status_code < 500 and "access_token" not in answer.text, (SEED, number, answer.text)
        if number % 5:
            assert flow.exchange(code).status_code == 200, (SEED, number)
            continue
        attempts = [*wrong[:2], *[lambda: flow.exchange(code)] * 8]
        chance.shuffle(attempts)
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda attempt: attempt(), attempts))
        assert [a.status_code for a in answers].count(200) == 1, (SEED, number)


class Door:
    """Signing in from one network after another, so that no attempt is slowed down for the ones before."""

    def __init__(self, flow):
        self.browser: Browser = flow.begin()
        form = self.browser.page.form_with("Sign in")
        self.pairs = dict(form.sent(form.button("Sign in")))
        self.issuer, self.knocks = flow.issuer, random.Random().randrange(1 << 20)

    def knock(self, username, password):
        self.knocks += 1
        network = f"2001:db8:{self.knocks >> 16:x}:{self.knocks & 0xFFFF:x}::1"
        started = time.perf_counter()
        answer = call(
            "POST",
            f"{self.issuer}/login",
            data=self.pairs | {"username": username, "password": password},
            cookies=self.browser.session.cookies.get_dict(),
            headers={"X-Forwarded-For": network},
        )
        return answer, time.perf_counter() - started


def masked(answer, username):
    """What is left when that is taken out which no two answers share."""
    text = re.sub(r'(name="form_token" value=")[^"]*', r"\1", answer.text.replace(username, "NAME"))
    headers = {name: value for name, value in answer.headers.items() if name not in ("Trace-Id", "Date")}
    return answer.status_code, text, headers


def test_unknown_wrong_and_disabled_are_alike_in_bytes_and_work(manifest, demo):
    flow = flows.web(manifest)
    door = Door(flow)
    wrong, _ = new_user(demo.data)
    disabled, password = new_user(demo.data)
    assert doorward("user", "disable", disabled, "--data", demo.data).code == 0
    looks, times = set(), {"unknown": [], "wrong": [], "disabled": []}
    for number in range(4):
        # Strangers cost nothing, so there are more of them; each other name is tried less often than slows it down.
        strangers = [("unknown", f"{secrets.token_hex(6)}@example.org", "x" * 22) for _ in range(3)]
        known = [("wrong", wrong, "x" * 22), ("disabled", disabled, password if number % 2 else "x" * 22)]
        for case, name, typed in strangers + known:
            answer, took = door.knock(name, typed)
            assert answer.status_code == 422, (case, answer.status_code)
            looks.add(str(masked(answer, name)))
            times[case].append(took)
    assert len(looks) == 1, looks
    usual = statistics.median(times["unknown"])
    for case in ("wrong", "disabled"):
        took = statistics.median(times[case])
        assert usual / SLOWER_AT_MOST < took < usual * SLOWER_AT_MOST, (case, times)


def test_signing_in_makes_a_new_cookie_each_time_and_ends_the_old(manifest, issuer, demo):
    """A cookie that somebody planted before signing in is worth nothing after it."""
    name, password = new_user(demo.data)
    flow = flows.web(manifest)
    browser, seen = flow.browser(), []
    for _ in range(4):
        flow.begin(browser, prompt="login")
        seen.append(cookie_of(browser))
        browser.sign_in(name, password)
        seen.append(cookie_of(browser))
    assert len({value for _, value in seen}) == 5  # One before, and one of each sign-in.
    *before, (cookie, last) = seen
    assert name in shown(issuer, f"{cookie}={last}")
    for cookie, value in before:
        assert value == last or name not in shown(issuer, f"{cookie}={value}")
    state = parse_qs(urlsplit(flow.begin(browser, prompt="none").location).query)
    assert state["error"] == ["consent_required"]
