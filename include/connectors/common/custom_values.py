"""The value of a custom field that fills a column. People may type anything into such a field."""

from __future__ import annotations

from datetime import date, datetime

from include.connectors.common.values import InvalidValue, day, text, unless_none
from include.model.tables import TABLES

DATES = frozenset(
    column.name for table in TABLES for column in table.columns_from_custom_fields if column.type == "date"
)


def column_value(column: str, value: object, date_format: str) -> str | date | None:
    """The value of a custom field as its column takes it; None when the field is empty.

    Several values are sorted, so that a list in another order changes nothing.
    Raises InvalidValue, whose message does not repeat the value.
    """
    if isinstance(value, list):
        value = ", ".join(sorted(filter(None, map(text, value))))
    typed = text(value)
    if typed is None or column not in DATES:
        return typed
    if not date_format:
        return day(typed)
    try:
        return unless_none(datetime.strptime(typed.strip(), date_format).date())  # noqa: DTZ007 - it has no zone
    except ValueError:
        raise InvalidValue(f"a date like {date_format} expected") from None
