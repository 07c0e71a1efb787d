"""Histories that may be: without a fault, and beside one."""

from history_lines import (
    GIVEN, ISSUED, OF_CLIENT, REUSED, ROTATED, TOLD, TWICE, UNTOLD, authorize, disable_client, disable_user,
    enable_client, enable_user, exchange, introspect, issue, look, refresh, revoke, rotate, sign_out, verify,
    withdraw,
)

RIGHT = {
    "nothing broken": [*TWICE, introspect(5, "r3"), verify(5, "a1"), verify(5, "a3", node=2)],
    "an answer repeated inside the grace": [*ROTATED, refresh(20, "r1", "a9", "r2", node=1)],
    "two at once, one successor": [*GIVEN, refresh(3, end=4), refresh(3, "r1", "a9", "r2", node=1, end=4)],
    "a reuse": [*REUSED, refresh(6, "r3", status=400), verify(5.02, "a3", status=401), introspect(6, "r3", active=False)],
    "a reuse not heard of yet": [*REUSED, verify(5.9, "a3", node=1)],
    "a superseded token after the grace": [*ROTATED, refresh(34, "r1", status=400), refresh(35, "r2", status=400)],
    "a code twice at once": [
        authorize(1), exchange(2, end=3), exchange(2, node=1, end=3, status=400), refresh(4, status=400),
    ],
    "an old code": [authorize(1), exchange(62, status=400)],
    "a revoked token not heard of yet": [*GIVEN, revoke(3, "a1", "access"), verify(3.9, "a1", node=1)],
    "revoked": [*GIVEN, revoke(3, "r1"), verify(3.02, "a1", status=401), refresh(3.02, node=1, status=400)],
    "refused while it is being revoked": [*GIVEN, revoke(3, "r1", end=4), refresh(3.5, status=400)],
    "taken back": [*GIVEN, withdraw(3), refresh(4, status=400)],
    "signed out": [*TOLD, sign_out(3), verify(3.02, "a1", status=401), refresh(3.02, node=1, status=400)],
    "a sign-out not heard of yet": [*TOLD, sign_out(3), verify(3.9, "a1", node=1)],
    "an application that is not told goes on": [*UNTOLD, sign_out(3), refresh(4), verify(5, "a1", node=1)],
    "a code of a session that ended": [authorize(1, session="s"), sign_out(2), exchange(3, status=400)],
    "a session": [*UNTOLD, look(3, node=1), sign_out(4), look(5, active=False)],
    "signed in again": [*TOLD, sign_out(3), authorize(4, "d", session="t"), exchange(5, "d", "b1", "s1"), look(6, "t")],
    "a person disabled and enabled": [
        *UNTOLD, disable_user(3), refresh(4, status=400), look(4, active=False), enable_user(5),
        authorize(6, "d", session="t"), exchange(7, "d", "b1", "s1"), refresh(8, "s1", "b2", "s2"),
    ],
    "a code while its person is being enabled": [disable_user(1), enable_user(2, end=3), authorize(2.5)],
    "a client disabled and enabled": [
        *OF_CLIENT, disable_client(3), verify(3.5, "a1"), verify(3.5, "a1", node=1, status=401),
        refresh(4.5, client="app", status=401), enable_client(5), verify(5.5, "a1", status=401), verify(6.5, "a1"),
        refresh(7, client="app"),
    ],
    "a refusal of a disabled client is no reuse": [
        *OF_CLIENT, refresh(3, client="app"), refresh(4, "r2", "a3", "r3", client="app"), disable_client(5),
        refresh(6.5, "r1", client="app", status=401), enable_client(7), refresh(8.5, "r3", "a4", "r4", client="app"),
    ],
    "keys rotated": [
        *ISSUED, verify(3.02, "m2", node=1), verify(4, "m1", node=2), issue(2.9, "m3", "old", node=1),
        verify(5, "m3"), introspect(5, "m1", hint="access"),
    ],
    "keys rotated ahead": [issue(1), rotate(2, "new", ahead=4), issue(8, "m3", "old", node=1), issue(8, "m4", "new")],
    "keys rotated twice at once": [issue(1), rotate(2, "new"), rotate(2, status=409)],
    "given again after it was taken back": [
        *GIVEN, withdraw(3), authorize(4, "d"), exchange(5, "d", "b1", "s1"), refresh(6, "s1", "b2", "s2"),
    ],
}

BROKEN = {
    "no answer, and it happened": [*GIVEN, refresh(3, status=None, end=4), refresh(5, successor="r2")],
    "no answer, and it happened long ago": [*GIVEN, refresh(3, status=None, end=4), refresh(34, status=400)],
    "an exchange without an answer": [authorize(1), exchange(2, status=None, end=4), exchange(5, status=400)],
    "a code answered 503, and taken": [authorize(1), exchange(2, status=503), exchange(8)],
    "a code answered 503, and refused elsewhere": [authorize(1), exchange(2, status=503), exchange(8, node=1, status=400)],
    "a revocation without an answer": [*GIVEN, revoke(3, "r1", status=None, end=4), refresh(5, status=400)],
    "a revocation that failed after it was done": [*GIVEN, revoke(3, "r1", status=503), refresh(5, status=400)],
    "503": [*GIVEN, refresh(3, status=503), refresh(5)],
    "a sign-out without an answer": [*TOLD, sign_out(3, status=None), refresh(5, status=400), look(5, active=False)],
    "a command that failed, and was done": [
        *OF_CLIENT, disable_client(3, status=None), disable_user(3, status=None), refresh(5, client="app", status=401),
    ],
    "a command that failed, and was not done": [
        *OF_CLIENT, disable_client(3, status=None), disable_user(3, status=None), refresh(5, client="app"),
    ],
    "a rotation that failed": [issue(1), rotate(3, status=None), issue(8, "m2", "old")],
}
