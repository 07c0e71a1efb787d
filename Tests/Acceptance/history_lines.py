"""Lines of histories as the storm writes them, for histories that nobody lived."""

import itertools

NUMBERS = itertools.count(1)


def op(kind, begin, node=0, status=200, end=None, **facts):
    line = {"op": next(NUMBERS), "kind": kind, "node": node, "begin": begin, "end": end or begin + 0.01}
    if status == 503:
        facts.setdefault("retry_after", "5")
    return line | {"status": status} | {name: value for name, value in facts.items() if value is not None}


def authorize(begin, code="c", person="ada", **facts):
    return op("authorize", begin, status=303, code=code, person=person, **facts)


def exchange(begin, code="c", access="a1", refresh="r1", **facts):
    return op("exchange", begin, code=code, **given(facts, access, refresh))


def refresh(begin, token="r1", access="a2", successor="r2", **facts):
    return op("refresh", begin, token=token, **given(facts, access, successor))


def given(facts, access, refresh):
    return facts if facts.get("status", 200) != 200 else facts | {"access": access, "refresh": refresh}


def revoke(begin, token, hint="refresh", **facts):
    return op("revoke", begin, token=token, hint=hint, **facts)


def introspect(begin, token, active=True, hint="refresh", **facts):
    return op("introspect", begin, token=token, hint=hint, active=active, **facts)


def verify(begin, token, **facts):
    return op("verify", begin, token=token, hint="access", **facts)


def withdraw(begin, person="ada", **facts):
    return op("withdraw", begin, person=person, **facts)


def sign_out(begin, session="s", person="ada", **facts):
    return op("sign_out", begin, session=session, person=person, **facts)


def look(begin, session="s", active=True, **facts):
    return op("look", begin, status=200 if active else 303, session=session, active=active, **facts)


def command(kind, begin, **facts):
    return op(kind, begin, node="command", **facts)


def disable_user(begin, person="ada", **facts):
    return command("disable_user", begin, person=person, **facts)


def enable_user(begin, person="ada", **facts):
    return command("enable_user", begin, person=person, **facts)


def disable_client(begin, client="app", **facts):
    return command("disable_client", begin, client=client, **facts)


def enable_client(begin, client="app", **facts):
    return command("enable_client", begin, client=client, **facts)


def issue(begin, access="m1", key="old", **facts):
    return op("issue", begin, access=access, key=key, **facts)


def rotate(begin, *keys, ahead=0, **facts):
    return command("rotate", begin, keys=list(keys), ahead=ahead, **facts)


def fault(begin, end, node=None, kind="kill_database"):
    return {"fault": kind, "node": node, "begin": begin, "end": end}


GIVEN = [authorize(1), exchange(2)]
ROTATED = [*GIVEN, refresh(3)]
TWICE = [*ROTATED, refresh(4, "r2", "a3", "r3")]
REUSED = [*TWICE, refresh(5, "r1", status=400)]
# In a session; the application hears of sign-outs, or does not.
TOLD = [authorize(1, session="s", told=True), exchange(2)]
UNTOLD = [authorize(1, session="s"), exchange(2)]
OF_CLIENT = [authorize(1, client="app"), exchange(2, client="app")]
ISSUED = [issue(1), rotate(2, "new"), issue(3, "m2", "new")]
