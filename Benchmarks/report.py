"""Says what the figures come to: the target, what was measured, whether it is met."""

import datetime
import re
import subprocess
from pathlib import Path

# node-oidc-provider, opaque tokens in memory, measured where nginx gave this many fixed answers a second (one core, same load).
PEER_NGINX = 165_000
PEER_INTROSPECTIONS = 8_900
KINDS = ["valid", "none", "expired", "forbidden"]
# Differences below this are noise.
NOISE = 0.97
# What nginx gets of its core when nothing else wants it.
QUIET = 0.85


def machine(binary: Path) -> str:
    def run(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout

    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores = Path("/proc/cpuinfo").read_text().count("processor\t")
    swift = re.search(r"Swift version (\S+)", run("swift", "--version"))
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    revision = run("git", "-C", str(Path(__file__).parent), "rev-parse", "--short=10", "HEAD").strip()
    return (f"{model[1] if model else 'unknown processor'}, {cores} cores · Linux {run('uname', '-r').split('-')[0].strip()}, "
            f"{system[1] if system else ''} · Swift {swift[1] if swift else '?'} · binary of "
            f"{binary.stat().st_size / 1e6:.0f} MB · commit {revision} · {datetime.date.today().isoformat()}")


def table(results: dict, binary: Path) -> str:
    def rate(name):
        return results[name]["rate"]

    rows = []

    def time(name):
        """Processor time of one answer or signature."""
        return results[name].get("microseconds") or 1e6 / rate(name)

    def row(work, target, measured, ratio, met, time_ratio=""):
        rows.append(f"| {work} | {target} | {measured} | {ratio} | {time_ratio} | {'yes' if met else '**no**'} |")

    def compare(work, name, floor_name, floor, least, target, scale=1.0):
        ratio = rate(name) / rate(floor) / scale
        row(work, target, f"{rate(name):,.0f}/s; {floor_name} {rate(floor) * scale:,.0f}/s", f"{ratio:.2f}", ratio >= least,
            f"{time(floor) / time(name) / scale:.2f}")

    compare("forward-auth, token seen before", "verify, token seen before", "nginx, fixed 200,", "nginx", 0.5,
            "0.5 of nginx")
    compare("", "verify, token seen before", "the framework's smallest route", "empty route of the framework", 2,
            "2 of the framework")
    compare("forward-auth, token never seen, ES256", "verify, token never seen, ES256", "OpenSSL verify",
            "openssl P-256 verify", 0.7, "0.7 of OpenSSL")
    compare("client-credentials token, ES256", "client credentials, ES256", "OpenSSL sign",
            "openssl P-256 sign", 1 / 3, "0.33 of OpenSSL")
    for form in ("JWT", "opaque", "JWT never seen"):
        compare(f"introspection, {form}", f"introspection, {form}", "the peer, scaled,", "nginx", 2, "2 of the peer",
                scale=PEER_INTROSPECTIONS / PEER_NGINX)
    compare("rotating refresh, durable, 64 at once", "refresh, 64 at once", "one at a time",
            "refresh, 1 at once", 2.5, "2.5 of one at a time")
    syncs, alone = rate("answers per fsync, 64 at once"), rate("answers per fsync, 1 at once")
    row("answers per fsync, 64 at once", "at least 16", f"{syncs:.1f}; one at a time {alone:.2f}", "", syncs >= 16)
    if "sign-ins" in results:
        compare("sign-ins", "sign-ins", "bare Argon2id", "raw Argon2id", 0.8, "0.8 of the bare hash")
        row("authorize to token, with a session", "", f"{rate('round trips from authorize to token'):,.0f} round trips/s", "", True)
    worst = {}
    for name in results:
        way, _, rest = name.partition(", ")
        if way not in ("verify", "gate") or rest.count(", ") != 1 or rest.startswith("token"):
            continue
        contract, kind = rest.split(", ")
        if kind != "valid":
            good = f"{way}, {contract}, valid"
            found = (rate(name) / rate(good), time(good) / time(name), f"{contract}, {kind}")
            worst[way] = min(worst.get(way, (9, 9, "")), found, key=lambda each: each[1])
    for way, place in (("verify", "at `/verify`"), ("gate", "through the gate")):
        ratio, in_time, which = worst[way]
        row(f"a refusal {place}, slowest dialect", "1 of the same allowed", which, f"{ratio:.2f}", ratio >= NOISE,
            f"{in_time:.2f}")
    if "flood: refusals" in results:
        slower = rate("flood: processor time of an answer, last fifth to first")
        row(f"a flood of {rate('flood: refusals'):,.0f} refusals, the last fifth", "at most 1.05 of the first",
            f"memory {rate('flood: memory before, MB'):.0f} → {rate('flood: memory after, MB'):.0f} MB, journal "
            f"{rate('flood: journal, MB'):.0f} MB", f"{rate('flood: median wait, last fifth to first'):.2f}", slower <= 1.05,
            f"{slower:.2f}")
    size = rate("memory when idle, MB")
    row("memory, idle", "below 60 MB", f"{size:.0f} MB", "", size < 60)
    wait = rate("start to first answer, ms")
    row("start to first answer, existing database", "below 200 ms", f"{wait:.0f} ms", "", wait < 200)
    for engine in ("", "PostgreSQL: "):
        levels = [name.removesuffix(" grants: verify, seen") for name in results
                  if name.endswith(" grants: verify, seen") and name.startswith("PostgreSQL: ") == bool(engine)]
        for what, up in (("memory idle, MB", False), ("verify, seen", True), ("introspection, opaque", True),
                         ("refresh, 64 at once", True)):
            if not levels:
                break
            values = [rate(f"{level} grants: {what}") for level in levels]
            ratio = values[-1] / values[0]
            few, many = (level.removeprefix(engine) for level in (levels[0], levels[-1]))
            row(f"{engine}{what if up else 'memory idle'}; {few} → {many} grants", "flat (0.9 – 1.1)",
                " → ".join(f"{value:,.0f}{'/s' if up else ' MB'}" for value in values), f"{ratio:.2f}",
                ratio >= 0.9 if up else ratio <= 1.1)
    lines = [machine(binary), ""]
    if results["nginx"]["share"] < QUIET:
        lines += ["**Disturbed: other programs took part of the cores while this ran.** Rates are too low; the ratio of",
                  "processor times says more.", ""]
    lines += ["| work | target | measured | ratio | by processor time | met |", "|---|---|---|---|---|---|", *rows, "",
             "| single figures | per second | server µs each | of its core | p50 ms | p99 ms |", "|---|---|---|---|---|---|"]
    dialects = {}
    for name, figure in results.items():
        if not isinstance(figure, dict) or name.endswith(("ms", "MB")) or name.startswith("flood") or name.startswith("answers"):
            continue
        if name.startswith(("verify, ", "gate, ")) and name.split(", ")[2:]:
            way, contract, kind = name.split(", ")
            if kind in KINDS:
                dialects.setdefault((way, contract), {})[kind] = figure
                continue
        if "microseconds" in figure:
            lines.append(f"| {name} | {figure['rate']:,.0f} | {figure['microseconds']:.1f} | {figure['share']:.0%} "
                         f"| {figure['p50']:.2f} | {figure['p99']:.2f} |")
        else:
            lines.append(f"| {name} | {figure['rate']:,.0f} | | | | |")
    lines += ["", "| per second (server µs each) | allowed | no token | expired | without the scope |", "|---|---|---|---|---|"]
    for (way, contract), figures in dialects.items():
        cells = [f"{figures[kind]['rate']:,.0f} ({figures[kind]['microseconds']:.0f})" if kind in figures else "" for kind in KINDS]
        lines.append(f"| {contract}, {'`/verify`' if way == 'verify' else 'the gate'} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


# What one core is to do where nginx answers 165,000 times a second and OpenSSL signs 39,700 times, as a part of these.
PER_CORE = [
    ("client-credentials tokens, ES256", 12_000, "openssl P-256 sign", 39_700, "client credentials, ES256",
     "client credentials, ES256"),
    ("decisions, token seen before", 80_000, "nginx", PEER_NGINX, "verify, token seen before", "1,000 grants: verify, seen"),
    ("decisions, token never seen", 9_000, "nginx", PEER_NGINX, "verify, token never seen, ES256", None),
    ("introspections", 18_000, "nginx", PEER_NGINX, "introspection, opaque", "1,000 grants: introspection, opaque"),
    ("durable rotations, 64 at once", 5_000, "nginx", PEER_NGINX, "refresh, 64 at once", "1,000 grants: refresh, 64 at once"),
]


def per_core(results: dict) -> str:
    """What a core of Doorward does, by its processor time: the database has another core."""
    lines = ["| one core does, by processor time | target there | target here | SQLite | PostgreSQL |", "|---|---|---|---|---|"]
    for work, target, floor, there, name, shared in PER_CORE:
        figure = results[floor]
        here = target / there * (1e6 / figure["microseconds"] if "microseconds" in figure else figure["rate"])
        cells = []
        for each in (name, shared and "PostgreSQL: " + shared):
            if not each or each not in results:
                cells.append("")
                continue
            rate = 1e6 / results[each]["microseconds"]
            cells.append(f"{rate:,.0f}/s" + ("" if rate >= here * NOISE else " **short**"))
        lines.append(f"| {work} | {target:,}/s | {here:,.0f}/s | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(document: Path, text: str):
    begin, end = "<!-- measured -->", "<!-- /measured -->"
    whole = document.read_text()
    head, rest = whole.split(begin, 1)
    tail = rest.split(end, 1)[1]
    document.write_text(f"{head}{begin}\n{text}{end}{tail}")
    print(f"written: {document}")
