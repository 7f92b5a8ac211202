"""How close a nightly run comes to what the vendor allows: `python -m bench.night`.

Every PSA answers after 200 ms. The simulators share the clock, which jumps over every wait; with `--real` it is the
real one. The bound is what no run of so many requests can beat: the windows of the vendor's limit that it has to wait
for, or the time of the answers with as many requests in flight as setup allows, or, on the real clock, 5 s for
processes.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.nightly_run import Measured, measured
from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.limits import Limits
from include.model.wording import duration
from include.tools.pages import DURATIONS

COMPANIES, REAL_COMPANIES = (100, 1_000, 10_000), (200, 1_000)
MAX_RATIO = 1.2
FITS = 100  # companies: then no run has to wait for a turn


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    parser = argparse.ArgumentParser(prog="python -m bench.night", description=__doc__)
    parser.add_argument("--real", action="store_true", help="on the real clock, for 200 and 1,000 companies")
    parser.add_argument("--vendor", nargs="+", choices=connectors.NAMES, default=list(connectors.NAMES))
    parser.add_argument("--companies", nargs="+", type=int)
    parser.add_argument("--details", type=int, default=0, help="of how many records of a table details are read")
    parser.add_argument("--write", action="store_true", help="write what was measured into the vendors' pages")
    given = parser.parse_args(arguments)
    companies = given.companies or (REAL_COMPANIES if given.real else COMPANIES)
    print("| PSA | companies | requests | wall | bound | wall / bound | waited for turns | most in a window | CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    broken: list[str] = []
    with _postgres() as server:
        for vendor in given.vendor:
            limits = connectors.load(vendor).limits
            for number in companies:
                run = measured(server, vendor, number, real=given.real, details=given.details)
                print(_row(run, limits), flush=True)
                broken += _broken(run, limits, real=given.real)
                if given.write:
                    _write(run)
    print("", *broken, sep="\n")
    return 1 if broken else 0


def _row(run: Measured, limits: Limits) -> str:
    cells = (
        connectors.NAMES[run.vendor],
        f"{run.companies:,}",
        f"{run.requests:,}",
        _time(run.wall_seconds),
        _time(run.bound_seconds),
        f"{run.ratio:.2f}",
        _time(run.waited_seconds),
        f"{run.served.most_in_window:,} of {limits.requests:,}",
        f"{run.cpu_seconds:.1f} s",
    )
    return f"| {' | '.join(cells)} |"


def _time(seconds: float) -> str:
    return duration(seconds) if seconds >= 60 else f"{seconds:.1f} s"


def _write(run: Measured) -> None:
    """Put a run into the file that the tables of the vendors' pages come from."""
    durations = json.loads(DURATIONS.read_text(encoding="utf-8"))
    seconds = math.ceil(run.wall_seconds)
    of_vendor = durations.setdefault(connectors.NAMES[run.vendor], {})
    of_vendor[str(run.companies)] = {"requests": run.requests, "seconds": seconds}
    DURATIONS.write_text(json.dumps(durations, indent=2) + "\n", encoding="utf-8")


def _broken(run: Measured, limits: Limits, *, real: bool) -> Iterator[str]:
    """The promises that this run did not keep."""
    what = f"{connectors.NAMES[run.vendor]}, {run.companies:,} companies"
    if real and run.ratio > MAX_RATIO:
        yield f"{what}: {run.ratio:.2f} times the bound."
    if run.companies <= FITS and run.waited_seconds:
        yield f"{what}: {run.waited_seconds:.1f} s were waited for turns."
    if run.served.refused or run.served.most_in_window > limits.requests:
        yield f"{what}: {run.served.most_in_window:,} requests in a window, {run.served.refused:,} were refused."


@contextmanager
def _postgres() -> Iterator[EmbeddedPostgres]:
    home = Path(tempfile.mkdtemp(prefix="psa-bench-"))
    try:
        with EmbeddedPostgres(home, durable=False) as server:
            yield server
    finally:
        postgres_home.remove(home)


if __name__ == "__main__":
    sys.exit(main())
