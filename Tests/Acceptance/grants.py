"""What a code or token is worth, asked of the server that gave it."""

import jwt

from wire import assert_not_stored, call, present


def assert_invalid_grant(answer, *others):
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_grant", *others), answer.text
    assert answer.json()["error_description"]
    assert_not_stored(answer)


def id_token(flow, token, **options) -> dict:
    key = jwt.PyJWKClient(f"{flow.issuer}/oauth/jwks").get_signing_key_from_jwt(token)
    assert key.algorithm_name in ("RS256", "ES256")
    return jwt.decode(
        token,
        key.key,
        algorithms=[key.algorithm_name],
        issuer=flow.issuer,
        audience=flow.client["client_id"],
        options={"require": ["iss", "aud", "exp", "iat", "sub"]},
        **options,
    )


def userinfo(flow, token, method="GET", **options):
    url = f"{flow.issuer}/oauth/userinfo"
    return call(method, url, headers=present("oauth", token), **options)


def works(contracts, token) -> bool:
    url = contracts["oauth"]["base"] + contracts["oauth"]["protected"]
    status = call("GET", url, headers=present("oauth", token)).status_code
    assert status in (200, 401)
    return status == 200
