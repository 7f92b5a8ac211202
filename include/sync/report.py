"""The block that tells a run: the books of every table, and what a person should do, if anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from include.model.counts import COUNTS
from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.model.limits import Limits
from include.model.request import Request
from include.model.run import Run
from include.model.wording import counted, duration, wrapped
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.ledger import Ledger, LedgerEntry

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


FORCE_SYNC = "Force Sync"
OCCASIONS = {  # Airflow's types of runs, as we call them
    "manual": FORCE_SYNC,
    "asset_materialization": FORCE_SYNC,
    "scheduled": "Nightly sync",
    "backfill": "Backfill",
    "asset_triggered": "Sync set off by an asset",
    "operator_triggered": "Sync set off by another DAG",
}


@dataclass(frozen=True)
class Occasion:
    """Why there was a run: its type, the request, who made it and when, and when its first task began.

    `remarks` are sentences about the way it was run that somebody should read.
    """

    run_type: str
    request: Request
    company: str | None
    user: str | None
    asked_at: datetime
    began_at: datetime
    told_at: datetime
    cleared: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def took_seconds(self) -> float:
        """From its first task until now."""
        return (self.told_at - self.began_at).total_seconds()

    @property
    def opening(self) -> str:
        """Who asked for what, and how long it queued and ran."""
        name = OCCASIONS[self.run_type]
        forced = name == FORCE_SYNC
        who = f"asked for by {self.user or 'somebody without a name'}" if forced else "due"
        waited = duration(max((self.began_at - self.asked_at).total_seconds(), 0))
        wait = f"queued {waited}" if forced else f"began {waited} later"
        if self.cleared:
            wait = f"was cleared since; counted from {_moment(self.began_at)} it"
        ran = "ran" if self.cleared else "and ran"
        return (
            f"{name} of {self.request}; {who} at {_moment(self.asked_at)}. "
            f"It {wait} {ran} {duration(self.took_seconds)}."
        )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class Report:
    """The block's lines, and the sentences that make it red."""

    lines: list[str]
    problems: list[str]


def summary(
    warehouse: Warehouse, run: Run, task_states: Mapping[str, str], occasion: Occasion, limits: Limits
) -> Report:
    """The report of a run from the ledger and the states of its tasks; `limits` are the PSA's."""
    with warehouse.transaction() as connection:
        entries = Ledger(connection, run).entries() if _has_ledger(connection) else {}
    kinds = occasion.request.planned
    tables = [table for kind in kinds for table in KINDS[kind]]
    problems = _problems(kinds, entries, task_states)
    notes = [*occasion.remarks, *_notes(run, tables, entries)]
    to_do = [f"What to do: {problem}" for problem in problems] or ["Nothing to do."]
    lines = [
        f"==== {run.run_id} ====",
        *wrapped(occasion.opening),
        *wrapped(_verdict(run, tables, entries, occasion, red=bool(problems))),
        "",
        *_books(tables, entries),
        "",
        *_costs(tables, entries),
        "",
        *(line for sentence in _budget(limits, entries.values()) for line in wrapped(sentence)),
        *(line for sentence in (*notes, *to_do) for line in wrapped(sentence)),
    ]
    return Report(lines, problems)


def _verdict(run: Run, tables: list[str], entries: Mapping[str, LedgerEntry], occasion: Occasion, *, red: bool) -> str:
    dry_run = occasion.request.dry_run
    if red:
        settled = sum(entries[table].settled for table in tables if table in entries)
        done = "compared; nothing was written" if dry_run else "loaded; the others are as they were"
        return f"RED after {duration(occasion.took_seconds)}: {settled} of {len(tables)} tables were {done}."
    if dry_run:
        return f"GREEN in {duration(occasion.took_seconds)}: nothing was written, the books say what would have been."
    whose = f" of {occasion.company}" if occasion.company else ""
    return f"GREEN in {duration(occasion.took_seconds)}: all that {run.source} listed{whose} is in the warehouse."


def _notes(run: Run, tables: list[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    about: dict[str, list[str]] = {}
    for table in tables:
        entry = entries.get(table)
        if entry and entry.settled and entry.note:
            about.setdefault(entry.note, []).append(table)
    yield from (f"Note on {', '.join(names)}: {note}" for note, names in about.items())
    rejected = sum(entries[table].rejected or 0 for table in tables if table in entries)
    if rejected:
        yield (
            f"Note: {counted(rejected, 'record')} rejected; psa.sync_rejects has table, id and reason of each "
            f"under run_id '{run.run_id}'."
        )


def _has_ledger(connection: Connection) -> bool:
    """Whether the books are there, as this version keeps them: preflight makes them so."""
    row = connection.execute(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'psa' AND table_name = 'sync_runs' "
        "AND column_name = ANY(%s)",
        [list(LedgerEntry.__dataclass_fields__)],
    ).fetchone()
    return bool(row and row[0] == len(LedgerEntry.__dataclass_fields__))


def _problems(kinds: Iterable[str], entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str]) -> list[str]:
    preflight = task_states.get("preflight")
    if preflight is not None and preflight not in SETTLED:
        return [f"The task 'preflight' {preflight}: the last lines of its log say what to do."]
    return [problem for kind in kinds if (problem := _kind_problem(kind, entries, task_states))]


def _kind_problem(kind: str, entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str]) -> str | None:
    bad = [
        f"{name} {state}" for name, state in task_states.items() if name.startswith(f"{kind}.") and state not in SETTLED
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


def _books(tables: Iterable[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """What became of the records, per table; narrow enough for a log pane."""
    yield f"{'table':<18}" + "".join(f" {name:>9}" for name in NUMBERS)
    for table in tables:
        entry = entries.get(table)
        cells = [_cell(getattr(entry, name, None)) for name in NUMBERS]
        yield f"{table:<18}" + "".join(f" {cell:>9}" for cell in cells)


def _costs(tables: Iterable[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """How each table ended, and what it took."""
    yield f"{'table':<18} {'state':<10} {'took':>12} {'requests':>9} {'repeated':>9}"
    for table in tables:
        entry = entries.get(table)
        state, took = (_state(entry), _took(entry)) if entry else ("not read", "-")
        asked = [_cell(getattr(entry, name, None)) for name in ("requests", "retries")]
        yield f"{table:<18} {state:<10} {took:>12} {asked[0]:>9} {asked[1]:>9}"


def _budget(limits: Limits, entries: Iterable[LedgerEntry]) -> Iterable[str]:
    """What the run took of what the PSA allows in the time from its first listing to its last."""
    asked = [entry for entry in entries if entry.requests]
    if not asked:
        return
    began = min(entry.started_at for entry in asked)
    ended = max(entry.extracted_at or entry.started_at for entry in asked)
    windows = max((ended - began).total_seconds() / limits.seconds, 1.0)
    endpoints = sum((Counter(entry.endpoints or {}) for entry in asked), Counter[str]())
    name, most = endpoints.most_common(1)[0] if endpoints else ("", 0)
    whose, used = (f"of them to {name}, ", most) if limits.per_endpoint else ("", sum(endpoints.values()))
    queued = sum(entry.queued_seconds or 0.0 for entry in asked)
    yield (
        f"Budget: {counted(sum(entry.requests for entry in asked), 'request')}, {f'{used:,} ' if whose else ''}{whose}"
        f"{used / (limits.requests * windows):.0%} of what the PSA allows in that time ({limits}); {duration(queued)} "
        "of waiting for a turn."
    )


def _state(entry: LedgerEntry) -> str:
    return "compared" if entry.settled and entry.dry_run else entry.state


def _cell(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _took(entry: LedgerEntry) -> str:
    end = entry.finished_at or entry.extracted_at
    return duration((end - entry.started_at).total_seconds()) if end and entry.requests else "-"
