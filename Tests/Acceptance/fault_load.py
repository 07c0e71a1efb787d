"""A storm of what clients do: issuing, exchanging, rotating, replaying, revoking, asking; at several nodes at once.

Each worker is a thread with dice of its own. Whatever it does stands in the history.
"""

import json
import random
import re
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

from fault_cluster import REDIRECT_URI, SCOPE, Cluster
from fault_history import History, fingerprint
from pages import Page
from wire import basic

COOKIE = re.compile(r"doorward=([^;]+)")
# Beyond the grace of the contract.
OLD_SECONDS = 31


class Person:
    """Somebody with a browser, who has the cookie of one session."""

    def __init__(self, name, password, withdraws):
        self.name, self.password, self.withdraws, self.cookie = name, password, withdraws, None

    def send(self, node, method, path, form=None):
        headers = {"Cookie": f"doorward={self.cookie}"} if self.cookie else {}
        answer = node.call(method, path, form, headers)
        if answer is not None:
            for value in answer.headers.get_all("Set-Cookie") or []:
                if found := COOKIE.search(value):
                    self.cookie = found[1]
        return answer

    def press(self, node, page: Page, caption, fill=()):
        form = page.form_with(caption)
        for label, value in dict(fill).items():
            form.labelled(*label.split("|")).value = value
        return self.send(node, "POST", form.action, form.sent(form.button(caption)))

    def authorize(self, node, client):
        """The last answer on the way to a code: signs in and consents where asked."""
        query = {
            "response_type": "code", "client_id": client["client_id"], "redirect_uri": REDIRECT_URI, "scope": SCOPE,
        }
        path = f"/oauth/authorize?{urlencode(query)}"
        answer = self.send(node, "GET", path)
        for _ in range(5):
            if answer is None or answer.status not in (200, 302, 303):
                return answer
            if answer.status != 200:
                location = answer.headers["Location"]
                if location.startswith(REDIRECT_URI):
                    return answer
                answer = self.send(node, "GET", urlsplit(location)._replace(scheme="", netloc="").geturl())
                continue
            page = Page(answer.text)
            if any(form.button("Sign in") for form in page.forms):
                answer = self.press(node, page, "Sign in", {"Email|Username": self.name, "Password": self.password})
            else:
                answer = self.press(node, page, "Allow access")
        return answer

    def withdraw(self, node):
        """Takes back what the application holds, at /account; None where there was nothing to press."""
        answer = self.send(node, "GET", "/account")
        if answer is None or answer.status != 200:
            return None
        page = Page(answer.text)
        forms = [form for form in page.forms if any(field.name == "grant" for field in form.fields)]
        if not forms:
            return None
        begin = time.monotonic()
        return begin, self.send(node, "POST", forms[0].action, forms[0].sent(forms[0].buttons()[0]))


class Load:
    def __init__(self, cluster: Cluster, history: History, seed: int):
        self.cluster, self.history, self.seed = cluster, history, seed
        self.machine, self.app = cluster.register()
        self.over = threading.Event()
        self.pool = ThreadPoolExecutor(8)
        self.lock = threading.Lock()
        # The newest refresh token of every family, by the code it came of.
        self.newest: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.machine_tokens: list[str] = []
        self.failures: list[BaseException] = []

    # Single operations; each answers the HTTP answer, or None.

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
        self.note(node, kind, begin, end, answer, **facts, **{
            "access": fingerprint(found.get("access_token")), "refresh": fingerprint(found.get("refresh_token")),
            "active": found.get("active"),
        })
        return answer, found

    def note(self, node, kind, begin, end, answer, **facts):
        self.history.operation(
            node.index, kind, begin, end, status=answer.status if answer else None,
            trace=answer and answer.headers.get("Trace-Id"), retry_after=answer and answer.headers.get("Retry-After"),
            **facts,
        )

    def issue(self, node):
        _, found = self.form(node, self.machine, "issue", "/oauth/token", {"grant_type": "client_credentials"})
        return found.get("access_token")

    def exchange(self, node, code):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        return self.remember(code, self.form(node, self.app, "exchange", "/oauth/token", form, code=fingerprint(code)))

    def refresh(self, node, token):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.remember(
            token, self.form(node, self.app, "refresh", "/oauth/token", form, token=fingerprint(token))
        )

    def remember(self, presented, result):
        """A successor takes the place of what was presented, if that was still the newest."""
        _, found = result
        if token := found.get("refresh_token"):
            with self.lock:
                root = self.roots.setdefault(token, self.roots.get(presented, presented))
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

    def authorize(self, node, person):
        begin = self.history.now()
        answer = person.authorize(node, self.app)
        end = self.history.now()
        code = None
        if answer is not None and answer.status in (302, 303):
            code = parse_qs(urlsplit(answer.headers["Location"]).query).get("code", [None])[0]
        if answer is None or answer.status == 503 or code:
            self.note(node, "authorize", begin, end, answer, code=fingerprint(code), person=person.name)
        return code

    # Lives

    def machine_life(self, dice):
        node = dice.choice(self.cluster.nodes)
        token = self.issue(node)
        if token is None:
            return
        self.verify(dice.choice(self.cluster.nodes), token)
        self.introspect(dice.choice(self.cluster.nodes), self.machine, token, "access")
        if dice.random() < 0.5:
            with self.lock:
                self.machine_tokens.append(token)
            return
        self.revoke(node, self.machine, token, "access")
        self.verify(node, token)
        self.after_the_bound(dice, lambda other: self.verify(other, token))

    def after_the_bound(self, dice, look):
        self.over.wait(1.3 + dice.random())
        for other in self.cluster.nodes:
            look(other)

    def at_once(self, *calls):
        return [each.result() for each in [self.pool.submit(*call) for call in calls]]

    def insist(self, dice, call):
        """As a client does: asks again while there is no answer, for as long as the grace may last."""
        deadline = time.monotonic() + 25
        while True:
            answer, found = call(dice.choice(self.cluster.nodes))
            if answer is not None and answer.status != 503:
                return found if answer.status == 200 else None
            if time.monotonic() > deadline:
                return None
            time.sleep(0.2 + dice.random() / 2)

    def family_life(self, dice, person):
        nodes = self.cluster.nodes
        code = self.authorize(dice.choice(nodes), person)
        if code is None:
            time.sleep(0.2)
            return
        if dice.random() < 0.15:
            self.exchange_twice(dice, code)
            return
        answer, found = self.exchange(dice.choice(nodes), code)
        if answer is None or answer.status != 200:
            return
        chain = [found["refresh_token"]]
        access = found["access_token"]
        for _ in range(dice.randint(2, 10)):
            access, alive = self.family_step(dice, chain, access)
            if not alive:
                return
        self.family_end(dice, person, chain, access)

    def exchange_twice(self, dice, code):
        one, other = dice.sample(self.cluster.nodes, 2) if len(self.cluster.nodes) > 1 else self.cluster.nodes * 2
        for answer, found in self.at_once((self.exchange, one, code), (self.exchange, other, code)):
            if answer is not None and answer.status == 200:
                self.verify(one, found["access_token"])
                self.after_the_bound(dice, lambda node: self.verify(node, found["access_token"]))
                self.refresh(other, found["refresh_token"])

    def family_step(self, dice, chain, access):
        nodes = self.cluster.nodes
        kind = dice.random()
        if kind < 0.5:
            found = self.insist(dice, lambda node: self.refresh(node, chain[-1]))
        elif kind < 0.65:
            results = self.at_once(*[(self.refresh, node, chain[-1]) for node in nodes])
            found = next((f for a, f in results if a is not None and a.status == 200), None)
            if found is None:
                found = self.insist(dice, lambda node: self.refresh(node, chain[-1]))
        elif kind < 0.75 and len(chain) > 1:
            # The answer is said to be lost: the same successor comes again.
            self.refresh(dice.choice(nodes), chain[-2])
            return access, True
        elif kind < 0.9:
            self.verify(dice.choice(nodes), access)
            return access, True
        else:
            self.introspect(dice.choice(nodes), self.app, chain[-1], "refresh")
            return access, True
        if not found:
            return access, False
        chain.append(found["refresh_token"])
        return found["access_token"], True

    def family_end(self, dice, person, chain, access):
        nodes = self.cluster.nodes
        node = dice.choice(nodes)
        how = dice.random()
        if how < 0.2 and len(chain) > 2:
            self.refresh(node, chain[-3])
        elif how < 0.3 and len(chain) > 1:
            # Long after the grace.
            if self.over.wait(OLD_SECONDS + 1):
                return
            self.refresh(node, chain[-2])
        elif how < 0.5:
            self.revoke(node, self.app, chain[-1], "refresh")
        elif how < 0.6:
            self.revoke(node, self.app, access, "access")
        elif how < 0.7 and person.withdraws:
            self.withdraw(node, person)
        else:
            return
        self.verify(node, access)
        self.refresh(node, chain[-1])
        self.after_the_bound(dice, lambda other: self.verify(other, access))

    def withdraw(self, node, person):
        done = person.withdraw(node)
        if done is None:
            return
        begin, answer = done
        begin = round(begin - self.history.began, 4)
        self.note(node, "withdraw", begin, self.history.now(), answer, person=person.name)

    # All of it

    def worker(self, number, person):
        dice = random.Random(self.seed * 1000 + number)
        try:
            while not self.over.is_set():
                if dice.random() < 0.4:
                    self.machine_life(dice)
                else:
                    self.family_life(dice, person)
        except BaseException as error:
            self.failures.append(error)

    def run(self, workers: int, seconds: float, during):
        """`during(until)` breaks things meanwhile."""
        # Some never take anything back, so that something is left to be found at the end.
        people = [
            Person(f"person{number}@example.org", secrets.token_urlsafe(12), withdraws=number % 3 == 0)
            for number in range(workers)
        ]
        for person in people:
            self.cluster.add_person(person.name, person.password)
        for person in people:
            # Signed in before the storm: a password takes longer than a storm leaves for it.
            assert self.authorize(self.cluster.nodes[0], person), person.name
        threads = [
            threading.Thread(target=self.worker, args=(number, person)) for number, person in enumerate(people)
        ]
        for thread in threads:
            thread.start()
        try:
            during(time.monotonic() + seconds)
        finally:
            self.over.set()
            for thread in threads:
                thread.join(120)
        if self.failures:
            raise self.failures[0]

    def look_at_the_end(self):
        """What was acknowledged, and nobody ended, is there."""
        self.history.write(mark="settled", at=self.history.now())
        node = self.cluster.nodes[-1]
        for token in self.newest.values():
            self.introspect(node, self.app, token, "refresh")
        for token in self.machine_tokens:
            self.verify(node, token)
