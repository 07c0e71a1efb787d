"""Proves a history, and reads nothing but it: `python fault_checker.py HISTORY`.

    1  an acknowledged grant exists: what was given is accepted until something ended it
    2  a code succeeds once; a refresh token has one successor, and none beyond the grace
    3  after a reuse nothing of the family is accepted
    4  what was ended (revoked, withdrawn, signed out of; a person, a client that was disabled) is not accepted later than
       the bound: at the node that did it at once, at others within a second while they and the database are up; what is
       asked of the store each time, such as a session, nowhere
    5  every refusal is true: something that was begun before its end can have caused it; a 503 has Retry-After and a
       fault beside it. So a token of a key that was replaced is accepted, and one of a key that is new, everywhere
    6  after the keys were rotated no node signs with an old one for longer than the bound

An operation without an answer may have happened or not: it excuses refusals and proves nothing.
"""

import sys
from collections import Counter
from pathlib import Path

from fault_causes import Causes
from fault_endings import Endings
from fault_facts import BOUND_SECONDS, GIVING, PRESENTING, REFUSED, SLACK_SECONDS, Facts
from fault_history import COMMAND, read, settled_at

GRACE_SECONDS = 30.0
# Until a node whose clock says so goes over to the next key.
TURNING_SECONDS = 2.0


class Checker:
    def __init__(
        self, operations: list[dict], faults: list[dict], settled=None, grace=GRACE_SECONDS, bound=BOUND_SECONDS
    ):
        # From when on everything that must be there was looked for; None for a history that ends in the storm.
        self.settled = settled
        self.grace = grace
        self.problems: list[str] = []
        # How often there was something to prove: a storm in which nothing was is no test.
        self.proven = Counter()
        self.facts = Facts(operations, faults, bound)
        self.causes = Causes(self.facts, grace)
        self.endings = Endings(self.facts, self.causes, grace, self.proven)

    def check(self) -> list[str]:
        self.check_single_use()
        for op in self.facts.operations:
            self.check_answer(op)
            if op["node"] == COMMAND:
                continue
            if op["kind"] == "look":
                self.check_session(op)
                continue
            self.check_given(op)
            self.check_accepted(op)
            self.check_refused(op)
        if self.settled is not None:
            self.check_there()
        return self.problems

    def wrong(self, op, text):
        self.problems.append(f"operation {op['op']} ({op['kind']} at node {op['node']}, {op['begin']} s): {text}")

    def check_there(self):
        """Each family that nobody ended was looked for at the end, and is there."""
        facts = self.facts
        newest = {}
        for token, op in facts.given.items():
            if token in facts.parent:
                root = facts.root[token]
                if root not in newest or op["end"] > facts.given[newest[root]]["end"]:
                    newest[root] = token
        looks = {
            op["token"]: op
            for op in facts.operations
            if op["begin"] >= self.settled and op["kind"] == "introspect"
        }
        for root, token in newest.items():
            look = looks.get(token)
            if look and look.get("active"):
                self.proven["families found at the end"] += 1
            elif not self.causes.may_be_over(root, token):
                said = f"operation {look['op']} got {look['status']}" if look else "nobody looked"
                self.wrong(facts.given[token], f"what it gave was not found at the end: {said}")

    def check_single_use(self):
        facts = self.facts
        for ops in list(facts.presented.values()):
            succeeded = [op for op in ops if op["status"] == 200]
            if not succeeded:
                continue
            if ops[0]["kind"] == "exchange":
                for op in succeeded[1:]:
                    self.wrong(op, "a code succeeded a second time")
                continue
            successors = {op["refresh"] for op in succeeded}
            if len(successors) > 1:
                self.wrong(succeeded[-1], "a refresh token has two successors")
            self.proven["answers repeated inside the grace"] += len(succeeded) - 1
            rotated_by = min(op["end"] for op in succeeded)
            used_by = [later["end"] for successor in successors for later in facts.successes(successor)]
            for op in succeeded:
                if op["begin"] > rotated_by + self.grace + SLACK_SECONDS:
                    self.wrong(op, "a superseded refresh token was accepted after the grace")
                if used_by and op["begin"] > min(used_by):
                    self.wrong(op, "a refresh token two generations old was accepted")

    # Each answer

    def check_answer(self, op):
        status = op["status"]
        if status is None:
            if not self.facts.disturbed(op):
                self.wrong(op, f"no answer came, and nothing was broken {op.get('said', '')}".rstrip())
        elif status == 503:
            if "retry_after" not in op:
                self.wrong(op, "503 without Retry-After")
            if not self.facts.disturbed(op):
                self.wrong(op, "503, and nothing was broken")
        elif status == 409 and op["kind"] == "rotate":
            # Another node was just rotating by itself.
            return
        elif status >= 500 or status not in (200, 302, 303, 400, 401):
            self.wrong(op, f"answered {status}")

    def check_session(self, op):
        ended = self.endings.session(op)
        if op.get("active") and ended:
            self.wrong(op, f"a session was accepted {op['begin'] - ended[0]:.2f} s after {ended[2]}")
        elif op.get("active") is False:
            if not self.causes.session_may_be_over(op):
                self.wrong(op, "a session was refused, and nothing had happened that could be the reason")
            if ended:
                self.proven["sessions refused after their end"] += 1

    def check_given(self, op):
        """What nobody may be given any more."""
        facts = self.facts
        if op["kind"] == "authorize" and op.get("code") and (off := self.endings.person_disabled(op)):
            self.wrong(op, f"a code was given {op['begin'] - off['end']:.2f} s after disable_user")
        if op["kind"] not in GIVING or not op.get("key"):
            return
        for rotation in facts.rotations:
            moment = rotation["end"] + (rotation["ahead"] + TURNING_SECONDS if rotation["ahead"] else 0)
            first = facts.first_token[op["key"]]
            if rotation["status"] == 200 and op["key"] not in rotation["keys"] and first < rotation["begin"]:
                if facts.heard_by(op["node"], moment, op["begin"]):
                    self.wrong(op, f"signed with an old key {op['begin'] - rotation['end']:.2f} s after rotate")

    def is_accepted(self, op) -> bool:
        if op["kind"] in ("introspect", "verify"):
            return op["status"] == 200 and op.get("active", True)
        return op["kind"] in PRESENTING and op["status"] == 200

    def check_accepted(self, op):
        if op["status"] == 200 and op["kind"] != "authorize" and (off := self.endings.client_disabled(op)):
            # Asking is enough: a client that is disabled is not answered.
            if op["kind"] != "introspect" or op.get("client"):
                self.wrong(op, f"accepted {op['begin'] - off['end']:.2f} s after disable_client")
                return
        if not self.is_accepted(op):
            return
        for end, node, why in self.endings.before(op):
            if self.endings.must_know(op, end, node):
                self.wrong(op, f"accepted {op['begin'] - end:.2f} s after {why} at node {node}")
                return
        if op["kind"] == "verify":
            self.count_key(op)

    def count_key(self, op):
        """An accepted token that shows something: of a key that was replaced, or that this node has just heard of."""
        facts = self.facts
        given = facts.given.get(op["token"], {})
        first = facts.first_token.get(given.get("key"))
        if first is None:
            return
        others = [moment for key, moment in facts.first_token.items() if key != given["key"]]
        if any(first < moment < op["begin"] for moment in others):
            self.proven["tokens of a replaced key accepted"] += 1
        if given["node"] != op["node"] and op["begin"] < first + facts.bound and any(m < first for m in others):
            self.proven["tokens of a new key accepted at other nodes at once"] += 1

    def check_refused(self, op):
        kind, status = op["kind"], op["status"]
        if kind in ("introspect", "verify"):
            refused = (status == 200 and op.get("active") is False) or status in REFUSED
        else:
            refused = status in REFUSED
        if not refused:
            return
        is_disabled = self.causes.client_may_be_disabled(op)
        if kind not in ("exchange", "refresh", "introspect", "verify") and not is_disabled:
            self.wrong(op, f"refused with {status}: nothing can be wrong with it")
        elif not self.causes.may_refuse(op):
            self.wrong(op, "refused, and nothing had happened that could be the reason")
        else:
            self.proven["true refusals"] += 1
            if self.endings.client_disabled(op):
                self.proven["disabled clients refused after the bound"] += 1
            if op.get("hint") == "access":
                self.count_late_look(op)

    def count_late_look(self, op):
        """A refusal that had to be one: an end was acknowledged long enough before."""
        for end, node, _ in self.endings.before(op):
            if node == op["node"]:
                self.proven["ended tokens refused at once where they were ended"] += 1
                return
            if self.facts.heard_by(op["node"], end, op["begin"]):
                self.proven["ended tokens refused elsewhere after the bound"] += 1
                return


def checked(path: Path) -> Checker:
    checker = Checker(*read(path), settled_at(path))
    checker.check()
    return checker


if __name__ == "__main__":
    checker = checked(Path(sys.argv[1]))
    problems = checker.problems
    for what, count in sorted(checker.proven.items()):
        print(f"{count} {what}")
    print(f"{len(problems)} problems")
    for problem in problems[:50]:
        print(" ", problem)
    sys.exit(bool(problems))
