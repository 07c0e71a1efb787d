"""An independent reader of WWW-Authenticate (RFC 9110, 11.6.1)."""

import re

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
PARAMETER = re.compile(rf'({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({TOKEN}))')
SCHEME = re.compile(rf"({TOKEN})(?:[ \t]+|$|(?=,))")
SEPARATORS = re.compile(r"[ \t,]*")


def challenges(value: str) -> list[tuple[str, dict]]:
    """Schemes with their parameters, in order; raises ValueError on bad syntax."""
    found: list[tuple[str, dict]] = []
    position = SEPARATORS.match(value).end()
    while position < len(value):
        parameter = PARAMETER.match(value, position)
        if parameter:
            if not found:
                raise ValueError(f"a parameter before any scheme: {value!r}")
            name, quoted, plain = parameter.groups()
            if name.lower() in found[-1][1]:
                raise ValueError(f"{name} twice in one challenge: {value!r}")
            content = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
            found[-1][1][name.lower()] = content
            position = parameter.end()
        else:
            scheme = SCHEME.match(value, position)
            if not scheme:
                raise ValueError(f"unreadable at {position}: {value!r}")
            found.append((scheme.group(1).lower(), {}))
            position = scheme.end()
        position = SEPARATORS.match(value, position).end()
    return found


def challenge_of(answer, scheme: str) -> dict:
    """The parameters of the one challenge with this scheme."""
    value = answer.headers.get("WWW-Authenticate")
    assert value, f"{answer.status_code} without WWW-Authenticate"
    matching = [parameters for name, parameters in challenges(value) if name == scheme]
    assert len(matching) == 1, value
    return matching[0]
