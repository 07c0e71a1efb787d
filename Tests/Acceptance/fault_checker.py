"""Proves a history, and reads nothing but it: `python fault_checker.py HISTORY`.

    1  an acknowledged grant exists: what was given is accepted until something ended it
    2  a code succeeds once; a refresh token has one successor, and none beyond the grace
    3  after a reuse nothing of the family is accepted
    4  what was revoked is not accepted later than the bound: at the node that did it at once, at others within a second
       while they and the database are up
    5  every refusal is true: something that was begun before its end can have caused it; a 503 has Retry-After and a
       fault beside it

An operation without an answer may have happened or not: it excuses refusals and proves nothing.
"""

import sys
from collections import Counter, defaultdict
from pathlib import Path

from fault_history import read, settled_at

GRACE_SECONDS = 30.0
CODE_SECONDS = 60.0
BOUND_SECONDS = 1.0
# From the end of a fault until everybody has noticed that it is over.
RECOVERY_SECONDS = 3.0
# From the end of a fault until the bound counts again: connections are made anew.
SETTLING_SECONDS = 1.0
# Clocks of the processes and the one of the history tick alike, but are read at different moments.
SLACK_SECONDS = 0.25

GIVING = {"issue", "authorize", "exchange", "refresh"}
PRESENTING = {"exchange": "code", "refresh": "token"}


class Checker:
    def __init__(
        self, operations: list[dict], faults: list[dict], settled=None, grace=GRACE_SECONDS, bound=BOUND_SECONDS
    ):
        # From when on everything that must be there was looked for; None for a history that ends in the storm.
        self.settled = settled
        self.operations = sorted(operations, key=lambda op: op["begin"])
        self.faults = faults
        self.grace, self.bound = grace, bound
        self.problems: list[str] = []
        # How often there was something to prove: a storm in which nothing was is no test.
        self.proven = Counter()
        self.root: dict[str, str] = {}
        self.given: dict[str, dict] = {}
        self.parent: dict[str, str] = {}
        self.presented = defaultdict(list)
        self.by_root = defaultdict(list)
        self.revocations = defaultdict(list)
        self.token_revocations = defaultdict(list)

    def check(self) -> list[str]:
        self.gather()
        self.check_single_use()
        endings = self.ends = self.endings()
        for op in self.operations:
            self.check_answer(op)
            self.check_accepted(op, endings)
            self.check_refused(op)
        if self.settled is not None:
            self.check_there()
        return self.problems

    def check_there(self):
        """Each family that nobody ended was looked for at the end, and is there."""
        newest = {}
        for token, op in self.given.items():
            if token in self.parent:
                root = self.root[token]
                if root not in newest or op["end"] > self.given[newest[root]]["end"]:
                    newest[root] = token
        seen = {
            op["token"]
            for op in self.operations
            if op["begin"] >= self.settled and op["kind"] == "introspect" and op.get("active")
        }
        for root, token in newest.items():
            if token in seen:
                self.proven["families found at the end"] += 1
            elif not self.may_be_over(root, token):
                self.wrong(self.given[token], "what it gave was not found at the end")

    def may_be_over(self, root, token) -> bool:
        if self.revocations[root] or self.withdrawals(root):
            return True
        # Presented and not answered: its successor may be in force, and nobody has it.
        if any(op["status"] is None or op["status"] == 503 for op in self.presented[token]):
            return True
        return any(op["status"] != 200 and self.may_be_reuse(op) for op in self.by_root[root])

    def wrong(self, op, text):
        self.problems.append(f"operation {op['op']} ({op['kind']} at node {op['node']}, {op['begin']} s): {text}")

    # What is known

    def gather(self):
        """Which grant everything came of. Lost answers are named by what was presented in them."""
        for op in self.operations:
            if op["kind"] == "authorize" and op.get("code"):
                self.root[op["code"]] = op["code"]
                self.given.setdefault(op["code"], op)
        # A successor's family is its parent's: successes are walked in the order of their ends.
        for op in sorted(self.operations, key=lambda op: op["end"]):
            if op["status"] != 200 or op["kind"] not in GIVING:
                continue
            before = op.get(PRESENTING.get(op["kind"], ""))
            for name in ("access", "refresh"):
                token = op.get(name)
                if token is None:
                    continue
                self.given.setdefault(token, op)
                self.root[token] = self.root.get(before, before) if before else token
                if name == "refresh":
                    self.parent.setdefault(token, before)
        for op in self.operations:
            if op["kind"] in PRESENTING:
                presented = op[PRESENTING[op["kind"]]]
                self.presented[presented].append(op)
                self.by_root[self.root.get(presented, presented)].append(op)
            elif op["kind"] == "revoke":
                token = op["token"]
                if op["hint"] == "access":
                    self.token_revocations[token].append(op)
                else:
                    self.revocations[self.root.get(token, token)].append(op)
            elif op["kind"] == "withdraw":
                self.revocations["person " + op["person"]].append(op)

    def successes(self, token):
        return [op for op in self.presented[token] if op["status"] == 200]

    def ancestors(self, token):
        while token := self.parent.get(token):
            yield token

    def person(self, root):
        op = self.given.get(root)
        return f"person {op['person']}" if op and op.get("person") else None

    def withdrawals(self, root) -> list[dict]:
        """What may have taken the grant back: not what was over before it was given."""
        person = self.person(root)
        given = self.given.get(root)
        return [
            op for op in (self.revocations[person] if person else [])
            if op["status"] != 200 or op["end"] > given["begin"]
        ]

    # Single use

    def check_single_use(self):
        for token, ops in list(self.presented.items()):
            succeeded = [op for op in ops if op["status"] == 200]
            if not succeeded:
                continue
            if ops[0]["kind"] == "exchange":
                for op in succeeded[1:]:
                    self.wrong(op, "a code succeeded a second time")
                continue
            if len({op["refresh"] for op in succeeded}) > 1:
                self.wrong(succeeded[-1], "a refresh token has two successors")
            self.proven["answers repeated inside the grace"] += len(succeeded) - 1
            rotated_by = min(op["end"] for op in succeeded)
            successors = {op["refresh"] for op in succeeded}
            used_by = [later["end"] for successor in successors for later in self.successes(successor)]
            for op in succeeded:
                if op["begin"] > rotated_by + self.grace + SLACK_SECONDS:
                    self.wrong(op, "a superseded refresh token was accepted after the grace")
                if used_by and op["begin"] > min(used_by):
                    self.wrong(op, "a refresh token two generations old was accepted")

    def is_reuse(self, op) -> bool:
        """Whether a refused presentation was a reuse beyond doubt, so that it ended the family."""
        presented = op[PRESENTING[op["kind"]]]
        if op["kind"] == "exchange":
            # Refused while it succeeded elsewhere, and too young to be refused for its age.
            given = self.given.get(presented)
            young = given is not None and op["end"] < given["begin"] + CODE_SECONDS - SLACK_SECONDS
            return young and any(other is not op for other in self.successes(presented))
        succeeded = self.successes(presented)
        if not succeeded:
            return False
        if op["begin"] > min(o["end"] for o in succeeded) + self.grace + SLACK_SECONDS:
            return True
        return any(
            later["end"] < op["begin"] for first in succeeded for later in self.successes(first["refresh"])
        )

    def endings(self):
        """When each grant and token was over beyond doubt, and at which node: root or token → [(end, node, why)]."""
        endings = defaultdict(list)
        for root, ops in list(self.revocations.items()):
            for op in ops:
                if op["status"] == 200:
                    self.proven["grants withdrawn or revoked"] += 1
                    endings[root].append((op["end"], op["node"], op["kind"]))
        for token, ops in list(self.token_revocations.items()):
            for op in ops:
                if op["status"] == 200:
                    endings[token].append((op["end"], op["node"], "revoke"))
        for root, ops in list(self.by_root.items()):
            for op in ops:
                if op["status"] in (400, 401) and self.is_reuse(op):
                    self.proven["reuses refused"] += 1
                    endings[root].append((op["end"], op["node"], "reuse"))
        return endings

    # Each answer

    def check_answer(self, op):
        status = op["status"]
        if status is None:
            if not self.disturbed(op):
                self.wrong(op, "no answer came, and nothing was broken")
        elif status == 503:
            if "retry_after" not in op:
                self.wrong(op, "503 without Retry-After")
            if not self.disturbed(op):
                self.wrong(op, "503, and nothing was broken")
        elif status >= 500 or status not in (200, 302, 303, 400, 401):
            self.wrong(op, f"answered {status}")

    def disturbed(self, op) -> bool:
        return any(
            fault["node"] in (None, op["node"])
            and fault["begin"] - SLACK_SECONDS <= op["end"]
            and op["begin"] <= fault["end"] + RECOVERY_SECONDS
            for fault in self.faults
        )

    def heard_by(self, node, moment, limit) -> bool:
        """Whether a node must have heard, at `limit`, of what another did at `moment`: it had the bound in peace."""
        quiet_since = moment
        for fault in self.faults:
            if fault["node"] in (None, node) and fault["begin"] < limit and fault["end"] + SETTLING_SECONDS > moment:
                quiet_since = max(quiet_since, fault["end"] + SETTLING_SECONDS)
        return limit > quiet_since + self.bound

    def check_accepted(self, op, endings):
        if op["kind"] in ("introspect", "verify"):
            accepted = op["status"] == 200 and op.get("active", True)
        else:
            accepted = op["kind"] in PRESENTING and op["status"] == 200
        if not accepted:
            return
        token = op.get("token") or op.get("code")
        # A refresh token and a code are always looked up; an access token is judged by what the node has heard.
        is_local = op.get("hint") == "access"
        root = self.root.get(token)
        for end, node, why in endings[token] + endings[root] + endings[self.person(root)]:
            if why == "withdraw" and self.given[root]["end"] > end:
                continue
            if op["begin"] <= end:
                continue
            if not is_local or node == op["node"] or self.heard_by(op["node"], end, op["begin"]):
                self.wrong(op, f"accepted {op['begin'] - end:.2f} s after {why} at node {node}")
                return

    def check_refused(self, op):
        kind, status = op["kind"], op["status"]
        if kind in ("introspect", "verify"):
            refused = (status == 200 and op.get("active") is False) or status in (400, 401)
        else:
            refused = status in (400, 401)
        if not refused:
            return
        if kind not in ("exchange", "refresh", "introspect", "verify"):
            self.wrong(op, f"refused with {status}: nothing can be wrong with it")
        elif not self.may_refuse(op):
            self.wrong(op, "refused, and nothing had happened that could be the reason")
        else:
            self.proven["true refusals"] += 1
            if op.get("hint") == "access":
                self.count_late_look(op)

    def count_late_look(self, op):
        """A refusal that had to be one: an end was acknowledged long enough before."""
        root = self.root.get(op["token"])
        for end, node, _ in self.ends[op["token"]] + self.ends[root] + self.ends[self.person(root)]:
            if node == op["node"] and op["begin"] > end:
                self.proven["ended tokens refused at once where they were ended"] += 1
                return
            if node != op["node"] and self.heard_by(op["node"], end, op["begin"]):
                self.proven["ended tokens refused elsewhere after the bound"] += 1
                return

    def may_refuse(self, op) -> bool:
        token = op.get("token") or op.get("code")
        if token not in self.given:
            return False
        root = self.root[token]

        def attempted(ops):
            """A 503 may hide a commit whose answer was lost."""
            return any(o is not op and o["begin"] < op["end"] and o["status"] not in (400, 401) for o in ops)

        if attempted(self.token_revocations[token]) or attempted(self.revocations[root]):
            return True
        if attempted(self.withdrawals(root)):
            return True
        # A reuse, or what may have been one: something of the family was presented although it had been before.
        for other in self.by_root[root]:
            if other is not op and other["begin"] < op["end"] and other["status"] != 200 and self.may_be_reuse(other):
                return True
        if op["kind"] == "exchange":
            given = self.given[token]
            return attempted(self.presented[token]) or op["end"] > given["begin"] + CODE_SECONDS - SLACK_SECONDS
        if op.get("hint", "refresh") == "refresh":
            return self.may_be_reuse(op)
        return False

    def may_be_reuse(self, op) -> bool:
        """Whether what was presented may have been used up before."""
        presented = op[PRESENTING[op["kind"]]] if op["kind"] in PRESENTING else op["token"]
        before = [
            o for o in self.presented[presented]
            if o is not op and o["begin"] < op["end"] and o["status"] not in (400, 401)
        ]
        if op["kind"] == "exchange":
            return bool(before)
        if any(o["begin"] + self.grace - SLACK_SECONDS < op["end"] for o in before):
            return True
        return any(
            later["begin"] < op["end"] and later["status"] not in (400, 401)
            for o in before
            if o["status"] == 200
            for later in self.presented[o["refresh"]]
        )


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
