"""What comes of a run: the tables, the comparison with what was recorded, and the exit code."""

import json
from pathlib import Path

import mixed
import regressions
import report
from peers import table as peers

REPOSITORY = Path(__file__).resolve().parent.parent


def keep(results: dict):
    (REPOSITORY / "Benchmarks/.build/results.json").write_text(json.dumps(results, indent=1))


def conclude(results: dict, options):
    keep(results)
    compared, is_worse = regressions.judge(results, takes_down=options.record)
    if options.only:
        print("\n" + compared)
    else:
        text = "\n".join([report.table(results, options.binary), report.per_core(results), peers.text(results), mixed.table(results), compared])
        print("\n" + text)
        if not options.quick:
            report.write(REPOSITORY / "docs/benchmarks.md", text)
    if options.strict and is_worse:
        raise SystemExit(1)
