"""The checker of the fault suite rejects every history that must not be, and accepts what may be."""

import pytest

from fault_checker import Checker
from histories_right import BROKEN, RIGHT
from histories_wrong import WRONG
from history_lines import (
    GIVEN, ROTATED, TWICE, authorize, exchange, fault, introspect, refresh, revoke, verify,
)


def problems(history, faults=(), settled=None):
    return Checker(list(history), list(faults), settled).check()


@pytest.mark.parametrize(("name", "words"), WRONG)
def test_what_must_not_be_is_found_and_named(name, words):
    history = [{k: v for k, v in line.items() if k != "retry_after" or v} for line in WRONG[name, words]]
    # The one without Retry-After is wrong even beside a fault.
    faults = [fault(2.5, 3.5)] if "without Retry-After" in name else []
    assert any(words in problem for problem in problems(history, faults))


@pytest.mark.parametrize("name", RIGHT)
def test_what_may_be_is_accepted(name):
    assert problems(RIGHT[name]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_beside_a_fault_an_answer_may_be_missing(name):
    assert problems(BROKEN[name], [fault(1.5, 4.5)]) == []


def test_a_fault_of_one_node_is_none_of_another():
    assert problems([*GIVEN, refresh(3, node=1, status=None)], [fault(2, 4, node=0, kind="kill")])


def test_a_node_that_was_killed_knows_nothing_of_what_it_did_not_answer():
    history = [authorize(1), exchange(2, status=503), exchange(8, status=400)]
    assert problems(history, [fault(1.5, 2.5)])
    assert problems(history, [fault(1.5, 2.5), fault(3, 5, node=1, kind="kill")])
    assert problems(history, [fault(1.5, 2.5), fault(3, 5, node=0, kind="kill")]) == []


def test_a_node_that_was_frozen_has_the_bound_from_when_it_goes_on():
    history = [*GIVEN, revoke(3, "a1", "access")]
    frozen = [fault(2.5, 6, node=1, kind="freeze")]
    assert problems([*history, verify(7.5, "a1", node=1)], frozen) == []
    assert problems([*history, verify(9, "a1", node=1)], frozen)
    assert problems([*history, verify(7.5, "a1", node=2)], frozen)


def test_what_was_acknowledged_must_be_found_at_the_end():
    end = introspect(20, "r2")
    assert problems([*ROTATED, end], settled=19) == []
    assert any("nobody looked" in problem for problem in problems(ROTATED, settled=19))
    for unseen in (introspect(20, "r2", active=False), introspect(20, "r2", None, status=401)):
        assert any(f"not found at the end: operation {unseen['op']} got" in p for p in problems([*ROTATED, unseen], settled=19))
    # Of the family it is the newest that must be there.
    assert problems([*TWICE, end], settled=19)
    assert problems([*ROTATED, revoke(5, "r2")], settled=19) == []
