"""The block that tells a run: the books of every table, and what a person should do, if anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from include.errors import PsaError
from include.kinds import KINDS
from include.warehouse import ledger
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.ledger import Entry, Run
from include.warehouse.tables import COUNTS
from include.words import counted, duration, wrapped

TABLES = tuple(table for tables in KINDS.values() for table in tables)
NUMBERS = (*COUNTS, "deleted")
SETTLED = frozenset({"success", "skipped"})
ADVICE = {
    "held": "somebody has to look. {note}",
    "failed": "{note}",
    "extracting": "The task stopped in the middle of the listing (its worker died, or lost the warehouse). Nothing was "
    "merged. Clear the task 'extract' of {kind}.",
    "extracted": "Extracted, but not merged: see the log of 'load' in {kind}, then clear that task.",
}


class RunFailed(PsaError):
    """Some kinds were not loaded; the block above says which and why."""


@dataclass(frozen=True)
class Report:
    """The block's lines, and the sentences that make it red."""

    lines: list[str]
    problems: list[str]


def summary(warehouse: Warehouse, run: Run, task_states: Mapping[str, str], took_seconds: float) -> Report:
    """The report of a run from the ledger and the states of its tasks; raises PsaError when there is no ledger."""
    with warehouse.transaction() as connection:
        entries = ledger.entries(connection, run) if _has_ledger(connection) else {}
    problems = _problems(entries, task_states)
    merged = sum(entry.state == "loaded" for entry in entries.values())
    took = duration(took_seconds)
    verdict = (
        f"RED after {took}: {merged} of {len(TABLES)} tables were loaded; the others are as they were."
        if problems
        else f"GREEN in {took}: all that {run.source} listed is in the warehouse."
    )
    notes = [f"Note on {name}: {e.note}" for name, e in entries.items() if e.state == "loaded" and e.note]
    rejected = sum(entry.rejected or 0 for entry in entries.values())
    if rejected:
        notes.append(
            f"Note: {counted(rejected, 'record')} rejected; psa.sync_rejects has table, id and reason of each "
            f"under run_id '{run.run_id}'."
        )
    to_do = [f"What to do: {problem}" for problem in problems] or ["Nothing to do."]
    told = [line for sentence in (*notes, *to_do) for line in wrapped(sentence)]
    return Report(
        [f"==== {run.run_id} ====", *wrapped(verdict), "", *_books(entries), "", *_costs(entries), "", *told], problems
    )


def _has_ledger(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('psa.sync_runs') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _problems(entries: Mapping[str, Entry], task_states: Mapping[str, str]) -> list[str]:
    preflight = task_states.get("preflight")
    if preflight is not None and preflight not in SETTLED:
        return [f"The task 'preflight' {preflight}: the last lines of its log say what to mend. Then clear it."]
    return [problem for kind in KINDS if (problem := _kind_problem(kind, entries, task_states))]


def _kind_problem(kind: str, entries: Mapping[str, Entry], task_states: Mapping[str, str]) -> str | None:
    bad = [
        f"{name} {state}" for name, state in task_states.items() if name.startswith(f"{kind}.") and state not in SETTLED
    ]
    for table in KINDS[kind]:
        entry = entries.get(table)
        if entry is None:
            return f"{kind} was not read ({', '.join(bad) or 'no task ran'}): see the log of its first red task."
        if entry.state != "loaded":
            return f"{kind}: " + ADVICE[entry.state].format(note=entry.note, kind=kind)
    if bad:  # cleared after it had been loaded
        return (
            f"{kind} holds what an earlier attempt loaded, but {' and '.join(bad)}: see the log of its first red task."
        )
    return None


def _books(entries: Mapping[str, Entry]) -> Iterable[str]:
    """What became of the records, per table; narrow enough for a log pane."""
    yield f"{'table':<18}" + "".join(f" {name:>9}" for name in NUMBERS)
    for table in TABLES:
        entry = entries.get(table)
        cells = [_cell(getattr(entry, name, None)) for name in NUMBERS]
        yield f"{table:<18}" + "".join(f" {cell:>9}" for cell in cells)


def _costs(entries: Mapping[str, Entry]) -> Iterable[str]:
    """How each table ended, and what it took."""
    yield f"{'table':<18} {'state':<10} {'took':>12} {'requests':>9} {'repeated':>9}"
    for table in TABLES:
        entry = entries.get(table)
        state, took = (entry.state, _took(entry)) if entry else ("not read", "-")
        asked = [_cell(getattr(entry, name, None)) for name in ("requests", "retries")]
        yield f"{table:<18} {state:<10} {took:>12} {asked[0]:>9} {asked[1]:>9}"


def _cell(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _took(entry: Entry) -> str:
    end = entry.finished_at or entry.extracted_at
    return duration((end - entry.started_at).total_seconds()) if end else "-"
