"""How many requests a quick run sends: `python -m bench.quick_runs`, with the names of PSAs to measure only these.

A PSA with 1,000 companies, 2,000 sites, 10,000 assets and 5,000 contacts is synced into an empty warehouse. Then quick
runs follow: nothing has changed; 1 % of each kind was edited; and one asset, contact and site were deleted as well.
Details are not read: each of them is a request that brings a record.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.requests import Sent, sent_by
from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.request import QUICK, Request
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.databases import EmptyWarehouses
from tests.support.rig import Rig, rig

MOST = 60
"""How many requests a quick run may send when 1 % has changed."""
COMPANIES, ONE_PERCENT = 1000, "1 % changed"
KINDS = ("companies", "sites", "assets", "contacts")


def quick_runs(running: Rig) -> Iterator[tuple[str, Sequence[Sent]]]:
    """The requests of a full run and of quick runs after it."""
    world, quickly = running.simulator.world, Request(extent=QUICK)
    yield "everything", sent_by(running)
    yield "nothing changed", sent_by(running, quickly)
    world.now = running.now()
    edits = {kind: len(getattr(world, kind)) // 100 for kind in KINDS}
    apply_daily_changes(world, adds=0, edits=edits, deletes=0)
    yield ONE_PERCENT, sent_by(running, quickly)
    apply_daily_changes(world, seed=2, adds=0, edits=0, deletes={"assets": 1, "contacts": 1, "sites": 1})
    yield "and three deleted", sent_by(running, quickly)


def main() -> int:
    logging.disable(logging.CRITICAL)
    home, is_kept = Path(tempfile.mkdtemp(prefix="psa-quick-runs-")), True
    try:
        with EmbeddedPostgres(home, durable=False) as server, ExitStack() as stack:
            warehouses = EmptyWarehouses(server, stack)
            for vendor in sys.argv[1:] or sorted(connectors.QUICK):
                with (
                    warehouses.borrow() as dsn,
                    rig(dsn, World(companies=COMPANIES, tickets=0), vendor=vendor) as running,
                ):
                    runs = dict(quick_runs(running))
                _print(connectors.NAMES[vendor], runs)
                is_kept &= len(runs[ONE_PERCENT]) <= MOST
    finally:
        postgres_home.remove(home)
    return 0 if is_kept else 1


def _print(title: str, runs: Mapping[str, Sequence[Sent]]) -> None:
    """The requests of each run, by task."""
    tasks = dict.fromkeys(one.task for sent in runs.values() for one in sent)
    print("", f"## {title}", "", f"| task | {' | '.join(runs)} |", f"| --- |{' ---: |' * len(runs)}", sep="\n")
    for task in tasks:
        print(f"| {task} | {' | '.join(str(sum(one.task == task for one in sent)) for sent in runs.values())} |")
    print(f"| **all** | {' | '.join(str(len(sent)) for sent in runs.values())} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
