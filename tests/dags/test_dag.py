"""The DAG in a real Airflow: its shape, a green run, red ones, and what their logs say."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from include.dag_factory.retries import PsaRetryPolicy
from include.model.errors import (
    AuthError,
    BudgetSpent,
    HeldBack,
    RateLimited,
    ServerError,
    ShapeError,
    Truncated,
    WarehouseDown,
)
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.version import __version__
from simulator.world import World
from tests.support.dag_run import DagRuns, dag_runs
from tests.support.rig import Rig, rig


@pytest.fixture(scope="module")
def dag() -> Any:
    from dags.psa_connectwise import dag

    return dag


def test_preflight_then_each_kind_then_the_summary(dag: Any) -> None:
    groups = {f"{kind}.{step}" for kind in KINDS for step in ("extract", "load", "decide")}
    assert set(dag.task_ids) == {"preflight", "summary", *groups}
    for kind in KINDS:
        assert dag.get_task(f"{kind}.extract").upstream_task_ids == {"preflight"}
        assert dag.get_task(f"{kind}.load").upstream_task_ids == {f"{kind}.extract"}
        assert dag.get_task(f"{kind}.decide").upstream_task_ids == {f"{kind}.load"}
    assert dag.get_task("summary").upstream_task_ids == {f"{kind}.load" for kind in KINDS}


def test_it_runs_nightly_without_catching_up_and_explains_itself(dag: Any) -> None:
    assert dag.dag_id == "psa_connectwise"
    assert (dag.schedule, dag.catchup) == ("@daily", False)
    assert dag.max_active_runs > 1
    assert dag.tags == {"psa-sync", "connectwise"}
    assert "summary" in dag.doc_md
    assert all(dag.get_task(task).doc_md for task in dag.task_ids)


def test_each_table_is_an_asset_of_the_task_that_loads_it(dag: Any) -> None:
    for kind, tables in KINDS.items():
        names = [asset.name for asset in dag.get_task(f"{kind}.load").outlets]
        assert names == [f"psa/connectwise/{table}" for table in tables]


@pytest.mark.parametrize(
    ("error", "action", "delay"),
    [
        (AuthError("no"), "fail", None),
        (ShapeError("no"), "fail", None),
        (Truncated("no"), "default", None),
        (HeldBack("no"), "fail", None),
        (ServerError("no", status=503), "default", None),
        (WarehouseDown("no"), "default", None),
        (RuntimeError("a bug"), "default", None),
        (RateLimited("no", retry_after_seconds=900), "retry", timedelta(minutes=15)),
        (RateLimited("no", retry_after_seconds=1), "retry", timedelta(minutes=1)),
        (RateLimited("no", retry_after_seconds=0), "default", None),
    ],
)
def test_what_may_pass_is_retried_and_what_a_person_must_mend_is_not(
    dag: Any, error: Exception, action: str, delay: timedelta | None
) -> None:
    decision = dag.get_task("assets.extract").retry_policy.evaluate(error, 1, 3)
    assert (decision.action.value, decision.retry_delay) == (action, delay)


def test_a_task_whose_turn_does_not_come_is_patient_and_others_are_tried_four_times() -> None:
    policy = PsaRetryPolicy()
    spent = policy.evaluate(BudgetSpent("others go first", retry_after_seconds=60), 20, 24)
    assert spent.action.value == "retry"
    tried = [policy.evaluate(ServerError("broken", status=500), number, 24).action.value for number in (1, 3, 4)]
    assert tried == ["default", "default", "fail"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagRuns]:
    with dag_runs(tmp_path_factory.mktemp("runs")) as runs:
        yield runs


def environment(running: Rig) -> dict[str, str]:
    """What an installation would have: two connections."""
    psa, warehouse, login = urlsplit(running.simulator.url), urlsplit(running.dsn), running.login()
    connections = {
        "AIRFLOW_CONN_PSA_CONNECTWISE": {
            "conn_type": "http",
            "host": psa.hostname,
            "port": psa.port,
            "schema": "http",
            "login": login.login,
            "password": login.password,
            "extra": dict(login.extra),
        },
        "AIRFLOW_CONN_PSA_WAREHOUSE": {
            "conn_type": "postgres",
            "host": warehouse.hostname,
            "port": warehouse.port,
            "schema": warehouse.path.strip("/"),
            "login": warehouse.username,
            "password": warehouse.password,
        },
    }
    return {name: json.dumps(connection) for name, connection in connections.items()}


def states(log: str) -> Mapping[str, str]:
    """What became of each task."""
    ended: Mapping[str, str] = json.loads(log.partition("the tasks ended ")[2].partition("\n")[0])
    return ended


@pytest.mark.timeout(240)
def test_a_green_run_fills_the_tables_tells_the_night_and_no_secret(empty_dsn: str, runs: DagRuns) -> None:
    with rig(empty_dsn, World(seed=7, companies=5)) as running:
        log = runs.run("psa_connectwise", environment(running))
        assert "the run ended success" in log, log[-3000:]
        assert len(running.rows("assets")) == 50
        assert sum(request.path.startswith("/login/") for request in running.simulator.requests) == 1
        assert "GREEN in" in log
        assert "Nothing to do." in log
        events = json.loads(log.partition("the events were ")[2].partition("\n")[0])
        assert events.keys() == {f"psa/connectwise/{table}" for tables in KINDS.values() for table in tables}
        assert events["psa/connectwise/assets"]["counts"]["inserted"] == 50
        assert events["psa/connectwise/assets"]["run_kind"] == "Quick Force Sync"  # as `dag.test()` is a manual run
        assert f"==== PSA Sync {__version__}: psa_connectwise/" in log
        login = running.login()
        derived = base64.b64encode(f"{login.login}:{login.password}".encode()).decode()
        for secret in (login.password, derived, login.login.partition("+")[2]):
            assert secret not in log


@pytest.mark.timeout(240)
def test_a_red_kind_does_not_stop_the_others_and_the_summary_says_what_to_do(warehouse_dsn: str, runs: DagRuns) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=5), faults=["lost_right:path=/company/contacts"]) as running:
        log = runs.run("psa_connectwise", environment(running))
        assert "the run ended failed" in log, log[-3000:]
        assert len(running.rows("assets")) == 50
        assert running.rows("contacts") == []
        assert "RED after" in log
        assert "What to do: contacts: ConnectWise: GET" in log
        assert "Give the API account the right to read this, then clear this task." in log


@pytest.mark.timeout(240)
def test_a_run_that_preflight_stops_says_where_to_look(warehouse_dsn: str, runs: DagRuns) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=5)) as running:
        variable = {"AIRFLOW_VAR_PSA_CONNECTWISE": '{"custom_field": {}}'}
        log = runs.run("psa_connectwise", {**environment(running), **variable})
        assert "the run ended failed" in log, log[-3000:]
        assert (
            "'custom_field' is not a setting. Did you mean 'custom_fields'?"
            in log.partition(f"PSA Sync {__version__}")[2]
        )
        assert "What to do: The task 'preflight' failed: Airflow Variable 'psa_connectwise':" in log


@pytest.mark.timeout(240)
def test_a_dry_run_of_one_company_leaves_out_the_rest_writes_nothing_and_says_what_was_asked(
    warehouse_dsn: str, runs: DagRuns
) -> None:
    world = World(seed=7, companies=5)
    company = next(iter(world.companies.values()))
    with rig(warehouse_dsn, world) as running:
        log = runs.run("psa_connectwise", environment(running), {"company": company.name, "dry_run": True})
        assert "the run ended success" in log, log[-3000:]
        assert states(log) == {
            "preflight": "success",
            "summary": "success",
            **{f"{kind}.{step}": "skipped" for kind in KINDS for step in ("extract", "load", "decide")},
            **{f"{kind}.extract": "success" for kind in OF_COMPANIES},
        }
        assert running.rows("assets") == running.rows("companies") == []
        assert "Force Sync of companies, sites, assets and contacts of company" in log
        assert "nothing was written" in log


def test_a_second_tenant_of_one_vendor_is_one_more_call() -> None:
    from include.dag_factory import psa_dag

    assert psa_dag("connectwise", schedule=None, source="connectwise_emea").dag_id == "psa_connectwise_emea"
