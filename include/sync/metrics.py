"""What a run did, as metrics of Airflow: for StatsD, Datadog or OpenTelemetry, whichever Airflow is set up for.

They are gauges, so that a `summary` that is cleared sends the same again. As Airflow does with its own, each is sent
with tags, and under a name that says the same, for a StatsD without tags.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from airflow.sdk.observability import stats

from include.model.counts import NUMBERS
from include.model.run import Run
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Warehouse
from include.warehouse.recent_runs import RecentRuns, TableRun

log = logging.getLogger(__name__)

PREFIX = "psa"


def send_metrics(warehouse: Warehouse, run: Run) -> None:
    """The metrics of each table that a run has read for all companies. A failure is logged: the run itself is done."""
    try:
        with warehouse.session() as connection:
            recent, now = RecentRuns(connection), postgres_now(connection)
            complete = recent.complete_as_of([run.source])
            read = [one for one in recent.of_run(run) if one.company_source_id is None and not one.dry_run]
        for table_run in read:
            for name, value in metrics_of(table_run, complete.get((run.source, table_run.table_name)), now):
                _send(table_run, name, value)
    except Exception as error:
        log.warning("The metrics of this run were not sent: %s.", type(error).__name__)


def metrics_of(run: TableRun, complete_as_of: datetime | None, now: datetime) -> Iterator[tuple[str, float]]:
    """Name and value of what is known of a table after a run."""
    yield "loaded", float(run.state == "loaded")
    if complete_as_of:
        yield "age_seconds", (now - complete_as_of).total_seconds()
        yield "complete_as_of", complete_as_of.timestamp()
    if run.live is not None:
        yield "rows", run.live
    for name in NUMBERS:
        if (count := getattr(run, name)) is not None:
            yield name, count
    if run.finished_at is not None:
        yield "duration_seconds", (run.finished_at - run.started_at).total_seconds()
    yield "requests", run.requests
    yield "waited_seconds", (run.queued_seconds or 0.0) + run.waited_seconds


def _send(run: TableRun, name: str, value: float) -> None:
    source, table = _part(run.source), run.table_name
    stats.gauge(f"{PREFIX}.{name}", value, tags={"source": source, "table": table})
    stats.gauge(f"{PREFIX}.{source}.{table}.{name}", value)


def _part(name: str) -> str:
    """A part of a metric's name, as Airflow writes it: a full stop would begin another part."""
    return stats.normalize_name_for_stats(name, log_warning=False).replace(".", "__")
