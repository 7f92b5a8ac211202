"""What a task learns from Airflow about its run: who asked for what and when, and the connections to do it with."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any

from airflow.sdk import get_current_context

from include import connectors
from include.airflow_store.lookup import read_variable
from include.model.limits import Lane, Limits
from include.model.progress import PROGRESS
from include.model.request import DUE, EVERYTHING, QUICK, Request, from_params
from include.model.run import Run
from include.model.run_types import NO_POOL, POLICY_MODULE, is_force_sync, is_quick_slot, name_of
from include.model.setup import parse as parse_setup
from include.model.setup_messages import variable_of
from include.model.wording import log_sentence
from include.sync.clocks import check_clock
from include.sync.connect import account_of, client_of, login_of
from include.sync.failures import logged_errors, reason_of, recorded_failure
from include.sync.passed_on import PassedOn
from include.sync.run import Sync
from include.sync.run_trigger import RunTrigger
from include.sync.shared_tokens import TokensInVariable
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Warehouse, open_warehouse

log = logging.getLogger(__name__)

PREFLIGHT, SUCCESS = "preflight", "success"
PASSED_ON, FAILURE = "passed_on", "failure"  # XComs of preflight


@contextmanager
def sync_of(vendor: str, source: str, kind: str | None = None, *, passed_on: bool = False) -> Iterator[Sync]:
    """The run of the current task, with connections and setup as they are now; the ledger gets why there is none.

    `passed_on` is whether the task needs what preflight has passed on: each question to Airflow takes time.
    """
    with ExitStack() as stack:
        with logged_errors():
            database = stack.enter_context(warehouse())
        with recorded_failure(database, run(source), kind) if kind else logged_errors():
            sync = _sync(vendor, source, database, _passed_on() if passed_on else PassedOn())
        yield sync


def _sync(vendor: str, source: str, database: Warehouse, passed_on: PassedOn) -> Sync:
    name = f"psa_{source}"
    connector = connectors.load(vendor)
    context = get_current_context()
    login = cache(lambda: login_of(connector, name))
    return Sync(
        connector=connector,
        run=run(source),
        setup=parse_setup(read_variable(name), where=variable_of(source)),
        warehouse=database,
        open_client=lambda: client_of(connector, login(), database, _lane()),
        account=lambda: account_of(connector, login()),
        request=_request(),
        company=passed_on.company,
        known=_known(passed_on),
        is_retry=context["ti"].try_number > 1,
        tokens=TokensInVariable(name=f"{name}.token"),
        asked_at=_asked_at(passed_on),
        due_at=context["dag_run"].run_after,
        is_forced=_lane() is Lane.FORCED,
        worker=_worker(),
        show=_show,
    )


@contextmanager
def warehouse() -> Iterator[Warehouse]:
    """The warehouse for one task, which keeps its sessions until the end of the task."""
    with open_warehouse().keeping_sessions() as database:
        yield database


def run(source: str) -> Run:
    dag_run = get_current_context()["dag_run"]
    return Run(source=source, run_id=f"{dag_run.dag_id}/{dag_run.run_id}", kind=run_kind())


def run_kind() -> str:
    """The kind of run, as people read it."""
    return name_of(get_current_context()["dag_run"].run_type.value, is_quick=_request().is_quick)


def _request() -> Request:
    """What the run is asked for. What no one has chosen in the form, the run's type decides."""
    context = get_current_context()
    dag_run = context["dag_run"]
    run_type = dag_run.run_type.value
    if run_type == "scheduled":
        return from_params(context["params"], QUICK if is_quick_slot(run_type, dag_run.run_id) else DUE)
    is_chosen = is_force_sync(run_type) or "extent" in (dag_run.conf or {})
    return from_params(context["params"], None if is_chosen else EVERYTHING)


def limits(vendor: str) -> Limits:
    return connectors.load(vendor).limits


def log_remarks() -> None:
    """Log what kept a Force Sync from going first."""
    for remark in _remarks():
        log_sentence(log, logging.WARNING, remark)


def begin(sync: Sync) -> PassedOn:
    """Pass on to the tasks after preflight when it began, by Postgres' clock."""
    context = get_current_context()
    dag_run, instance = context["dag_run"], context["ti"]
    with logged_errors(), sync.warehouse.session() as connection:
        now = postgres_now(connection)
    retried = instance.try_number > 1  # the time of earlier tries is not queueing
    began = dag_run.start_date if retried and dag_run.start_date else now
    passed_on = PassedOn(asked_at=now, began_at=began)
    pass_on(passed_on)
    return passed_on


def pass_on(passed_on: PassedOn) -> None:
    """Store it for the tasks after preflight."""
    get_current_context()["ti"].xcom_push(PASSED_ON, passed_on.as_json())


@contextmanager
def passing_on_failure() -> Iterator[None]:
    """Pass on to the summary why preflight failed."""
    try:
        yield
    except Exception as error:
        with suppress(Exception):  # which must not hide the error itself
            get_current_context()["ti"].xcom_push(FAILURE, reason_of(error))
        raise


def task_states() -> Mapping[str, str]:
    """The states of this run's tasks."""
    context = get_current_context()
    dag_run = context["dag_run"]
    states: Mapping[str, Mapping[str, str]] = context["ti"].get_task_states(
        dag_id=dag_run.dag_id, run_ids=[dag_run.run_id]
    )
    return states[dag_run.run_id]


def preflight_succeeded() -> bool:
    """Whether this run may ask the PSA for anything."""
    return task_states().get(PREFLIGHT) == SUCCESS


def trigger(database: Warehouse, source: str, states: Mapping[str, str]) -> RunTrigger:
    """Why there is this run."""
    passed_on = _passed_on()
    dag_run, company = get_current_context()["dag_run"], passed_on.company
    with database.session() as connection:
        now = postgres_now(connection)
        check_clock(connection, run(source), _worker())
    return RunTrigger(
        run_type=dag_run.run_type.value,
        request=_request(),
        company=str(company) if company else None,
        user=dag_run.triggering_user_name,
        asked_at=dag_run.run_after,
        began_at=_began_at(passed_on),
        reported_at=now,
        cleared=bool(dag_run.clear_number),
        remarks=_remarks(),
        preflight_failure=None if states.get(PREFLIGHT) == SUCCESS else _pulled(FAILURE),
    )


def _show(progress: Mapping[str, Any]) -> None:
    """Keep how far this task is in Airflow's task state store, where its UI and its REST API find it."""
    get_current_context()["task_state_store"].set(PROGRESS, dict(progress))


def _lane() -> Lane:
    return Lane.FORCED if is_force_sync(get_current_context()["dag_run"].run_type.value) else Lane.NIGHTLY


def _passed_on() -> PassedOn:
    return PassedOn.from_json(_pulled(PASSED_ON))


def _pulled(key: str) -> Any:
    return get_current_context()["ti"].xcom_pull(task_ids=PREFLIGHT, key=key)


def _asked_at(passed_on: PassedOn) -> datetime | None:
    """When preflight began; unknown for a cleared run, because clearing it means to do it now.

    Airflow knows when the run was triggered, but by a clock that cannot be compared with Postgres'.
    """
    return None if get_current_context()["dag_run"].clear_number else passed_on.asked_at


def _began_at(passed_on: PassedOn) -> datetime:
    """When the first task began: by Postgres' clock, or by Airflow's if it was retried, or the run was cleared."""
    context = get_current_context()
    dag_run = context["dag_run"]
    start: datetime = dag_run.start_date or context["ti"].start_date  # set again when a run that had ended is cleared
    if passed_on.began_at is None:
        return start
    return max(start, passed_on.began_at) if dag_run.clear_number else passed_on.began_at


def _worker() -> str:
    """This worker, as Airflow names it beside the task."""
    return get_current_context()["ti"].hostname or socket.gethostname()


def _known(passed_on: PassedOn) -> dict[str, str]:
    """What preflight found out about the PSA's server; nothing for a cleared run, which asks again."""
    return {} if get_current_context()["dag_run"].clear_number else dict(passed_on.known)


def _remarks() -> tuple[str, ...]:
    """What kept this run from going first, as far as a worker can see."""
    dag_run = get_current_context()["dag_run"]
    if found := [line for line in (dag_run.note or "").splitlines() if line.startswith(NO_POOL)]:
        return tuple(found)
    if is_force_sync(dag_run.run_type.value) and POLICY_MODULE not in sys.modules:
        return (
            f"This Force Sync did not go first: Airflow has not loaded the policy in plugins/{POLICY_MODULE}.py. "
            "docs/installing.md says how to switch it on.",
        )
    return ()
