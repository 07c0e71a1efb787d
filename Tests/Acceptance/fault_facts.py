"""What a history says: who was given what, of which grant, session, person, client and key; what was broken when."""

from collections import defaultdict

from fault_history import COMMAND

CODE_SECONDS = 60.0
# Within which every node knows what another did, or a command.
BOUND_SECONDS = 1.0
# From the end of a fault until everybody has noticed that it is over.
RECOVERY_SECONDS = 3.0
# From the end of a fault until the bound counts again: connections are made anew.
SETTLING_SECONDS = 1.0
# Clocks of the processes and the one of the history tick alike, but are read at different moments.
SLACK_SECONDS = 0.25

GIVING = {"issue", "authorize", "exchange", "refresh"}
PRESENTING = {"exchange": "code", "refresh": "token"}
REFUSED = (400, 401)


class Facts:
    def __init__(self, operations: list[dict], faults: list[dict], bound: float):
        self.operations = sorted(operations, key=lambda op: op["begin"])
        self.faults, self.bound = faults, bound
        self.root: dict[str, str] = {}
        # By code and token: the operation that gave it.
        self.given: dict[str, dict] = {}
        self.parent: dict[str, str] = {}
        self.presented = defaultdict(list)
        self.by_root = defaultdict(list)
        self.revocations = defaultdict(list)
        self.token_revocations = defaultdict(list)
        # By person: what took back all they gave, and what allowed them in again.
        self.withdrawals_of = defaultdict(list)
        self.enabled_users = defaultdict(list)
        # By cookie: the first code that was given in the session, and what signed out of it.
        self.session: dict[str, dict] = {}
        self.sign_outs = defaultdict(list)
        self.roots_of_session = defaultdict(list)
        self.disabled_clients = defaultdict(list)
        self.enabled_clients = defaultdict(list)
        self.rotations: list[dict] = []
        # By key: when its first token came.
        self.first_token: dict[str, float] = {}
        self.gather()

    def gather(self):
        """Which grant everything came of. Lost answers are named by what was presented in them."""
        for op in self.operations:
            if op["kind"] == "authorize" and op.get("code"):
                self.root[op["code"]] = op["code"]
                self.given.setdefault(op["code"], op)
                if session := op.get("session"):
                    self.session.setdefault(session, op)
                    self.roots_of_session[session].append(op["code"])
        # A successor's family is its parent's: successes are walked in the order of their ends.
        for op in sorted(self.operations, key=lambda op: op["end"]):
            if op["status"] != 200 or op["kind"] not in GIVING:
                continue
            if key := op.get("key"):
                self.first_token.setdefault(key, op["end"])
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
            self.gather_ending(op)

    def gather_ending(self, op):
        match op["kind"]:
            case "exchange" | "refresh":
                presented = op[PRESENTING[op["kind"]]]
                self.presented[presented].append(op)
                self.by_root[self.root.get(presented, presented)].append(op)
            case "revoke" if op["hint"] == "access":
                self.token_revocations[op["token"]].append(op)
            case "revoke":
                self.revocations[self.root.get(op["token"], op["token"])].append(op)
            case "withdraw" | "disable_user":
                self.withdrawals_of[op["person"]].append(op)
            case "enable_user":
                self.enabled_users[op["person"]].append(op)
            case "sign_out":
                self.sign_outs[op["session"]].append(op)
            case "disable_client":
                self.disabled_clients[op["client"]].append(op)
            case "enable_client":
                self.enabled_clients[op["client"]].append(op)
            case "rotate":
                self.rotations.append(op)

    def successes(self, token):
        return [op for op in self.presented[token] if op["status"] == 200]

    def person(self, root):
        op = self.given.get(root)
        return op.get("person") if op else None

    def session_of(self, root):
        op = self.given.get(root)
        return op.get("session") if op else None

    def hears_of_sign_outs(self, root) -> bool:
        op = self.given.get(root)
        return bool(op and op.get("told"))

    def client_of(self, op):
        """Who asks or, where nobody says so, whose token it is."""
        given = self.given.get(op.get("token") or op.get("code") or "")
        return op.get("client") or (given or {}).get("client")

    def withdrawals(self, root) -> list[dict]:
        """What may have taken the grant back: not what was over before it was given."""
        person, given = self.person(root), self.given.get(root)
        return [
            op for op in (self.withdrawals_of[person] if person else [])
            if op["status"] != 200 or op["end"] > given["begin"]
        ]

    # What was broken

    def disturbed(self, op) -> bool:
        return any(
            (op["node"] == COMMAND or fault["node"] in (None, op["node"]))
            and fault["begin"] - SLACK_SECONDS <= op["end"]
            and op["begin"] <= fault["end"] + RECOVERY_SECONDS
            for fault in self.faults
        )

    def was_killed(self, node, begin, end) -> bool:
        return any(
            fault["fault"] == "kill" and fault["node"] == node and fault["begin"] <= end and begin <= fault["end"]
            for fault in self.faults
        )

    def heard_by(self, node, moment, limit) -> bool:
        """Whether a node must have heard, at `limit`, of what another did at `moment`: it had the bound in peace."""
        quiet_since = moment
        for fault in self.faults:
            if fault["node"] in (None, node) and fault["begin"] < limit and fault["end"] + SETTLING_SECONDS > moment:
                quiet_since = max(quiet_since, fault["end"] + SETTLING_SECONDS)
        return limit > quiet_since + self.bound
