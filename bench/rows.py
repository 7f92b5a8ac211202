"""What a row costs, in CPU of the client and of Postgres, and how much memory a run needs: `python -m bench.rows`.

Each run is a process of its own; a run of this package and one of the hand-written client follow each other, each with
a database of its own in the same Postgres. Postgres' CPU is that of all its processes together.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

import psycopg

from bench.compare.job import Job
from bench.compare.rounds import (
    CHANGED,
    CHANGED_SHARE,
    FIELDS,
    FIRST,
    SIZES,
    UNCHANGED,
    Size,
    change,
    job_of,
    server_of,
)
from bench.measure import PostgresClock
from bench.row_clients import CLIENTS, Used
from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from tests.support.databases import database

PHASES = (FIRST, UNCHANGED, CHANGED)
MOST_MICROSECONDS: Mapping[str, float] = {FIRST: 50, UNCHANGED: 30}
"""For a row of L, client and Postgres together."""
MOST_MIB, MOST_GROWTH = 120, 1.2
PARTS = ("fetch", "mapping", "copy", "merge")


@dataclass(frozen=True)
class Measured:
    """One run."""

    used: Used
    postgres: float
    """CPU seconds of Postgres."""
    rows: int

    def microseconds(self, seconds: float) -> float:
        """For a row."""
        return seconds / self.rows * 1_000_000

    @property
    def both(self) -> float:
        """Microseconds of client and Postgres for a row."""
        return self.microseconds(self.used.total + self.postgres)


Results = dict[tuple[str, str, str], list[Measured]]
"""By size, client and phase."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rows", description=__doc__)
    parser.add_argument("--postgres", type=int, default=16, help="its version")
    parser.add_argument("--times", type=int, default=3, help="how often all is measured; the medians count")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["S", "L"])
    options = parser.parse_args(arguments)
    results: Results = {}
    with _postgres(options.postgres) as (server, folder):
        for name in options.sizes * options.times:
            _measure(server, folder, SIZES[name], results)
    _print(results)
    return _judge(results)


def _measure(postgres: EmbeddedPostgres, folder: Path, size: Size, results: Results) -> None:
    with server_of(size, 0, FIELDS) as server, database(postgres) as ours, database(postgres) as other:
        addresses = dict(zip(CLIENTS, (ours, other), strict=True))
        for dsn in addresses.values():
            ensure_schema(Warehouse(partial(psycopg.connect, dsn)))
        for phase in PHASES:
            change(server, size, phase)
            for client, dsn in addresses.items():
                run = _run(client, job_of(server, dsn, folder, phase), phase, size)
                results.setdefault((size.name, client, phase), []).append(run)
                print(
                    f"  {size.name} {client:<12} {phase:<15} {run.both:6.1f} µs, {run.used.seconds:5.1f} s", flush=True
                )


def _run(client: str, given: Job, phase: str, size: Size) -> Measured:
    command = [sys.executable, "-m", "bench.row_clients", given.dumped(), client]
    with PostgresClock(given.dsn).measured() as postgres:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)  # noqa: S603
    used = Used(**json.loads(done.stdout.splitlines()[-1]))
    changed = {FIRST: size.rows, UNCHANGED: 0, CHANGED: sum(size.share(CHANGED_SHARE).values())}[phase]
    written = sum(counts["inserted"] + counts["updated"] for counts in used.counts.values())
    if used.counts and written != changed:
        raise SystemExit(f"{client} wrote {written:,} rows where {changed:,} had changed.")
    return Measured(used, postgres[0], size.rows)


def _print(results: Results) -> None:
    for (size, client, phase), runs in results.items():
        parts = [f"{name} {_median(runs, attrgetter(name)):.1f}" for name in PARTS]
        split = f" ({', '.join(parts)})" if client == "ours" else ""
        postgres = statistics.median([one.microseconds(one.postgres) for one in runs])
        print(
            f"{size} {client:<12} {phase:<15} {_both(runs):6.1f} µs a row = client "
            f"{_median(runs, attrgetter('total')):.1f}{split} + Postgres {postgres:.1f}; {_peak(runs):.0f} MiB"
        )


def _judge(results: Results) -> int:
    broken = [
        f"{phase}: {_both(runs):.0f} µs a row, {MOST_MICROSECONDS[phase]:.0f} are promised"
        for (size, client, phase), runs in results.items()
        if (size, client) == ("L", "ours") and _both(runs) > MOST_MICROSECONDS.get(phase, float("inf"))
    ]
    peaks: dict[str, float] = {}
    for (size, client, _), runs in results.items():
        if client == "ours":
            peaks[size] = max(peaks.get(size, 0.0), _peak(runs))
    broken += [f"{size}: {peak:.0f} MiB, {MOST_MIB} are promised" for size, peak in peaks.items() if peak > MOST_MIB]
    if {"S", "L"} <= set(peaks) and peaks["L"] > MOST_GROWTH * peaks["S"]:
        broken.append(f"L needs {peaks['L'] / peaks['S']:.2f} times the memory of S, {MOST_GROWTH} is promised")
    for sentence in broken:
        print(f"Not kept: {sentence}.")
    return 1 if broken else 0


def _both(runs: Sequence[Measured]) -> float:
    return statistics.median([one.both for one in runs])


def _peak(runs: Sequence[Measured]) -> float:
    return max(one.used.peak_mib for one in runs)


def _median(runs: Sequence[Measured], seconds: Callable[[Used], float]) -> float:
    """In microseconds for a row."""
    return statistics.median([one.microseconds(seconds(one.used)) for one in runs])


@contextmanager
def _postgres(version: int) -> Iterator[tuple[EmbeddedPostgres, Path]]:
    home = Path(tempfile.mkdtemp(prefix="psa-bench-"))
    home.chmod(0o711)
    try:
        with EmbeddedPostgres(home / "postgres", version=version, durable=False) as server:
            yield server, home
    finally:
        postgres_home.remove(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
