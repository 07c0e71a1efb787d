"""`explain`, `catalogue`, `config`, and how commands fail."""

import json
import secrets

import pytest

from command_line import (
    DONE,
    REFUSED,
    UNAVAILABLE,
    USAGE,
    doorward,
    on,
    within_a_second,
)
from wire import call, present


@pytest.fixture(scope="module")
def data(demo):
    return demo.data


@pytest.mark.parametrize("name", ["REFRESH_TOKEN_REJECTED", "refresh-token-rejected"])
@pytest.mark.parametrize("form", ["text", "markdown", "json", "html", "man"])
def test_explain_code(name, form):
    ran = doorward("explain", name, "--format", form)
    assert ran.code == DONE, ran.output
    # A man page escapes its hyphens, never the underscores of a code.
    assert "REFRESH_TOKEN_REJECTED" in ran.stdout
    if form == "json":
        json.loads(ran.stdout)
    if form == "html":
        assert "<html" in ran.stdout.lower()
    if form == "man":
        assert ".TH" in ran.stdout


def test_explain_reason():
    ran = doorward("explain", "refresh_token_reused")
    assert ran.code == DONE, ran.output
    assert "refresh_token_reused" in ran.stdout.lower()
    assert "REFRESH_TOKEN_REJECTED" in ran.stdout


def test_explain_topic():
    ran = doorward("explain", "errors.FORBIDDEN", "--format", "json")
    assert ran.json()["topic"] == "errors.FORBIDDEN"


def test_explain_trace(data, contracts):
    entry = contracts["oauth"]
    token = entry["tokens"]["expired"]
    address = entry["base"] + entry["protected"]
    answer = call("GET", address, headers=present("oauth", token))
    trace = answer.headers["Trace-Id"]

    def explained():
        return on(data, "explain", trace, "--format", "json")

    assert within_a_second(lambda: explained().code == DONE), explained().output
    ran = explained()
    assert isinstance(ran.json(), dict)
    assert trace in ran.stdout
    assert "ACCESS_TOKEN_EXPIRED" in ran.stdout
    # The record keeps a fingerprint; the token itself is nowhere in it.
    assert token not in ran.stdout
    assert token.split(".")[-1] not in ran.stdout
    text = on(data, "explain", trace)
    assert text.code == DONE and "ACCESS_TOKEN_EXPIRED" in text.stdout


def test_explain_trace_tells_the_operator_what_the_caller_was_not_told(
    data, contracts, kordiam_tokens
):
    endpoint = f"{contracts['kordiam']['base']}/api/v2/auth/refresh"
    body = {"refresh_token": kordiam_tokens()["refresh_token"]}
    assert call("POST", endpoint, json=body).status_code == 200
    reused = call("POST", endpoint, json=body)
    assert "reuse" not in reused.text.lower()
    trace = reused.headers["Trace-Id"]
    assert within_a_second(
        lambda: "refresh_token_reused"
        in on(data, "explain", trace, "--format", "json").stdout.lower()
    )


@pytest.mark.skip(reason="explain --response is the fourth issue's")
def test_explain_response(tmp_path, data, contracts):
    entry = contracts["kordiam"]
    answer = call("GET", entry["base"] + entry["protected"])
    lines = [f"HTTP/1.1 {answer.status_code} Unauthorized"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    pasted = tmp_path / "response.txt"
    pasted.write_text("\n".join([*lines, "", answer.text]))
    ran = on(data, "explain", "--response", pasted)
    assert ran.code == DONE, ran.output
    assert answer.headers["Trace-Id"] in ran.output
    assert "kordiam" in ran.output.lower()


def test_explain_unknown(data):
    trace = secrets.token_hex(16)
    assert on(data, "explain", trace).code == REFUSED
    assert on(data, "explain", "NO_SUCH_CODE").code == REFUSED


def test_catalogue_list():
    found = doorward("catalogue", "list", "--json").json()
    if isinstance(found, dict):
        found = found["codes"]
    codes = {entry["code"] for entry in found}
    expected = {"CREDENTIALS_MISSING", "ACCESS_TOKEN_EXPIRED", "REFRESH_TOKEN_REJECTED"}
    assert expected <= codes
    assert doorward("explain", sorted(codes)[0]).code == DONE


def test_catalogue_lint():
    ran = doorward("catalogue", "lint")
    assert ran.code == DONE, ran.output


def test_config_check_without_a_file(tmp_path):
    ran = doorward("config", "check", "--data", tmp_path / "data", directory=tmp_path)
    assert ran.code == DONE, ran.output


def test_config_check_names_file_and_line(tmp_path):
    file = tmp_path / "broken.conf"
    file.write_text("\n\n{{{ this is no configuration\n")
    ran = doorward("config", "check", "--config", file)
    assert ran.code in (USAGE, REFUSED), ran.output
    assert "broken.conf" in ran.output
    assert any(character.isdigit() for character in ran.output.split("broken.conf")[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["client", "no-such-verb"],
        ["client", "show"],
        ["client", "list", "--no-such-flag"],
        ["explain", "UNAUTHORIZED", "--format", "no-such-format"],
    ],
)
def test_usage(arguments):
    assert doorward(*arguments).code == USAGE


def test_store_unavailable():
    ran = on("/dev/null/no-such-directory", "client", "list")
    assert ran.code == UNAVAILABLE, ran.output
