"""The tables of a report: what became of the records, what each table cost, and what was used of the PSA's limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from include.model.counts import NUMBERS
from include.model.limits import Limits
from include.model.wording import counted, duration, moment
from include.warehouse.ledger_entry import LedgerEntry


def count_lines(tables: Iterable[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """What became of the records, per table; narrow enough for a log pane."""
    yield f"{'table':<18}" + "".join(f" {name:>9}" for name in NUMBERS)
    for table in tables:
        entry = entries.get(table)
        cells = [_cell(getattr(entry, name, None)) for name in NUMBERS]
        yield f"{table:<18}" + "".join(f" {cell:>9}" for cell in cells)


def cost_lines(tables: Iterable[str], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """How each table ended, and what it took."""
    yield f"{'table':<18} {'state':<10} {'took':>12} {'requests':>9} {'repeated':>9}"
    for table in tables:
        entry = entries.get(table)
        state, took = (_state(entry), _took(entry)) if entry else ("not read", "-")
        asked = [_cell(getattr(entry, name, None)) for name in ("requests", "retries")]
        yield f"{table:<18} {state:<10} {took:>12} {asked[0]:>9} {asked[1]:>9}"


def budget_used(limits: Limits, entries: Iterable[LedgerEntry], ended: datetime | None) -> Iterable[str]:
    """What the run took of what the PSA allows in the time from its first listing to its last, or to its details."""
    asked = [entry for entry in entries if entry.requests]
    if not asked:
        return
    requests = counted(sum(entry.requests for entry in asked), "request")
    queued = sum(entry.queued_seconds or 0.0 for entry in asked)
    yield f"Budget: {requests}, {_share(limits, asked, ended)}; {duration(queued)} of waiting for a turn."


def complete_as_of(tables: Iterable[str], moments: Mapping[str, datetime]) -> Iterable[str]:
    """Up to when every change of each table is in, by this run or another one."""
    by_moment: dict[str, list[str]] = {}
    for table in tables:
        if table in moments:
            by_moment.setdefault(moment(moments[table]), []).append(table)
    if by_moment:
        said = "; ".join(f"{at}: {', '.join(names)}" for at, names in by_moment.items())
        yield f"Complete as of {said}."


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
