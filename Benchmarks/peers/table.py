"""Measures every peer in turn, and says how they compare."""

from peers import peer
from peers.authlib_server import Authlib
from peers.canaille_server import Canaille
from peers.django_toolkit import DjangoToolkit, DjangoToolkitHashed
from peers.glewlwyd import Glewlwyd

ALL = [Glewlwyd, DjangoToolkit, DjangoToolkitHashed, Authlib, Canaille]
WORKS = ["client credentials", "introspection", "rotating refresh"]
# What Doorward does of the same kind, by its names among the results.
OURS = {"client credentials": ["client credentials, ES256"], "introspection": ["introspection, JWT", "introspection, opaque"],
        "rotating refresh": ["refresh, 64 at once"]}

# What others publish of themselves, for each core: server, figure, where it was measured, source.
QUOTED = [
    ("Keycloak 26", "120 client-credentials tokens, 120 refreshes (up to twice as many on x86)",
     "its sizing guide; vCPU of AWS c7g, Aurora PostgreSQL, TLS; 1,250 MB of memory for a pod",
     "https://www.keycloak.org/high-availability/single-cluster/concepts-memory-and-cpu-sizing"),
    ("Keycloak", "115 client-credentials tokens", "another's benchmark, 1 core, PostgreSQL",
     "https://github.com/everysoftware/fastid-benchmark/blob/main/report/max_performance_summary.csv"),
    ("Ory Hydra", "270 client-credentials tokens, 11,000 introspections", "541.6 and 22,039 on two cores; store in memory, bcrypt cost 8",
     "https://github.com/ory/docs/blob/master/docs/performance/hydra.md"),
    ("Zitadel 4.17", "55 introspections", "2,297 on 42 vCPU, PostgreSQL beside them",
     "https://zitadel.com/docs/apis/benchmarks/v4.17.1/introspect"),
    ("Cloudentity", "1,230 client-credentials tokens", "79,000 on 64 vCPU; password check left out",
     "https://docs.authorization.cloudentity.com/performance/"),
]


def measure(bench) -> list:
    """Of each peer its figures, or why there are none; before them Doorward's own, where this run has none yet."""
    for name, part in (("client credentials, ES256", bench.tokens), ("refresh, 64 at once", bench.refresh),
                       ("memory when idle, MB", bench.start)):
        if name not in bench.results:
            part()
    found = []
    for kind in ALL:
        folder = bench.folder / kind.__name__
        figures = peer.measure(kind(folder), seconds=2 if bench.options.quick else 3, runs=1 if bench.options.quick else 3)
        found.append(figures)
    print("\n" + text(bench.results | {"peers": found}), flush=True)
    return found


def cell(figures: list) -> str:
    return " · ".join(figure.get("failed") or f"{figure['rate']:,.0f} ({figure['microseconds']:,.0f})" for figure in figures)


def text(results: dict) -> str:
    """For the terminal and the document."""
    if "peers" not in results:
        return ""
    lines = [
        "| on one core of this machine, each second (server µs) | client-credentials tokens | introspections | rotating refreshes "
        "| memory, idle → after, MB | start, ms |", "|---|---|---|---|---|---|"]
    ours = [cell([results[name] for name in names if name in results]) for names in OURS.values()]
    memory, start = results.get("memory when idle, MB"), results.get("start to first answer, ms")
    lines.append(f"| **Doorward** (introspection: JWT · opaque) | {' | '.join(ours)} | {memory['rate']:.0f} | {start['rate']:,.0f} |"
                 if memory and start else f"| **Doorward** | {' | '.join(ours)} | | |")
    for each in results["peers"]:
        if "missing" in each:
            lines.append(f"| {each['name']} | not measured: {each['missing']} | | | | |")
            continue
        cells = [cell([each["works"][work]] if work in each["works"] else []) for work in WORKS]
        lines.append(f"| {each['name']} {each['version']} | {' | '.join(cells)} | {each['memory idle, MB']:.0f} → "
                     f"{each['memory after, MB']:.0f} | {each['start, ms']:,.0f} |")
    lines += ["", *(f"- {each['name']}: {each['how']}." for each in results["peers"] if "missing" not in each)]
    lines += ["", "| published, not measured here | each second and core | how | source |", "|---|---|---|---|"]
    lines += [f"| {name} | {figure} | {how} | <{source}> |" for name, figure, how, source in QUOTED]
    return "\n".join(lines) + "\n"
