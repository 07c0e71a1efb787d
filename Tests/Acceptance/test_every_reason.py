"""Every reason of the catalogue comes about for real, and the operator is told all of it: the whole record, held against a file.

`DOORWARD_WRITE_RECORDS=1` writes the files anew; what changes in them is then to be read, and to be right.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

import situations_api  # noqa: F401
import situations_client  # noqa: F401
import situations_people  # noqa: F401
import situations_server  # noqa: F401
import situations_start  # noqa: F401
from command_line import Ran
from demo_server import binary
from record_normal import Normal, normal, written
from record_shape import faults
from situations import SITUATIONS, Stage

RECORDS = Path(__file__).parent / "records"
WRITE = os.environ.get("DOORWARD_WRITE_RECORDS") == "1"


def reasons() -> list[str]:
    listed = subprocess.run([str(binary()), "catalogue", "list", "--json"], capture_output=True, text=True)
    return [reason for code in json.loads(listed.stdout) for reason in code["reasons"]] if listed.stdout else []


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("situations"))
    yield stage
    stage.close()


@pytest.mark.parametrize("reason", reasons())
def test_a_reason_is_told_whole(stage, reason):
    assert reason in SITUATIONS, f"nothing makes {reason} happen; add a situation"
    made = stage.given(SITUATIONS[reason](stage))
    if isinstance(made, Ran):
        told = {"exit_code": made.code, "printed": Normal({}).text(made.output).splitlines()}
    else:
        record = made.record()
        assert record["reason"] == reason, record["sentence"]
        assert record["trace_id"] == made.trace
        made.is_what_was_sent(record)
        assert faults(record) == []
        told = normal(record, made.names)
    file = RECORDS / f"{reason}.json"
    if WRITE:
        RECORDS.mkdir(exist_ok=True)
        file.write_text(written(told))
    assert written(told) == file.read_text()


def test_no_situation_and_no_record_is_left_over():
    assert sorted(SITUATIONS) == sorted(reasons())
    assert sorted(file.stem for file in RECORDS.glob("*.json")) == sorted(reasons())
