"""Whether anything becomes slower with what is stored, on either engine."""

import shutil
import subprocess
import time

import load
import mixed
import postgresql
import servers

LEVELS = [1_000, 100_000, 1_000_000]
LARGE = [1_000, 100_000, 10_000_000]


def measure(bench, engine: str):
    """`engine`: what the figures' names begin with."""
    opaque = bench.manifest["contracts"]["smartcar-v2"]["tokens"]["valid"]
    options = bench.options
    for level in [LEVELS[0], 20_000] if options.quick else LARGE if options.large else LEVELS:
        if level > bench.stored:
            began = time.time()
            bench.store_grants(level)
            print(f"  {level:,} grants stored, {time.time() - began:.0f} s", flush=True)
        mark = f"{engine}{level:,} grants"
        server = bench.doorward()
        bench.say(f"{mark}: start, ms", {"rate": server.seconds_to_ready * 1000})
        time.sleep(0.5)
        bench.say(f"{mark}: memory idle, MB", {"rate": server.resident_megabytes})
        until_idle(server)
        bench.measure(f"{mark}: verify, seen", server, server.url + "/verify", headers=bench.question("oauth", "valid")[1])
        introspect(bench, server, f"{mark}: introspection, opaque", "smartcar", opaque)
        # Nothing is remembered of these: the token, its family and its grant are read each time.
        introspect(bench, server, f"{mark}: introspection, refresh token", "web", bench.chains[0])
        runs = [refreshing(bench, server, 64) for _ in range(bench.runs)]
        bench.say(f"{mark}: refresh, 64 at once", load.median(runs))
        bench.say(f"{mark}: memory after, MB", {"rate": server.resident_megabytes})
        server.stop()


def until_idle(server):
    """A large file is looked through for damage beside the work, once, after each start: that is not what is measured."""
    began = time.time()
    quiet = 0
    while quiet < 3:
        before = load.processor_seconds(server.pids)
        time.sleep(1)
        quiet = quiet + 1 if load.processor_seconds(server.pids) - before < 0.03 else 0
    if time.time() - began > 10:
        print(f"  looked through after {time.time() - began:.0f} s", flush=True)


def introspect(bench, server, name: str, client: str, token: str):
    authorization = bench.basic(bench.manifest["clients"][client])
    bench.check_active(server, authorization, token)
    bench.measure(name, server, server.url + "/oauth/introspect", script="form.lua",
                  headers=[f"Authorization: {authorization}"], arguments=[f"token={token}"])


def refreshing(bench, server, connections: int):
    """One run; on PostgreSQL with the processor time of the database, too."""
    database = bench.database_server
    before = load.processor_seconds(database.pids) if database else 0
    figure = bench.refreshing(server.pids, connections)
    if database:
        spent = (load.processor_seconds(database.pids) - before) / figure.answers * 1e6
        print(f"  {connections} at once: {spent:.0f} µs of the database for each", flush=True)
    return figure


def on_postgresql(bench):
    """Moves what the demo made, as an operator would, and measures there."""
    source = bench.folder / "data-postgresql"
    shutil.copytree(bench.folder / "data-at-first", source)
    (bench.folder / "doorward-postgresql.yaml").write_text(servers.configuration(bench.port, source, bench.upstream.port))
    bench.database_server = database = postgresql.PostgreSQL()
    try:
        subprocess.run([bench.options.binary, "migrate", "--from", f"sqlite:{source}/doorward.sqlite", "--to", database.url],
                       check=True, capture_output=True, text=True)
        bench.stored = 0
        server = bench.doorward()
        machine = bench.basic(bench.manifest["clients"]["machine"])
        bench.measure("PostgreSQL: client credentials, ES256", server, server.url + "/oauth/token", script="form.lua",
                      headers=[f"Authorization: {machine}"], arguments=["grant_type=client_credentials"])
        bench.results |= {f"PostgreSQL: {name}": figure for name, figure in
                          mixed.run(server, bench.manifest, bench.options.quick).items()}
        print(mixed.table(bench.results), flush=True)
        bench.store_grants(LEVELS[0])
        server.stop()
        server = bench.doorward()
        bench.say("PostgreSQL: refresh, 1 at once", load.median([refreshing(bench, server, 1) for _ in range(bench.runs)]))
        server.stop()
        measure(bench, "PostgreSQL: ")
    finally:
        bench.database_server = None
        database.end()
