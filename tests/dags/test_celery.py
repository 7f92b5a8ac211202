"""A worker of two dies in the middle of a nightly run and a Force Sync: its tasks list again, and nothing is lost."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.postgres import EmbeddedPostgres
from include.model.setup import Setup
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, Run
from tests.support.celery_airflow import Worker, celery_airflow
from tests.support.databases import Connections
from tests.support.rig import Clock, Rig
from tests.support.truth import differences, vendor

pytestmark = pytest.mark.timeout(400)

PARTS = ("inserted", "updated", "unchanged", "duplicate", "rejected")
DAGS = '''
"""A DAG of ours, in an Airflow of a test, that retries at once."""

from datetime import timedelta

from include.dag_factory import psa_dag

dag = psa_dag("connectwise", schedule="@daily")
for each in dag.tasks:
    each.retry_delay = timedelta(seconds=1)
'''
LISTING = "sites.extract"  # a request for each of the 60 companies
FIRST_SITES = 10
EXCEPT_SITES = ["statuses", "companies", "assets", "contacts", "ticket_settings"]  # so that only one run lists them
Installation = tuple[AirflowRig, list[Worker], Simulator]


@pytest.fixture
def installation(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Installation]:
    if "PSA_TEST_CELERY" not in os.environ:
        pytest.skip("it takes two minutes: `make celery` runs it")
    if importlib.util.find_spec("airflow.providers.celery") is None:
        pytest.skip("apache-airflow-providers-celery is not installed")
    if shutil.which("redis-server") is None:
        pytest.skip("there is no Redis on this machine (on Debian: apt install redis-server)")
    with (
        Simulator(World(seed=7, companies=60), latency_ms=400) as simulator,
        celery_airflow(postgres, tmp_path, simulator, dags=DAGS, sources={"connectwise": {}}) as (rig, workers),
    ):
        yield rig, workers, simulator


def test_the_tasks_of_a_killed_worker_list_again_and_both_runs_end_complete(installation: Installation) -> None:
    rig, workers, simulator = installation
    rig.api.unpause("psa_connectwise")
    forced = rig.trigger("psa_connectwise", conf={"kinds": EXCEPT_SITES})
    nightly = rig.first_run("psa_connectwise", "scheduled")
    rig.until(lambda: in_mid_listing(nightly, workers, simulator)).kill()
    before, asked = len(simulator.requests), sites_asked(simulator)
    assert [run.wait_until_ended()["state"] for run in (nightly, forced)] == ["success", "success"]
    assert nightly.task(LISTING)["try_number"] == 2
    assert sites_asked(simulator, since=before) >= len(simulator.world.companies) - asked
    assert simulator.budget.refused == 0
    assert wrong(rig, simulator) == []


def in_mid_listing(run: Run, workers: list[Worker], simulator: Simulator) -> Worker | None:
    """The worker that lists the sites, once it has the first of them."""
    if sites_asked(simulator) < FIRST_SITES:
        return None
    pid = run.wait_for_state(LISTING, "running")["pid"]
    return next(worker for worker in workers if worker.runs(pid))


def sites_asked(simulator: Simulator, *, since: int = 0) -> int:
    return sum(one.endpoint.endswith("/sites") for one in simulator.requests[since:])


def wrong(rig: AirflowRig, simulator: Simulator) -> list[str]:
    """Differences between warehouse and world, and loads whose counts do not balance."""
    with Connections(rig.warehouse) as connections:
        running = Rig(connections, simulator, Setup(), Clock())
        expected = vendor("connectwise").truth(simulator.world, running.setup)
        found = [
            f"{table} {line}" for table, rows in expected.items() for line in differences(running.rows(table), rows)
        ]
        loads = running.rows("sync_runs", "state = 'loaded'")
        assert {load["table_name"] for load in loads} == expected.keys()
        return found + [str(load) for load in loads if load["fetched"] != sum(load[part] for part in PARTS)]
