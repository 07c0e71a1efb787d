"""Pages of the manual: written for installation, and without a fault that the formatters know."""

import shutil
import subprocess

import pytest

from command_line import DONE, REFUSED, doorward
from token_requests import skip_loudly


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    ran = doorward("catalogue", "export", "man", folder)
    assert ran.code == DONE, ran.output
    pages = sorted(folder.glob("man?/*"))
    assert len(pages) > 200
    return pages


def test_there_is_one_for_every_code_and_reason_and_for_the_command(manual):
    names = {page.name for page in manual}
    assert {"doorward.1", "doorward-errors.7", "doorward-access-token-expired.7", "doorward-reason-token-expired.7",
            "doorward-contract-kordiam.7"} <= names  # fmt: skip
    for code in doorward("catalogue", "list", "--json").json():
        assert f"doorward-{code['slug']}.7" in names


def test_mandoc_has_nothing_to_say(manual):
    if not shutil.which("mandoc"):
        skip_loudly("mandoc is not installed")
    ran = subprocess.run(["mandoc", "-Tlint", *manual], capture_output=True, text=True)
    assert ran.stdout + ran.stderr == ""
    assert ran.returncode == 0


def test_man_shows_them_without_a_warning(manual):
    if not shutil.which("man") or not shutil.which("groff"):
        skip_loudly("man is not installed")
    for page in manual[::9] + manual[:3]:
        ran = subprocess.run(
            ["man", "--warnings", "-l", str(page)],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""},
        )
        assert ran.returncode == 0 and ran.stderr == "", (page.name, ran.stderr)
        assert "NAME" in ran.stdout and "DESCRIPTION" in ran.stdout


def test_one_page_on_standard_output():
    page = doorward("man", "access_token_expired")
    assert page.code == DONE and page.stdout.startswith(".TH ")
    assert doorward("man").stdout.startswith('.TH "DOORWARD" "1"')
    assert doorward("man", "contracts.kordiam").code == DONE
    unknown = doorward("man", "ACCESS_TOKEN_EXPIRE")
    assert unknown.code == REFUSED and "ACCESS_TOKEN_EXPIRED" in unknown.output
