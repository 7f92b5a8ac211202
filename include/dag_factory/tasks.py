"""The tasks of a DAG; their bodies import what they need when they run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.sdk import Asset, TaskGroup, TriggerRule, task
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException, DownstreamTasksSkipped

from include.connectors import DETAILED
from include.dag_factory.decide import DECIDE, Decide, decide
from include.dag_factory.links import LINKS
from include.model.kinds import KINDS
from include.model.request import LABELS

if TYPE_CHECKING:
    from include.sync.report import Report

log = logging.getLogger(__name__)


def add_tasks(vendor: str, source: str, on_red_report: Any, on_question: Any) -> None:
    checked, reported = _preflight(vendor, source), _summary(vendor, source, on_red_report)
    deciding = partial(decide, vendor=vendor, source=source, on_failure_callback=on_red_report, on_question=on_question)
    kinds = {kind: _kind_tasks(vendor, source, kind, tables, deciding) for kind, tables in KINDS.items()}
    for tasks in kinds.values():
        checked >> tasks.extract >> tasks.load >> [reported, tasks.decide]  # no report waits for a person
    if vendor in DETAILED:  # both summaries are the last tasks of the run, so that a red one makes the run red
        details_reported = _details_summary(vendor, source, on_red_report)
        for tasks in kinds.values():
            if tasks.details is not None:
                [checked, tasks.load] >> tasks.details >> details_reported


def _preflight(vendor: str, source: str) -> Any:
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
        return [
            f"{kind}.{step}"
            for kind in sync.request.planned
            for step in ("extract", "details")
            if step == "extract" or _has_details(vendor, kind)
        ]

    return preflight()


def _summary(vendor: str, source: str, on_red_report: Any) -> Any:
    @task(
        task_id="summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Reports on the run: the counts of every table, and what a person should do.",
        on_failure_callback=on_red_report,
    )
    def summary() -> None:
        from include.sync.context import limits, run, task_states, trigger, warehouse
        from include.sync.metrics import send_metrics
        from include.sync.report import report

        found = report(warehouse(), run(source), task_states(), trigger(source), limits(vendor))
        send_metrics(warehouse(), run(source))
        log_report(found)

    reported: Any = summary()
    reported.operator.operator_extra_links = LINKS
    return reported


def _details_summary(vendor: str, source: str, on_red_report: Any) -> Any:
    @task(
        task_id="details_summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Reports on the details: how many were read, how old they are, and when all will be known.",
        on_failure_callback=on_red_report,
    )
    def details_summary() -> None:
        from include.sync.context import run, task_states, trigger, warehouse
        from include.sync.detail_report import report_details

        log_report(report_details(warehouse(), run(source), DETAILED[vendor], task_states(), trigger(source)))

    return details_summary()


def log_report(report: Report) -> None:
    """Log a report; raises RunFailed if a person has to do something."""
    from include.sync.report import RunFailed

    for line in report.lines:
        log.info("%s", line)
    if report.problems:
        raise RunFailed("This run needs a person; the report above says what to do.")


class _KindTasks(NamedTuple):
    """The tasks of a kind."""

    extract: Any
    load: Any
    decide: Decide
    details: Any
    """None where the vendor gives no details of this kind."""


def _kind_tasks(
    vendor: str, source: str, kind: str, tables: tuple[str, ...], deciding: Callable[..., Decide]
) -> _KindTasks:
    assets = {table: Asset(name=f"psa/{source}/{table}", group="psa") for table in tables}
    with TaskGroup(
        group_id=kind, tooltip=f"{LABELS[kind]}, listed in the PSA and merged into psa.{', psa.'.join(tables)}"
    ):

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
            outlets=list(assets.values()),
        )
        def load(outlet_events: Any = None) -> None:
            from include.sync.approval import waits
            from include.sync.asset_events import loaded_tables
            from include.sync.context import run_kind, sync_of
            from include.sync.load import load

            run = sync_of(vendor, source, kind)
            counts = load(run, kind)
            if run.request.dry_run:  # a success would be an asset event: DAGs that wait for the tables would run
                raise AirflowSkipException("A dry run: nothing was written.")
            for table, said in loaded_tables(run, tables, run_kind()).items():
                outlet_events[assets[table]].extra = said
            if not waits(run, kind, counts):
                raise DownstreamTasksSkipped(tasks=[f"{kind}.{DECIDE}"])  # type: ignore[no-untyped-call]

        details = _details(vendor, source, kind) if _has_details(vendor, kind) else None
        return _KindTasks(extract(), load(), deciding(kind=kind, outlets=[*assets.values()]), details)


def _details(vendor: str, source: str, kind: str) -> Any:
    """Runs also where the deletion guard holds the kind: the rows that are there have details as well."""

    @task(
        task_id="details",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Reads columns that the PSA gives for one record at a time, for as long as setup allows.",
    )
    def details() -> None:
        from include.sync.context import preflight_succeeded, sync_of
        from include.sync.details import read_details

        if not preflight_succeeded():
            raise AirflowSkipException("Preflight did not succeed, so nothing is asked of the PSA.")
        result = read_details(sync_of(vendor, source), kind)
        if result.nothing_to_do:
            raise AirflowSkipException(result.nothing_to_do)
        if result.go_on_in_seconds:  # meanwhile other tasks have the worker and the slot of the pool
            later = datetime.now(timezone.utc) + timedelta(seconds=result.go_on_in_seconds)
            raise AirflowRescheduleException(later)  # type: ignore[no-untyped-call]  # Airflow's own

    return details()


def _has_details(vendor: str, kind: str) -> bool:
    return kind in DETAILED.get(vendor, ())
