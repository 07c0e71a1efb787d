"""What only a real browser shows: where a person lands after allowing, and what a form of another site can do."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

import flows


class Site(ThreadingHTTPServer):
    """A site of its own origin that answers everything with `answer(handler)`."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer(self)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def at(self, host, path=""):
        return f"http://{host}:{self.server_address[1]}{path}"


def page(handler, html):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(html.encode())


@pytest.fixture
def window(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def sign_in(window, person):
    name, password = person
    window.get_by_label(re.compile("Email|Username", re.I)).fill(name)
    window.get_by_label("Password").fill(password)
    window.get_by_role("button", name="Sign in").click()
    window.wait_for_load_state()


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_callback_that_leads_on_to_another_host_is_followed(window, demo, issuer, mode):
    """Chromium holds every redirect that follows a form to the page's `form-action`, those of the application, too."""

    def onward(handler):
        handler.send_response(303)
        handler.send_header("Location", home.at("127.0.0.1", "/home"))
        handler.end_headers()

    home = Site(lambda handler: page(handler, "<title>Home</title>"))
    callback = Site(onward)
    client = flows.new_client(demo.data, "Two hosts", callback.at("localhost", "/cb"))
    flow = flows.Flow(issuer, issuer, client, "api.read")
    person = flows.new_user(demo.data)
    try:
        window.goto(f"{flow.authorize}?{urlencode(flow.query(response_mode=mode))}")
        sign_in(window, person)
        window.get_by_role("button", name="Allow access").click()
        window.wait_for_url("**/home", timeout=4000)
        # Consent is remembered, so that next time it is the sign-in form that leads there.
        window.context.clear_cookies()
        window.goto(f"{flow.authorize}?{urlencode(flow.query(response_mode=mode))}")
        sign_in(window, person)
        window.wait_for_url("**/home", timeout=4000)
    finally:
        home.shutdown()
        callback.shutdown()


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/logout"])
def test_a_form_of_another_site_leaves_the_person_signed_in(window, demo, manifest, issuer, path):
    flow = flows.web(manifest)
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in flow.query().items())
    form = f'<form method="post" action="{issuer}{path}">{fields}</form><script>document.forms[0].submit()</script>'
    site = Site(lambda handler: page(handler, form))
    person = flows.new_user(demo.data)
    try:
        window.goto(f"{issuer}/login")
        sign_in(window, person)
        assert window.url == f"{issuer}/account"
        # localhost and 127.0.0.1 are two sites.
        window.goto(site.at("localhost"))
        window.wait_for_url(f"{issuer}/**")
        window.goto(f"{issuer}/account")
        assert window.url == f"{issuer}/account"
    finally:
        site.shutdown()
