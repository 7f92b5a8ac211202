"""Where a run waits, in a real Airflow: what a person asked for goes ahead of what the schedule asked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import psycopg
import pytest
from psycopg import sql

from demo.postgres import EmbeddedPostgres
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, Run, airflow, pool_and_weight

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FORCED = ("psa_force_sync", 2_147_483_647)
NIGHTLY = "psa_nightly"

DAGS = '''
"""The DAGs of an Airflow in a test: some of ours, and one that only looks like it."""

from datetime import timedelta

from airflow.providers.http.notifications import HttpNotifier
from airflow.sdk import DAG, Asset, task
from include.dag_factory import psa_dag

forced = psa_dag("connectwise", schedule=None, source="forced")
forced.get_task("assets.load").outlets.append(Asset("only of this dag"))
nightly = psa_dag("connectwise", schedule="@daily", source="nightly")
failing = psa_dag("connectwise", schedule="@daily", source="failing")
for each in failing.tasks:
    each.retries, each.retry_delay = min(each.retries, 1), timedelta(seconds=1)
quick = psa_dag("connectwise", schedule="@daily", quick_schedule="* * * * *", source="quick")
small = psa_dag("connectwise", schedule="@daily", source="small")
for kind, dag in (("companies", quick), ("statuses", small)):
    for each in (dag, *dag.tasks):
        each.params["kinds"] = [kind]
alarming = psa_dag(
    "connectwise",
    schedule=None,
    source="alarming",
    on_failure_callback=HttpNotifier(
        http_conn_id="on_call", endpoint="alerts", json={"dag": "{{ dag.dag_id }}", "run": "{{ run_id }}"}
    ),
)

with DAG("psa_report", schedule=None, tags=["psa"]) as foreign:

    @task
    def report(): ...

    report()
'''
SOURCES: dict[str, dict[str, str]] = {
    **{source: {} for source in ("forced", "nightly", "failing", "small", "quick")},
    "alarming": {"password": "no longer valid"},
}


@pytest.fixture(scope="module")
def rig(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowRig]:
    folder = tmp_path_factory.mktemp("airflow")
    with (
        Simulator(World(seed=7, companies=3)) as simulator,
        airflow(postgres, folder, simulator, dags=DAGS, sources=SOURCES) as rig,
    ):
        yield rig


@pytest.fixture
def full_pools(rig: AirflowRig) -> Iterator[None]:
    with rig.full_pools():
        yield


def by_form(rig: AirflowRig) -> Run:
    return rig.trigger("psa_forced")


def under_a_name_like_the_schedulers(rig: AirflowRig) -> Run:
    """As like as Airflow lets it be: it keeps `scheduled__` for its own."""
    return rig.trigger("psa_forced", dag_run_id="scheduled_2026-11-22T00:00:00+00:00")


def by_command_line(rig: AirflowRig) -> Run:
    rig.cli("dags", "trigger", "psa_forced", "--run-id", "by.hand")
    return Run(rig, "psa_forced", "by.hand")


def by_materialising_an_asset(rig: AirflowRig) -> Run:
    assets = rig.api.call("GET", "/api/v2/assets", params={"name_pattern": "only of this dag"})["assets"]
    facts = rig.api.call("POST", f"/api/v2/assets/{assets[0]['id']}/materialize", json={})
    return Run(rig, facts["dag_id"], facts["dag_run_id"])


@pytest.mark.usefixtures("full_pools")
@pytest.mark.parametrize(
    "triggered", [by_form, under_a_name_like_the_schedulers, by_command_line, by_materialising_an_asset]
)
def test_what_a_person_starts_goes_ahead(rig: AirflowRig, triggered: Callable[[AirflowRig], Run]) -> None:
    rig.api.unpause("psa_forced")
    run = triggered(rig)
    assert pool_and_weight(run.wait_for_state("preflight", "scheduled")) == FORCED
    assert run.pools_and_weights() == {FORCED}


@pytest.mark.usefixtures("full_pools")
def test_what_the_schedule_starts_waits_its_turn(rig: AirflowRig) -> None:
    rig.api.unpause("psa_nightly")
    run = rig.first_run("psa_nightly", "scheduled")
    pool, weight = pool_and_weight(run.wait_for_state("preflight", "scheduled"))
    assert pool == NIGHTLY
    assert weight < 1000
    assert {pool for pool, _ in run.pools_and_weights()} == {NIGHTLY}


def test_the_second_schedule_starts_quick_runs_after_a_nightly_one(rig: AirflowRig) -> None:
    rig.api.unpause("psa_quick")
    assert rig.first_run("psa_quick", "scheduled").run_id.startswith("scheduled__")
    path, query = "/api/v2/dags/psa_quick/dagRuns", {"run_id_pattern": "quick__", "order_by": "id"}
    found = rig.until(lambda: rig.api.call("GET", path, params=query)["dag_runs"] or None)
    run = Run(rig, "psa_quick", found[0]["dag_run_id"])
    assert run.run_id.startswith("quick__")
    ended = run.wait_until_ended()
    rig.api.call("PATCH", "/api/v2/dags/psa_quick", json={"is_paused": True})
    assert (ended["run_type"], ended["state"]) == ("scheduled", "success")


@pytest.mark.usefixtures("full_pools")
def test_a_backfill_waits_its_turn(rig: AirflowRig) -> None:
    rig.api.unpause("psa_nightly")
    days = {"from_date": "2026-02-01T00:00:00Z", "to_date": "2026-02-01T00:00:00Z"}
    rig.api.call("POST", "/api/v2/backfills", json={"dag_id": "psa_nightly", **days})
    run = rig.first_run("psa_nightly", "backfill")
    assert pool_and_weight(run.wait_for_state("preflight", "scheduled"))[0] == NIGHTLY
    assert {pool for pool, _ in run.pools_and_weights()} == {NIGHTLY}


def test_a_dag_that_only_looks_like_ours_is_left_alone(rig: AirflowRig) -> None:
    assert rig.trigger("psa_report").pools_and_weights() == {("default_pool", 1)}


@pytest.fixture(scope="module")
def failed(rig: AirflowRig, postgres: EmbeddedPostgres) -> tuple[Run, Run]:
    """A manual and a scheduled run, both red after a second try: the warehouse was away."""
    with closed(postgres, rig.warehouse):
        rig.api.unpause("psa_failing")
        runs = rig.trigger("psa_failing"), rig.first_run("psa_failing", "scheduled")
        assert [run.wait_until_ended()["state"] for run in runs] == ["failed", "failed"]
    return runs


@contextmanager
def closed(server: EmbeddedPostgres, dsn: str) -> Iterator[None]:
    """The database has no room for another connection: a failure that passes."""
    name = sql.Identifier(dsn.rpartition("/")[2])
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 0").format(name))
        yield
        connection.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT -1").format(name))


def test_a_retried_task_stays_where_it_was(failed: tuple[Run, Run]) -> None:
    manual, scheduled = (run.tries("preflight") for run in failed)
    assert [(one["try_number"], *pool_and_weight(one)) for one in manual] == [(1, *FORCED), (2, *FORCED)]
    assert [(one["try_number"], one["pool"]) for one in scheduled] == [(1, NIGHTLY), (2, NIGHTLY)]


@pytest.mark.usefixtures("full_pools")
def test_a_cleared_task_goes_where_its_run_belongs(failed: tuple[Run, Run]) -> None:
    for run in failed:
        run.clear("preflight")
    manual, scheduled = (run.wait_for_state("preflight", "scheduled") for run in failed)
    assert pool_and_weight(manual) == FORCED
    assert scheduled["pool"] == NIGHTLY


def test_without_the_pools_both_kinds_of_runs_still_end_green_and_say_what_is_missing(rig: AirflowRig) -> None:
    with rig.no_pools():
        rig.api.unpause("psa_small")
        scheduled = rig.first_run("psa_small", "scheduled")
        manual = rig.trigger("psa_small", note="typed by a person")
        for run, pool in ((manual, "psa_force_sync"), (scheduled, "psa_nightly")):
            ended = run.wait_until_ended()
            assert ended["state"] == "success"
            assert f"Airflow has no pool '{pool}'" in ended["note"]
            assert {pool for pool, _ in run.pools_and_weights()} == {"default_pool"}
        assert {weight for _, weight in manual.pools_and_weights()} == {FORCED[1]}
    manual.clear("summary")
    assert pool_and_weight(manual.task("summary")) == FORCED
    assert manual.facts["note"] == "typed by a person"  # what ours said has been mended


def test_a_notifier_that_was_switched_on_tells_of_a_failure(rig: AirflowRig) -> None:
    with listener() as (port, received):
        on_call = {"connection_id": "on_call", "conn_type": "http", "host": "127.0.0.1", "port": port, "schema": "http"}
        rig.api.call("POST", "/api/v2/connections", json=on_call)
        rig.api.unpause("psa_alarming")
        run = rig.trigger("psa_alarming")
        assert run.wait_until_ended()["state"] == "failed"
        assert rig.until(lambda: received or None) == [("/alerts", {"dag": "psa_alarming", "run": run.run_id})]


def test_where_another_policy_hides_ours_a_forced_run_still_ends_green_and_says_so(rig: AirflowRig) -> None:
    """The last test here: afterwards this Airflow has lost the policy."""
    theirs = rig.home / "config" / "airflow_local_settings.py"
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("def dag_policy(dag): ...\n", encoding="utf-8")
    rig.restart()
    run = rig.trigger("psa_small")
    assert run.wait_until_ended()["state"] == "success"
    assert {pool for pool, _ in run.pools_and_weights()} == {"default_pool"}
    log = " ".join(str(line["event"]) for line in rig.api.log(run.task("summary")))
    assert "did not go first" in log


@contextmanager
def listener() -> Iterator[tuple[int, list[Any]]]:
    """Somebody on call: a port, and what was posted to it."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port, received
        server.shutdown()
