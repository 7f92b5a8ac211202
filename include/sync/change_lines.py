"""What the log of a dry run says about single rows: the first changes of a table, with values before and after.

A value of a custom field is never logged, whichever column it is in: people keep in these what no other field is for.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from include.http.session import without_masked
from include.model.run import Run
from include.model.setup import Setup
from include.model.tables import CUSTOM_FIELDS, SCHEMA
from include.model.wording import counted, log_sentence
from include.warehouse.changes import DRY_RUN_CHANGES
from include.warehouse.recorded_changes import RecordedChange

log = logging.getLogger(__name__)

SHOWN_CHANGES = 3
"""How many changes of each kind are logged for a table."""
SHOWN_COLUMNS = 6
SHOWN_CHARACTERS = 60


def log_changes(run: Run, table: str, changes: Sequence[RecordedChange], setup: Setup) -> None:
    """Log the first changes that a dry run would make in a table, and where all of them are."""
    if not changes:
        return
    where = f"{SCHEMA}.{DRY_RUN_CHANGES} under run_id '{run.run_id}'"
    log_sentence(log, logging.INFO, f"{SCHEMA}.{table}: the first changes of each kind; all are in {where}.")
    for change in changes:
        said = list(_values(change, hidden=setup.field_map_of(table).keys()))
        more = [counted(len(said) - SHOWN_COLUMNS, "more column")] if len(said) > SHOWN_COLUMNS else []
        values = ": " + "; ".join(said[:SHOWN_COLUMNS] + more) if said else ""
        log_sentence(log, logging.INFO, f"    {change.change} {_record(change)}{values}")


def _record(change: RecordedChange) -> str:
    """Its key and name."""
    name = f" {_shown(change.name)}" if change.name is not None else ""
    return _cut(without_masked(change.source_id)) + name


def _values(change: RecordedChange, hidden: Collection[str]) -> Iterator[str]:
    """`status "Active" → "Retired"` for each column; of those that are filled from custom fields, only their names."""
    for name, after in change.after.items():
        before = (change.before or {}).get(name)
        if name == CUSTOM_FIELDS:
            fields = {**(before or {}), **(after or {})}
            yield "custom fields " + ", ".join(_cut(without_masked(field)) for field in list(fields)[:SHOWN_COLUMNS])
        elif name in hidden:
            yield f"{name}, which a custom field fills"
        elif name != "deleted_at":
            yield f"{name} {_shown(after)}" if change.before is None else f"{name} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    return _cut(without_masked(json.dumps(value, ensure_ascii=False, default=str)))


def _cut(words: str) -> str:
    return words if len(words) <= SHOWN_CHARACTERS else words[:SHOWN_CHARACTERS] + "…"
