"""Histories that must not be, each with the words by which the checker rejects it."""

from history_lines import (
    GIVEN, ISSUED, OF_CLIENT, REUSED, ROTATED, TOLD, TWICE, UNTOLD, authorize, disable_client, disable_user,
    enable_client, enable_user, exchange, introspect, issue, look, op, refresh, revoke, rotate, sign_out, verify,
    withdraw,
)

WRONG = {
    ("a code twice", "a code succeeded a second time"): [*GIVEN, exchange(3, access="a9", refresh="r9", node=1)],
    ("a code twice at once", "a code succeeded a second time"): [
        authorize(1), exchange(2, end=3), exchange(2, access="a9", refresh="r9", node=1, end=3),
    ],
    ("two successors", "two successors"): [*ROTATED, refresh(4, "r1", "a9", "r9")],
    ("two successors at once", "two successors"): [
        *GIVEN, refresh(3, end=4), refresh(3, "r1", "a9", "r9", node=1, end=4),
    ],
    ("a superseded token after the grace", "after the grace"): [*ROTATED, refresh(34, "r1", "a9", "r2")],
    ("a token two generations old", "two generations old"): [*TWICE, refresh(5, "r1", "a9", "r2")],
    ("rotated after a reuse", "s after reuse"): [*REUSED, refresh(6, "r3", "a4", "r4", node=2)],
    ("looked up after a reuse", "s after reuse"): [*REUSED, introspect(6, "r3")],
    ("accepted where it was reused", "s after reuse"): [*REUSED, verify(5.02, "a3")],
    ("accepted elsewhere after the bound of a reuse", "s after reuse"): [*REUSED, verify(6.1, "a3", node=1)],
    ("alive after a second use of its code", "s after reuse"): [*GIVEN, exchange(3, status=400), refresh(4)],
    ("rotated after it was revoked", "s after revoke"): [*GIVEN, revoke(3, "r1"), refresh(3.02, node=1)],
    ("looked up after it was revoked", "s after revoke"): [*GIVEN, revoke(3, "r1"), introspect(3.02, "r1", node=1)],
    ("verified at once where it was revoked", "s after revoke"): [
        *GIVEN, revoke(3, "a1", "access"), verify(3.02, "a1"),
    ],
    ("introspected where its grant was revoked", "s after revoke"): [
        *GIVEN, revoke(3, "r1"), introspect(3.02, "a1", hint="access"),
    ],
    ("verified elsewhere after the bound", "s after revoke"): [
        *GIVEN, revoke(3, "a1", "access"), verify(4.1, "a1", node=1),
    ],
    ("accepted after the person took it back", "s after withdraw"): [*GIVEN, withdraw(3), refresh(4, node=1)],
    ("a code accepted after the person took it back", "s after withdraw"): [authorize(1), withdraw(3), exchange(4)],
    ("a code refused for nothing", "could be the reason"): [authorize(1), exchange(2, status=400)],
    ("a code refused where it was answered 503", "could be the reason"): [
        authorize(1), exchange(2, status=503), exchange(3, status=503), exchange(8, status=400),
    ],
    ("a refresh token refused for nothing", "could be the reason"): [*GIVEN, refresh(3, status=400)],
    ("an answer that may be repeated refused", "could be the reason"): [*ROTATED, refresh(4, "r1", status=400)],
    ("a refresh token inactive for nothing", "could be the reason"): [*GIVEN, introspect(3, "r1", active=False)],
    ("an access token refused for nothing", "could be the reason"): [*GIVEN, verify(3, "a1", status=401)],
    ("an access token inactive for nothing", "could be the reason"): [
        *GIVEN, introspect(3, "a1", active=False, hint="access"),
    ],
    ("refused for what was revoked of somebody else", "could be the reason"): [
        *GIVEN, authorize(1, "d", "bob"), exchange(2, "d", "b1", "s1"), revoke(3, "s1"), refresh(4, status=400),
    ],
    ("refused before it was revoked", "could be the reason"): [
        *GIVEN, verify(3, "a1", status=401), revoke(4, "a1", "access"),
    ],
    ("refused for what was taken back before it was given", "could be the reason"): [
        withdraw(0.5), *GIVEN, refresh(3, status=400),
    ],
    ("verified where it was signed out of", "s after sign_out"): [*TOLD, sign_out(3), verify(3.02, "a1")],
    ("verified elsewhere after the bound of a sign-out", "s after sign_out"): [
        *TOLD, sign_out(3), verify(4.1, "a1", node=1),
    ],
    ("rotated elsewhere after a sign-out", "s after sign_out"): [*TOLD, sign_out(3, status=303), refresh(3.02, node=1)],
    ("a code accepted after its session was signed out of", "s after sign_out"): [
        authorize(1, session="s"), sign_out(2), exchange(3, node=1),
    ],
    ("a session accepted after it was signed out of", "session was accepted"): [*UNTOLD, sign_out(3), look(3.02, node=1)],
    ("a session accepted after its person was disabled", "session was accepted"): [
        *UNTOLD, disable_user(3), look(3.02, node=1),
    ],
    ("a session that lives again with its person", "session was accepted"): [
        *UNTOLD, disable_user(3), enable_user(4), look(5),
    ],
    ("a session refused for nothing", "session was refused"): [*UNTOLD, look(3, active=False)],
    ("a session refused for another that was signed out of", "session was refused"): [
        *UNTOLD, authorize(2, "d", session="t"), sign_out(3, "t"), look(4, active=False),
    ],
    ("refused for a sign-out that nobody was told of", "could be the reason"): [
        *UNTOLD, sign_out(3), refresh(4, status=400),
    ],
    ("refused for a sign-out of another session", "could be the reason"): [
        *TOLD, authorize(2, "d", session="t"), sign_out(3, "t"), refresh(4, status=400),
    ],
    ("a sign-out refused", "nothing can be wrong"): [*UNTOLD, sign_out(3, status=400)],
    ("rotated after its person was disabled", "s after disable_user"): [*GIVEN, disable_user(3), refresh(3.1, node=1)],
    ("verified after the bound of its person's being disabled", "s after disable_user"): [
        *GIVEN, disable_user(3), verify(4.1, "a1"),
    ],
    ("alive again with its person", "s after disable_user"): [
        *GIVEN, disable_user(3), enable_user(4), refresh(5),
    ],
    ("a code for somebody who is disabled", "a code was given"): [disable_user(1), authorize(2)],
    ("refused for somebody else's being disabled", "could be the reason"): [
        *GIVEN, disable_user(3, "bob"), refresh(4, status=400),
    ],
    ("verified after the bound of its client's being disabled", "s after disable_client"): [
        *OF_CLIENT, disable_client(3), verify(4.1, "a1", node=1),
    ],
    ("rotated by a client that is disabled", "s after disable_client"): [
        *OF_CLIENT, disable_client(3), refresh(4.1, client="app"),
    ],
    ("issued to a client that is disabled", "s after disable_client"): [
        disable_client(1, "machine"), issue(2.1, client="machine"),
    ],
    ("a client refused before it was disabled", "nothing can be wrong"): [
        issue(1, client="machine", status=401), disable_client(2, "machine"),
    ],
    ("a client refused after the bound of its being enabled", "nothing can be wrong"): [
        disable_client(1, "machine"), enable_client(2, "machine"), issue(3.1, client="machine", status=401),
    ],
    ("a token refused after the bound of its client's being enabled", "could be the reason"): [
        *OF_CLIENT, disable_client(3), enable_client(4), verify(5.1, "a1", status=401),
    ],
    ("a token of a replaced key refused", "could be the reason"): [*ISSUED, verify(4, "m1", status=401)],
    ("a token of a new key refused where it was not heard of", "could be the reason"): [
        *ISSUED, verify(3.02, "m2", node=1, status=401),
    ],
    ("a token of a new key inactive elsewhere", "could be the reason"): [
        *ISSUED, introspect(3.02, "m2", hint="access", active=False, node=1),
    ],
    ("signed with a key that was replaced", "with an old key"): [*ISSUED, issue(3.1, "m3", "old", node=1)],
    ("signed with a key whose successor's time has come", "with an old key"): [
        issue(1), rotate(2, "new", ahead=4), issue(10, "m3", "old", node=1),
    ],
    ("a command that failed for nothing", "no answer came"): [*GIVEN, disable_user(3, status=None)],
    ("a machine refused", "nothing can be wrong"): [op("issue", 1, status=401)],
    ("503 without Retry-After", "without Retry-After"): [
        *GIVEN, refresh(3, status=503, retry_after="") | {"retry_after": None},
    ],
    ("503 for nothing", "503, and nothing was broken"): [*GIVEN, refresh(3, status=503)],
    ("no answer for nothing", "no answer came"): [*GIVEN, refresh(3, status=None)],
    ("500", "answered 500"): [*GIVEN, refresh(3, status=500)],
    ("502", "answered 502"): [*GIVEN, verify(3, "a1", status=502)],
    ("429", "answered 429"): [*GIVEN, verify(3, "a1", status=429)],
}
