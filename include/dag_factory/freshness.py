"""A DAG that is red while data is not fresh, so that Airflow's own notifiers report it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import DAG, task

from include.dag_factory.retries import RETRIES, RETRY_DELAY, PsaRetryPolicy


def freshness_dag(*sources: str, schedule: str | None = "@hourly", on_failure_callback: Any = None) -> DAG:
    """The DAG `psa_freshness`, which checks the PSAs of these names; `on_failure_callback` is Airflow's."""
    with DAG(
        dag_id="psa_freshness",
        dag_display_name="PSA Sync: is the data fresh?",
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        description=f"Red while a table of {', '.join(sources)} is too old, or its last run did not load it",
        default_args={"retries": RETRIES, "retry_delay": RETRY_DELAY, "retry_policy": PsaRetryPolicy()},
        on_failure_callback=on_failure_callback,
    ) as dag:

        @task(task_id="check", doc_md="Compares the age of each table with setup; asks no PSA.")
        def check() -> None:
            from include.status.alert import check_freshness
            from include.warehouse.connection import open_warehouse

            check_freshness(open_warehouse(), sources)

        check()
    return dag
