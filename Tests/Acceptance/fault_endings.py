"""What was over beyond doubt, when, and where that was said: nothing of it may be accepted later than the bound."""

from collections import Counter, defaultdict

from fault_causes import Causes
from fault_facts import CODE_SECONDS, PRESENTING, REFUSED, SLACK_SECONDS, Facts


class Endings:
    def __init__(self, facts: Facts, causes: Causes, grace: float, proven: Counter):
        self.facts, self.causes, self.grace, self.proven = facts, causes, grace, proven
        # By grant or token: [(end, node, why)].
        self.of = defaultdict(list)
        self.of_person = defaultdict(list)
        # What ends a session ends its codes; what was given for them goes on where the application is not told.
        self.of_code = defaultdict(list)
        self.find()

    def find(self):
        facts = self.facts
        for root, ops in list(facts.revocations.items()):
            self.add(self.of[root], ops, "grants withdrawn or revoked")
        for token, ops in list(facts.token_revocations.items()):
            self.add(self.of[token], ops)
        for person, ops in list(facts.withdrawals_of.items()):
            self.add(self.of_person[person], ops, "grants withdrawn or revoked")
        for session, ops in list(facts.sign_outs.items()):
            for root in facts.roots_of_session[session]:
                place = self.of if facts.hears_of_sign_outs(root) else self.of_code
                self.add(place[root], ops, "grants in sessions that were signed out of")
        for root, ops in list(facts.by_root.items()):
            for op in ops:
                if op["status"] in REFUSED and self.is_reuse(op):
                    self.proven["reuses refused"] += 1
                    self.of[root].append((op["end"], op["node"], "reuse"))

    def add(self, endings, ops, what=None):
        for op in ops:
            if op["status"] == 200 or (op["kind"] == "sign_out" and op["status"] in (302, 303)):
                endings.append((op["end"], op["node"], op["kind"]))
                if what:
                    self.proven[what] += 1

    def is_reuse(self, op) -> bool:
        """Whether a refused presentation was a reuse beyond doubt, so that it ended the family."""
        facts = self.facts
        if self.causes.client_may_be_disabled(op):
            return False
        presented = op[PRESENTING[op["kind"]]]
        if op["kind"] == "exchange":
            # Refused while it succeeded elsewhere, and too young to be refused for its age.
            given = facts.given.get(presented)
            young = given is not None and op["end"] < given["begin"] + CODE_SECONDS - SLACK_SECONDS
            return young and any(other is not op for other in facts.successes(presented))
        succeeded = facts.successes(presented)
        if not succeeded:
            return False
        if op["begin"] > min(o["end"] for o in succeeded) + self.grace + SLACK_SECONDS:
            return True
        return any(
            later["end"] < op["begin"] for first in succeeded for later in facts.successes(first["refresh"])
        )

    def before(self, op) -> list[tuple]:
        """What had ended the token of an operation, or all it came of, before it began."""
        facts = self.facts
        token = op.get("token") or op.get("code")
        root = facts.root.get(token)
        given = facts.given.get(root)
        found = self.of[token] + (self.of[root] if root != token else [])
        if op["kind"] == "exchange":
            found = found + self.of_code[token]
        # Not of what was given afterwards.
        found = found + [each for each in self.of_person[facts.person(root)] if given["end"] <= each[0]]
        return [each for each in found if op["begin"] > each[0]]

    def must_know(self, op, end, node) -> bool:
        """A refresh token and a code are always looked up; an access token is judged by what the node has heard."""
        is_local = op.get("hint") == "access"
        return not is_local or node == op["node"] or self.facts.heard_by(op["node"], end, op["begin"])

    def client_disabled(self, op) -> dict | None:
        """What disabled the client of an operation, where its node must know that it did, and nobody has begun to
        enable it again."""
        facts = self.facts
        client = facts.client_of(op)
        for off in facts.disabled_clients[client]:
            if off["status"] == 200 and facts.heard_by(op["node"], off["end"], op["begin"]):
                if not any(off["begin"] < on["begin"] < op["end"] for on in facts.enabled_clients[client]):
                    return off
        return None

    def session(self, op) -> tuple | None:
        """What had ended a session before somebody came with its cookie: its end is known at once everywhere."""
        facts = self.facts
        given = facts.session.get(op["session"])
        ended = []
        self.add(ended, facts.sign_outs[op["session"]])
        if given:
            disabled = [each for each in facts.withdrawals_of[given["person"]] if each["kind"] == "disable_user"]
            self.add(ended, [each for each in disabled if given["end"] <= each["end"]])
        return next((each for each in ended if op["begin"] > each[0]), None)

    def person_disabled(self, op) -> dict | None:
        """What disabled a person before an operation began, without anybody enabling them since."""
        facts = self.facts
        for off in facts.withdrawals_of[op["person"]]:
            if off["kind"] == "disable_user" and off["status"] == 200 and op["begin"] > off["end"]:
                if not any(off["begin"] < on["begin"] < op["end"] for on in facts.enabled_users[op["person"]]):
                    return off
        return None
