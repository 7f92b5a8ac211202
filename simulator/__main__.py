"""`python -m simulator`: a simulated PSA that an Airflow connection can point at."""

from __future__ import annotations

import argparse
import itertools
import json
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timezone

from simulator.server import VENDORS, Simulator, known_faults
from simulator.world import START, World


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line. A mistake in it ends the program with a message that says what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--vendor", choices=VENDORS, default="connectwise")
    parser.add_argument("--companies", type=int, default=1000, help="the numbers of other rows follow from it")
    parser.add_argument("--assets", type=int, help="default: ten per company")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same world")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 takes any free port")
    parser.add_argument("--latency-ms", type=int, default=0, help="added to every response")
    parser.add_argument("--rate-limit", type=int, help="requests before a 429, instead of the vendor's own limit")
    parser.add_argument("--life", type=float, metavar="SECONDS", help="let one ticket change this often")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[:KEY=VALUE,...]", help="may be repeated")
    parser.add_argument("--list-faults", action="store_true", help="list the faults of this vendor, and stop")
    given = parser.parse_args(argv)
    if given.life is not None and given.life <= 0:
        parser.error("argument --life: must be a number of seconds above 0")
    try:
        for fault in given.fault:
            known_faults(given.vendor).parse(fault)
    except ValueError as error:
        parser.error(str(error))
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal arrives. Return 0 after a requested stop, 1 if the port is in use."""
    given = arguments(argv)
    if given.list_faults:
        print(known_faults(given.vendor).describe())
        return 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tickets_now = datetime.now(timezone.utc) if given.life is not None else START
    simulator = Simulator(
        World(given.seed, given.companies, assets=given.assets, tickets_now=tickets_now),
        vendor=given.vendor,
        faults=given.fault,
        latency_ms=given.latency_ms,
        rate_limit=given.rate_limit,
        host=given.host,
        port=given.port,
    )
    try:
        with simulator:
            announce(simulator, vendor=given.vendor)
            seeds = itertools.count()
            while not stop.wait(given.life):
                simulator.simulate_activity(next(seeds))
    except OSError as error:
        print(f"cannot listen on {given.host}:{given.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def announce(simulator: Simulator, *, vendor: str) -> None:
    """Print the address of the simulator and the credentials it accepts."""
    world = simulator.world
    sizes = ", ".join(f"{len(getattr(world, kind)):,} {kind}" for kind in ("companies", "sites", "assets", "contacts"))
    print(f"{vendor} with {sizes}: {simulator.url}")
    for name, value in simulator.connection.items():
        print(f"  {name:<9} {json.dumps(value, separators=(',', ':')) if isinstance(value, dict) else value}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
