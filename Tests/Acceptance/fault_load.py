"""A storm of what clients, people and operators do, at several nodes at once.

Each worker is a thread with dice of its own. Whatever it does stands in the history.
"""

import random
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from fault_cluster import Cluster
from fault_facts import BOUND_SECONDS, RECOVERY_SECONDS
from fault_history import History
from fault_operator import OperatorLives
from fault_person import Person


class Load(OperatorLives):
    def __init__(self, cluster: Cluster, history: History, seed: int):
        super().__init__(cluster, history)
        self.seed = seed
        self.failures: list[BaseException] = []

    def worker(self, number, person):
        dice = random.Random(self.seed * 1000 + number)
        try:
            while not self.over.is_set():
                if dice.random() < 0.4:
                    self.machine_life(dice)
                elif person.leaves:
                    self.session_life(dice, person)
                else:
                    self.family_life(dice, person)
        except BaseException as error:
            self.failures.append(error)

    def operator(self, person):
        dice = random.Random(self.seed * 1000 + 999)
        try:
            while not self.over.is_set():
                self.key_life(dice)
                self.over.wait(0.5 + dice.random())
                if not self.over.is_set():
                    self.client_life(dice, person)
                self.over.wait(0.5 + dice.random())
        except BaseException as error:
            self.failures.append(error)

    def run(self, workers: int, seconds: float, during):
        """`during(until)` breaks things meanwhile."""
        # Some never take anything back nor leave, so that something is left to be found at the end.
        people = [
            Person(
                f"person{number}@example.org", secrets.token_urlsafe(12), withdraws=number % 3 == 0,
                leaves=number % 3 == 1,
            )
            for number in range(workers + 1)
        ]
        people[-1].withdraws = people[-1].leaves = False
        with ThreadPoolExecutor(3) as registering:
            list(registering.map(lambda person: self.cluster.add_person(person.name, person.password), people))
        for person in people:
            # Signed in before the storm: a password takes longer than a storm leaves for it.
            assert self.authorize(self.cluster.nodes[0], person, self.app), person.name
        threads = [
            threading.Thread(target=self.worker, args=(number, person)) for number, person in enumerate(people[:-1])
        ]
        threads.append(threading.Thread(target=self.operator, args=(people[-1],)))
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
        # A client that was enabled at the very end is known everywhere then, and no fault is an excuse.
        time.sleep(RECOVERY_SECONDS + BOUND_SECONDS)
        self.history.write(mark="settled", at=self.history.now())
        node = self.cluster.nodes[-1]
        for root, token in self.newest.items():
            self.introspect(node, self.client_of[root], token, "refresh")
        for token in self.machine_tokens:
            self.verify(node, token)
