"""Somebody with a browser in the storm: one cookie, which is one session."""

import copy
import re
import time
from urllib.parse import urlencode, urlsplit

from fault_cluster import REDIRECT_URI, SCOPE
from pages import Page

COOKIE = re.compile(r"doorward=([^;]+)")


class Person:
    def __init__(self, name, password, withdraws=False, leaves=False):
        self.name, self.password, self.cookie = name, password, None
        # What this person does now and then: takes back what was given; signs out, or is disabled.
        self.withdraws, self.leaves = withdraws, leaves

    def tab(self) -> "Person":
        """The same browser in another window: the same session now, whatever comes."""
        return copy.copy(self)

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

    def authorize(self, node, client, signs_in=True):
        """The last answer on the way to a code: signs in, unless told not to, and consents where asked."""
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
                if not signs_in:
                    return answer
                answer = self.press(node, page, "Sign in", {"Email|Username": self.name, "Password": self.password})
            else:
                answer = self.press(node, page, "Allow access")
        return answer

    def withdraw(self, node):
        """Takes back what an application holds, at /account: when that began, and the answer; None where there was
        nothing to press."""
        answer = self.send(node, "GET", "/account")
        if answer is None or answer.status != 200:
            return None
        page = Page(answer.text)
        forms = [form for form in page.forms if any(field.name == "grant" for field in form.fields)]
        if not forms:
            return None
        begin = time.monotonic()
        return begin, self.send(node, "POST", forms[0].action, forms[0].sent(forms[0].buttons()[0]))

    def sign_out(self, node):
        answer = self.send(node, "GET", "/oauth/logout")
        if answer is None or answer.status != 200:
            return answer
        page = Page(answer.text)
        if not any(form.button("Sign out") for form in page.forms):
            # Nobody was signed in.
            return answer
        return self.press(node, page, "Sign out")
