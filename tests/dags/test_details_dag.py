"""The tasks for details in a real Airflow: where they are, what they wait for, and what the summaries say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from include import connectors
from include.model.kinds import KINDS
from simulator.world import World
from tests.support.dag_run import DagRuns, dag_runs
from tests.support.rig import Rig, rig


@pytest.fixture(scope="module")
def dag() -> Any:
    from dags.psa_kaseya_bms import dag

    return dag


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_the_kinds_with_details_are_those_whose_streams_have_some(vendor: str) -> None:
    connector = connectors.load(vendor)
    kinds = [kind for kind in KINDS if any(stream.details for stream in connector.streams_of(kind))]
    assert list(connectors.DETAILED.get(vendor, ())) == kinds


def test_details_follow_the_load_and_the_summary_does_not_wait_for_them(dag: Any) -> None:
    assert {name for name in dag.task_ids if "details" in name} == {
        "companies.details", "assets.details", "contacts.details", "details_summary",
    }  # fmt: skip
    for kind in ("companies", "assets", "contacts"):
        assert dag.get_task(f"{kind}.details").upstream_task_ids == {"preflight", f"{kind}.load"}
        assert dag.get_task(f"{kind}.details").trigger_rule.value == "all_done"
    assert dag.get_task("summary").upstream_task_ids == {f"{kind}.load" for kind in KINDS}
    assert dag.get_task("details_summary").upstream_task_ids == {
        "companies.details", "assets.details", "contacts.details",
    }  # fmt: skip
    assert dag.get_task("summary").downstream_task_ids == set(), "only a last task makes the run red"
    assert "details_summary" in dag.doc_md
    assert all(dag.get_task(task).doc_md for task in dag.task_ids)


def test_where_there_are_no_details_there_is_no_task_for_them() -> None:
    from dags.psa_connectwise import dag

    assert [name for name in dag.task_ids if "details" in name] == []
    assert "details" not in (dag.doc_md or "")


def test_a_message_about_a_red_run_does_not_wait_for_the_details() -> None:
    from include.dag_factory import psa_dag

    for vendor, early in (("connectwise", False), ("kaseya_bms", True)):
        made: Any = psa_dag(vendor, schedule=None, source=f"{vendor}_alarming", on_failure_callback=print)
        told = {task.task_id for task in made.tasks if task.on_failure_callback}
        decided = {f"{kind}.decide" for kind in KINDS}  # red when no one has answered, hours after the summary
        assert told == ({"summary", "details_summary"} | decided if early else set())
        assert bool(made.on_failure_callback) is not early


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagRuns]:
    with dag_runs(tmp_path_factory.mktemp("runs")) as runs:
        yield runs


def environment(running: Rig) -> dict[str, str]:
    """What an installation would have: two connections, and a setup."""
    psa, warehouse, login = urlsplit(running.simulator.url), urlsplit(running.dsn), running.login()
    typed = {"conn_type": "http", "host": psa.hostname, "port": psa.port, "schema": "http", "extra": dict(login.extra)}
    postgres = {"conn_type": "postgres", "host": warehouse.hostname, "port": warehouse.port}
    database = {"schema": warehouse.path.strip("/"), "login": warehouse.username, "password": warehouse.password}
    return {
        "AIRFLOW_CONN_PSA_KASEYA_BMS": json.dumps({**typed, "login": login.login, "password": login.password}),
        "AIRFLOW_CONN_PSA_WAREHOUSE": json.dumps({**postgres, **database}),
        "AIRFLOW_VAR_PSA_KASEYA_BMS": '{"details_until": "06:00 Europe/Berlin", "details_per_night": 40}',
    }


def states(log: str) -> dict[str, str]:
    """What became of the tasks for details."""
    ended: dict[str, str] = json.loads(log.partition("the tasks ended ")[2].partition("\n")[0])
    return {name: state for name, state in ended.items() if "summary" in name or "details" in name}


@pytest.mark.timeout(240)
def test_a_green_run_loads_every_row_and_reads_details_of_some(empty_dsn: str, runs: DagRuns) -> None:
    with rig(empty_dsn, World(seed=7, companies=5), vendor="kaseya_bms") as running:
        log = runs.run("psa_kaseya_bms", environment(running), {"kinds": ["companies", "assets"]})
        assert states(log) == {
            "companies.details": "skipped",  # setup chooses no custom field of them
            "assets.details": "success",
            "contacts.details": "skipped",
            "summary": "success",
            "details_summary": "success",
        }, log[-3000:]
        assert len(running.rows("assets")) == 50
        assert len(running.rows("detail_reads", "read_at IS NOT NULL")) == 40
        assert "the tasks 'details' follow; 'details_summary' reports on them" in log
        assert "assets             ended" in log
        assert "assets: details of 40 records were read" in log.partition("details of psa_kaseya_bms/")[2]
        assert running.rows("detail_runs")[0]["unread"] == 10
        logins = [request for request in running.simulator.requests if request.path.endswith("/authenticate")]
        assert len(logins) == 1, "preflight's; the other tasks find its token in a Variable"
        again = runs.run("psa_kaseya_bms", environment(running), {"kinds": ["assets"], "dry_run": True})
        assert states(again)["assets.details"] == "skipped"
        assert "assets: a dry run reads no details." in again


@pytest.mark.timeout(240)
def test_a_missing_right_to_details_is_red_in_their_summary_alone(warehouse_dsn: str, runs: DagRuns) -> None:
    world = World(seed=7, companies=5)
    fault = "lost_right:path=/v2/servicedesk/hardwareasset/[0-9]*,after=1"  # preflight asks for one
    with rig(warehouse_dsn, world, vendor="kaseya_bms", faults=[fault]) as running:
        log = runs.run("psa_kaseya_bms", environment(running), {"kinds": ["assets"]})
        found = states(log)
        assert (found["summary"], found["assets.details"], found["details_summary"]) == ("success", "failed", "failed")
        assert "What to do: the task 'assets.details' failed, the rows are loaded: Kaseya BMS" in log
        assert len(running.rows("assets")) == 50


@pytest.mark.timeout(240)
def test_a_run_that_preflight_stops_asks_for_no_details(warehouse_dsn: str, runs: DagRuns) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=5), vendor="kaseya_bms") as running:
        changed = environment(running)
        typed = json.loads(changed["AIRFLOW_CONN_PSA_KASEYA_BMS"])
        changed["AIRFLOW_CONN_PSA_KASEYA_BMS"] = json.dumps({**typed, "password": "wrong"})
        log = runs.run("psa_kaseya_bms", changed)
        assert {state for name, state in states(log).items() if name.endswith(".details")} == {"skipped"}
        assert "the run ended failed" in log
        assert "Preflight did not succeed, so nothing is asked of the PSA." in log
