"""What every record of a refusal has, whatever was refused."""

NOT_EXPLAINED_TO_CALLER = "(a page for a person)"


def faults(record: dict) -> list[str]:
    """What it lacks; nothing as a rule."""
    found = []

    def demand(holds, what):
        if not holds:
            found.append(what)

    demand(record.get("schema") == 2, "schema is not 2")
    for name in ("code", "reason", "sentence", "retry", "time", "trace_id"):
        demand(record.get(name), f"no {name}")
    demand(str(record.get("sentence", "")).endswith("."), "the sentence does not end with a full stop")
    for name in ("method", "route", "contract", "place"):
        demand(record.get("request", {}).get(name), f"the request has no {name}")
    decided = [check for check in record.get("checks", []) if check.get("decided")]
    demand(len(decided) == 1, f"{len(decided)} checks decided")
    for check in decided:
        demand(check["result"] == "fail", "what decided did not fail")
    for check in record.get("checks", []):
        demand(check["result"] in ("pass", "fail", "skipped"), f"result {check['result']}")
        if check["result"] == "fail":
            demand(check.get("expected"), f"{check['name']} expected nothing")
            demand(check.get("actual"), f"{check['name']} has no actual value")
    names = [check["name"] for check in record.get("checks", [])]
    demand(len(names) == len(set(names)), "a check stands twice")
    steps = record.get("steps", {})
    demand(any(steps.values()), "no steps for anybody")
    # That somebody tried to provoke is noted beside the refusal or the success that was answered.
    if record.get("reason") not in ("provocation_on_live", "provocation_unproven"):
        demand(isinstance(record.get("answer", {}).get("status"), int), "no answer")
    demand(record.get("disclosure"), "no disclosure")
    for text in texts(record):
        demand("\\u{a7}" not in text.lower(), f"a section sign was escaped: {text}")
    return found


def texts(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
