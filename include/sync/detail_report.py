"""The report on a run's details: what was read, what is left, and when all will be known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from include.model.counts import DETAIL_COUNTS
from include.model.kinds import KINDS
from include.model.run import Run
from include.model.version import __version__
from include.model.wording import counted, moment, wrapped
from include.sync.drift import notes_of_drift
from include.sync.report import SETTLED, Report
from include.sync.run_trigger import RunTrigger
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.detail_runs import DetailLedger, DetailRun
from include.warehouse.schema import has_ledger
from include.warehouse.seen_shapes import SeenShapes


def about_details(entry: DetailRun) -> str:
    """What a run has read of a table's details so far, what is left, and why it stopped."""
    parts = [f"details of {counted(entry.asked - entry.failed, 'record')} were read in this run"]
    if entry.updated:
        parts[0] += f" ({entry.updated:,} changed their rows)"
    if entry.failed:
        parts.append(f"those of {counted(entry.failed, 'record')} could not be read")
    if entry.unread:
        parts.append(f"those of {counted(entry.unread, 'record')} were never read")
    if entry.oldest_read_at:
        parts.append(f"the oldest are from {moment(entry.oldest_read_at)}")
    pace = f" At the pace of the last 24 hours all are known by {moment(entry.known_by)}." if entry.known_by else ""
    return f"{entry.table_name}: {'; '.join(parts)}.{pace} {entry.note or ''}".rstrip()


def report_details(
    warehouse: Warehouse, run: Run, kinds: Iterable[str], task_states: Mapping[str, str], trigger: RunTrigger
) -> Report:
    """The report on the details of a run; `kinds` are those that have any at this vendor."""
    with warehouse.transaction() as connection:
        entries = DetailLedger(connection, run).entries()
        notes = _notes(connection, run)
    planned = [kind for kind in kinds if kind in trigger.request.planned]
    problems = [problem for kind in planned if (problem := _problem(kind, entries, task_states))]
    to_do = [f"What to do: {problem}" for problem in problems] or ["Nothing to do."]
    lines = [
        f"==== PSA Sync {__version__}: details of {run.run_id} ====",
        "",
        *_read([entries[table] for kind in planned for table in KINDS[kind] if table in entries]),
        *(line for sentence in (*notes, *to_do) for line in wrapped(sentence)),
    ]
    return Report(lines, problems)


def _notes(connection: Connection, run: Run) -> list[str]:
    """What was new in the details; nothing where no preflight has come to its end yet."""
    return notes_of_drift(SeenShapes(connection, run).news(), of_details=True) if has_ledger(connection) else []


def _read(entries: list[DetailRun]) -> Iterator[str]:
    """What was read, per table; narrow enough for a log pane."""
    if not entries:
        yield "No details were read."
        return
    yield f"{'table':<18} {'state':<8}" + "".join(f" {name:>9}" for name in DETAIL_COUNTS)
    for entry in entries:
        counts = "".join(f" {getattr(entry, name):>9,}" for name in DETAIL_COUNTS)
        yield f"{entry.table_name:<18} {entry.state:<8}{counts}"
    yield ""
    for entry in entries:
        yield from wrapped(about_details(entry))


def _problem(kind: str, entries: Mapping[str, DetailRun], task_states: Mapping[str, str]) -> str | None:
    """What a person should do about a kind's details, if anything."""
    name = f"{kind}.details"
    state = task_states.get(name)
    if state is None or state in SETTLED:
        return None
    notes = [entry.note for table in KINDS[kind] if (entry := entries.get(table)) and entry.note]
    said = " ".join(notes) or "the last lines of its log say what to do."
    return f"the task '{name}' {state}, the rows are loaded: {said}"
