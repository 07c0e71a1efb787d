"""What the benchmarks conclude from figures; no load is made here."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "Benchmarks"


def module(name):
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", BENCHMARKS / f"{name}.py")
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = loaded
        spec.loader.exec_module(loaded)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return loaded


@pytest.fixture(scope="module")
def regressions():
    return module("regressions")


@pytest.fixture
def results():
    return {
        "quick": False,
        "nginx": {"rate": 100_000, "microseconds": 10.0, "share": 0.98},
        "verify, token seen before": {"rate": 20_000, "microseconds": 25.0},
        "verify, oauth, valid": {"rate": 1, "microseconds": 20.0},
        "verify, oauth, expired": {"rate": 1, "microseconds": 40.0},
        "verify, kordiam, expired": {"rate": 1, "microseconds": 10.0},
        "raw Argon2id": {"rate": 50},
        "sign-ins": {"rate": 40, "microseconds": 25_000.0},
        "memory when idle, MB": {"rate": 40},
        "1,000 grants: verify, seen": {"rate": 1, "microseconds": 20.0},
        "100,000 grants: verify, seen": {"rate": 1, "microseconds": 25.0},
    }


def test_ratios_are_by_processor_time_and_more_is_better(regressions, results):
    found = regressions.ratios(results)
    assert {work: (round(ratio.value, 6), ratio.by) for work, ratio in found.items()} == {
        # Not 0.2, which the rates would say: something else had the core meanwhile.
        "forward-auth, token seen before": (0.4, "processor time"),
        # A bare hash has no figure but its rate: 20,000 µs each.
        "sign-ins": (0.8, "processor time"),
        "memory, idle": (1.5, "rate"),
        "/verify, every contract, allowed": (0.5, "processor time"),
        "/verify, every contract, refused": (0.5, "processor time"),
        "verify, seen; 1,000 → 100,000 grants": (0.8, "processor time"),
    }


@pytest.mark.parametrize("slower, is_worse", [(1.0, False), (1.17, False), (1.19, True), (2.0, True), (0.5, False)])
def test_only_what_is_worse_than_the_noise_is_told_of(regressions, results, tmp_path, slower, is_worse):
    file = tmp_path / "recorded.json"
    assert regressions.judge(results, takes_down=True, file=file)[1] is False
    results["verify, token seen before"]["microseconds"] *= slower
    said, worse = regressions.judge(results, takes_down=False, file=file)
    assert worse is is_worse
    assert ("| forward-auth, token seen before | 0.4 | **" in said) is is_worse
    assert ("Better than recorded: forward-auth" in said) is (slower == 0.5)


def test_engines_and_works_not_measured_stay_as_they_were(regressions, results, tmp_path):
    file = tmp_path / "recorded.json"
    regressions.judge(results, takes_down=True, file=file)
    other = {"rate": 1, "microseconds": 12.5}
    both = {**results, "PostgreSQL: verify, token seen before": other, "PostgreSQL: 1,000 grants: verify, seen": other}
    regressions.judge(both, takes_down=True, file=file)
    part = {name: results[name] for name in ("quick", "nginx")} | {
        "verify, token seen before": {"rate": 1, "microseconds": 20.0}}
    regressions.judge(part, takes_down=True, file=file)
    whole = json.loads(file.read_text())
    assert whole["SQLite"]["forward-auth, token seen before"]["ratio"] == 0.5
    assert whole["SQLite"]["sign-ins"]["ratio"] == 0.8
    assert whole["SQLite"]["verify, seen; 1,000 → 100,000 grants"]["ratio"] == 0.8
    assert {work: found["ratio"] for work, found in whole["PostgreSQL"].items()} == {"forward-auth, token seen before": 0.8}
    assert set(whole["SQLite"]["sign-ins"]) == {"ratio", "by", "machine", "commit", "date"}


@pytest.mark.parametrize("change", [{"quick": True}, {"nginx": {"rate": 1, "microseconds": 10.0, "share": 0.6}}])
def test_a_quick_or_disturbed_run_is_not_recorded(regressions, results, tmp_path, change):
    with pytest.raises(SystemExit, match="Not recorded"):
        regressions.judge({**results, **change}, takes_down=True, file=tmp_path / "recorded.json")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def mixed():
    return module("mixed")


ACCEPTED, REFUSED = b"HTTP/1.1 200 OK\r\nX-Auth-Token-Id: 1\r\n\r\n", b'HTTP/1.1 401 Unauthorized\r\n\r\n/errors/x"'


@pytest.mark.parametrize(
    "sent, now, answer, is_wrong",
    [
        ("valid", "valid", ACCEPTED, False),
        ("valid", "valid", REFUSED, True),
        ("valid", "being revoked", ACCEPTED, False),
        ("valid", "being revoked", REFUSED, False),
        ("valid", "revoked", ACCEPTED, False),
        ("being revoked", "revoked", ACCEPTED, False),
        ("being revoked", "revoked", b"HTTP/1.1 500 Internal Server Error\r\n\r\n", True),
        ("revoked", "revoked", REFUSED, False),
        ("revoked", "revoked", ACCEPTED, True),
    ],
)
def test_a_token_is_judged_by_when_its_revocation_was_sent_and_acknowledged(mixed, sent, now, answer, is_wrong):
    cases = mixed.mixed_cases
    place = cases.VERIFY
    subject = cases.Subject(
        "JWT",
        alive={place: cases.case("before", "before", b"", 200, b"X-Auth-Token-Id: 1")},
        dead={place: cases.case("after", "after", b"", 401, b'/errors/x"')},
        revoke=None,
        state=now,
    )
    load = object.__new__(mixed.Load)
    load.place, load.judged, load.wrong, load.latencies = place, mixed.collections.Counter(), [], []
    connection = object.__new__(mixed.Connection)
    connection.subject, connection.state, connection.sent = subject, sent, 0
    connection.case = (subject.alive if sent == "valid" else subject.dead)[place]
    load.judge(connection, answer)
    assert bool(load.wrong) is is_wrong
    assert sum(load.judged.values()) == 1
