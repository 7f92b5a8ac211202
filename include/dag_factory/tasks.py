"""The tasks of a DAG, and their order."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow.sdk import Asset, TaskGroup, TriggerRule

from include.connectors import DETAILED
from include.dag_factory.decide import RETRY_DELAY, Decide
from include.dag_factory.links import LINKS
from include.dag_factory.operators import (
    DECIDE,
    DETAILS,
    EXTRACT,
    LOAD,
    PREFLIGHT,
    Details,
    DetailsSummary,
    Extract,
    Load,
    Preflight,
    Summary,
    has_details,
)
from include.model.kinds import KINDS
from include.model.request import LABELS


def add_tasks(vendor: str, source: str, on_red_report: Any, on_question: Any) -> None:
    of = {"vendor": vendor, "source": source}
    checked = Preflight(
        task_id=PREFLIGHT, doc_md="Checks warehouse, login, rights, setup and what was asked for.", **of
    )
    reported = _summary(of, on_red_report)
    kinds = {kind: _kind_tasks(of, kind, tables, on_red_report, on_question) for kind, tables in KINDS.items()}
    for tasks in kinds.values():
        checked >> tasks.extract >> tasks.load >> [reported, tasks.decide]  # no report waits for a person
    if vendor in DETAILED:  # both summaries are the last tasks of the run, so that a red one makes the run red
        details_reported = _details_summary(of, on_red_report)
        for tasks in kinds.values():
            if tasks.details is not None:
                [checked, tasks.load] >> tasks.details >> details_reported


def _summary(of: dict[str, str], on_red_report: Any) -> Summary:
    reported = Summary(
        task_id="summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Reports on the run: the counts of every table, and what a person should do.",
        on_failure_callback=on_red_report,
        **of,
    )
    reported.operator_extra_links = LINKS
    return reported


def _details_summary(of: dict[str, str], on_red_report: Any) -> DetailsSummary:
    return DetailsSummary(
        task_id="details_summary",
        trigger_rule=TriggerRule.ALL_DONE,
        retries=0,
        doc_md="Reports on the details: how many were read, how old they are, and when all will be known.",
        on_failure_callback=on_red_report,
        **of,
    )


class _KindTasks(NamedTuple):
    """The tasks of a kind."""

    extract: Extract
    load: Load
    decide: Decide
    details: Details | None
    """None where the vendor gives no details of this kind."""


def _kind_tasks(
    of: dict[str, str], kind: str, tables: tuple[str, ...], on_red_report: Any, on_question: Any
) -> _KindTasks:
    assets = [Asset(name=f"psa/{of['source']}/{table}", group="psa") for table in tables]
    with TaskGroup(
        group_id=kind, tooltip=f"{LABELS[kind]}, listed in the PSA and merged into psa.{', psa.'.join(tables)}"
    ):
        return _KindTasks(
            Extract(task_id=EXTRACT, kind=kind, doc_md="Lists the records in the PSA into this run's staging.", **of),
            Load(
                task_id=LOAD,
                kind=kind,
                doc_md="Merges this run's staging into the tables, all or nothing.",
                outlets=assets,
                **of,
            ),
            Decide(
                task_id=DECIDE,
                kind=kind,
                doc_md="Asks a person under Required Actions about deletions that the guard held. Skipped if there "
                "are none.",
                retry_delay=RETRY_DELAY,
                outlets=list(assets),
                on_failure_callback=on_red_report,
                on_question=on_question,
                **of,
            ),
            _details(of, kind) if has_details(of["vendor"], kind) else None,
        )


def _details(of: dict[str, str], kind: str) -> Details:
    return Details(
        task_id=DETAILS,
        kind=kind,
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Reads columns that the PSA gives for one record at a time, for as long as setup allows.",
        **of,
    )
