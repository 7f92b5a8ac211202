"""What a task's log says about a table's records: counts, rejected ones, custom fields that could not be used."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from include.connectors.common.custom_values import DATES
from include.model.counts import COUNTS, Counts
from include.model.setup import MappedField, Setup
from include.model.tables import SCHEMA
from include.model.wording import counted, log_sentence

log = logging.getLogger(__name__)

SHOWN_REJECTS = 5

RejectLines = Sequence[tuple[str | None, str]]
"""Key and reason of the first few rejected records."""


def log_counts(table: str, counts: Counts, note: str | None, rejects: RejectLines) -> None:
    """The counts of a merged table, and what a person should know about it."""
    parts = " + ".join(f"{getattr(counts, name):,} {name}" for name in COUNTS[1:])
    log_sentence(
        log,
        logging.INFO,
        f"{SCHEMA}.{table}: {counts.fetched:,} fetched = {parts}; {counts.deleted:,} marked deleted.",
    )
    if note:
        log_sentence(log, logging.WARNING, f"{SCHEMA}.{table}: {note}")
    log_rejects(counts.rejected, rejects)


def log_rejects(rejected: int, shown: RejectLines) -> None:
    """How many records were rejected, and the first of them."""
    if not rejected:
        return
    log.warning("%s rejected; these are the first, all are in %s.sync_rejects:", f"{rejected:,}", SCHEMA)
    for source_id, reason in shown:
        log_sentence(log, logging.WARNING, f"    id {source_id or 'unknown'}: {reason}")


def log_unread(table: str, unread: Counter[str], setup: Setup) -> None:
    """Values that a column could not take although their records are stored, with how often that was so."""
    for column, count in unread.items():
        mapped = setup.field_map_of(table).get(column)
        said = _of_custom_field(column, mapped) if mapped else "the time is invalid. Only this column was left empty."
        log_sentence(log, logging.WARNING, f"{SCHEMA}.{table}.{column}: in {counted(count, 'record')} {said}")


def _of_custom_field(column: str, mapped: MappedField) -> str:
    expected = f"a date like {mapped.format}" if mapped.format else "a date; field_map can give its format"
    kind = expected if column in DATES else "text"
    return f"the custom field {mapped.field} is not {kind}. The column was left as the PSA has it."
