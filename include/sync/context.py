"""What a task learns from Airflow about its run: who asked for what and when, and the connections to do it with."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from airflow.sdk import Variable, get_current_context

from include import connectors
from include.model.company import Company
from include.model.limits import Lane, Limits
from include.model.request import from_params
from include.model.run import Run
from include.model.setup import parse as parse_setup
from include.model.wording import wrapped
from include.sync.connect import open_client
from include.sync.pipeline import Sync
from include.sync.report import FORCE_SYNC, OCCASIONS, Occasion
from include.warehouse.connection import Warehouse, open_warehouse

log = logging.getLogger(__name__)

POLICY = "psa_force_sync"  # the module in plugins/ that puts a Force Sync into its pool …
NO_POOL = "Airflow has no pool"  # … and how the line begins that it notes on a run whose pool is missing
PREFLIGHT = "preflight"
BEGAN, COMPANY = "began", "company"  # the XComs of preflight


def sync_of(vendor: str, source: str) -> Sync:
    """The run of the current task, with connections and setup as they are now."""
    name = f"psa_{source}"
    connector = connectors.load(vendor)
    context = get_current_context()
    return Sync(
        connector=connector,
        run=run(source),
        setup=parse_setup(Variable.get(name, default=None), where=f"Airflow Variable '{name}'"),
        warehouse=warehouse(),
        open_client=lambda: open_client(connector, name, warehouse(), _lane()),
        request=from_params(context["params"]),
        company=_company(),
        asked_at=_asked_at(),
    )


def warehouse() -> Warehouse:
    return open_warehouse()


def run(source: str) -> Run:
    dag_run = get_current_context()["dag_run"]
    return Run(source=source, run_id=f"{dag_run.dag_id}/{dag_run.run_id}")


def limits(vendor: str) -> Limits:
    return connectors.load(vendor).limits


def warn() -> None:
    """Say what kept this run from going first."""
    for line in (line for remark in _remarks() for line in wrapped(remark)):
        log.warning("%s", line)


def begin(company: Company | None) -> None:
    """Tell the tasks after preflight when the first task began, and which company is meant."""
    context = get_current_context()
    dag_run, instance = context["dag_run"], context["ti"]
    retried = instance.try_number > 1  # what earlier tries took is no queueing
    began = dag_run.start_date if retried and dag_run.start_date else instance.start_date
    instance.xcom_push(BEGAN, began.isoformat())
    instance.xcom_push(COMPANY, company and asdict(company))


def task_states() -> Mapping[str, str]:
    """The states of this run's tasks."""
    context = get_current_context()
    dag_run = context["dag_run"]
    states: Mapping[str, Mapping[str, str]] = context["ti"].get_task_states(
        dag_id=dag_run.dag_id, run_ids=[dag_run.run_id]
    )
    return states[dag_run.run_id]


def occasion() -> Occasion:
    """Why this run is there."""
    context = get_current_context()
    dag_run, instance = context["dag_run"], context["ti"]
    began = instance.xcom_pull(task_ids=PREFLIGHT, key=BEGAN)
    company = _company()
    start = dag_run.start_date or instance.start_date  # anew when a run that had ended is cleared
    return Occasion(
        run_type=dag_run.run_type.value,
        request=from_params(context["params"]),
        company=str(company) if company else None,
        user=dag_run.triggering_user_name,
        asked_at=dag_run.run_after,
        began_at=max(start, datetime.fromisoformat(began)) if began else start,
        told_at=datetime.now(timezone.utc),
        cleared=bool(dag_run.clear_number),
        remarks=_remarks(),
    )


def _lane() -> Lane:
    forced = OCCASIONS[get_current_context()["dag_run"].run_type.value] == FORCE_SYNC
    return Lane.FORCED if forced else Lane.NIGHTLY


def _asked_at() -> datetime | None:
    """When the run left the queue; of one that was cleared, when this task did: to clear it means to do it now."""
    context = get_current_context()
    asked_at: datetime | None = (
        context["ti"].start_date if context["dag_run"].clear_number else context["dag_run"].start_date
    )
    return asked_at


def _company() -> Company | None:
    found: dict[str, Any] | None = get_current_context()["ti"].xcom_pull(task_ids=PREFLIGHT, key=COMPANY)
    return Company(**found) if found else None


def _remarks() -> tuple[str, ...]:
    """What kept this run from going first, as far as a worker can see."""
    dag_run = get_current_context()["dag_run"]
    if found := [line for line in (dag_run.note or "").splitlines() if line.startswith(NO_POOL)]:
        return tuple(found)
    if OCCASIONS[dag_run.run_type.value] == FORCE_SYNC and POLICY not in sys.modules:
        return (
            f"This Force Sync did not go first: Airflow has not loaded the policy in plugins/{POLICY}.py. "
            "docs/installing.md says how to switch it on.",
        )
    return ()
