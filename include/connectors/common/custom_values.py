"""A custom field in place of a column: people type anything into one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from include.connectors.common.values import InvalidValue, day, text
from include.model.tables import TABLES

DATES = frozenset(
    column.name for table in TABLES for column in table.columns_from_custom_fields if column.type == "date"
)


def stand_in(column: str, value: Any, format: str) -> Any:  # noqa: A002 - the setting's name
    """The value as the column's type; None when the field is empty. Raises OddValue, with no word of the value."""
    if isinstance(value, list):
        value = ", ".join(filter(None, map(text, value)))
    written = text(value)
    if written is None or column not in DATES:
        return written
    if not format:
        return day(written)
    try:
        return datetime.strptime(written.strip(), format).date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError:
        raise InvalidValue(f"a date like {format} expected") from None
