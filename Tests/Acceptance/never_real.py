"""What a contract has words for and nobody can bring about for real: why, the code, the place, and the contracts."""

from comparisons import ALL, ENDPOINTS, PEOPLE


def but(*names, among=ALL):
    return tuple(name for name in among if name not in names)


NO_CODES = ("smartcar-v3", "kordiam", "cyoda")
OPAQUE = ("shaid", "smartcar-v2")
NEVER_REAL = [
    ("an opaque token has no moment at which it begins", "ACCESS_TOKEN_NOT_YET_VALID", "api", OPAQUE),
    ("no other API has tokens of this form, and those of another form are malformed", "ACCESS_TOKEN_AUDIENCE_MISMATCH", "api", OPAQUE),
    ("its routes name no thing", "FORBIDDEN", "api", but("smartcar-v2", "smartcar-v3")),
    ("no route of its asks for a client", "CLIENT_AUTHENTICATION_FAILED", "api", but("smartcar-v2")),
    ("no route of its asks for a client", "CLIENT_AUTHENTICATION_MISSING", "api", but("smartcar-v2")),
    ("no route of its asks for a client", "CLIENT_AUTHENTICATION_AMBIGUOUS", "api", but("smartcar-v2")),
    ("no route of its asks for a client", "CLIENT_AUTHENTICATION_METHOD_NOT_ALLOWED", "api", but("smartcar-v2")),
    ("its routes have no parameter that is checked", "REQUEST_PARAMETER_INVALID", "api", but("smartcar-v2", "smartcar-v3")),
    ("it has no versions", "API_VERSION_UNSUPPORTED", "api", but("kordiam")),
    ("it does not say what it produces, so Accept is not looked at", "NOT_ACCEPTABLE", "api", but("kordiam")),
    ("the gate hands bodies on without a limit", "REQUEST_TOO_LARGE", "api", ALL),
    ("the gate hands bodies on whatever they are", "MEDIA_TYPE_UNSUPPORTED", "api", ALL),
    ("its tokens are verified without the store", "STORAGE_UNAVAILABLE", "api", but(*OPAQUE)),
    ("the gate signs nothing", "KEYS_UNAVAILABLE", "api", ALL),
    ("no request is known that leads to it; SigningKeyTests has its bytes", "INTERNAL_FAULT", "api", ALL),
    ("the help of this server is worded by its own contract, and cyoda's by that", "HELP_TOPIC_NOT_FOUND", "api", but("oauth", "cyoda")),
    ("the help of this server is worded by its own contract, and cyoda's by that", "HELP_TOPIC_MALFORMED", "api", but("oauth", "cyoda")),
    ("its endpoints exchange no codes", "CODE_MALFORMED", "token", NO_CODES),
    ("its codes have no fixed form: one of another form is an unknown one", "CODE_MALFORMED", "token", ("oauth",)),
    ("its endpoints exchange no codes", "CODE_REJECTED", "token", NO_CODES),
    ("its endpoints exchange no codes", "CODE_REDIRECT_URI_MISMATCH", "token", NO_CODES),
    ("its endpoints exchange no codes", "PKCE_VERIFIER_MISSING", "token", NO_CODES),
    ("its endpoints exchange no codes", "PKCE_VERIFICATION_FAILED", "token", NO_CODES),
    ("its endpoints take no refresh tokens", "REFRESH_TOKEN_MALFORMED", "token", ("smartcar-v3", "cyoda")),
    ("its refresh tokens have no fixed form: one of another form is an unknown one", "REFRESH_TOKEN_MALFORMED", "token", ("oauth", "kordiam")),
    ("its endpoints take no refresh tokens", "REFRESH_TOKEN_REJECTED", "token", ("smartcar-v3", "cyoda")),
    ("an unknown address below its prefix is refused as the API's", "NOT_FOUND", "token", but("oauth", among=ENDPOINTS)),
    ("its pages have no way back but to decide", "CONSENT_ABANDONED", "authorization", ("oauth",)),
    ("it has no test accounts or parameters", "RESOURCE_INCOMPATIBLE", "authorization", ("oauth",)),
    ("it has no test accounts or parameters", "SUBSCRIPTION_INACTIVE", "authorization", ("oauth",)),
    ("it has no test accounts or parameters", "APPLICATION_MISCONFIGURED", "authorization", ("oauth",)),
    ("nobody is sent back there to sign in again for a thing", "RESOURCE_ABSENT", "authorization", ("oauth",)),
    ("no page needs a key", "KEYS_UNAVAILABLE", "page", PEOPLE),
    ("no request is known that leads to it", "INTERNAL_FAULT", "page", PEOPLE),
]
