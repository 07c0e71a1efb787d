"""What ends more than one grant in the storm: people who sign out or are disabled, clients that are disabled, keys that
are rotated."""

import time

from fault_lives import Lives


class OperatorLives(Lives):
    def __init__(self, cluster, history):
        super().__init__(cluster, history)
        # It hears of sign-outs, so that what it was given in a session ends with that.
        self.told = cluster.register_told()
        self.visitor = cluster.register_visitor()

    # People

    def session_life(self, dice, person):
        """Lets an application in, and is gone: what was given in the session is looked for everywhere."""
        nodes = self.cluster.nodes
        client = self.told if dice.random() < 0.6 else self.app
        code = self.authorize(dice.choice(nodes), person, client)
        if code is None:
            time.sleep(0.2)
            return
        session = person.cookie
        _, found = self.exchange(dice.choice(nodes), code, client)
        spare = self.authorize(dice.choice(nodes), person, client)
        self.look(dice.choice(nodes), session)
        node, other = self.two_nodes(dice)
        how = dice.random()
        is_disabled = how > 0.7
        codes = [spare]
        if how < 0.45:
            self.sign_out(node, person)
        elif not is_disabled:
            codes += self.at_once((self.authorize, other, person.tab(), client), (self.sign_out, node, person))[:1]
        elif how < 0.85:
            self.disable_user(node, person)
        else:
            tab = (self.authorize, other, person.tab(), client, False)
            codes += self.at_once(tab, (self.disable_user, node, person))[:1]
        self.look(other, session)
        for each in filter(None, codes):
            self.exchange(dice.choice(nodes), each, client)
        if found:
            self.verify(node, found["access_token"])
            self.refresh(other, found["refresh_token"], client)
            self.after_the_bound(dice, lambda each: self.verify(each, found["access_token"]))
        if is_disabled:
            self.authorize(other, person.tab(), client, signs_in=False)
            self.until_done(dice, lambda: self.enable_user(dice.choice(nodes), person))
            # The session that was ended does not live again with its person.
            self.look(dice.choice(nodes), session)

    def disable_user(self, through, person):
        return self.command(through, "disable_user", "user", "disable", person.name, person=person.name)

    def enable_user(self, through, person):
        return self.command(through, "enable_user", "user", "enable", person.name, person=person.name)

    def until_done(self, dice, work, limit=60):
        deadline = time.monotonic() + limit
        while not work() and time.monotonic() < deadline:
            time.sleep(0.3 + dice.random() / 2)

    # Clients

    def client_life(self, dice, person):
        """A client is disabled, looked for everywhere, and enabled again."""
        nodes = self.cluster.nodes
        client = self.visitor
        name = client["client_id"]
        tokens = [self.issue(dice.choice(nodes), client)]
        code = self.authorize(dice.choice(nodes), person, client)
        _, found = self.exchange(dice.choice(nodes), code, client) if code else (None, {})
        tokens = list(filter(None, [*tokens, found.get("access_token")]))
        for token in tokens:
            self.verify(dice.choice(nodes), token)
        if not self.command(dice.choice(nodes), "disable_client", "client", "disable", name, client=name):
            # Whether it is disabled is not known.
            self.until_done(dice, lambda: self.enable_client(dice, client))
            return
        self.over.wait(1.3)
        # More than once: of what comes soon after a fault nothing can be said.
        for _ in range(4):
            for node in nodes:
                self.issue(node, client)
                for token in tokens:
                    self.verify(node, token)
            self.over.wait(0.7)
        if found:
            self.refresh(dice.choice(nodes), found["refresh_token"], client)
            self.introspect(dice.choice(nodes), client, found["refresh_token"], "refresh")
        self.until_done(dice, lambda: self.enable_client(dice, client))
        self.over.wait(1.3 + dice.random())
        for node in nodes:
            for token in tokens:
                self.verify(node, token)
        if found:
            self.insist(dice, lambda node: self.refresh(node, found["refresh_token"], client))

    def enable_client(self, dice, client):
        name = client["client_id"]
        return self.command(
            dice.choice(self.cluster.nodes), "enable_client", "client", "enable", name, client=name
        )

    # Keys

    def key_life(self, dice):
        """Keys are rotated, and each node's next token is shown to every node at once, also at that very moment."""
        nodes = self.cluster.nodes
        ahead = self.cluster.publish_before
        old = self.issue(dice.choice(nodes), self.machine)
        command = ("key", "rotate", "--publish-before", f"{ahead}s")
        rotating = self.pool.submit(lambda: self.command(dice.choice(nodes), "rotate", *command, ahead=ahead))
        showing = [self.pool.submit(self.show_until, rotating, node) for node in nodes]
        is_done = rotating.result()
        for each in showing:
            each.result()
        if is_done:
            if ahead:
                self.over.wait(ahead + 1)
            for node in nodes:
                self.show(node, old)

    def show_until(self, rotating, node):
        """Each token of a node goes to every other the moment it is made, until a little after the rotation."""
        end = None
        while end is None or time.monotonic() < end:
            if end is None and rotating.done():
                end = time.monotonic() + 0.3
            self.show(node)

    def show(self, node, *more):
        token = self.issue(node, self.machine)
        if token is None:
            self.over.wait(0.1)
        for other in self.cluster.nodes:
            for each in filter(None, (token, *more)):
                self.verify(other, each)
        with self.lock:
            if token and len(self.machine_tokens) < 500:
                self.machine_tokens.append(token)
