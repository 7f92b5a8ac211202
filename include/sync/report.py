"""The report of a run: the counts of every table, and what a person should do, if anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from include.model.counts import NUMBERS
from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.model.limits import Limits
from include.model.request import Request
from include.model.run import Run
from include.model.run_types import RUN_TYPES, is_force_sync
from include.model.version import __version__
from include.model.wording import counted, duration, wrapped
from include.warehouse.clock import about_clocks, saved_clocks
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.detail_runs import DetailLedger
from include.warehouse.ledger import Ledger, LedgerEntry

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
class RunTrigger:
    """Why there was a run, and when."""

    run_type: str
    """Airflow's type of the run."""
    request: Request
    company: str | None
    """The company that was found for the request, as a person reads it."""
    user: str | None
    """Who triggered it."""
    asked_at: datetime
    """When it was due, or was triggered, by Airflow's clock."""
    began_at: datetime
    """When its first task began, by Postgres' clock; by Airflow's after a retry, or if it was cleared."""
    reported_at: datetime
    """When this report was made, by Postgres' clock."""
    cleared: bool = False
    """Whether it had ended before, and was cleared."""
    remarks: tuple[str, ...] = ()
    """Sentences about the way it was run that a person should read."""
    preflight_failure: str | None = None
    """Why preflight failed, if it did."""

    @property
    def took_seconds(self) -> float:
        """From its first task until now."""
        return (self.reported_at - self.began_at).total_seconds()

    @property
    def opening(self) -> str:
        """Who asked for what, and how long it queued and ran."""
        name, forced = RUN_TYPES[self.run_type], is_force_sync(self.run_type)
        who = f"asked for by {self.user or 'an unknown user'}" if forced else "due"
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
    """The report's lines, and the sentences that make the run red."""

    lines: list[str]
    problems: list[str]


def report(
    warehouse: Warehouse, run: Run, task_states: Mapping[str, str], trigger: RunTrigger, limits: Limits
) -> Report:
    """The report of a run from the ledger and the states of its tasks; `limits` are the PSA's."""
    with warehouse.transaction() as connection:
        entries = Ledger(connection, run).entries() if _has_ledger(connection) else {}
        clocks = about_clocks(saved_clocks(connection, run))
        details_ended = DetailLedger(connection, run).last_moment(trigger.reported_at)
    kinds = trigger.request.planned
    tables = [table for kind in kinds for table in KINDS[kind]]
    problems = _problems(kinds, entries, task_states, trigger)
    notes = [*trigger.remarks, *([f"Note: {clocks}"] if clocks else []), *_notes(run, tables, entries)]
    notes += _about_details(trigger.request, task_states)
    to_do = [f"What to do: {problem}" for problem in problems] or ["Nothing to do."]
    lines = [
        f"==== PSA Sync {__version__}: {run.run_id} ====",
        *wrapped(trigger.opening),
        *wrapped(_verdict(run, tables, entries, trigger, red=bool(problems))),
        "",
        *_counts(tables, entries),
        "",
        *_costs(tables, entries),
        "",
        *(line for sentence in _budget(limits, entries.values(), details_ended) for line in wrapped(sentence)),
        *(line for sentence in (*notes, *to_do) for line in wrapped(sentence)),
    ]
    return Report(lines, problems)


def _verdict(run: Run, tables: list[str], entries: Mapping[str, LedgerEntry], trigger: RunTrigger, *, red: bool) -> str:
    dry_run = trigger.request.dry_run
    if red:
        settled = sum(entries[table].settled for table in tables if table in entries)
        done = "compared; nothing was written" if dry_run else "loaded; the others are as they were"
        return f"RED after {duration(trigger.took_seconds)}: {settled} of {len(tables)} tables were {done}."
    if dry_run:
        return f"GREEN in {duration(trigger.took_seconds)}: nothing was written, the counts say what would have been."
    whose = f" of {trigger.company}" if trigger.company else ""
    return f"GREEN in {duration(trigger.took_seconds)}: all that {run.source} listed{whose} is in the warehouse."


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


def _about_details(request: Request, task_states: Mapping[str, str]) -> Iterable[str]:
    if any(f"{kind}.details" in task_states for kind in request.planned):
        follow = "the tasks 'details' follow; 'details_summary' reports on them."
        yield "Note: a dry run reads no details." if request.dry_run else f"Note: {follow}"


def _has_ledger(connection: Connection) -> bool:
    """Whether the ledger has the columns of this version; preflight creates them."""
    row = connection.execute(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'psa' AND table_name = 'sync_runs' "
        "AND column_name = ANY(%s)",
        [list(LedgerEntry.__dataclass_fields__)],
    ).fetchone()
    return bool(row and row[0] == len(LedgerEntry.__dataclass_fields__))


def _problems(
    kinds: Iterable[str], entries: Mapping[str, LedgerEntry], task_states: Mapping[str, str], trigger: RunTrigger
) -> list[str]:
    preflight = task_states.get("preflight")
    if preflight is not None and preflight not in SETTLED:
        why = trigger.preflight_failure or "the last lines of its log say what to do."
        return [f"The task 'preflight' {preflight}: {why}"]
    return [problem for kind in kinds if (problem := _kind_problem(kind, entries, task_states))]


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


def _counts(tables: Iterable[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
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


def _budget(limits: Limits, entries: Iterable[LedgerEntry], ended: datetime | None) -> Iterable[str]:
    """What the run took of what the PSA allows in the time from its first listing to its last, or to its details."""
    asked = [entry for entry in entries if entry.requests]
    if not asked:
        return
    requests = counted(sum(entry.requests for entry in asked), "request")
    queued = sum(entry.queued_seconds or 0.0 for entry in asked)
    yield f"Budget: {requests}, {_share(limits, asked, ended)}; {duration(queued)} of waiting for a turn."


def _share(limits: Limits, asked: list[LedgerEntry], ended: datetime | None) -> str:
    """The part of the vendor's limit that was used; of the busiest endpoint, where the limit is for each."""
    began = min(entry.started_at for entry in asked)
    ends = [entry.extracted_at or entry.started_at for entry in asked] + ([ended] if ended else [])
    windows = max((max(ends) - began).total_seconds() / limits.seconds, 1.0)
    endpoints = sum((Counter(entry.endpoints or {}) for entry in asked), Counter[str]())
    whose, used = "", sum(endpoints.values())
    if limits.per_endpoint and endpoints:
        name, used = endpoints.most_common(1)[0]
        whose = f"{used:,} of them to {name}, "
    return f"{whose}{used / (limits.requests * windows):.0%} of what the PSA allows in that time ({limits})"


def _state(entry: LedgerEntry) -> str:
    return "compared" if entry.settled and entry.dry_run else entry.state


def _cell(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _took(entry: LedgerEntry) -> str:
    end = entry.finished_at or entry.extracted_at
    return duration((end - entry.started_at).total_seconds()) if end and entry.requests else "-"
