"""Small things a person meets: a way on from every page, their own language, addresses that are no pages."""

import re
import subprocess

import pytest
import requests

import flows
from demo_server import binary
from flows import assert_page, new_user
from wire import call

GERMAN = {"Accept-Language": "de", "Accept": "text/html"}


def test_the_signed_out_page_leads_on(issuer):
    page = call("GET", f"{issuer}/oauth/logout")
    assert 'href="/login"' in page.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/consent"), ("PUT", "/account"), ("DELETE", "/login")])
def test_a_step_opened_by_itself_does_not_blame_an_application(issuer, method, path):
    answer = call(method, f"{issuer}{path}", headers={"Accept": "text/html"})
    assert_page(answer, 405)
    assert "application’s request" not in answer.text and "step" in answer.text


@pytest.mark.parametrize("path", ["/login/foo", "/login/switch/x", "/login/"])
def test_below_the_sign_in_is_nothing(issuer, path):
    assert call("GET", f"{issuer}{path}", headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.parametrize(("language", "day"), [("en", r"Since \d+ [A-Z][a-z]+ \d{4}"), ("de", r"Seit \d+\. [A-Z]\S+ \d{4}")])
def test_the_account_writes_dates_as_people_do(manifest, demo, language, day):
    flow = flows.web(manifest)
    browser = flow.begin()
    browser.sign_in(*new_user(demo.data))
    browser.press("Allow access")
    browser.request("GET", f"{manifest['issuer']}/account", headers={"Accept-Language": language})
    assert re.search(day, browser.answer.text)


@pytest.mark.parametrize("error", ["access_denied", "user_manually_returned_to_application", "server_error", "x"])
def test_the_sample_application_speaks_to_people_and_not_to_developers(manifest, error):
    with requests.Session() as browser:
        browser.trust_env = False
        asked = browser.get(f"{manifest['app']}/connect", allow_redirects=False).headers
        assert "no-store" in asked["Cache-Control"] and asked["Referrer-Policy"] == "no-referrer"
        state = re.search(r"state=([^&]+)", asked["Location"]).group(1)
        answer = {"error": error, "error_description": "User denied access to application", "state": state}
        for headers, words in ((GERMAN, "Es wurde nichts freigegeben"), ({}, "Nothing was shared")):
            page = browser.get(f"{manifest['app']}/callback", params=answer, headers=headers)
            assert words in page.text and "User denied" not in page.text
        page = browser.get(f"{manifest['app']}/callback", params=answer | {"state": "other"})
        assert "does not belong" in page.text


def test_the_first_page_leads_to_the_sample_application(issuer, manifest):
    front = call("GET", f"{issuer}/", headers={"Accept": "text/html"}).text
    assert f'href="{manifest["app"]}/"' in front and "ada@example.com" in front


def test_every_ending_of_a_notice_is_counted(issuer):
    text = call("GET", f"{issuer}/metrics").text
    for outcome in ("delivered", "postponed", "abandoned"):
        assert re.search(rf'^doorward_logout_notices_total{{outcome="{outcome}"}} \d+$', text, re.M)


def test_RFC6797_6_1_only_an_encrypted_issuer_is_pinned(issuer):
    assert "Strict-Transport-Security" not in call("GET", f"{issuer}/login").headers


@pytest.mark.parametrize("text", ["[::1]", "::1:8080:", "[::1:8080", "::1]:8080", "[]:8080", "[localhost]:8080"])
def test_what_is_no_address_is_refused(text, tmp_path):
    ran = subprocess.run(
        [str(binary()), "serve", "--listen", text, "--data", str(tmp_path)], capture_output=True, text=True, timeout=20
    )
    assert ran.returncode == 2 and "[::1]:8080" in ran.stderr


def test_RFC3986_3_2_2_an_address_in_brackets_is_listened_on(tmp_path):
    server = subprocess.Popen(
        [str(binary()), "serve", "--listen", "[::1]:0", "--data", str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = re.search(r"on \[::1\]:(\d+),", server.stdout.readline()).group(1)
        assert call("GET", f"http://[::1]:{port}/health/live").status_code == 200
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize(("count", "words"), [(1, "good (1 API)"), (2, "good (2 APIs)")])
def test_config_check_counts_in_english(tmp_path, count, words):
    apis = "".join(f"  - {{name: a{n}, prefix: /a{n}, upstream: 'http://127.0.0.1:1'}}\n" for n in range(count))
    (tmp_path / "d.yaml").write_text("apis:\n" + apis)
    ran = subprocess.run(
        [str(binary()), "config", "check", str(tmp_path / "d.yaml")], capture_output=True, text=True, timeout=20
    )
    assert ran.returncode == 0 and words in ran.stdout
