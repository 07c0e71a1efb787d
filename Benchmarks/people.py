"""A person's side: the raw cost of a password, a session, and the forms as a browser sends them."""

import ctypes
import ctypes.util
import http.client
import os
import re
import subprocess
import sys
import time
from html import unescape
from urllib.parse import urlencode

FIELD = re.compile(r'<input[^>]*?type="hidden"[^>]*?>')


def hash_rate(core: str, seconds: float = 3) -> float:
    """Argon2id hashes a second with the parameters of the server (2 passes, 19 MiB, one lane), in the same library, on one core."""
    printed = subprocess.run(
        ["taskset", "-c", core, sys.executable, __file__, str(seconds)], capture_output=True, text=True, check=True)
    return float(printed.stdout)


def measure_hashes(seconds: float) -> float:
    library = ctypes.CDLL(ctypes.util.find_library("argon2") or "libargon2.so.1")
    output = ctypes.create_string_buffer(32)
    password, salt = b"correct horse battery staple", os.urandom(16)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        failed = library.argon2id_hash_raw(2, 19_456, 1, password, len(password), salt, len(salt), output, 32)
        if failed:
            raise SystemExit(f"argon2 says {failed}")
        count += 1
    return count / (time.perf_counter() - began)


def hidden(page: str) -> dict:
    fields = {}
    for field in FIELD.findall(page):
        name = re.search(r'name="([^"]*)"', field)[1]
        value = re.search(r'value="([^"]*)"', field)
        fields[name] = unescape(value[1]) if value else ""
    return fields


class Person:
    """Somebody in a browser with one cookie."""

    def __init__(self, host: str):
        self.host, self.cookie = host, ""

    def ask(self, method: str, path: str, form: dict | list | None = None):
        connection = http.client.HTTPConnection(self.host, timeout=10)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = value.split(";")[0]
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    def login_form(self, user: dict) -> str:
        """The body with which the sign-in page is answered."""
        _, _, page = self.ask("GET", "/login")
        return urlencode(hidden(page) | {"username": user["username"], "password": user["password"]})

    def sign_in(self, user: dict):
        _, _, page = self.ask("GET", "/login")
        status, _, text = self.ask(
            "POST", "/login", hidden(page) | {"username": user["username"], "password": user["password"]})
        if status != 303:
            raise SystemExit(f"sign-in was answered with {status}: {text[:300]}")

    def consent(self, path: str):
        """Allows what is asked, so that the same question is answered at once from then on."""
        status, location, page = self.ask("GET", path)
        if status == 200:
            ticked = re.findall(r'name="(scope|resource)"[^>]*?value="([^"]*)"', page)
            fields = list(hidden(page).items()) + [(n, unescape(v)) for n, v in ticked] + [("decision", "allow")]
            status, location, page = self.ask("POST", "/consent", fields)
        if "code=" not in location:
            raise SystemExit(f"no code: {status} {location} {page[:300]}")


if __name__ == "__main__":
    print(measure_hashes(float(sys.argv[1])))
