"""Workers that are killed at any moment, and the attempts that follow, as Airflow makes them.

`make test-long` kills at fifty moments of listings of a thousand parents; `make test` at a few of small ones.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from include import connectors
from include.model.setup import Setup
from include.sync.preflight import preflight
from include.sync.run import Sync
from simulator.seeded_random import SeededRandom
from simulator.world import World
from tests.support.attempts import requests_in_ledger, unbalanced, wrong
from tests.support.databases import EmptyWarehouses
from tests.support.rig import Rig, rig
from tests.support.truth import vendor
from tests.support.worker_process import AS_OFTEN_AS_NEEDED, Deadly, at_work
from tests.support.worlds import new_world

IS_LONG = "PSA_TEST_LONG" in os.environ
# Where each parent has a list of its own, a listing of many parents; elsewhere one of a dozen pages.
KINDS = {"autotask": "assets", "connectwise": "sites", "halopsa": "assets", "kaseya_bms": "sites", "syncro": "sites"}
# What makes the sites of each account requests of their own.
FAULTS = {"kaseya_bms": ["locations_left_out"]}
COMPANIES, ASSETS, MOMENTS = (1000, 10_000, 50) if IS_LONG else (40, 2000, 2)
# The requests of each further attempt besides those that the killed one had sent and not saved: counts, lists of names,
# and what was in flight, which is three requests for each of eight accounts of Kaseya BMS.
AGAIN = {"kaseya_bms": 36}
USUALLY_AGAIN = 12
# From so many requests on, a listing is so long that these are part of the tenth that all attempts may add.
LONG = 200


@dataclass(frozen=True)
class Undisturbed:
    """What the tasks of a kind take when no one disturbs them."""

    requests: int
    statements: int
    statements_of_load: int


@contextmanager
def tenant(warehouses: EmptyWarehouses, name: str, world: World) -> Iterator[tuple[Rig, Sync]]:
    """A tenant, and a run that is about to list it for the first time."""
    psa = {"vendor": name, "faults": FAULTS.get(name, []), "rate_limit": AS_OFTEN_AS_NEEDED}
    with warehouses.borrow() as dsn, rig(dsn, world, setup=Setup(details_per_night=0), **psa) as running:
        sync = running.sync()
        preflight(sync)
        running.simulator.requests.clear()
        yield running, sync


def undisturbed(running: Rig, sync: Sync, kind: str) -> Undisturbed:
    statements = []
    for step in ("extract", "load"):
        with at_work(running, sync, step, kind) as worker:
            statements.append(worker.statements)
    return Undisturbed(len(running.simulator.requests), *statements)


def killed(running: Rig, sync: Sync, step: str, *, statement: int = 0, request: int = 0) -> None:
    """An attempt that is killed in place of a statement, or when the PSA gets a request of it."""
    with at_work(running, sync, step, KINDS[running.vendor], dies_at=statement) as worker:
        fault = running.simulator.faults.add(Deadly(after=request - 1, kill=worker.kill)) if request else None
        assert worker.wait() == -signal.SIGKILL
    if fault:
        running.simulator.faults.remove(fault)


def finished(running: Rig, sync: Sync, step: str) -> None:
    """A further attempt, which comes to its end."""
    with at_work(running, replace(sync, is_retry=True), step, KINDS[running.vendor]) as worker:
        assert worker.wait() == 0


@pytest.mark.timeout(7200 if IS_LONG else 120)
@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_a_run_whose_workers_are_killed_sends_few_requests_twice(warehouses: EmptyWarehouses, name: str) -> None:
    kind, psa, moment = KINDS[name], vendor(name), SeededRandom(f"kills of {name}").number
    world = new_world(companies=COMPANIES, assets=ASSETS if kind == "assets" else 10, contacts=10)
    with tenant(warehouses, name, world) as (running, sync):
        whole = undisturbed(running, sync, kind)
        assert (unbalanced(running, sync, kind), wrong(running, psa, kind)) == ([], [])
    for number in range(MOMENTS):
        with tenant(warehouses, name, world) as (running, sync):
            if number % 2:
                killed(running, sync, "extract", statement=moment(1, whole.statements))
            else:
                killed(running, sync, "extract", request=moment(1, whole.requests))
            finished(running, sync, "extract")
            killed(running, sync, "load", statement=moment(1, whole.statements_of_load))
            finished(running, sync, "load")
            assert (unbalanced(running, sync, kind), wrong(running, psa, kind)) == ([], [])
            assert sum(entry["duplicate"] for entry in running.rows("sync_runs")) == 0
            assert [row["change"] for row in running.rows("changes")] == ["first load"]
            requests = len(running.simulator.requests)
            again = 0 if whole.requests >= LONG else AGAIN.get(name, USUALLY_AGAIN)
            assert requests <= 1.1 * whole.requests + again, (number, whole)
            assert requests <= requests_in_ledger(running, sync, kind) <= requests + Setup.requests_in_flight
