"""Deletions that the guard held: what a person is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.model.wording import counted
from include.warehouse.guard import how_to_approve
from include.warehouse.ledger_entry import LedgerEntry


def about_waiting(waiting: Mapping[str, int], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """For each table with held deletions, what was loaded, what was not done, and what a person can do."""
    for table, rows in waiting.items():
        entry = entries[table]
        yield (
            f"{table}: all that the PSA listed is loaded, but {counted(rows, 'row')} can only be marked deleted by a "
            f"person: {entry.note} {how_to_approve(entry.company_source_id)}"
        )
