"""Every code that a contract has words for, at every place where it can be provoked: the bytes are those of the real thing."""

import pytest

import comparisons_api  # noqa: F401
import comparisons_people  # noqa: F401
import comparisons_token  # noqa: F401
from command_line import DONE, REFUSED, doorward
from comparisons import COMPARISONS, Pair
from never_real import NEVER_REAL
from situations import Stage


PLACES = ("api", "token", "authorization", "page")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("provoking"))
    yield stage
    stage.close()


@pytest.mark.parametrize("code, contract, place", COMPARISONS)
def test_what_is_provoked_equals_what_is_real(stage, code, contract, place):
    COMPARISONS[code, contract, place](Pair(stage, code, contract))


def test_whatever_can_be_provoked_is_compared_or_cannot_be_real(stage):
    """`doorward provoke --all` says what a contract has words for, and where."""
    ran = doorward("provoke", "--all", "--data", stage.world.data)
    assert ran.code in (DONE, REFUSED), ran.output
    # What was not reached in time is a place all the same.
    rows = [line.replace("NOT REACHED", "NOT-REACHED").split() for line in ran.stdout.splitlines()]
    provoked = {(row[1], row[2], row[3]) for row in rows if len(row) == 5 and row[3] in PLACES}
    excused = {(code, contract, place) for _, code, place, contracts in NEVER_REAL for contract in contracts}
    assert set(COMPARISONS) & excused == set()
    assert sorted(provoked - set(COMPARISONS) - excused) == [], "neither compared nor excused"
    assert sorted((set(COMPARISONS) | excused) - provoked) == [], "not provoked by any"
