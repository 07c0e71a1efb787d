"""What clients and their people do in the storm, one life after the other."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from fault_cluster import Answer, Cluster
from fault_history import History
from fault_requests import Requests

# Beyond the grace of the contract.
OLD_SECONDS = 31
# What stands for an answer that nobody waits for.
GIVEN_UP = Answer(0, {}, b"")


class Lives(Requests):
    def __init__(self, cluster: Cluster, history: History):
        super().__init__(cluster, history)
        self.machine, self.app = cluster.register()
        self.over = threading.Event()
        self.pool = ThreadPoolExecutor(12)
        self.machine_tokens: list[str] = []

    def machine_life(self, dice):
        node = dice.choice(self.cluster.nodes)
        token = self.issue(node, self.machine)
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

    def two_nodes(self, dice: random.Random):
        nodes = self.cluster.nodes
        return dice.sample(nodes, 2) if len(nodes) > 1 else nodes * 2

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

    def same(self, node, call):
        """At one node, however often; and once where no answer came: nobody may send a code again then."""
        def calling(_):
            answer, found = call(node)
            return (answer, found) if answer is not None else (GIVEN_UP, {})

        return calling

    def family_life(self, dice, person):
        nodes = self.cluster.nodes
        code = self.authorize(dice.choice(nodes), person, self.app)
        if code is None:
            time.sleep(0.2)
            return
        if dice.random() < 0.15:
            self.exchange_twice(dice, code)
            return
        found = self.insist(dice, self.same(dice.choice(nodes), lambda node: self.exchange(node, code, self.app)))
        if not found:
            return
        chain = [found["refresh_token"]]
        access = found["access_token"]
        for _ in range(dice.randint(2, 10)):
            access, alive = self.family_step(dice, chain, access)
            if not alive:
                return
        self.family_end(dice, person, chain, access)

    def exchange_twice(self, dice, code):
        one, other = self.two_nodes(dice)
        for answer, found in self.at_once(
            (self.exchange, one, code, self.app), (self.exchange, other, code, self.app)
        ):
            if answer is not None and answer.status == 200:
                self.verify(one, found["access_token"])
                self.after_the_bound(dice, lambda node: self.verify(node, found["access_token"]))
                self.refresh(other, found["refresh_token"], self.app)

    def family_step(self, dice, chain, access):
        nodes = self.cluster.nodes
        kind = dice.random()
        if kind < 0.5:
            found = self.insist(dice, lambda node: self.refresh(node, chain[-1], self.app))
        elif kind < 0.65:
            results = self.at_once(*[(self.refresh, node, chain[-1], self.app) for node in nodes])
            found = next((f for a, f in results if a is not None and a.status == 200), None)
            if found is None:
                found = self.insist(dice, lambda node: self.refresh(node, chain[-1], self.app))
        elif kind < 0.75 and len(chain) > 1:
            # The answer is said to be lost: the same successor comes again.
            self.refresh(dice.choice(nodes), chain[-2], self.app)
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
            self.refresh(node, chain[-3], self.app)
        elif how < 0.3 and len(chain) > 1:
            # Long after the grace.
            if self.over.wait(OLD_SECONDS + 1):
                return
            self.refresh(node, chain[-2], self.app)
        elif how < 0.5:
            self.revoke(node, self.app, chain[-1], "refresh")
        elif how < 0.6:
            self.revoke(node, self.app, access, "access")
        elif how < 0.7 and person.withdraws:
            self.withdraw(node, person)
        else:
            return
        self.verify(node, access)
        self.refresh(node, chain[-1], self.app)
        self.after_the_bound(dice, lambda other: self.verify(other, access))
