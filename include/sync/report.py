"""The report of a run: the counts of every table, and what a person should do, if anything."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.model.limits import Limits
from include.model.request import Request
from include.model.run import Run
from include.model.tables import SCHEMA
from include.model.version import __version__
from include.model.wording import counted, duration, wrapped
from include.sync.approval import about_waiting
from include.sync.drift import notes_of_drift
from include.sync.report_tables import budget_used, complete_as_of, cost_lines, count_lines
from include.sync.run_trigger import RunTrigger
from include.warehouse.changes import CHANGES, DRY_RUN_CHANGES
from include.warehouse.clock import about_clocks, saved_clocks
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.detail_runs import DetailLedger
from include.warehouse.held import rows_that_wait
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import LedgerEntry
from include.warehouse.recorded_changes import changes_of_run
from include.warehouse.schema import has_ledger
from include.warehouse.seen_shapes import News, SeenShapes

SETTLED = frozenset({"success", "skipped"})
ADVICE = {
    "held": "a person has to decide. {note}",
    "failed": "{note}",
    "extracting": "the task stopped in the middle of the listing (its worker died, or lost the warehouse). Nothing was "
    "merged. Clear the task 'extract' of {kind}.",
    "extracted": "it was extracted, but not merged: see the log of 'load' in {kind}, then clear that task.",
}


class RunFailed(PsaError):
    """Some kinds were not loaded; the report above says which and why."""


@dataclass(frozen=True)
class Report:
    """The report's lines, and the sentences that make the run red."""

    lines: list[str]
    problems: list[str]


@dataclass(frozen=True)
class _Recorded:
    """What the ledger says about a run; nothing where no preflight has come to its end yet."""

    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    complete_as_of: Mapping[str, datetime] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    """By table, how many rows wait for a person's decision."""
    news: Sequence[News] = ()
    """What the run was the first to see."""
    changes: int = 0
    """How many it has recorded."""


def report(
    warehouse: Warehouse, run: Run, task_states: Mapping[str, str], trigger: RunTrigger, limits: Limits
) -> Report:
    """The report of a run from the ledger and the states of its tasks; `limits` are the PSA's."""
    with warehouse.transaction() as connection:
        clocks = about_clocks(saved_clocks(connection, run))
        details_ended = DetailLedger(connection, run).last_moment(trigger.reported_at)
        recorded = _recorded(connection, run, trigger.request) if has_ledger(connection) else _Recorded()
    entries, waiting = recorded.entries, recorded.waiting
    kinds = trigger.request.planned
    tables = [table for kind in kinds for table in KINDS[kind]]
    problems = _problems(kinds, entries, task_states, trigger)
    notes = [*trigger.remarks, *([f"Note: {clocks}"] if clocks else []), *_notes(run, tables, entries, waiting)]
    notes += notes_of_drift(recorded.news, of_details=False)
    notes += _about_left([kind for kind in kinds if _is_left(kind, entries, task_states, trigger)])
    notes += [*_about_changes(run, recorded.changes, trigger.request), *_about_details(trigger.request, task_states)]
    used = budget_used(limits, entries.values(), details_ended)
    complete = complete_as_of(tables, recorded.complete_as_of)
    actions = [*problems, *about_waiting(waiting, entries)]
    to_do = [f"What to do: {action}" for action in actions] or ["Nothing to do."]
    lines = [
        f"==== PSA Sync {__version__}: {run.run_id} ====",
        *wrapped(trigger.opening),
        *wrapped(_verdict(run, tables, entries, trigger, red=bool(problems), waiting=sum(waiting.values()))),
        "",
        *count_lines(tables, entries),
        "",
        *cost_lines(tables, entries),
        "",
        *(line for sentence in (*used, *complete, *notes, *to_do) for line in wrapped(sentence)),
    ]
    return Report(lines, problems)


def _recorded(connection: Connection, run: Run, request: Request) -> _Recorded:
    ledger = Ledger(connection, run)
    return _Recorded(
        entries=ledger.entries(),
        complete_as_of=ledger.complete_as_of(),
        waiting=rows_that_wait(connection, run),
        news=SeenShapes(connection, run).news(),
        changes=changes_of_run(connection, run, dry_run=request.dry_run),
    )


def _verdict(
    run: Run, tables: list[str], entries: Mapping[str, LedgerEntry], trigger: RunTrigger, *, red: bool, waiting: int
) -> str:
    dry_run = trigger.request.dry_run
    if red:
        settled = sum(entries[table].settled for table in tables if table in entries)
        done = "compared; nothing was written" if dry_run else "loaded; the others are as they were"
        return f"RED after {duration(trigger.took_seconds)}: {settled} of {len(tables)} tables were {done}."
    if dry_run:
        return f"GREEN in {duration(trigger.took_seconds)}: nothing was written, the counts say what would have been."
    whose = f" of {trigger.company}" if trigger.company else ""
    asked = f"; {counted(waiting, 'deletion')} wait for a person" if waiting else ""
    return f"GREEN in {duration(trigger.took_seconds)}: all that {run.source} listed{whose} is in the warehouse{asked}."


def _notes(run: Run, tables: list[str], entries: Mapping[str, LedgerEntry], waiting: Container[str]) -> Iterable[str]:
    about: dict[str, list[str]] = {}
    for table in tables:
        entry = entries.get(table)
        if entry and entry.settled and entry.note and table not in waiting:
            about.setdefault(entry.note, []).append(table)
    yield from (f"Note on {', '.join(names)}: {note}" for note, names in about.items())
    rejected = sum(entries[table].rejected or 0 for table in tables if table in entries)
    if rejected:
        yield (
            f"Note: {counted(rejected, 'record')} rejected; psa.sync_rejects has table, id and reason of each "
            f"under run_id '{run.run_id}'."
        )


def _about_changes(run: Run, changes: int, request: Request) -> Iterable[str]:
    if changes:
        table = f"{SCHEMA}.{DRY_RUN_CHANGES if request.dry_run else CHANGES}"
        run_id = run.run_id.replace("'", "''")
        query = f"SELECT * FROM {table} WHERE run_id = '{run_id}';"  # noqa: S608 - it is only shown
        what = f"{counted(changes, 'change')} with the values before and after"
        yield f"Note: {what}: {query} docs/warehouse.md has more."


def _about_left(kinds: list[str]) -> Iterable[str]:
    if kinds:
        yield f"Note: {' and '.join(kinds)} left to the next full run: the PSA lists no changes of them."


def _about_details(request: Request, task_states: Mapping[str, str]) -> Iterable[str]:
    if any(f"{kind}.details" in task_states for kind in request.planned):
        follow = "the tasks 'details' follow; 'details_summary' reports on them."
        yield "Note: a dry run reads no details." if request.dry_run else f"Note: {follow}"


def _problems(
    kinds: Iterable[str], entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str], trigger: RunTrigger
) -> list[str]:
    preflight = task_states.get("preflight")
    if preflight is not None and preflight not in SETTLED:
        why = trigger.preflight_failure or "the last lines of its log say what to do."
        return [f"The task 'preflight' {preflight}: {why}"]
    read = [kind for kind in kinds if not _is_left(kind, entries, task_states, trigger)]
    return [problem for kind in read if (problem := _kind_problem(kind, entries, task_states))]


def _is_left(
    kind: str, entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str], trigger: RunTrigger
) -> bool:
    """Whether a quick run left the kind to the next full one."""
    is_skipped = task_states.get(f"{kind}.extract") == "skipped"
    return trigger.request.is_quick and is_skipped and entries.keys().isdisjoint(KINDS[kind])


def _kind_problem(kind: str, entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str]) -> str | None:
    bad = [
        f"{name} {state}"
        for name, state in task_states.items()
        if name in (f"{kind}.extract", f"{kind}.load") and state not in SETTLED
    ]
    for table in KINDS[kind]:
        entry = entries.get(table)
        if entry is None:
            return f"{kind} was not read ({', '.join(bad) or 'no task ran'}): see the log of its first red task."
        if not entry.settled:
            return f"{kind}: " + ADVICE[entry.state].format(note=entry.note, kind=kind)
    if bad:  # cleared after it had been loaded
        return (
            f"{kind} holds what an earlier attempt loaded, but {' and '.join(bad)}: see the log of its first red task."
        )
    return None
