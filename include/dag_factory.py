"""From a vendor's name to its DAG: the only module of `include` that knows Airflow's DAG API.

Parsing imports no more than names and the error tree; the bodies of tasks import the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    DAG,
    Asset,
    Param,
    RetryDecision,
    RetryPolicy,
    TriggerRule,
    Variable,
    get_current_context,
    task,
    task_group,
)

from include.connectors import NAMES
from include.errors import PsaError, RateLimited, TransientError, WarehouseDown
from include.kinds import KINDS

if TYPE_CHECKING:
    from include.sync import Sync

log = logging.getLogger(__name__)

WAREHOUSE_CONN_ID = "psa_warehouse"
RETRIES = 3
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

**The brake.** When more would vanish than setup allows, `load` merges nothing and turns red. Look at the PSA; if it is
right, trigger this DAG by hand and choose the kind under *Approve*.

Setup: connections `psa_{source}` and `psa_warehouse`, Variable `psa_{source}`.
"""


class PsaRetryPolicy(RetryPolicy):
    """Retry what may pass, as late as the vendor asks; fail at once what a person has to mend."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - the signature is Airflow's
        max_tries: int,  # noqa: ARG002
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        if isinstance(exception, RateLimited) and exception.retry_after_seconds:
            delay = timedelta(seconds=exception.retry_after_seconds)
            return RetryDecision.retry(max(delay, RETRY_DELAY), "the vendor's rate limit")
        if isinstance(exception, PsaError) and not isinstance(exception, (TransientError, WarehouseDown)):
            return RetryDecision.fail("a person has to act")
        return RetryDecision.default()


def psa_dag(vendor: str, *, schedule: str | None, source: str | None = None) -> DAG:
    """The DAG `psa_<source>`; `source` tells two tenants of one vendor apart and is the vendor's name by default."""
    source = source or vendor
    with DAG(
        dag_id=f"psa_{source}",
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=4,
        tags=["psa", vendor],
        description=f"{NAMES[vendor]} to Postgres: companies, sites, assets, contacts",
        doc_md=DOC.format(title=NAMES[vendor], source=source),
        default_args={"retries": RETRIES, "retry_delay": RETRY_DELAY, "retry_policy": PsaRetryPolicy()},
        params={
            "approve": Param(
                None,
                type=["null", "array"],
                items={"enum": list(KINDS)},
                examples=list(KINDS),
                title="Approve",
                description_md="Kinds whose rows may vanish in this run, however many. "
                "Choose a kind only after its `load` was held back and a look at the PSA showed that it is right.",
            )
        },
    ) as dag:
        _tasks(vendor, source)
    return dag


def _tasks(vendor: str, source: str) -> None:
    @task(task_id="preflight", doc_md="Checks warehouse, login, rights and setup before anything is read.")
    def preflight() -> None:
        from include import sync

        sync.preflight(_sync(vendor, source))

    @task(
        task_id="summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Tells the run: the books of every table, and what a person should do.",
    )
    def summary() -> None:
        _summarise(source)

    checked = preflight()
    told = summary()
    for kind, tables in KINDS.items():
        checked >> _kind_group(vendor, source, kind, tables) >> told


def _kind_group(vendor: str, source: str, kind: str, tables: tuple[str, ...]) -> Any:
    @task_group(group_id=kind, tooltip=f"{kind}: from the PSA into psa.{', psa.'.join(tables)}")
    def group() -> None:
        @task(task_id="extract", doc_md="Lists the records in the PSA into this run's staging.")
        def extract() -> None:
            from include import sync

            sync.extract(_sync(vendor, source), kind)

        @task(
            task_id="load",
            doc_md="Merges this run's staging into the tables, all or nothing.",
            outlets=[Asset(name=f"psa.{table}", group="psa") for table in tables],
        )
        def load() -> None:
            from include import sync

            approved = kind in (get_current_context()["params"]["approve"] or ())
            sync.load(_sync(vendor, source), kind, approved=approved)

        extract() >> load()

    return group()


def _sync(vendor: str, source: str) -> Sync:
    """The run of the current task, with connections and setup as they are now."""
    from include import connectors, settings
    from include.http.session import open_session
    from include.sync import Sync
    from include.warehouse.connection import open_warehouse

    name = f"psa_{source}"
    connector = connectors.load(vendor)
    raw = Variable.get(name, default=None)
    return Sync(
        connector=connector,
        run=_run(source),
        settings=settings.parse(raw, where=f"Airflow Variable '{name}'"),
        warehouse=open_warehouse(WAREHOUSE_CONN_ID),
        open_account=lambda kind: connector.connect(*open_session(name), kind),
    )


def _run(source: str) -> Any:
    from include.warehouse.ledger import Run

    dag_run = get_current_context()["dag_run"]
    return Run(source=source, run_id=f"{dag_run.dag_id}/{dag_run.run_id}")


def _summarise(source: str) -> None:
    from include.summary import RunFailed, summary
    from include.warehouse.connection import open_warehouse

    context = get_current_context()
    dag_run, instance = context["dag_run"], context["ti"]
    states = instance.get_task_states(dag_id=dag_run.dag_id, run_ids=[dag_run.run_id])[dag_run.run_id]
    began = dag_run.start_date or instance.start_date
    took_seconds = (datetime.now(timezone.utc) - began).total_seconds()
    report = summary(open_warehouse(WAREHOUSE_CONN_ID), _run(source), states, took_seconds)
    for line in report.lines:
        log.info("%s", line)
    if report.problems:
        raise RunFailed(f"{len(report.problems)} of {len(KINDS)} kinds need a person; the block above says what to do.")
