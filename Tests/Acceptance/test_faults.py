"""The fault suite in its short form; `make soak` is the long one (soak.py).

Real servers on a real database, a storm of requests, faults; and the checker, which reads the history alone.
"""

import warnings

import pytest

import soak


def prove(result, least_operations, least_faults):
    print(result.text())
    assert result.problems == [], result.text()
    assert result.operations >= least_operations and sum(result.faults.values()) >= least_faults, result.text()
    # Something was ended, looked for, and rightly refused: otherwise nothing is proven.
    for what in (
        "true refusals", "families found at the end", "grants withdrawn or revoked", "sessions refused after their end",
        "tokens of a replaced key accepted",
    ):
        assert result.proven.get(what), result.text()


def test_three_nodes_on_one_sqlite_file(tmp_path):
    prove(soak.on_sqlite(tmp_path, seconds=20, pause=0.7), least_operations=100, least_faults=4)


def test_three_nodes_on_postgresql(tmp_path):
    try:
        result = soak.on_postgresql(tmp_path, seconds=35, pause=0.7)
    except soak.NotInstalled:
        warnings.warn("NOT TESTED: PostgreSQL is not installed (apt-get install postgresql)", stacklevel=1)
        pytest.skip("PostgreSQL is not installed")
    prove(result, least_operations=200, least_faults=5)
