"""What the status page and a monitor are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from include.model.counts import NUMBERS
from include.model.wording import counted
from include.status.facts import Ledger, PsaFacts, outcome_of
from include.status.judge import Problem, PsaStatus, TableStatus, judge
from include.sync.report_tables import budget_used
from include.warehouse.recent_runs import Rejected, RowsAt, TableRun


def status_answer(facts: Sequence[PsaFacts], ledger: Ledger) -> dict[str, Any]:
    """Everything that the page shows at first."""
    psas = [judge(one, ledger) for one in facts]
    return {
        "fetched_at": _iso(ledger.now),
        "headline": headline(psas),
        "fresh": is_fresh(psas),
        "psas": [_psa(status, ledger) for status in psas],
    }


def health_answer(facts: Sequence[PsaFacts], ledger: Ledger) -> dict[str, Any]:
    """For a monitor: whether all is fresh, and else what is not."""
    psas = [judge(one, ledger) for one in facts]
    reasons = [
        {"psa": status.facts.psa.source, **_problem(status.facts, problem)}
        for status in psas
        for problem in status.problems
    ]
    return {"fresh": is_fresh(psas), "headline": headline(psas), "as_of": _iso(ledger.now), "reasons": reasons}


def no_answer(why: str) -> dict[str, Any]:
    """For a monitor, when nothing is known."""
    return {"fresh": False, "headline": why, "as_of": None, "reasons": []}


def is_fresh(psas: Sequence[PsaStatus]) -> bool:
    return any(psa.is_in_use for psa in psas) and not any(psa.problems for psa in psas)


def headline(psas: Sequence[PsaStatus]) -> str:
    """A sentence for three in the morning."""
    in_use = [psa for psa in psas if psa.is_in_use]
    if not in_use:
        return "Nothing was synced yet." if psas else "There is no PSA whose DAG you may read."
    bad = [psa for psa in in_use if psa.problems]
    if not bad:
        return f"All fresh: {counted(len(in_use), 'PSA')}, {len(in_use) * len(in_use[0].tables)} tables."
    return f"Not fresh: {'; '.join(map(_what_is_not_fresh, bad))}."


def _what_is_not_fresh(psa: PsaStatus) -> str:
    names = {name for problem in psa.problems for name in problem.tables}
    listed = [table.name for table in psa.tables if table.name in names]
    what = "the last run" if not listed else "all tables" if len(listed) == len(psa.tables) else ", ".join(listed)
    return f"{psa.facts.title} ({what})"


def _psa(status: PsaStatus, ledger: Ledger) -> dict[str, Any]:
    facts = status.facts
    return {
        "source": facts.psa.source,
        "title": facts.title,
        "dag_id": facts.dag_id,
        "in_use": status.is_in_use,
        "paused": facts.dag.is_paused,
        "next_run_at": _iso(facts.dag.next_run_at),
        "running_since": _iso(facts.dag.running_since),
        "progress": list(facts.dag.progress),
        "limit_hours": facts.limit.total_seconds() / 3600,
        "remark": facts.remark,
        "budget": _budget(facts, ledger),
        "problems": [_problem(facts, problem) for problem in status.problems],
        "tables": [_table(facts, table) for table in status.tables],
    }


def _budget(facts: PsaFacts, ledger: Ledger) -> str:
    """What the last full run took of what the PSA allows, as its summary says it."""
    entries = ledger.last_full.get(facts.psa.source, ())
    return " ".join(budget_used(facts.limits, entries, None)) if facts.limits else ""


def _problem(facts: PsaFacts, problem: Problem) -> dict[str, Any]:
    run_id = problem.task.run_id.partition("/")[2] if problem.task else None
    log = {"dag_id": facts.dag_id, "run_id": run_id, "task_id": problem.task.task_id} if problem.task else None
    return {
        "state": problem.state.value,
        "tables": list(problem.tables),
        "since": _iso(problem.since),
        "reason": problem.reason,
        "log": log,
    }


def _table(facts: PsaFacts, table: TableStatus) -> dict[str, Any]:
    full = table.last_full
    return {
        "name": table.name,
        "kind": table.kind,
        "state": table.state.value,
        "fresh_as_of": _iso(table.fresh_as_of),
        "last": full and run_answer(facts, full),
        "waiting": table.waiting,
        "rows": [one.live for one in table.rows],
        "runs": [_picture(facts, run) for run in reversed(table.runs)],
        "details": table.details and _details(table),
    }


def _details(table: TableStatus) -> Mapping[str, Any]:
    details = table.details
    assert details is not None  # noqa: S101 - so the caller has checked
    return {
        "state": details.state,
        "oldest_read_at": _iso(details.oldest_read_at),
        "unread": details.unread,
        "known_by": _iso(details.known_by),
        "note": details.note,
    }


def _picture(facts: PsaFacts, run: TableRun) -> dict[str, Any]:
    """A run in the small picture of the last ones."""
    return {
        "kind": facts.dag.kind_of(run).value,
        "outcome": outcome_of(run).value,
        "at": _iso(run.started_at),
        "seconds": _seconds(run),
    }


def run_answer(facts: PsaFacts, run: TableRun) -> dict[str, Any]:
    """A run with its counts."""
    return {
        **_picture(facts, run),
        "run_id": run.run_id.partition("/")[2],
        "company": run.company_source_id,
        "note": run.note,
        "live": run.live,
        "counts": {name: getattr(run, name) for name in NUMBERS},
    }


def table_answer(
    facts: PsaFacts, runs: Sequence[TableRun], rows: Sequence[RowsAt], rejects: Sequence[Rejected]
) -> dict[str, Any]:
    """What the page shows of one table when it is opened; `runs` are the last ones, the newest first."""
    return {
        "runs": [run_answer(facts, run) for run in runs],
        "rows": [{"at": _iso(one.at), "live": one.live} for one in rows],
        "rejected": rejects[0].rejected if rejects else 0,
        "rejects": [{"key": one.source_id, "reason": one.reason} for one in rejects],
    }


def _seconds(run: TableRun) -> float | None:
    end = run.finished_at or run.extracted_at
    return max((end - run.started_at).total_seconds(), 0.0) if end else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
