"""UserInfo, and signing in again for a vehicle, broken."""

from urllib.parse import quote, urlencode

from mutations import Table, named
from wire import call, exact

TABLE = Table("UserInfo and re-authentication")
add = TABLE.add


# -- UserInfo (OpenID Connect Core §5.3)


def person(w, authorization, method="GET", headers=(), query=""):
    w.keep(authorization.removeprefix("Bearer "))
    fields = [*headers, *([("Authorization", authorization)] if authorization else [])]
    return exact(w.issuer, method, f"/oauth/userinfo{query}", fields)


def own(w) -> str:
    return w.tokens()["access_token"]


def about(name, make, *faults, near=(), **options):
    add(f"userinfo: {name}", lambda w: person(w, make(w), **options), *faults, near=near)


PARSED = "credential.parsed"
SCOPE = named("scope.sufficient", "openid", "")
about("no header", lambda w: "", named(PARSED, "bearer", "(absent)"))
about("Baerer", lambda w: f"Baerer {own(w)}", named(PARSED, "bearer", "baerer"), near="`Baerer` resembles `Bearer`")
about("Bearer Bearer", lambda w: f"Bearer Bearer {own(w)}", named(PARSED, "", ""), near="written twice")
about("no scheme", own, named(PARSED, "", ""), near="there is no scheme")
about("undefined", lambda w: "Bearer undefined", named("token.form", "", ""), near="undefined||never set")
about("an expired token", lambda w: f"Bearer {w.token(kind='expired')}", named("not.expired||time.not_expired", "", ""), SCOPE)
about("a revoked token", lambda w: f"Bearer {w.token(kind='revoked')}", named("not.revoked||standing", "", ""), SCOPE)
about("another issuer's", lambda w: f"Bearer {w.token(kind='untrusted_issuer')}", named("issuer.trusted||key.known", "", ""), SCOPE)
about("without openid", lambda w: f"Bearer {w.token()}", named("scope.sufficient", "openid", "api.read"))
about("cut short", lambda w: f"Bearer {own(w)[:-4]}", named("token.form", "base64url", "base64url"), near="cut off")
about("in the query", lambda w: "", named(PARSED, "", ""), query="?access_token=x")
about("in X-Authorization", lambda w: "", named(PARSED, "bearer", "(absent)"), near="X-Authorization", headers=[("X-Authorization", "Bearer x")])
about("DELETE", lambda w: f"Bearer {own(w)}", named("method.allowed||method_not_allowed", "GET, POST", "DELETE"), method="DELETE")


# -- Signing in again (Smartcar Connect)

HOME = "https://example.com/home"


def again(name, *faults, near=(), drop=(), more=(), **changes):
    def send(w):
        query = {
            "response_type": "vehicle_id",
            "client_id": w.client("smartcar")["client_id"],
            "vehicle_id": w.vehicle,
            "redirect_uri": HOME,
        }
        query |= {key: value(w) if callable(value) else value for key, value in changes.items()}
        pairs = [(key, value) for key, value in query.items() if key not in drop] + list(more)
        return call("GET", f"{w.contracts['smartcar-v2']['base']}/oauth/reauthenticate?{urlencode(pairs, quote_via=quote)}")

    add(f"again: {name}", send, *faults, near=near)


CLIENT = named("client.known", "a registered client_id", "unknown")
TYPE = "response.type.offered"
again("no client_id", named("client.known", "client_id", ""), drop=["client_id"])
again("client_id mistyped", CLIENT, client_id=lambda w: w.client("smartcar")["client_id"][:-1] + "x", near="few characters")
again("client_id undefined", CLIENT, client_id="undefined", near="literal `undefined`")
again("client_id twice", named("parameters.once", "client_id once", "client_id"), more=[("client_id", "x")])
again("redirect_uri with a slash", named("redirect.address.registered", HOME, HOME + "/"), redirect_uri=HOME + "/", near="trailing slash")
again("redirect_uri elsewhere", named("redirect.address.registered", HOME, "evil"), redirect_uri="https://evil.example/home")
again("no response_type", named(TYPE, "response_type", "nothing"), drop=["response_type"])
again("response_type code", named(TYPE, "vehicle_id", "code"), response_type="code")
again("response_type in capitals", named(TYPE, "vehicle_id", "VEHICLE_ID"), response_type="VEHICLE_ID", near="capitals")
again("no vehicle_id", named("parameters.valid", "vehicle_id", ""), drop=["vehicle_id"])
again("vehicleId", named("parameters.valid", "vehicle_id", ""), drop=["vehicle_id"], vehicleId="x", near="`vehicleId`")
again("vehicle_id too long", named("parameters.valid", "200 bytes", ""), vehicle_id="x" * 201)
again("vehicle_id twice", named("parameters.once", "vehicle_id once", "`x`"), more=[("vehicle_id", "x")])
again("state too long", named("parameters.valid", "4096 bytes", ""), state="x" * 4097)
again("a request object", named("request.readable", "", ""), request="eyJhbGciOiJub25lIn0.e30.")
