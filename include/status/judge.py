"""Whether the tables of a PSA are fresh, and why not: from when each was complete, and how its last runs ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property

from include.model.kinds import KINDS
from include.model.wording import counted
from include.status.facts import Ledger, Outcome, PsaFacts, is_full, outcome_of
from include.warehouse.recent_runs import RowsAt, TableDetails, TableRun

ENDED = (Outcome.LOADED, Outcome.HELD, Outcome.FAILED)


class State(str, Enum):
    """How a table is; the worst comes last."""

    FRESH = "fresh"
    LATE = "late"
    NEVER = "never"
    FAILED = "failed"
    HELD = "held"


ORDER = list(State)


@dataclass(frozen=True)
class TableStatus:
    """A table of a PSA."""

    name: str
    kind: str
    limit: timedelta
    """How old it may be."""
    fresh_as_of: datetime | None
    """Every change before it is in the table. None until all records were read once."""
    age: timedelta | None
    runs: Sequence[TableRun]
    """The last runs, the newest first."""
    rows: Sequence[RowsAt]
    """How many rows it had on each of the last days, the oldest first."""
    details: TableDetails | None
    waiting: int
    """Rows that wait for a person to decide whether they may be marked deleted; all else was loaded."""

    @cached_property
    def state(self) -> State:
        if self.unsettled:
            return State.FAILED if outcome_of(self.unsettled) is Outcome.FAILED else State.HELD
        if self.age is None:
            return State.NEVER
        return State.LATE if self.age > self.limit else State.FRESH

    @cached_property
    def last_full(self) -> TableRun | None:
        """The last run that listed all its records and has ended."""
        return next(filter(is_full, self.ended), None)

    @cached_property
    def last_loaded(self) -> TableRun | None:
        return next((run for run in self.runs if outcome_of(run) is Outcome.LOADED and is_full(run)), None)

    @cached_property
    def ended(self) -> Sequence[TableRun]:
        """The runs of all companies that have ended, the newest first; a dry run has no effect on a table."""
        return [run for run in self.runs if run.company_source_id is None and outcome_of(run) in ENDED]

    @cached_property
    def unsettled(self) -> TableRun | None:
        """The last run, or else the last full one, if it did not load the table, or if its deletions wait."""
        candidates = (next(iter(self.ended), None), self.last_full)
        not_loaded = (run for run in candidates if run and outcome_of(run) is not Outcome.LOADED)
        return next(not_loaded, self.last_loaded if self.waiting else None)


@dataclass(frozen=True)
class Task:
    """The task whose log says why."""

    run_id: str
    """As in the ledger: DAG id / run id."""
    task_id: str


@dataclass(frozen=True)
class Problem:
    """What is not fresh of a PSA."""

    state: State
    tables: Sequence[str]
    since: datetime | None
    """Up to when its oldest table is known to be complete; None if it never was."""
    reason: str
    """In a sentence."""
    task: Task | None


@dataclass(frozen=True)
class PsaStatus:
    """A PSA with its tables, and what is not fresh of it."""

    facts: PsaFacts
    tables: Sequence[TableStatus]
    problems: Sequence[Problem]

    @property
    def is_in_use(self) -> bool:
        """Whether it counts: not if it was never synced and its DAG is paused, as of a PSA that no one set up."""
        return not self.facts.dag.is_paused or any(table.fresh_as_of for table in self.tables)


def judge(facts: PsaFacts, ledger: Ledger) -> PsaStatus:
    tables = [_table(facts, ledger, kind, name) for kind, names in KINDS.items() for name in names]
    status = PsaStatus(facts, tables, ())
    return PsaStatus(facts, tables, tuple(_problems(facts, tables))) if status.is_in_use else status


def _table(facts: PsaFacts, ledger: Ledger, kind: str, name: str) -> TableStatus:
    key = (facts.psa.source, name)
    as_of = ledger.complete_as_of.get(key)
    age = ledger.now - as_of if as_of else None
    return TableStatus(
        name=name,
        kind=kind,
        limit=facts.limit,
        fresh_as_of=as_of,
        age=age,
        runs=ledger.runs.get(key, ()),
        rows=ledger.rows.get(key, ()),
        details=ledger.details.get(key),
        waiting=ledger.waiting.get(key, 0),
    )


def _problems(facts: PsaFacts, tables: Sequence[TableStatus]) -> Iterator[Problem]:
    """The kinds that a run did not load; then a run that is red for another reason; then what is only old."""
    yield from _unsettled(tables)
    failed = _unexplained_failure(facts, tables)
    if failed:
        yield failed
    old = [table for table in tables if table.state in (State.LATE, State.NEVER)]
    if old:
        worst = max((table.state for table in old), key=ORDER.index)
        yield Problem(worst, [table.name for table in old], _oldest(old), _why_old(facts, bool(failed)), None)


def _unsettled(tables: Sequence[TableStatus]) -> Iterator[Problem]:
    for kind in KINDS:
        of_kind = [table for table in tables if table.kind == kind and table.unsettled]
        if of_kind:
            yield _of_kind(kind, of_kind)


def _of_kind(kind: str, tables: Sequence[TableStatus]) -> Problem:
    worst = max(tables, key=lambda table: ORDER.index(table.state))
    run = worst.unsettled
    assert run is not None  # noqa: S101 - so the caller has chosen them
    task = Task(run.run_id, f"{kind}.{_step(run, tables)}")
    return Problem(worst.state, [table.name for table in tables], _oldest(tables), _why_unsettled(worst, run), task)


def _step(run: TableRun, tables: Sequence[TableStatus]) -> str:
    """The task of a kind whose log says why its tables are not settled."""
    if outcome_of(run) is Outcome.LOADED:
        return "decide"
    was_extracted = all(table.unsettled and table.unsettled.extracted_at for table in tables)
    return "load" if was_extracted else "extract"


def _why_unsettled(table: TableStatus, run: TableRun) -> str:
    if outcome_of(run) is not Outcome.LOADED:
        return run.note or "It was not loaded."
    waiting = counted(table.waiting, "row")
    return f"All else is loaded; {waiting} can only be marked deleted by a person. {run.note or ''}".rstrip()


def _unexplained_failure(facts: PsaFacts, tables: Sequence[TableStatus]) -> Problem | None:
    """A red run whose failure is not in the ledger, unless every table was loaded since."""
    failed = facts.dag.failed
    if failed is None or any(table.unsettled and table.unsettled.run_id == failed.run_id for table in tables):
        return None
    loaded = [table.last_loaded for table in tables]
    if all(run is not None and run.started_at >= failed.began_at for run in loaded):
        return None
    first = failed.task_ids[0] if failed.task_ids else "summary"
    reason = f"The last run failed in the task '{first}'; its log says why."
    return Problem(State.FAILED, (), _oldest(tables), reason, Task(failed.run_id, first))


def _oldest(tables: Sequence[TableStatus]) -> datetime | None:
    moments = [table.fresh_as_of for table in tables]
    return None if None in moments else min(filter(None, moments), default=None)


def _why_old(facts: PsaFacts, has_failed: bool) -> str:
    if facts.dag.is_paused:
        return f"The DAG {facts.dag_id} is paused."
    if facts.dag.running_since:
        return "A run is under way."
    return "The last run failed." if has_failed else "No run has loaded it in time."
