"""contracts.md 5.7, rows CY-1 to CY-12."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from command_line import DONE, REFUSED, doorward
from token_requests import token_request
from wire import assert_json, assert_not_stored, call, exact, media_type

SEED_TEXT = (Path(__file__).parent / "seeds/cyoda-errors-UNAUTHORIZED.json").read_text()
SEED = json.loads(SEED_TEXT)


def keys_in_order(value):
    """All object keys in the order they were written, depth first."""
    if isinstance(value, dict):
        return [(key, keys_in_order(member)) for key, member in value.items()]
    if isinstance(value, list):
        return [keys_in_order(member) for member in value]
    return None


def problem(status, title, code, message, instance) -> dict:
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": f"{code}: {message}",
        "instance": instance,
        "properties": {"errorCode": code},
    }


def assert_problem(answer, expected):
    assert answer.status_code == expected["status"], answer.text
    assert media_type(answer) == "application/problem+json"
    assert_json(answer, expected)
    assert_not_stored(answer)


@pytest.fixture(scope="module")
def base(contracts):
    return contracts["cyoda"]["base"]


@pytest.fixture(scope="module")
def entry(contracts):
    return contracts["cyoda"]


@pytest.fixture(scope="module")
def tree(base):
    answer = call("GET", f"{base}/api/help")
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_is_seed(answer):
    assert answer.status_code == 200, answer.text
    assert media_type(answer) == "application/json"
    assert_json(answer, SEED)
    assert keys_in_order(answer.json()) == keys_in_order(SEED)
    assert "children" not in answer.json()


def test_CY_1_dotted_topic(base):
    assert_is_seed(call("GET", f"{base}/api/help/errors.UNAUTHORIZED"))


def test_CY_2_slashed_topic(base):
    assert_is_seed(call("GET", f"{base}/api/help/errors/UNAUTHORIZED"))


def test_CY_3_topics_are_case_sensitive(base):
    assert_problem(
        call("GET", f"{base}/api/help/errors.unauthorized"),
        problem(
            404,
            "Not Found",
            "HELP_TOPIC_NOT_FOUND",
            "no such help topic: errors.unauthorized",
            "/api/help/errors.unauthorized",
        ),
    )


@pytest.mark.parametrize(
    "topic", ["errors.", "%3Cx%3E", ".errors", "errors..FORBIDDEN"]
)
def test_CY_4_invalid_topic_path(base, topic):
    answer = exact(base, "GET", f"{urlsplit(base).path}/api/help/{topic}")
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["detail"] in (
        "BAD_REQUEST: invalid topic path: contains disallowed characters",
        "BAD_REQUEST: invalid topic path: empty segment",
    )
    if "%" in topic:
        assert body["detail"].endswith("contains disallowed characters")
    message = body["detail"].removeprefix("BAD_REQUEST: ")
    # Whether the path is printed decoded is not said; that it is one path is.
    assert body["instance"].startswith("/api/help/")
    expected = problem(400, "Bad Request", "BAD_REQUEST", message, body["instance"])
    assert_problem(answer, expected)


def test_CY_5_only_get(base):
    answer = call("POST", f"{base}/api/help")
    assert answer.status_code == 405, answer.text
    allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
    # OPTIONS is served for CORS (6.5, 47); HEAD follows from GET.
    assert allowed - {"HEAD"} == {"GET", "OPTIONS"}
    message = "method not allowed; GET only"
    expected = problem(405, "Method Not Allowed", "BAD_REQUEST", message, "/api/help")
    assert_problem(answer, expected)


def test_CY_6_whole_tree(tree):
    assert list(tree) == ["schema", "version", "topics"]
    assert type(tree["schema"]) is int and tree["schema"] == 1
    assert isinstance(tree["version"], str) and tree["version"]
    names = [topic["topic"] for topic in tree["topics"]]
    assert len(names) == len(set(names))
    assert {"errors", "errors.UNAUTHORIZED", "errors.FORBIDDEN"} <= set(names)
    dangling = {
        target
        for topic in tree["topics"]
        for target in topic["see_also"]
        if target not in names
    }
    assert dangling == set()


def test_CY_6_parents_come_before_children(tree):
    names = [topic["topic"] for topic in tree["topics"]]
    for position, name in enumerate(names):
        if "." in name:
            assert names.index(name.rpartition(".")[0]) < position


def test_CY_7_every_failure_of_the_bearer_looks_the_same(entry):
    tokens = entry["tokens"]
    target = urlsplit(entry["base"]).path + entry["protected"]
    presented = {
        "no header": None,
        "lower case": f"bearer {tokens['valid']}",
        "empty": "Bearer ",
        "no scheme": tokens["valid"],
        "two spaces in": f"Bearer {tokens['valid']} x",
        "garbage": "Bearer garbage",
        **{
            kind: f"Bearer {tokens[kind]}"
            for kind in ("bad_signature", "expired", "untrusted_issuer", "unknown")
        },
        "revoked": f"Bearer {tokens['revoked']}",
    }
    if "wrong_audience" in tokens:
        presented["wrong audience"] = f"Bearer {tokens['wrong_audience']}"
    expected = problem(
        401,
        "Unauthorized",
        "UNAUTHORIZED",
        "authentication failed",
        entry["protected"],
    )
    bodies = set()
    for value in presented.values():
        headers = [("Authorization", value)] if value is not None else []
        answer = exact(entry["base"], "GET", target, headers)
        assert_problem(answer, expected)
        bodies.add(answer.content)
    assert len(bodies) == 1


def test_CY_7_the_valid_token_is_valid(entry):
    # Otherwise the row above could pass by refusing everybody.
    answer = call(
        "GET",
        entry["base"] + entry["protected"],
        headers={"Authorization": f"Bearer {entry['tokens']['valid']}"},
    )
    assert answer.status_code == 200, answer.text


def test_CY_8_without_the_role(entry):
    answer = call(
        "GET",
        entry["base"] + entry["protected"],
        headers={"Authorization": f"Bearer {entry['tokens']['forbidden']}"},
    )
    path = entry["protected"]
    expected = problem(403, "Forbidden", "FORBIDDEN", "forbidden", path)
    assert_problem(answer, expected)


def test_CY_9_wrong_secret(base, clients):
    wrong = {**clients["cyoda"], "client_secret": "wrong"}
    answer = token_request(
        f"{base}/api/oauth/token", wrong, {"grant_type": "client_credentials"}
    )
    assert answer.status_code == 401, answer.text
    assert media_type(answer) == "application/json"
    assert answer.json()["error"] == "invalid_client"
    assert answer.json()["error_description"]


def test_CY_9_other_grant(base, clients):
    answer = token_request(
        f"{base}/api/oauth/token", clients["cyoda"], {"grant_type": "password"}
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "unsupported_grant_type"
    assert answer.json()["error_description"]


def test_CY_10_topic_on_the_command_line(tmp_path):
    ran = doorward(
        "explain", "errors.UNAUTHORIZED", "--format", "json", directory=tmp_path
    )
    assert ran.code == DONE, ran.output
    printed = json.loads(ran.stdout)
    assert json.dumps(printed, sort_keys=True) == json.dumps(SEED, sort_keys=True)
    assert keys_in_order(printed) == keys_in_order(SEED)
    # Two-space JSON; escapes are free, so the bytes of the texts are not compared.
    assert ran.stdout.splitlines()[1].startswith('  "topic"')
    assert ran.stdout.endswith("}\n")


def test_CY_11_unknown_topic_on_the_command_line(tmp_path, tree):
    ran = doorward("explain", "errors.NOPE", directory=tmp_path)
    assert ran.code == REFUSED, ran.output
    assert "NOPE" in ran.output
    children = [
        topic["path"][-1]
        for topic in tree["topics"]
        if topic["topic"].startswith("errors.")
    ]
    assert any(child in ran.output for child in children), ran.output


def derived(body: str) -> dict:
    """What a descriptor says twice, read again from its own body."""
    sections = []
    for part in ("\n" + body).split("\n## ")[1:]:
        name, _, text = part.partition("\n")
        sections.append({"name": name.strip(), "body": text.strip()})
    texts = {section["name"]: section["body"] for section in sections}
    topic = body.splitlines()[0].removeprefix("# ")
    return {
        "topic": topic,
        "path": topic.split("."),
        "synopsis": texts["DESCRIPTION"].split("\n\n")[0],
        "sections": sections,
        "see_also": [
            line.removeprefix("- ")
            for line in texts.get("SEE ALSO", "").splitlines()
            if line
        ],
    }


def test_CY_12_seed_is_derived_from_its_body(base):
    served = call("GET", f"{base}/api/help/errors.UNAUTHORIZED").json()
    for name, value in derived(served["body"]).items():
        assert served[name] == value == SEED[name]


def test_CY_12_every_error_topic_is_derived_from_its_body(tree):
    topics = [t for t in tree["topics"] if t["topic"].startswith("errors.")]
    assert topics
    for topic in topics:
        for name, value in derived(topic["body"]).items():
            assert topic[name] == value, (topic["topic"], name)
