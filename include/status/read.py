"""Reads the ledger for the status page; nothing is written, and no PSA is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from include.status.facts import Ledger, is_full
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.recent_runs import RecentRuns, TableRun

MOST_RUNS = 30
DAYS = 30

Key = tuple[str, str]


class _OfTable(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def table_name(self) -> str: ...


T = TypeVar("T", bound=_OfTable)


def read_ledger(connection: Connection, sources: Sequence[str]) -> Ledger:
    """What the ledger says about these PSAs."""
    recent, now = RecentRuns(connection), postgres_now(connection)
    if not recent.exists:
        return no_ledger(now)
    runs = recent.runs(sources, most=MOST_RUNS)
    return Ledger(
        now=now,
        complete_as_of=recent.complete_as_of(sources),
        runs=_by_table(runs),
        rows=_by_table(recent.rows(sources, days=DAYS)),
        details={(one.source, one.table_name): one for one in recent.details(sources)},
        waiting=recent.waiting(sources),
        last_full=recent.entries(_last_full(runs)) if recent.has_all_columns else {},
    )


def no_ledger(now: datetime) -> Ledger:
    """Before the first run of an installation."""
    return Ledger(now, {}, {}, {}, {}, {}, {})


def _last_full(runs: Iterable[TableRun]) -> Mapping[str, str]:
    """The run by the PSA."""
    full = sorted(filter(is_full, runs), key=lambda run: run.started_at)
    return {run.source: run.run_id for run in full}


def _by_table(found: Iterable[T]) -> Mapping[Key, Sequence[T]]:
    grouped: dict[Key, list[T]] = defaultdict(list)
    for one in found:
        grouped[one.source, one.table_name].append(one)
    return grouped
