"""The tour that the demo prints: its lines are pasted into a shell, as a newcomer would."""

import subprocess

import pytest

from wire import call


@pytest.fixture(scope="module")
def printed(demo, tmp_path_factory):
    lines = [line.strip() for line in demo.printed().splitlines()]
    lines = [l for l in lines if l.startswith(("curl ", "TOKEN=", "TRACE=")) or " explain " in l]
    assert len(lines) > 10
    answers = {}
    script = "".join(f"echo '=== {index}'\n{line}\necho\n" for index, line in enumerate(lines))
    run = subprocess.run(
        ["bash", "-u"], input=script, capture_output=True, text=True, cwd=tmp_path_factory.mktemp("tour"), timeout=60
    )
    for part in run.stdout.split("=== ")[1:]:
        index, _, text = part.partition("\n")
        answers[lines[int(index)]] = text
    return answers


def test_every_line_does_what_it_says(printed):
    for line, text in printed.items():
        if line.startswith(("TOKEN=", "TRACE=")):
            continue
        if "$TOKEN" in line:
            assert "200 OK" in text, line
        elif "explain" in line:
            assert "REFUSED" in text and "CREDENTIALS_MISSING" in text, text
        elif "/errors/" in line or "/help/" in line:
            assert "UNAUTHORIZED" in text or "CREDENTIALS_MISSING" in text, line
        else:
            assert "401 Unauthorized" in text and "Trace-Id" in text, (line, text)


def test_the_first_page_takes_a_newcomer_through_it(issuer, manifest):
    answer = call("GET", f"{issuer}/", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    for secret in [c["client_secret"] for c in manifest["clients"].values() if "client_secret" in c]:
        assert secret not in answer.text
    for entry in manifest["contracts"].values():
        for token in entry["tokens"].values():
            assert token not in answer.text
