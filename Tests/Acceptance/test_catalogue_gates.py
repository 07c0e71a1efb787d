"""`doorward catalogue diff`: what callers have built on does not change unseen."""

import json

import pytest

from command_line import DONE, REFUSED, USAGE, doorward
from demo_server import REPOSITORY

BASELINE = REPOSITORY / "Tests/catalogue-baseline.json"


def test_nothing_changed_since_the_baseline_that_the_changelog_does_not_say():
    ran = doorward("catalogue", "diff", BASELINE, "--changelog", REPOSITORY / "CHANGELOG.md")
    assert ran.code == DONE, ran.output


def test_an_export_does_not_differ_from_itself(tmp_path):
    old = tmp_path / "old.json"
    old.write_text(doorward("catalogue", "export", "document", "json").stdout)
    ran = doorward("catalogue", "diff", old)
    assert ran.code == DONE and "0 changes" in ran.stdout


@pytest.mark.parametrize(
    "change, aspect",
    [
        (lambda e: e.update(status=409), "status"),
        (lambda e: e.update(text="Another word."), "text"),
        (lambda e: e.update(retry="same"), "retry"),
        (lambda e: e.update(code="OLDER_NAME"), "renamed"),
        (lambda e: e.update(code="OLDER_NAME", slug="older-name"), "removed"),
        (lambda e: e["wire"][0]["body"].update(error="other"), "oauth"),
    ],
)
def test_a_change_is_refused_until_the_changelog_has_it(tmp_path, change, aspect):
    catalogue = json.loads(doorward("catalogue", "export", "document", "json").stdout)
    entry = next(e for e in catalogue["codes"] if e["code"] == "ACCESS_TOKEN_EXPIRED")
    change(entry)
    old, changelog = tmp_path / "old.json", tmp_path / "CHANGELOG.md"
    old.write_text(json.dumps(catalogue))
    changelog.write_text("# Changelog\n")
    ran = doorward("catalogue", "diff", old, "--changelog", changelog)
    assert ran.code == REFUSED and aspect in ran.stdout, ran.output
    changelog.write_text(f"# Changelog\n\n- `{entry['code']}`: {aspect}, because it had to be.\n")
    ran = doorward("catalogue", "diff", old, "--changelog", changelog)
    assert ran.code == DONE, ran.output


def test_what_is_no_export_is_a_wrong_call(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    assert doorward("catalogue", "diff", wrong).code == USAGE
    assert doorward("catalogue", "diff", tmp_path / "none.json").code == USAGE
