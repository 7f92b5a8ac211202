"""From a vendor's name to its DAG: the only module of `include` that knows Airflow's DAG API.

Parsing imports no more than names and the error tree; the bodies of tasks import the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    Param,
    RetryDecision,
    RetryPolicy,
    TriggerRule,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowSkipException

from include.connectors import NAMES
from include.model.errors import PsaError, RateLimited, TransientError, Truncated, WarehouseDown
from include.model.kinds import KINDS
from include.model.request import FORM

log = logging.getLogger(__name__)

TAG = "psa-sync"  # how plugins/psa_force_sync.py knows our DAGs
RETRIES = 3
PATIENT_RETRIES = 24  # of a task whose turn does not come: others go first, or other tools use the PSA's limit up
RETRY_DELAY = timedelta(minutes=1)

DOC = """
Copies companies, their statuses, sites, assets and contacts, and the boards, statuses and priorities that the ticket
page needs, from **{title}** into the schema `psa` of the warehouse.

| task | what it does | when it is red |
| --- | --- | --- |
| `preflight` | checks warehouse, login, rights and setup | its last line says what to mend; then clear it |
| `<kind>.extract` | lists everything the PSA has, into staging | nothing was merged; clear it once the cause is gone |
| `<kind>.load` | merges staging in one transaction | nothing was merged; clear it, or approve, see below |
| `summary` | tells the run: **read this log first** | some kind was not loaded; it says which and why |

**Nothing is ever half there.** A table changes only when the whole listing was proven complete, and the books balance:
fetched = inserted + updated + unchanged + duplicate + rejected (`psa.sync_runs`).

**Force Sync**: press *Trigger*. The run goes ahead of everything, in the background, beside a nightly run that may be
under way; nobody is sent a message. Its form offers single kinds, a single company, and a dry run.

**The brake.** When more would vanish than setup allows, `load` merges nothing and turns red. Look at the PSA; if it is
right, trigger this DAG by hand and choose the kind under *Approve deletions*.

Setup: connections `psa_{source}` and `psa_warehouse`, Variable `psa_{source}`.
"""


class PsaRetryPolicy(RetryPolicy):
    """Retry what may pass, as late as the vendor asks; fail at once what a person has to mend."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - the signature is Airflow's
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        if isinstance(exception, RateLimited) and exception.retry_after_seconds:
            delay = timedelta(seconds=exception.retry_after_seconds)
            return RetryDecision.retry(max(delay, RETRY_DELAY), "the vendor's rate limit")
        may_pass = (TransientError, WarehouseDown, Truncated)  # rows that come and go make a listing look cut short
        if isinstance(exception, PsaError) and not isinstance(exception, may_pass):
            return RetryDecision.fail("a person has to act")
        if try_number > RETRIES:
            return RetryDecision.fail("it was tried often enough")
        return RetryDecision.default()


def psa_dag(vendor: str, *, schedule: str | None, source: str | None = None, on_failure_callback: Any = None) -> DAG:
    """The DAG `psa_<source>`; `source` tells two tenants of one vendor apart and is the vendor's name by default.

    `on_failure_callback`: Airflow's, such as a notifier, called when a run has failed; nobody is told unless it is set.
    """
    source = source or vendor
    with DAG(
        dag_id=f"psa_{source}",
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=16,  # a Force Sync must not wait for runs that are under way
        tags=[TAG, vendor],
        description=f"{NAMES[vendor]} to Postgres: companies, sites, assets, contacts",
        doc_md=DOC.format(title=NAMES[vendor], source=source),
        default_args={"retries": PATIENT_RETRIES, "retry_delay": RETRY_DELAY, "retry_policy": PsaRetryPolicy()},
        params={name: Param(**field) for name, field in FORM.items()},
        on_failure_callback=on_failure_callback,
    ) as dag:
        _tasks(vendor, source)
    return dag


def _tasks(vendor: str, source: str) -> None:
    @task.branch(task_id="preflight", doc_md="Checks warehouse, login, rights, setup and what was asked for.")
    def preflight() -> list[str]:
        from include.sync.context import begin, sync_of, warn
        from include.sync.preflight import preflight

        warn()
        sync = sync_of(vendor, source)
        begin(preflight(sync))
        return [f"{kind}.extract" for kind in sync.request.planned]

    @task(
        task_id="summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Tells the run: the books of every table, and what a person should do.",
    )
    def summary() -> None:
        from include.sync.context import limits, occasion, run, task_states, warehouse
        from include.sync.report import RunFailed, summary

        report = summary(warehouse(), run(source), task_states(), occasion(), limits(vendor))
        for line in report.lines:
            log.info("%s", line)
        if report.problems:
            raise RunFailed("This run needs a person; the block above says what to do.")

    checked = preflight()
    told = summary()
    for kind, tables in KINDS.items():
        checked >> _kind_group(vendor, source, kind, tables) >> told


def _kind_group(vendor: str, source: str, kind: str, tables: tuple[str, ...]) -> Any:
    @task_group(group_id=kind, tooltip=f"{kind}: from the PSA into psa.{', psa.'.join(tables)}")
    def group() -> None:
        @task(task_id="extract", doc_md="Lists the records in the PSA into this run's staging.")
        def extract() -> None:
            from include.sync import pipeline
            from include.sync.context import sync_of

            done = pipeline.extract(sync_of(vendor, source), kind)
            if done:
                raise AirflowSkipException(done)

        @task(
            task_id="load",
            doc_md="Merges this run's staging into the tables, all or nothing.",
            outlets=[Asset(name=f"psa.{table}", group="psa") for table in tables],
        )
        def load() -> None:
            from include.sync import pipeline
            from include.sync.context import sync_of

            run = sync_of(vendor, source)
            pipeline.load(run, kind)
            if run.request.dry_run:  # a success would tell those who wait for the tables that they were updated
                raise AirflowSkipException("A dry run: nothing was written.")

        extract() >> load()

    return group()
