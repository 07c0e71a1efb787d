"""What can have caused a refusal: something that had begun before its end, and may have been done."""

from fault_facts import CODE_SECONDS, PRESENTING, REFUSED, SLACK_SECONDS, Facts


def attempted(op, ops):
    """A 503 may hide a commit whose answer was lost."""
    return any(o is not op and o["begin"] < op["end"] and o["status"] not in REFUSED for o in ops)


class Causes:
    def __init__(self, facts: Facts, grace: float):
        self.facts, self.grace = facts, grace

    def may_refuse(self, op) -> bool:
        facts = self.facts
        if self.client_may_be_disabled(op):
            return True
        token = op.get("token") or op.get("code")
        if token not in facts.given:
            return False
        root = facts.root[token]
        if attempted(op, facts.token_revocations[token]) or attempted(op, facts.revocations[root]):
            return True
        if attempted(op, facts.withdrawals(root)):
            return True
        # What only the session carried ends with it, and every code.
        if facts.hears_of_sign_outs(root) or op["kind"] == "exchange":
            if attempted(op, facts.sign_outs[facts.session_of(root)]):
                return True
        # A reuse, or what may have been one: something of the family was presented although it had been before.
        for other in facts.by_root[root]:
            if other is not op and other["begin"] < op["end"] and other["status"] != 200 and self.may_be_reuse(other):
                return True
        if op["kind"] == "exchange":
            given = facts.given[token]
            return bool(self.uses_before(op, token)) or op["end"] > given["begin"] + CODE_SECONDS - SLACK_SECONDS
        if op.get("hint", "refresh") == "refresh":
            return self.may_be_reuse(op)
        return False

    def uses_before(self, op, presented) -> list[dict]:
        """What may have used a code or refresh token up. An exchange that a node answered with 503 it takes back when
        the code comes again, if it lives that long."""
        facts = self.facts
        return [
            o for o in facts.presented[presented]
            if o is not op and o["begin"] < op["end"] and o["status"] not in REFUSED
            and not (
                o["kind"] == "exchange" and o["status"] == 503 and o["end"] <= op["begin"] and o["node"] == op["node"]
                and not facts.was_killed(op["node"], o["begin"], op["end"])
            )
        ]

    def may_be_reuse(self, op) -> bool:
        """Whether what was presented may have been used up before."""
        facts = self.facts
        presented = op[PRESENTING[op["kind"]]] if op["kind"] in PRESENTING else op["token"]
        before = self.uses_before(op, presented)
        if op["kind"] == "exchange":
            return bool(before)
        if any(o["begin"] + self.grace - SLACK_SECONDS < op["end"] for o in before):
            return True
        return any(
            later["begin"] < op["end"] and later["status"] not in REFUSED
            for o in before
            if o["status"] == 200
            for later in facts.presented[o["refresh"]]
        )

    def may_be_over(self, root, token) -> bool:
        """Whether a family that is not there at the end may have ended."""
        facts = self.facts
        if facts.revocations[root] or facts.withdrawals(root):
            return True
        if facts.hears_of_sign_outs(root) and facts.sign_outs[facts.session_of(root)]:
            return True
        if self.client_may_be_disabled(facts.given[token] | {"begin": float("inf"), "end": float("inf")}):
            return True
        # Presented and not answered: its successor may be in force, and nobody has it.
        if any(op["status"] is None or op["status"] == 503 for op in facts.presented[token]):
            return True
        return any(op["status"] != 200 and self.may_be_reuse(op) for op in facts.by_root[root])

    def client_may_be_disabled(self, op) -> bool:
        facts = self.facts
        client = facts.client_of(op)
        return any(
            off["begin"] < op["end"]
            and not any(
                on["status"] == 200 and on["begin"] >= off["end"] and facts.heard_by(op["node"], on["end"], op["begin"])
                for on in facts.enabled_clients[client]
            )
            for off in facts.disabled_clients[client]
        )

    def session_may_be_over(self, op) -> bool:
        """Whether a cookie may be nobody's any more: at every node at once, since the store is asked each time."""
        facts = self.facts
        given = facts.session.get(op["session"])
        if given is None:
            return True
        disabled = [each for each in facts.withdrawals_of[given["person"]] if each["kind"] == "disable_user"]
        return attempted(op, facts.sign_outs[op["session"]]) or attempted(
            op, [each for each in disabled if each["status"] != 200 or each["end"] > given["begin"]]
        )
