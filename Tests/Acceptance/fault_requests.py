"""Single operations of the storm, at a node or by a command; each stands in the history."""

import base64
import json
import subprocess
import threading
from urllib.parse import parse_qs, urlsplit

from command_line import DONE, doorward
from fault_cluster import REDIRECT_URI, Cluster
from fault_history import COMMAND, History, fingerprint
from fault_person import Person
from wire import basic


def key_of(token: str | None) -> str | None:
    """The key that a token in JWT form names."""
    if token is None or token.count(".") != 2:
        return None
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("kid")


class Requests:
    def __init__(self, cluster: Cluster, history: History):
        self.cluster, self.history = cluster, history
        self.lock = threading.Lock()
        # The newest refresh token of every family, by the code it came of; and whose it is.
        self.newest: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.client_of: dict[str, dict] = {}

    def form(self, node, client, kind, path, form, **facts):
        begin = self.history.now()
        answer = node.call("POST", path, form, basic(client["client_id"], client["client_secret"]))
        end = self.history.now()
        found = {}
        if answer is not None and answer.status == 200 and answer.body:
            try:
                found = json.loads(answer.body)
            except json.JSONDecodeError:
                # A body that was cut off is no answer.
                answer = None
        access = found.get("access_token")
        self.note(node, kind, begin, end, answer, client=client["client_id"], **facts, **{
            "access": fingerprint(access), "refresh": fingerprint(found.get("refresh_token")),
            "active": found.get("active"), "key": key_of(access),
        })
        return answer, found

    def note(self, node, kind, begin, end, answer, **facts):
        self.history.operation(
            node.index, kind, begin, end, status=answer.status if answer else None,
            trace=answer and answer.headers.get("Trace-Id"), retry_after=answer and answer.headers.get("Retry-After"),
            **facts,
        )

    def issue(self, node, client):
        _, found = self.form(node, client, "issue", "/oauth/token", {"grant_type": "client_credentials"})
        return found.get("access_token")

    def exchange(self, node, code, client):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        result = self.form(node, client, "exchange", "/oauth/token", form, code=fingerprint(code))
        return self.remember(code, client, result)

    def refresh(self, node, token, client):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        result = self.form(node, client, "refresh", "/oauth/token", form, token=fingerprint(token))
        return self.remember(token, client, result)

    def remember(self, presented, client, result):
        """A successor takes the place of what was presented, if that was still the newest."""
        _, found = result
        if token := found.get("refresh_token"):
            with self.lock:
                root = self.roots.setdefault(token, self.roots.get(presented, presented))
                self.client_of[root] = client
                if self.newest.get(root, presented) == presented:
                    self.newest[root] = token
        return result

    def revoke(self, node, client, token, hint):
        form = {"token": token}
        return self.form(node, client, "revoke", "/oauth/revoke", form, token=fingerprint(token), hint=hint)

    def introspect(self, node, client, token, hint):
        form = {"token": token}
        return self.form(node, client, "introspect", "/oauth/introspect", form, token=fingerprint(token), hint=hint)

    def verify(self, node, token):
        begin = self.history.now()
        answer = node.call(
            "GET", "/verify", None,
            {
                "Authorization": f"Bearer {token}", "X-Forwarded-Method": "GET", "X-Forwarded-Proto": "http",
                "X-Forwarded-Host": urlsplit(self.cluster.issuer).netloc, "X-Forwarded-Uri": "/api/notes",
            },
        )
        self.note(node, "verify", begin, self.history.now(), answer, token=fingerprint(token), hint="access")
        return answer

    def authorize(self, node, person: Person, client, signs_in=True):
        begin = self.history.now()
        answer = person.authorize(node, client, signs_in)
        end = self.history.now()
        code = None
        if answer is not None and answer.status in (302, 303):
            code = parse_qs(urlsplit(answer.headers["Location"]).query).get("code", [None])[0]
        if answer is None or answer.status == 503 or code:
            self.note(
                node, "authorize", begin, end, answer, code=fingerprint(code), person=person.name,
                client=client["client_id"], session=fingerprint(person.cookie), told=client.get("told"),
            )
        return code

    def withdraw(self, node, person: Person):
        done = person.withdraw(node)
        if done is None:
            return
        begin, answer = done
        begin = round(begin - self.history.began, 4)
        self.note(node, "withdraw", begin, self.history.now(), answer, person=person.name)

    def sign_out(self, node, person: Person):
        session = fingerprint(person.cookie)
        begin = self.history.now()
        answer = person.sign_out(node)
        self.note(node, "sign_out", begin, self.history.now(), answer, session=session, person=person.name)
        return answer

    def look(self, node, cookie):
        """Whether a cookie is still somebody's session."""
        begin = self.history.now()
        answer = node.call("GET", "/account", None, {"Cookie": f"doorward={cookie}"})
        active = None if answer is None or answer.status >= 500 else answer.status == 200
        self.note(node, "look", begin, self.history.now(), answer, session=fingerprint(cookie), active=active)

    def command(self, through, kind, *arguments, **facts) -> bool:
        """A command beside the server of a node; it answers whether it was done."""
        begin = self.history.now()
        try:
            ran = doorward(*arguments, *self.cluster.storage_of(through.index), "--json")
        except subprocess.TimeoutExpired:
            ran = None
        end = self.history.now()
        if ran and ran.code == DONE:
            status = 200
            if kind == "rotate":
                facts["keys"] = [key["kid"] for key in json.loads(ran.stdout)]
        else:
            status = 409 if ran and "by another process" in ran.stderr else None
        said = None if status == 200 or ran is None else ran.stderr.strip()[:200]
        self.history.operation(COMMAND, kind, begin, end, status=status, said=said, **facts)
        return status == 200
