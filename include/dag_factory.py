"""From a vendor's name to its DAG: the only module of `include` that knows Airflow's DAG API.

Parsing imports no more than names and the error tree; the bodies of tasks import the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

try:
    from airflow.sdk import DAG, Asset, Param, RetryDecision, RetryPolicy, TriggerRule, task, task_group
    from airflow.sdk.exceptions import AirflowSkipException
except ImportError as error:
    from airflow import __version__ as found

    raise ImportError(f"PSA Sync needs Airflow 3.3 or later, and found Airflow {found}.") from error

from include.connectors import title_of
from include.model.errors import (
    PsaError,
    RateLimited,
    SecretsUnavailable,
    TransientError,
    Truncated,
    WarehouseDown,
)
from include.model.kinds import KINDS
from include.model.request import FORM
from include.model.run_types import TAG

log = logging.getLogger(__name__)

RETRIES = 3
# Of a task that gets no turn because others go first, or because other tools use up the PSA's limit.
PATIENT_RETRIES = 24
RETRY_DELAY = timedelta(minutes=1)
# Records that come and go during a listing can make it look truncated.
MAY_PASS = (TransientError, WarehouseDown, SecretsUnavailable, Truncated)

DOC = """
Copies companies, their statuses, sites, assets and contacts, and the boards, statuses and priorities that the ticket
page needs, from **{title}** into the schema `psa` of the warehouse.

| task | what it does | when it is red |
| --- | --- | --- |
| `preflight` | checks warehouse, login, rights and setup | its last line says what to fix; then clear it |
| `<kind>.extract` | lists everything the PSA has, into staging | nothing was merged; clear it once the cause is gone |
| `<kind>.load` | merges staging in one transaction | nothing was merged; clear it, or approve, see below |
| `summary` | reports on the run: **read this log first** | some kind was not loaded; it says which and why |

**Complete or not at all.** A table changes only when the whole listing was proven complete, and the counts balance:
fetched = inserted + updated + unchanged + duplicate + rejected (`psa.sync_runs`).

**Force Sync**: press *Trigger*. The run goes ahead of everything, in the background, beside a nightly run that may be
under way; no message is sent at the end. Its form offers single kinds, a single company, and a dry run.

**The deletion guard.** When more rows would be marked deleted than setup allows, `load` merges nothing and turns red.
Look at the PSA; if the deletions are right, trigger this DAG by hand and choose the kind under *Approve deletions*.

Setup: connections `psa_{source}` and `psa_warehouse`, Variable `psa_{source}`.
"""


class PsaRetryPolicy(RetryPolicy):
    """Retry temporary errors, as late as the vendor asks; fail at once where a person has to act."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - the signature is Airflow's
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        delay = max(timedelta(seconds=getattr(exception, "retry_after_seconds", 0.0)), RETRY_DELAY)
        if isinstance(exception, RateLimited) and exception.retry_after_seconds:
            return RetryDecision.retry(delay, "the vendor's rate limit")
        if isinstance(exception, PsaError) and not isinstance(exception, MAY_PASS):
            return RetryDecision.fail("a person has to act")
        if try_number > RETRIES:
            return RetryDecision.fail("it was tried often enough")
        return RetryDecision.retry(delay, "the PSA said when") if delay > RETRY_DELAY else RetryDecision.default()


def psa_dag(vendor: str, *, schedule: str | None, source: str | None = None, on_failure_callback: Any = None) -> DAG:
    """The DAG `psa_<source>`; `source` tells two tenants of one vendor apart and is the vendor's name by default.

    `on_failure_callback` is Airflow's, such as a notifier, and is called when a run has failed. Unless it is set, no
    message is sent.
    """
    title, source = title_of(vendor), source or vendor
    with DAG(
        dag_id=f"psa_{source}",
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=16,  # a Force Sync must not wait for runs that are under way
        tags=[TAG, vendor],
        description=f"{title} to Postgres: companies, sites, assets, contacts",
        doc_md=DOC.format(title=title, source=source),
        default_args={"retries": PATIENT_RETRIES, "retry_delay": RETRY_DELAY, "retry_policy": PsaRetryPolicy()},
        on_failure_callback=on_failure_callback,
    ) as dag:
        _tasks(vendor, source)
    for name, field in FORM.items():  # after the tasks: Airflow gives each task a copy of what is there, in every parse
        dag.params[name] = Param(**field)
    return dag


def _tasks(vendor: str, source: str) -> None:
    @task.branch(task_id="preflight", doc_md="Checks warehouse, login, rights, setup and what was asked for.")
    def preflight() -> list[str]:
        from include.model.version import __version__
        from include.sync.context import begin, log_remarks, pass_on, passing_on_failure, sync_of
        from include.sync.preflight import preflight

        log.info("PSA Sync %s", __version__)
        log_remarks()
        with passing_on_failure():
            sync = sync_of(vendor, source)
            begin(sync)
            pass_on(sync, preflight(sync))
        return [f"{kind}.extract" for kind in sync.request.planned]

    @task(
        task_id="summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Reports on the run: the counts of every table, and what a person should do.",
    )
    def summary() -> None:
        from include.sync.context import limits, run, task_states, trigger, warehouse
        from include.sync.report import RunFailed, report

        found = report(warehouse(), run(source), task_states(), trigger(source), limits(vendor))
        for line in found.lines:
            log.info("%s", line)
        if found.problems:
            raise RunFailed("This run needs a person; the report above says what to do.")

    checked = preflight()
    reported = summary()
    for kind, tables in KINDS.items():
        checked >> _kind_group(vendor, source, kind, tables) >> reported


def _kind_group(vendor: str, source: str, kind: str, tables: tuple[str, ...]) -> Any:
    @task_group(group_id=kind, tooltip=f"{kind}: from the PSA into psa.{', psa.'.join(tables)}")
    def group() -> None:
        @task(task_id="extract", doc_md="Lists the records in the PSA into this run's staging.")
        def extract() -> None:
            from include.sync.context import sync_of
            from include.sync.extract import extract

            nothing_to_do = extract(sync_of(vendor, source, kind), kind)
            if nothing_to_do:
                raise AirflowSkipException(nothing_to_do)

        @task(
            task_id="load",
            doc_md="Merges this run's staging into the tables, all or nothing.",
            outlets=[Asset(name=f"psa.{table}", group="psa") for table in tables],
        )
        def load() -> None:
            from include.sync.context import sync_of
            from include.sync.load import load

            run = sync_of(vendor, source, kind)
            load(run, kind)
            if run.request.dry_run:  # a success would be an asset event: DAGs that wait for the tables would run
                raise AirflowSkipException("A dry run: nothing was written.")

        extract() >> load()

    return group()
