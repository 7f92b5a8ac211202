"""The block that tells a run: the books of every table, and what a person should do, if anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from include.errors import PsaError
from include.kinds import KINDS
from include.progress import duration
from include.warehouse import ledger
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.ledger import Entry, Run
from include.warehouse.tables import COUNTS

NUMBERS = (*COUNTS, "deleted")
SETTLED = frozenset({"success", "skipped"})
ADVICE = {
    "held": "Somebody has to look: {note}",
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
    tables = sum(map(len, KINDS.values()))
    verdict = (
        f"RED after {duration(took_seconds)}: {merged} of {tables} tables were loaded; the others are as they were."
        if problems
        else f"GREEN in {duration(took_seconds)}: all that {run.source} listed is in the warehouse."
    )
    notes = [f"Note on {name}: {e.note}" for name, e in entries.items() if e.state == "loaded" and e.note]
    rejected = sum(entry.rejected or 0 for entry in entries.values())
    if rejected:
        notes.append(
            f"Note: {rejected:,} records were rejected; psa.sync_rejects has table, id and reason of each "
            f"under run_id '{run.run_id}'."
        )
    to_do = [f"What to do: {problem}" for problem in problems] or ["Nothing to do."]
    return Report([f"==== {run.run_id} ====", verdict, "", *_table(entries), "", *notes, *to_do], problems)


def _has_ledger(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('psa.sync_runs') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _problems(entries: Mapping[str, Entry], task_states: Mapping[str, str]) -> list[str]:
    preflight = task_states.get("preflight")
    if preflight is not None and preflight not in SETTLED:
        return [f"The task 'preflight' is {preflight}: the last lines of its log say what to mend. Then clear it."]
    return [problem for kind in KINDS if (problem := _kind_problem(kind, entries, task_states))]


def _kind_problem(kind: str, entries: Mapping[str, Entry], task_states: Mapping[str, str]) -> str | None:
    for table in KINDS[kind]:
        entry = entries.get(table)
        if entry is None:
            failed = [f"{name} {state}" for name, state in task_states.items() if name.startswith(f"{kind}.")]
            return f"{kind} was not read ({', '.join(failed) or 'no task ran'}): see the log of its first red task."
        if entry.state != "loaded":
            return f"{kind}: " + ADVICE[entry.state].format(note=entry.note, kind=kind)
    return None


def _table(entries: Mapping[str, Entry]) -> Iterable[str]:
    heads = [*NUMBERS, "took", "requests", "retries"]
    yield f"{'table':<18}{'state':<11}" + "".join(f"{head:>11}" for head in heads)
    for tables in KINDS.values():
        for table in tables:
            entry = entries.get(table)
            if entry is None:
                yield f"{table:<18}not read"
                continue
            cells = [_cell(getattr(entry, name)) for name in NUMBERS]
            cells += [_took(entry), _cell(entry.requests), _cell(entry.retries)]
            yield f"{table:<18}{entry.state:<11}" + "".join(f"{cell:>11}" for cell in cells)


def _cell(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _took(entry: Entry) -> str:
    end = entry.finished_at or entry.extracted_at
    return duration((end - entry.started_at).total_seconds()) if end else "-"
