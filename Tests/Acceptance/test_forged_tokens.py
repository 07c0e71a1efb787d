"""Tokens made to look like ours: DESIGN section 6, conformance.md RS-04."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from equivalence import assert_indistinguishable
from wire import call, present

CONTRACTS = ["oauth", "problem", "kordiam", "cyoda"]


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def unsigned(header, claims) -> str:
    """The first two parts; both may also be text that json.dumps cannot write."""
    texts = [
        part if isinstance(part, str) else json.dumps(part) for part in (header, claims)
    ]
    return ".".join(encode(text.encode()) for text in texts)


def signed_by_secret(header, claims, secret: bytes) -> str:
    content = unsigned(header, claims)
    digest = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    return f"{content}.{encode(digest)}"


@pytest.fixture(scope="module")
def keys(issuer):
    return call("GET", f"{issuer}/oauth/jwks").json()["keys"]


@pytest.fixture(params=CONTRACTS)
def target(request, contracts):
    """Presents a forgery where the genuine token is accepted."""
    entry = contracts[request.param]
    address = entry["base"] + entry["protected"]

    class Target:
        contract = request.param
        genuine = entry["tokens"]["valid"]
        # Every forgery has to look like this one.
        reference = call(
            "GET",
            address,
            headers=present(request.param, entry["tokens"]["bad_signature"]),
        )

        @property
        def header(self):
            return decode(self.genuine.split(".")[0])

        @property
        def claims(self):
            return decode(self.genuine.split(".")[1])

        def refuses(self, token):
            answer = call("GET", address, headers=present(self.contract, token))
            assert answer.status_code == 401, (token, answer.text)
            assert_indistinguishable(
                {"bad signature": self.reference, "forgery": answer}
            )

    target = Target()
    accepted = call("GET", address, headers=present(request.param, target.genuine))
    assert accepted.status_code == 200, "the genuine token must be accepted first"
    return target


@pytest.mark.parametrize("spelling", ["none", "None", "NONE", "nOnE"])
def test_algorithm_none(target, spelling):
    header = {**target.header, "alg": spelling}
    target.refuses(unsigned(header, target.claims) + ".")
    signature = target.genuine.split(".")[2]
    target.refuses(f"{unsigned(header, target.claims)}.{signature}")
    del header["kid"]
    target.refuses(unsigned(header, target.claims) + ".")


def test_signature_left_out(target):
    target.refuses(target.genuine.rpartition(".")[0] + ".")
    target.refuses(target.genuine.rpartition(".")[0])


def representations(key: dict):
    """All the bytes a careless verifier might take for the HMAC secret."""
    public = jwt.PyJWK(key).key
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        content = public.public_bytes(
            encoding, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        yield content
        yield content.rstrip()
    yield json.dumps(key).encode()
    yield json.dumps(key, separators=(",", ":")).encode()
    yield key.get("n", key.get("x")).encode()


def test_hmac_under_the_public_key(target, keys):
    for key in keys:
        header = {**target.header, "alg": "HS256", "kid": key["kid"]}
        for secret in representations(key):
            target.refuses(signed_by_secret(header, target.claims, secret))


@pytest.mark.parametrize(
    "kid",
    [
        "/dev/null",
        "../../../../../../dev/null",
        "file:///dev/null",
        "' OR '1'='1",
        "' UNION SELECT '' --",
        "",
        "\x00",
        "x" * 5000,
        None,
        1,
        ["a"],
    ],
    ids=lambda value: repr(value)[:16],
)
def test_kid_that_is_a_path_or_worse(target, kid):
    for algorithm in ("HS256", target.header["alg"]):
        header = {**target.header, "alg": algorithm, "kid": kid}
        target.refuses(signed_by_secret(header, target.claims, b""))


@pytest.fixture(scope="module")
def own_keys():
    return {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
@pytest.mark.parametrize("keep_kid", [True, False], ids=["their kid", "own kid"])
def test_key_brought_along(target, own_keys, algorithm, keep_kid):
    private = own_keys[algorithm]
    public = jwt.get_algorithm_by_name(algorithm).to_jwk(
        private.public_key(), as_dict=True
    )
    kid = target.header["kid"] if keep_kid else "mine"
    for extra in (
        {},
        {"jwk": {**public, "kid": kid}},
        {"jku": "http://127.0.0.1:1/jwks"},
        {"x5u": "http://127.0.0.1:1/certificate"},
        {"x5c": ["MIIB"]},
    ):
        header = {"typ": target.header.get("typ", "JWT"), "kid": kid, **extra}
        target.refuses(
            jwt.encode(target.claims, private, algorithm=algorithm, headers=header)
        )


@pytest.mark.parametrize(
    "exp",
    ["1e400", "1e19", "9" * 400, "-1", "1.5e308", '"9999999999"', "null", "[]", "true"],
    ids=lambda value: value[:12],
)
def test_expiry_that_is_no_sane_number(target, own_keys, exp):
    # json.dumps writes none of these, so the number is put into the text.
    text = json.dumps({**target.claims, "exp": "EXP"}).replace('"EXP"', exp)
    signature = target.genuine.split(".")[2]
    target.refuses(f"{unsigned(target.header, text)}.{signature}")


def test_claims_changed_under_the_old_signature(target):
    parts = target.genuine.split(".")
    longer = {**target.claims, "exp": int(time.time()) + 10**6, "scope": "admin"}
    target.refuses(f"{parts[0]}.{encode(json.dumps(longer).encode())}.{parts[2]}")


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: [parts[0], parts[1], parts[2] + "="],
        lambda parts: [parts[0], parts[1], parts[2] + "=="],
        lambda parts: [parts[0], parts[1], parts[2][:-2]],
        lambda parts: [parts[0], parts[1], encode(b"\x00" * 64)],
        lambda parts: [parts[0], parts[1], encode(b"\x00" * 256)],
        lambda parts: [*parts, parts[2]],
        lambda parts: [encode(b"[" * 10_000), parts[1], parts[2]],
        lambda parts: [encode(b'{"alg":"ES256","alg":"none"}'), parts[1], ""],
        lambda parts: [encode(b"\xff\xfe"), parts[1], parts[2]],
        lambda parts: ["", "", ""],
    ],
    ids=[
        "padding",
        "more padding",
        "short signature",
        "zero ECDSA signature",
        "zero RSA signature",
        "four parts",
        "nested header",
        "algorithm twice",
        "header in no encoding",
        "empty parts",
    ],
)
def test_malformed_parts(target, change):
    target.refuses(".".join(change(target.genuine.split("."))))


@pytest.mark.parametrize(
    "extra", [{"crit": ["x"], "x": 1}, {"b64": False}, {"zip": "DEF"}]
)
def test_unknown_critical_header(target, extra):
    signature = target.genuine.split(".")[2]
    content = unsigned({**target.header, **extra}, target.claims)
    target.refuses(f"{content}.{signature}")
