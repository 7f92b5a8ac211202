"""From a vendor's name to its DAG: the only package of `include` that knows Airflow's DAG API.

Parsing imports no more than names and the error tree; the bodies of tasks import the rest.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

try:
    from airflow.sdk import DAG
    from airflow.sdk import RetryPolicy as _  # noqa: F401 - older releases do not have it
except ImportError as error:
    from airflow import __version__ as found

    raise ImportError(f"PSA Sync needs Airflow 3.3 or later, and found Airflow {found}.") from error

from include.connectors import DETAILED, QUICK, title_of
from include.dag_factory.params import form_params
from include.dag_factory.retries import PATIENT_RETRIES, RETRY_DELAY, PsaRetryPolicy
from include.dag_factory.schedules import both
from include.dag_factory.tasks import add_tasks
from include.model.dag_doc import dag_doc, display_name
from include.model.run_types import TAG

OWNER = "PSA Sync"


def psa_dag(
    vendor: str,
    *,
    schedule: str | None,
    quick_schedule: str | None = None,
    source: str | None = None,
    owner: str = OWNER,
    on_failure_callback: Any = None,
    on_question_callback: Any = None,
) -> DAG:
    """The DAG `psa_<source>`; `source` tells two tenants of one vendor apart and is the vendor's name by default.

    `quick_schedule` is a second cron expression, for runs that list only what changed: see the module `schedules`.
    `owner` is who Airflow names as responsible, such as the team on call.
    `on_failure_callback` is Airflow's, such as a notifier, and is called when a run has failed: at vendors with
    details, whose runs last for hours, as soon as a summary is red. `on_question_callback` is called when a run asks a
    person about deletions. Unless they are set, no message is sent.
    """
    title, source = title_of(vendor), source or vendor
    with DAG(
        dag_id=f"psa_{source}",
        dag_display_name=display_name(title, source if source != vendor else None),
        schedule=schedule if quick_schedule is None else both(title, vendor, schedule, quick_schedule),
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=64,  # a Force Sync must not wait for runs that are under way, or that wait for a person
        tags=[TAG, vendor],
        description=f"{title} to Postgres: companies, sites, assets, contacts",
        doc_md=dag_doc(title, source, has_details=vendor in DETAILED),
        default_args=_defaults(owner),
        on_failure_callback=None if vendor in DETAILED else on_failure_callback,
    ) as dag:
        add_tasks(vendor, source, on_failure_callback if vendor in DETAILED else None, on_question_callback)
    # After the tasks: Airflow gives each task a copy of what is there, in every parse.
    dag.params.update(form_params(dag.dag_id, can_be_quick=vendor in QUICK))
    return dag


def _defaults(owner: str) -> dict[str, Any]:
    """What holds for every task."""
    return {"owner": owner, "retries": PATIENT_RETRIES, "retry_delay": RETRY_DELAY, "retry_policy": PsaRetryPolicy()}
