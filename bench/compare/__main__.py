"""This package beside dlt and Singer, on the same records and into the same Postgres: `make bench`.

Each loader gets a database of its own. In each phase they run one after the other, each as a process of its own; the
medians of all rounds count. Processor time is measured rather than time on the clock, so that other load on the machine
matters little: the client's by the system, Postgres' by that of all its processes together.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from bench.compare.loaders import BY_NAME, ENVIRONMENT, PIPELINE
from bench.compare.promises import promises
from bench.compare.rounds import FIRST, PHASES, SIZES, SMALL, UNCHANGED, Bench, Measured, Size
from bench.compare.table import Results, machine, tables
from bench.home import bench_home
from demo import processes
from demo.postgres import EmbeddedPostgres
from demo.stopping import Stopped, stoppable

MILLION = Size("million", 10_000, 50_000, 1_000_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and return 1 if a promise is not kept."""
    given = _options(arguments)
    runs: list[Measured] = []
    processes.adopt_orphans()
    with stoppable(), _bench() as bench:
        size, loaders = SIZES[given.size], [BY_NAME[name] for name in given.only]
        for _ in range(given.runs):
            for latency_ms in given.delays:
                runs += bench.round(loaders, size, latency_ms, given.phases)
            if PIPELINE in loaders and size is not SMALL:
                runs += bench.round([PIPELINE], SMALL, 0, (FIRST, UNCHANGED))
        if given.million:
            runs += bench.round([PIPELINE], MILLION, 0, (FIRST, UNCHANGED))
        print(f"\nMeasured on {machine(bench.version)}.")
    results = Results(runs)
    for table in tables(results):
        print(f"\n{table}")
    judged = list(promises(results, size.name, SMALL.name))
    print()
    for is_kept, sentence in judged:
        print(f"{'Kept' if is_kept else 'NOT KEPT'}: {sentence}.")
    return 0 if all(is_kept for is_kept, _ in judged) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="L", help="L: 160,000 records")
    parser.add_argument("--runs", type=int, default=3, help="how often all is measured; the medians count")
    parser.add_argument("--only", nargs="+", choices=BY_NAME, default=list(BY_NAME), help="these loaders only")
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=list(PHASES))
    parser.add_argument("--delays", nargs="+", type=int, default=[0, 200], help="of each answer, in milliseconds")
    parser.add_argument("--million", action="store_true", help="also a million assets, by this package only")
    given = parser.parse_args(arguments)
    if not ENVIRONMENT.exists() and any(not BY_NAME[name].is_ours for name in given.only):
        parser.error("the other loaders are not installed; `make bench` installs them")
    return given


@contextmanager
def _bench() -> Iterator[Bench]:
    with bench_home() as home, EmbeddedPostgres(home / "postgres") as postgres:
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET autovacuum = off")
            connection.execute("SELECT pg_reload_conf()")
        yield Bench(postgres, home, _report)


def _report(one: Measured) -> None:
    cost = one.cost
    print(
        f"  {one.size.name} {one.latency_ms:>3} ms  {one.phase:<15} {one.loader.name:<12} {cost.wall_seconds:7.1f} s, "
        f"CPU {cost.client_seconds:6.1f} + {cost.postgres_seconds:5.1f} s, {one.row_us:7.1f} µs a row, "
        f"{cost.peak_mib:5.0f} MiB, {one.requests:,} requests, {one.written:,} written",
        flush=True,
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stopped:
        sys.exit("Stopped: nothing is compared.")
