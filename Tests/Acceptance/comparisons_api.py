"""In front of the APIs: real refusals beside provoked ones."""

from comparisons import ALL, SIGNED, Pair, compares, exact_api
from provoking import HEADER
from situations_server import Upstream, served, store
from wire import basic, call, exact, present

OTHER_VEHICLE = "7b3f1e62-6d0a-4f5c-9c1e-2a7d0c5e9b41"


def simply(codes, contracts=ALL, reason=None, **real):
    compares("api", codes, contracts)(lambda pair: pair.like(reason=reason, **real))


simply("CREDENTIALS_MISSING", token=None)
simply("ACCESS_TOKEN_MALFORMED", token="x")
simply("ACCESS_TOKEN_INVALID", token="unknown")
simply("ACCESS_TOKEN_EXPIRED", token="expired")
simply("ACCESS_TOKEN_REVOKED", token="revoked")
simply("ACCESS_TOKEN_NOT_YET_VALID", SIGNED, token="not_yet_valid")
simply("ACCESS_TOKEN_AUDIENCE_MISMATCH", SIGNED, token="wrong_audience")
simply("SCOPE_INSUFFICIENT", tuple(name for name in ALL if name != "smartcar-v3"), token="forbidden")
simply("METHOD_NOT_ALLOWED", method="DELETE")
simply("NOT_ACCEPTABLE", ("kordiam",), Accept="image/png")


@compares("api", "SCOPE_INSUFFICIENT", ("smartcar-v3",))
def _(pair: Pair):
    path = f"/v3/vehicles/{pair.w.vehicle}"
    narrow = pair.w.signed("smartcar-v3", claims={"scope": "other"})
    pair.same(pair.api(pair.asks(), path=path), pair.api(token=narrow, path=path))


@compares("api", "CREDENTIALS_MALFORMED")
def _(pair: Pair):
    value = present(pair.contract, pair.entry["tokens"]["valid"])["Authorization"]
    pair.same(pair.api(pair.asks()), exact_api(pair, [("Authorization", value)] * 2))


@compares("api", "NOT_FOUND")
def _(pair: Pair):
    path = pair.entry["protected"] + "/no/such/thing"
    pair.like(path, path=path)


@compares("api", "FORBIDDEN", ("smartcar-v2",))
def _(pair: Pair):
    path = f"/v2.0/vehicles/{OTHER_VEHICLE}/odometer"
    pair.like(path, path=path)


@compares("api", "FORBIDDEN", ("smartcar-v3",))
def _(pair: Pair):
    path = f"/v3/vehicles/{OTHER_VEHICLE}"
    pair.like(path, path=path)


@compares("api", "REQUEST_PARAMETER_INVALID", ("smartcar-v2",))
def _(pair: Pair):
    path = "/v2.0/vehicles/not-a-uuid/odometer"
    pair.like(path, path=path, reason="request_parameter_invalid")


@compares("api", "REQUEST_PARAMETER_INVALID", ("smartcar-v3",))
def _(pair: Pair):
    path = f"/v3/vehicles/{pair.w.vehicle}/signals"
    pair.same(pair.api(pair.asks(), path=path, **{"sc-user-id": "x"}), pair.api(path=path))


@compares("api", "API_VERSION_UNSUPPORTED", ("kordiam",))
def _(pair: Pair):
    pair.same(pair.api(pair.asks()), pair.api(**{"API-Version": "0.0"}))


@compares("api", "CLIENT_AUTHENTICATION_MISSING CLIENT_AUTHENTICATION_FAILED CLIENT_AUTHENTICATION_AMBIGUOUS "
          "CLIENT_AUTHENTICATION_METHOD_NOT_ALLOWED", ("smartcar-v2",))  # fmt: skip
def _(pair: Pair):
    """The route that a client asks with its secret."""
    good = pair.credentials["Authorization"]
    poster = pair.w.client("poster")
    real = {
        "MISSING": [],
        "FAILED": [basic(pair.client["client_id"], "wrong")["Authorization"]],
        "AMBIGUOUS": [good, good],
        "ALLOWED": [basic(poster["client_id"], poster["client_secret"])["Authorization"]],
    }[pair.code.rsplit("_", 1)[1]]

    def ask(values, **more):
        fields = [("Authorization", value) for value in values] + list(more.items())
        return exact(pair.w.issuer, "GET", "/smartcar/v2.0/compatibility", fields)

    pair.same(ask([good], **{HEADER: pair.code}), ask(real))


# -- What is said before it is known which API is meant


@compares("api", "REQUEST_MALFORMED")
def _(pair: Pair):
    pair.same(pair.api(pair.asks("target_ambiguous")), exact_api(pair, [], "/x/../" + pair.entry["protected"][1:]))


@compares("api", "HEADERS_TOO_LARGE")
def _(pair: Pair):
    pair.same(pair.api(pair.asks()), exact_api(pair, [("X-Large", "a" * 100_000)]))


# -- Behind the gate


@compares("api", "UPSTREAM_UNAVAILABLE UPSTREAM_TIMEOUT")
def _(pair: Pair):
    """A live server with the same APIs at the same addresses, whose upstream fails."""
    failing = served(pair.stage)
    failing.upstream.how = Upstream.garbage if pair.code == "UPSTREAM_UNAVAILABLE" else Upstream.mute
    path = pair.entry["base"][len(pair.w.issuer) :] + pair.entry["protected"]
    real = call("GET", failing.issuer + path)
    pair.same(pair.api(pair.asks()), real, pair.w.issuer, failing.issuer)


@compares("api", "STORAGE_UNAVAILABLE", ("shaid", "smartcar-v2"))
def _(pair: Pair):
    """Of tokens that the store has to know."""
    pair = pair.at(pair.stage.spare)
    with store(pair.w, "unavailable"):
        # One that was not seen before: what was is remembered.
        real = pair.api(token="unknown")
    pair.same(pair.api(pair.asks()), real)


# -- Documentation


@compares("api", "HELP_TOPIC_NOT_FOUND HELP_TOPIC_MALFORMED", ("oauth", "cyoda"))
def _(pair: Pair):
    name = "/help/" + ("errors.NOPE" if pair.code == "HELP_TOPIC_NOT_FOUND" else "errors%3CNOPE")
    base = pair.w.issuer if pair.contract == "oauth" else pair.entry["base"] + "/api"
    path = base[base.index("/", 8) :] + name if base.count("/") > 2 else name
    below = path.removeprefix("/cyoda")
    pair.same(pair.api(pair.asks()), exact(pair.w.issuer, "GET", path), path, below, pair.entry["protected"])
