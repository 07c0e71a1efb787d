"""The systemd unit of examples/nodes, as far as systemd judges a file: it knows every line, and little is left open."""

import re
import shutil
import subprocess

import pytest

from demo_server import binary
from shipped_nodes import SHIPPED
from token_requests import skip_loudly


@pytest.fixture
def unit(tmp_path):
    if shutil.which("systemd-analyze") is None:
        skip_loudly("systemd is not installed")
    file = tmp_path / "doorward@8081.service"
    text = (SHIPPED / "doorward@.service").read_text()
    assert "/usr/local/bin/doorward " in text
    file.write_text(text.replace("/usr/local/bin/doorward", str(binary())))
    return file


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *map(str, arguments)], capture_output=True, text=True)


def test_systemd_knows_every_line(unit):
    ran = analyze("verify", "--man=no", unit)
    mine = [line for line in (ran.stdout + ran.stderr).splitlines() if "doorward@" in line]
    assert ran.returncode == 0 and not mine, ran.stdout + ran.stderr
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystems=strict"))
    assert "ProtectSystems" in analyze("verify", "--man=no", unit).stderr, "it would find a line that is wrong"


def test_little_is_left_open(unit):
    ran = analyze("security", "--offline=true", unit)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", ran.stdout)
    assert found, ran.stdout + ran.stderr
    assert float(found[1]) < 2, ran.stdout
