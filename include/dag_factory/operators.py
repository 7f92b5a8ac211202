"""What the tasks of a DAG do. They import what they need when they run.

Classes instead of `@task`: each task process makes every task of its DAG, and these cost it half as much.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator, BranchMixIn
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException, DownstreamTasksSkipped

from include.connectors import DETAILED
from include.model.kinds import KINDS

if TYPE_CHECKING:
    from include.sync.report import Report

log = logging.getLogger(__name__)

PREFLIGHT, EXTRACT, LOAD, DECIDE, DETAILS = "preflight", "extract", "load", "decide", "details"


class SyncTask(BaseOperator):
    """A task of the sync of one source."""

    def __init__(self, *, vendor: str, source: str, kind: str = "", **usual: Any) -> None:
        super().__init__(**usual)
        self.vendor, self.source, self.kind = vendor, source, kind

    def assets(self) -> dict[str, Asset]:
        """The asset of each table."""
        return {outlet.name.rpartition("/")[2]: outlet for outlet in self.outlets if isinstance(outlet, Asset)}


class Preflight(SyncTask, BranchMixIn):
    """Checks what would make every kind fail, and chooses the kinds that the run was asked for."""

    inherits_from_skipmixin = True

    def execute(self, context: Any) -> Any:
        from include.model.version import __version__
        from include.sync.context import begin, log_remarks, pass_on, passing_on_failure, sync_of
        from include.sync.preflight import preflight

        log.info("PSA Sync %s", __version__)
        log_remarks()
        with passing_on_failure(), sync_of(self.vendor, self.source) as sync:
            passed_on = begin(sync)
            company = preflight(sync)
            pass_on(replace(passed_on, company=company, known=sync.known))
        steps = [
            f"{kind}.{step}"
            for kind in sync.request.planned
            for step in (EXTRACT, DETAILS)
            if step == EXTRACT or has_details(self.vendor, kind)
        ]
        return self.do_branch(context, steps)


class Extract(SyncTask):
    """Lists the records of a kind in the PSA into staging."""

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the signature is Airflow's
        from include.sync.context import sync_of
        from include.sync.extract import extract

        with sync_of(self.vendor, self.source, self.kind, passed_on=True) as sync:
            nothing_to_do = extract(sync, self.kind)
        if nothing_to_do:
            raise AirflowSkipException(nothing_to_do)


class Load(SyncTask):
    """Merges the staging of a kind into its tables."""

    def execute(self, context: Any) -> None:
        from include.sync.approval import waits
        from include.sync.asset_events import loaded_tables
        from include.sync.context import run_kind, sync_of
        from include.sync.load import load

        with sync_of(self.vendor, self.source, self.kind) as sync:
            counts = load(sync, self.kind)
            if sync.request.dry_run:  # a success would be an asset event: DAGs that wait for the tables would run
                raise AirflowSkipException("A dry run: nothing was written.")
            assets = self.assets()
            for table, said in loaded_tables(sync, KINDS[self.kind], run_kind()).items():
                context["outlet_events"][assets[table]].extra = said
            is_decided = not waits(sync, self.kind, counts)
        if is_decided:
            raise DownstreamTasksSkipped(tasks=[f"{self.kind}.{DECIDE}"])  # type: ignore[no-untyped-call]


class Details(SyncTask):
    """Reads details of the rows of a kind.

    Runs also where the deletion guard holds the kind: the rows that are there have details as well.
    """

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the signature is Airflow's
        from include.sync.context import preflight_succeeded, sync_of
        from include.sync.details import read_details

        if not preflight_succeeded():
            raise AirflowSkipException("Preflight did not succeed, so nothing is asked of the PSA.")
        with sync_of(self.vendor, self.source, passed_on=True) as sync:
            result = read_details(sync, self.kind)
        if result.nothing_to_do:
            raise AirflowSkipException(result.nothing_to_do)
        if result.go_on_in_seconds:  # meanwhile other tasks have the worker and the slot of the pool
            later = datetime.now(timezone.utc) + timedelta(seconds=result.go_on_in_seconds)
            raise AirflowRescheduleException(later)  # type: ignore[no-untyped-call]  # Airflow's own


class Summary(SyncTask):
    """Reports on a run."""

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the signature is Airflow's
        from include.sync.context import limits, run, task_states, trigger, warehouse
        from include.sync.metrics import send_metrics
        from include.sync.report import report

        with warehouse() as database:
            states = task_states()
            found = report(
                database, run(self.source), states, trigger(database, self.source, states), limits(self.vendor)
            )
            send_metrics(database, run(self.source))
        log_report(found)


class DetailsSummary(SyncTask):
    """Reports on the details of a run."""

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the signature is Airflow's
        from include.sync.context import run, task_states, trigger, warehouse
        from include.sync.detail_report import report_details

        with warehouse() as database:
            states = task_states()
            why = trigger(database, self.source, states)
            found = report_details(database, run(self.source), DETAILED[self.vendor], states, why)
        log_report(found)


def log_report(report: Report) -> None:
    """Log a report; raises RunFailed if a person has to do something."""
    from include.sync.report import RunFailed

    for line in report.lines:
        log.info("%s", line)
    if report.problems:
        raise RunFailed("This run needs a person; the report above says what to do.")


def has_details(vendor: str, kind: str) -> bool:
    return kind in DETAILED.get(vendor, ())
