"""The forms of a page, each read back into its words, so that they can be compared."""

import html
import re
from html.parser import HTMLParser


class Text(HTMLParser):
    """What a reader sees below the heading of a page."""

    def __init__(self, text):
        super().__init__()
        self.parts, self.links, self.anchors, self.depth = [], [], set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("class") == "article":
            self.depth = 1
        if "id" in values:
            self.anchors.add(values["id"])
        for name in ("href", "src", "action"):
            if values.get(name):
                self.links.append(values[name])
        self.parts.append(" " if tag in ("p", "li", "h2", "td", "th", "br", "pre") else "")

    def handle_data(self, data):
        if self.depth:
            self.parts.append(data)


def words(text) -> list[str]:
    """Words and numbers in their order; marks of any form are none."""
    return re.findall(r"[^\W_]+", text)


def of_markdown(text) -> list[str]:
    lines = [line for line in text.split("\n") if not line.startswith("```")]
    return words("\n".join(lines))


def of_html(text) -> list[str]:
    return words("".join(Text(text).parts).split("This page as")[0])


ESCAPES = {"\\e": "\\", "\\(aq": "'", "\\(ga": "`", "\\(ha": "^", "\\(ti": "~", "\\(dq": '"', "\\-": "-", "\\&": ""}


def of_man(text) -> list[str]:
    lines = []
    for line in text.split("\n"):
        if re.match(r"\.(TH|PP|IP|RS|RE|nf|fi|br)\b", line):
            continue
        line = re.sub(r"^\.S[HS] ", "", line)
        line = re.sub(r"\\f[BRP]", "", line)
        line = re.sub(r"\\\[u([0-9A-F]+)\]", lambda m: chr(int(m[1], 16)), line)
        lines.append(re.sub(r"\\(\(..|.)", lambda m: ESCAPES[m[0]], line))
    return words("\n".join(lines))


def from_synopsis(found: list[str]) -> list[str]:
    """The heads of the forms differ; what they say does not."""
    start = "SYNOPSIS" if "SYNOPSIS" in found else "DESCRIPTION"
    return found[found.index(start) :]


def unescaped(text) -> str:
    return html.unescape(text)
