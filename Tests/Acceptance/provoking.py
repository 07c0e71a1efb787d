"""What is provoked and what is real, compared: everything but trace and time."""

import re

HEADER = "Provoke-Refusal"
UNLIKE = {"date", "provoked", "connection", "content-length"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TRACE = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")


def shape(answer, *paths):
    """What must be equal. `paths`: what the answer repeats of the request's own address."""
    trace = answer.headers["Trace-Id"]
    uuid = "-".join((trace[:8], trace[8:12], trace[12:16], trace[16:20], trace[20:]))

    def plain(text):
        for word in (trace, uuid):
            text = text.replace(word, "TRACE")
        for path in sorted(paths, key=len, reverse=True):
            text = text.replace(path, "PATH")
        return TIME.sub("TIME", text)

    headers = {n.lower(): plain(v) for n, v in answer.headers.items() if n.lower() not in UNLIKE}
    return answer.status_code, headers, plain(answer.text)


def assert_provoked(answer, real, *paths):
    assert answer.headers.get("Provoked") == "true", (answer.status_code, answer.headers, answer.text)
    assert "Provoked" not in real.headers
    assert shape(answer, *paths) == shape(real, *paths)
