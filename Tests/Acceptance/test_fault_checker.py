"""The checker of the fault suite rejects every history that must not be, and accepts what may be."""

import itertools

import pytest

from fault_checker import Checker

NUMBERS = itertools.count(1)


def op(kind, begin, node=0, status=200, end=None, **facts):
    line = {"op": next(NUMBERS), "kind": kind, "node": node, "begin": begin, "end": end or begin + 0.01}
    if status == 503:
        facts.setdefault("retry_after", "5")
    return line | {"status": status} | {name: value for name, value in facts.items() if value is not None}


def authorize(begin, code="c", person="ada", **facts):
    return op("authorize", begin, status=303, code=code, person=person, **facts)


def exchange(begin, code="c", access="a1", refresh="r1", **facts):
    return op("exchange", begin, code=code, **given(facts, access, refresh))


def refresh(begin, token="r1", access="a2", successor="r2", **facts):
    return op("refresh", begin, token=token, **given(facts, access, successor))


def given(facts, access, refresh):
    return facts if facts.get("status", 200) != 200 else facts | {"access": access, "refresh": refresh}


def revoke(begin, token, hint="refresh", **facts):
    return op("revoke", begin, token=token, hint=hint, **facts)


def introspect(begin, token, active=True, hint="refresh", **facts):
    return op("introspect", begin, token=token, hint=hint, active=active, **facts)


def verify(begin, token, **facts):
    return op("verify", begin, token=token, hint="access", **facts)


def withdraw(begin, person="ada", **facts):
    return op("withdraw", begin, person=person, **facts)


def fault(begin, end, node=None, kind="kill_database"):
    return {"fault": kind, "node": node, "begin": begin, "end": end}


GIVEN = [authorize(1), exchange(2)]
ROTATED = [*GIVEN, refresh(3)]
TWICE = [*ROTATED, refresh(4, "r2", "a3", "r3")]
REUSED = [*TWICE, refresh(5, "r1", status=400)]


def problems(history, faults=(), settled=None):
    return Checker(list(history), list(faults), settled).check()


WRONG = {
    ("a code twice", "a code succeeded a second time"): [*GIVEN, exchange(3, access="a9", refresh="r9", node=1)],
    ("a code twice at once", "a code succeeded a second time"): [
        authorize(1), exchange(2, end=3), exchange(2, access="a9", refresh="r9", node=1, end=3),
    ],
    ("two successors", "two successors"): [*ROTATED, refresh(4, "r1", "a9", "r9")],
    ("two successors at once", "two successors"): [
        *GIVEN, refresh(3, end=4), refresh(3, "r1", "a9", "r9", node=1, end=4),
    ],
    ("a superseded token after the grace", "after the grace"): [*ROTATED, refresh(34, "r1", "a9", "r2")],
    ("a token two generations old", "two generations old"): [*TWICE, refresh(5, "r1", "a9", "r2")],
    ("rotated after a reuse", "s after reuse"): [*REUSED, refresh(6, "r3", "a4", "r4", node=2)],
    ("looked up after a reuse", "s after reuse"): [*REUSED, introspect(6, "r3")],
    ("accepted where it was reused", "s after reuse"): [*REUSED, verify(5.02, "a3")],
    ("accepted elsewhere after the bound of a reuse", "s after reuse"): [*REUSED, verify(6.1, "a3", node=1)],
    ("alive after a second use of its code", "s after reuse"): [*GIVEN, exchange(3, status=400), refresh(4)],
    ("rotated after it was revoked", "s after revoke"): [*GIVEN, revoke(3, "r1"), refresh(3.02, node=1)],
    ("looked up after it was revoked", "s after revoke"): [*GIVEN, revoke(3, "r1"), introspect(3.02, "r1", node=1)],
    ("verified at once where it was revoked", "s after revoke"): [
        *GIVEN, revoke(3, "a1", "access"), verify(3.02, "a1"),
    ],
    ("introspected where its grant was revoked", "s after revoke"): [
        *GIVEN, revoke(3, "r1"), introspect(3.02, "a1", hint="access"),
    ],
    ("verified elsewhere after the bound", "s after revoke"): [
        *GIVEN, revoke(3, "a1", "access"), verify(4.1, "a1", node=1),
    ],
    ("accepted after the person took it back", "s after withdraw"): [*GIVEN, withdraw(3), refresh(4, node=1)],
    ("a code accepted after the person took it back", "s after withdraw"): [authorize(1), withdraw(3), exchange(4)],
    ("a code refused for nothing", "could be the reason"): [authorize(1), exchange(2, status=400)],
    ("a refresh token refused for nothing", "could be the reason"): [*GIVEN, refresh(3, status=400)],
    ("an answer that may be repeated refused", "could be the reason"): [*ROTATED, refresh(4, "r1", status=400)],
    ("a refresh token inactive for nothing", "could be the reason"): [*GIVEN, introspect(3, "r1", active=False)],
    ("an access token refused for nothing", "could be the reason"): [*GIVEN, verify(3, "a1", status=401)],
    ("an access token inactive for nothing", "could be the reason"): [
        *GIVEN, introspect(3, "a1", active=False, hint="access"),
    ],
    ("refused for what was revoked of somebody else", "could be the reason"): [
        *GIVEN, authorize(1, "d", "bob"), exchange(2, "d", "b1", "s1"), revoke(3, "s1"), refresh(4, status=400),
    ],
    ("refused before it was revoked", "could be the reason"): [
        *GIVEN, verify(3, "a1", status=401), revoke(4, "a1", "access"),
    ],
    ("refused for what was taken back before it was given", "could be the reason"): [
        withdraw(0.5), *GIVEN, refresh(3, status=400),
    ],
    ("a machine refused", "nothing can be wrong"): [op("issue", 1, status=401)],
    ("503 without Retry-After", "without Retry-After"): [
        *GIVEN, refresh(3, status=503, retry_after="") | {"retry_after": None},
    ],
    ("503 for nothing", "503, and nothing was broken"): [*GIVEN, refresh(3, status=503)],
    ("no answer for nothing", "no answer came"): [*GIVEN, refresh(3, status=None)],
    ("500", "answered 500"): [*GIVEN, refresh(3, status=500)],
    ("502", "answered 502"): [*GIVEN, verify(3, "a1", status=502)],
    ("429", "answered 429"): [*GIVEN, verify(3, "a1", status=429)],
}


@pytest.mark.parametrize(("name", "words"), WRONG)
def test_what_must_not_be_is_found_and_named(name, words):
    history = [{k: v for k, v in line.items() if k != "retry_after" or v} for line in WRONG[name, words]]
    # The one without Retry-After is wrong even beside a fault.
    faults = [fault(2.5, 3.5)] if "without Retry-After" in name else []
    assert any(words in problem for problem in problems(history, faults))


RIGHT = {
    "nothing broken": [*TWICE, introspect(5, "r3"), verify(5, "a1"), verify(5, "a3", node=2)],
    "an answer repeated inside the grace": [*ROTATED, refresh(20, "r1", "a9", "r2", node=1)],
    "two at once, one successor": [*GIVEN, refresh(3, end=4), refresh(3, "r1", "a9", "r2", node=1, end=4)],
    "a reuse": [*REUSED, refresh(6, "r3", status=400), verify(5.02, "a3", status=401), introspect(6, "r3", active=False)],
    "a reuse not heard of yet": [*REUSED, verify(5.9, "a3", node=1)],
    "a superseded token after the grace": [*ROTATED, refresh(34, "r1", status=400), refresh(35, "r2", status=400)],
    "a code twice at once": [
        authorize(1), exchange(2, end=3), exchange(2, node=1, end=3, status=400), refresh(4, status=400),
    ],
    "an old code": [authorize(1), exchange(62, status=400)],
    "a revoked token not heard of yet": [*GIVEN, revoke(3, "a1", "access"), verify(3.9, "a1", node=1)],
    "revoked": [*GIVEN, revoke(3, "r1"), verify(3.02, "a1", status=401), refresh(3.02, node=1, status=400)],
    "refused while it is being revoked": [*GIVEN, revoke(3, "r1", end=4), refresh(3.5, status=400)],
    "taken back": [*GIVEN, withdraw(3), refresh(4, status=400)],
    "given again after it was taken back": [
        *GIVEN, withdraw(3), authorize(4, "d"), exchange(5, "d", "b1", "s1"), refresh(6, "s1", "b2", "s2"),
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_may_be_is_accepted(name):
    assert problems(RIGHT[name]) == []


BROKEN = {
    "no answer, and it happened": [*GIVEN, refresh(3, status=None, end=4), refresh(5, successor="r2")],
    "no answer, and it happened long ago": [*GIVEN, refresh(3, status=None, end=4), refresh(34, status=400)],
    "an exchange without an answer": [authorize(1), exchange(2, status=None, end=4), exchange(5, status=400)],
    "a revocation without an answer": [*GIVEN, revoke(3, "r1", status=None, end=4), refresh(5, status=400)],
    "a revocation that failed after it was done": [*GIVEN, revoke(3, "r1", status=503), refresh(5, status=400)],
    "503": [*GIVEN, refresh(3, status=503), refresh(5)],
}


@pytest.mark.parametrize("name", BROKEN)
def test_beside_a_fault_an_answer_may_be_missing(name):
    assert problems(BROKEN[name], [fault(1.5, 4.5)]) == []


def test_a_fault_of_one_node_is_none_of_another():
    assert problems([*GIVEN, refresh(3, node=1, status=None)], [fault(2, 4, node=0, kind="kill")])


def test_a_node_that_was_frozen_has_the_bound_from_when_it_goes_on():
    history = [*GIVEN, revoke(3, "a1", "access")]
    frozen = [fault(2.5, 6, node=1, kind="freeze")]
    assert problems([*history, verify(7.5, "a1", node=1)], frozen) == []
    assert problems([*history, verify(9, "a1", node=1)], frozen)
    assert problems([*history, verify(7.5, "a1", node=2)], frozen)


def test_what_was_acknowledged_must_be_found_at_the_end():
    end = introspect(20, "r2")
    assert problems([*ROTATED, end], settled=19) == []
    assert problems(ROTATED, settled=19)
    assert problems([*ROTATED, introspect(20, "r2", active=False)], settled=19)
    # Of the family it is the newest that must be there.
    assert problems([*TWICE, end], settled=19)
    assert problems([*ROTATED, revoke(5, "r2")], settled=19) == []
