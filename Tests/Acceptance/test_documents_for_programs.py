"""JSON Schema and OpenAPI: what they promise is what the server really answers."""

import re

import pytest

from token_requests import token_request
from wire import call, media_type, present

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def catalogue(issuer):
    return call("GET", f"{issuer}/errors.json").json()


@pytest.fixture(scope="module")
def schema(issuer):
    return call("GET", f"{issuer}/errors/schema.json").json()


@pytest.fixture(scope="module")
def openapi(issuer):
    return call("GET", f"{issuer}/errors/openapi.json").json()


def body_schema(schema, name):
    return {"$schema": schema["$schema"], **schema["$defs"][name]}


def is_valid(body, against) -> bool:
    return jsonschema.Draft202012Validator(against).is_valid(body)


def test_the_catalogue_follows_its_schema(catalogue, schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(catalogue)
    assert catalogue["$schema"] == schema["$id"]


def test_every_example_follows_the_schema_of_its_contract(catalogue, schema):
    looked = 0
    for entry in catalogue["codes"]:
        for wire in entry["wire"]:
            jsonschema.validate(wire["body"], body_schema(schema, f"{wire['contract']}.{wire['where']}"))
            looked += 1
    assert looked > 300


def refusals(manifest, issuer):
    """Real ones, of every contract: the API with each kind of token, the token endpoints with each kind of fault."""
    for contract, entry in manifest["contracts"].items():
        url = entry["base"] + entry["protected"]
        answers = [(None, call("GET", url)), ("scheme", call("GET", url, headers={"Authorization": "Basic x"}))]
        for kind, token in entry["tokens"].items():
            if kind not in ("valid", "refresh"):
                answers.append((kind, call("GET", url, headers=present(contract, token))))
        for kind, answer in answers:
            if answer.status_code >= 400:
                yield contract, "api", "GET", url, kind, answer
    places = [("oauth", f"{issuer}/oauth/token", manifest["clients"]["machine"])]
    for contract, path, client in [
        ("smartcar-v2", "/oauth/token", "smartcar"),
        ("kordiam", "/api/v2/auth/token", "kordiam"),
        ("cyoda", "/api/oauth/token", "cyoda"),
    ]:
        places.append((contract, manifest["contracts"][contract]["base"] + path, manifest["clients"][client]))
    for contract, url, client in places:
        for fault in [
            {},
            {"grant_type": "password"},
            {"grant_type": "client_credentials", "scope": "no.such"},
            {"grant_type": "refresh_token", "refresh_token": "x"},
            {"grant_type": "authorization_code", "code": "x"},
        ]:
            for who in (client, {**client, "client_secret": "wrong"}, None):
                answer = token_request(url, who, fault)
                if answer.status_code >= 400:
                    yield contract, "token", "POST", url, str(fault), answer


def test_real_refusals_follow_the_schema_of_their_contract(manifest, issuer, schema):
    looked = {}
    for contract, place, _, _, kind, answer in refusals(manifest, issuer):
        against = body_schema(schema, f"{contract}.{place}")
        errors = [e.message for e in jsonschema.Draft202012Validator(against).iter_errors(answer.json())]
        assert errors == [], (contract, place, kind, answer.text)
        looked[contract] = looked.get(contract, 0) + 1
    assert set(looked) == set(manifest["contracts"])
    assert sum(looked.values()) > 60


def test_a_schema_refuses_what_its_contract_never_says(manifest, schema):
    entry = manifest["contracts"]["kordiam"]
    body = call("GET", entry["base"] + entry["protected"]).json()
    kordiam = body_schema(schema, "kordiam.api")
    assert is_valid(body, kordiam)
    for name in schema["$defs"]:
        if name.endswith(".api") and not name.startswith("kordiam"):
            assert not is_valid(body, body_schema(schema, name)), name
    assert not is_valid({**body, "more": 1}, kordiam)
    assert not is_valid({k: v for k, v in body.items() if k != "title"}, kordiam)
    assert not is_valid({**body, "status": "401"}, kordiam)
    assert not is_valid({**body, "detail": "Another word"}, kordiam)


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_description_is_whole(openapi):
    assert re.match(r"3\.1\.", openapi["openapi"])
    assert {"openapi", "info", "servers", "paths", "components"} == set(openapi)
    for reference in set(references(openapi)):
        kind, name = re.fullmatch(r"#/components/(\w+)/([A-Za-z0-9._-]+)", reference).groups()
        assert name in openapi["components"][kind], reference
    for name, response in openapi["components"]["responses"].items():
        assert response["description"]
        for content in response.get("content", {}).values():
            jsonschema.validate(content["example"], openapi["components"]["schemas"][name])
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            named = {p["name"] for p in operation["parameters"]}
            assert named == set(re.findall(r"\{(\w+)\}", path)), path
            assert all(re.fullmatch(r"[1-5]\d\d|2XX", status) for status in operation["responses"]), path


def operation_for(openapi, method, path):
    for template, operations in openapi["paths"].items():
        pattern = re.sub(r"\\\{rest\\\}", ".*", re.escape(template))
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def test_what_an_operation_refuses_is_what_its_description_says(manifest, issuer, openapi):
    """Of every refusal that the session provokes: status, media type and body stand at its operation."""
    looked = 0
    for contract, _, method, url, kind, answer in refusals(manifest, issuer):
        operation = operation_for(openapi, method, url.removeprefix(issuer).split("?")[0])
        assert operation, (method, url)
        described = operation["responses"].get(str(answer.status_code))
        assert described, (contract, kind, answer.status_code, sorted(operation["responses"]))
        assert media_type(answer) in described["content"], (contract, kind, url, answer.text)
        schema = described["content"][media_type(answer)]["schema"]
        whole = {**schema, "components": openapi["components"]}
        assert is_valid(answer.json(), whole), (contract, kind, answer.text)
        looked += 1
    assert looked > 60
