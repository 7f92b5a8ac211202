"""What makes a setup unusable although each of its values is of the right type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timezone
from typing import TYPE_CHECKING

from include.model.setup_messages import place
from include.model.storable_text import storable_text
from include.model.strict_json import JsonPath
from include.model.tables import BY_NAME

if TYPE_CHECKING:
    from include.model.setup import Setup

# A leap day, the last day of a year, and days and months of one and of two digits.
_DAYS = (date(2024, 2, 29), date(1999, 12, 31), date(2026, 3, 1), date(2031, 10, 9))
_SAME_BUT_FOR_THE_YEAR = (date(2001, 1, 1), date(2007, 1, 1))  # of the same day of the week


def unusable(setup: Setup) -> Iterator[tuple[JsonPath, str]]:
    """Where, and a sentence about it."""
    for table, fields in setup.custom_fields.items():
        for name in fields:
            if name != storable_text(name):
                said = f"{place(('custom_fields', table))} has a name that Postgres cannot store: {name!r}. Change it."
                yield ("custom_fields", table, name), said
    for table, mapped in setup.field_map.items():
        dates = {column.name for column in BY_NAME[table].columns if column.type == "date"}
        for column, field in mapped.items():
            if column in dates and field.format and not _gives_whole_dates(field.format):
                path: JsonPath = ("field_map", table, column, "format")
                yield path, f'{place(path)} must have year, month and day, as "%m/%d/%Y" has, not "{field.format}".'


def _gives_whole_dates(date_format: str) -> bool:
    """Whether what a format writes is the same day again when it is read, so that nothing of a date is made up."""
    if len({_written(day, date_format) for day in _SAME_BUT_FOR_THE_YEAR}) == 1:
        return False  # not read, because Python warns of a date without a year from 3.13 on
    try:
        return all(_reread(day, date_format) == day for day in _DAYS)
    except ValueError:
        return False


def _written(day: date, date_format: str) -> str:
    return datetime.combine(day, time(), timezone.utc).strftime(date_format)


def _reread(day: date, date_format: str) -> date:
    return datetime.strptime(_written(day, date_format), date_format).date()  # noqa: DTZ007 - a calendar date has no zone
