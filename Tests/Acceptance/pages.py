"""A small browser: it keeps cookies, reads forms by their labels and presses buttons by their text."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from canaries import watch
from form_fields import Field, Form, words
from wire import LIMIT_SECONDS, remember

REDIRECTS = (301, 302, 303, 307, 308)
REDIRECT_LIMIT = 10


class Page(HTMLParser):
    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.html, self.lang, self.title = html, None, ""
        self.headings: list[str] = []
        self.forms: list[Form] = []
        self.loose: list[Field] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.open_form: Form | None = None
        self.open_label: tuple[str | None, list[Field]] | None = None
        self.labels: list[tuple[str, str | None, list[Field]]] = []
        self.collected: dict[str, str] = {}
        self.open_field: Field | None = None
        self.href: str | None = None
        self.feed(html)
        self.close()
        for caption, target, inside in self.labels:
            for each in self.fields():
                if any(each is i for i in inside) or (target and each.identifier == target):
                    each.label = words(f"{each.label} {caption}")
        self.text = words(self.text)

    def fields(self) -> list[Field]:
        return self.loose + [f for form in self.forms for f in form.fields]

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "html":
            self.lang = attributes.get("lang")
        elif tag in ("title", "h1", "label", "button", "a", "option", "textarea"):
            self.collected[tag] = ""
        if tag == "a":
            self.href = attributes.get("href")
        elif tag == "label":
            self.open_label = (attributes.get("for"), [])
        elif tag == "form":
            method = attributes.get("method", "get").lower()
            self.open_form = Form(attributes.get("action", ""), method)
            self.forms.append(self.open_form)
        elif tag in ("input", "button", "select", "textarea"):
            self.add_field(tag, attributes)
        elif tag == "option" and self.open_field and self.open_field.tag == "select":
            if "selected" in attributes or not self.open_field.value:
                self.open_field.value = attributes.get("value", "")

    def add_field(self, tag, attributes):
        usual = {"input": "text", "button": "submit"}.get(tag, tag)
        kind = attributes.get("type", usual).lower()
        value = attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
        added = Field(
            tag,
            attributes.get("name"),
            kind,
            value,
            attributes.get("id"),
            "checked" in attributes,
            attributes,
        )
        (self.open_form.fields if self.open_form else self.loose).append(added)
        if tag != "input":
            self.open_field = added
        if self.open_label and tag != "button":
            self.open_label[1].append(added)

    def handle_endtag(self, tag):
        text = words(self.collected.pop(tag, ""))
        if tag == "title":
            self.title = text
        elif tag == "h1":
            self.headings.append(text)
        elif tag == "a" and self.href is not None:
            self.links.append((text, self.href))
        elif tag == "label" and self.open_label:
            self.labels.append((text, *self.open_label))
            self.open_label = None
        elif tag == "button" and self.open_field:
            self.open_field.text, self.open_field = text, None
        elif tag == "textarea" and self.open_field:
            self.open_field.value, self.open_field = text, None
        elif tag == "select":
            self.open_field = None
        elif tag == "form":
            self.open_form = None

    def handle_data(self, data):
        for tag in self.collected:
            self.collected[tag] += data
        # Block elements end words; runs of spaces are folded at the end.
        self.text += f" {data}"

    def form_with(self, caption: str) -> Form:
        for form in self.forms:
            if form.button(caption):
                return form
        shown = [[b.caption for b in form.buttons()] for form in self.forms]
        raise AssertionError(f"no button {caption!r} on {self.title!r}; there: {shown}")


class Browser:
    """Follows redirects on its own server; one that leads elsewhere is where it stops."""

    def __init__(self, base: str, cookies: bool = True):
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.cookies_kept = cookies
        self.answer: requests.Response | None = None
        self.visited: list[requests.Response] = []

    def request(self, method, url, **options) -> requests.Response:
        if not self.cookies_kept:
            self.session.cookies.clear()
        options = {"timeout": LIMIT_SECONDS, "allow_redirects": False} | options
        self.answer = self.session.request(method, url, **options)
        self.visited.append(self.answer)
        path = url.split("?")[0]
        headers = list(self.answer.headers.items())
        remember(f"{method} {path}", self.answer.status_code, headers)
        watch(f"{method} {path}", self.answer)
        return self.answer

    def go(self, method, url, **options) -> requests.Response:
        answer = self.request(method, url, **options)
        for _ in range(REDIRECT_LIMIT):
            if answer.status_code not in REDIRECTS:
                return answer
            target = urljoin(answer.url, answer.headers["Location"])
            if urlsplit(target).netloc != urlsplit(self.base).netloc:
                return answer
            assert method == "GET" or answer.status_code in (302, 303), answer
            answer = self.request("GET", target)
        raise AssertionError(f"redirected over and over: {answer.headers['Location']}")

    def open(self, url, **options) -> requests.Response:
        return self.go("GET", urljoin(self.base + "/", url), **options)

    @property
    def page(self) -> Page:
        kind = self.answer.headers.get("Content-Type", "")
        assert kind.startswith("text/html"), (self.answer.status_code, kind)
        return Page(self.answer.text)

    @property
    def location(self) -> str:
        assert self.answer.status_code in (302, 303), (
            self.answer.status_code,
            self.answer.text[:600],
        )
        return self.answer.headers["Location"]

    @property
    def arrived(self) -> dict:
        """The parameters brought back to the application; none of them twice."""
        found = parse_qs(urlsplit(self.location).query, keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in found.values()), found
        return {name: values[0] for name, values in found.items()}

    def press(self, caption, fill=(), tick=(), change=()) -> requests.Response:
        """`fill`: text by label; `tick`: bool by label; `change`: hidden values by name."""
        form = self.page.form_with(caption)
        for label, value in dict(fill).items():
            found = form.labelled(*label.split("|"))
            assert found, (label, [f.caption for f in form.fields])
            found.value = value
        for label, value in dict(tick).items():
            matching = [f for f in form.ticks() if label in (f.caption, f.value)]
            assert matching, (label, [f.caption for f in form.ticks()])
            matching[0].ticked = value
        pairs = form.sent(form.button(caption))
        change = dict(change)
        pairs = [(n, change.get(n, v)) for n, v in pairs if change.get(n, v) is not None]
        return self.submit(form, pairs)

    def submit(self, form: Form, pairs) -> requests.Response:
        target = urljoin(self.answer.url, form.action)
        if form.method == "get":
            return self.go("GET", target, params=pairs)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.answer.url))
        headers = {"Origin": origin, "Referer": self.answer.url}
        return self.go("POST", target, data=pairs, headers=headers)

    def sign_in(self, username, password="any") -> requests.Response:
        fill = {"Email|Username": username, "Password": password}
        return self.press("Sign in", fill=fill)
