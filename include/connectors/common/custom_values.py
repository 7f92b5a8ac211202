"""Values of custom fields: as they are stored, and as they fill columns. People may type anything into such a field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from include.connectors.common.values import InvalidValue, day, is_empty, text, text_key, unless_none
from include.model.page import Record
from include.model.tables import TABLES

DATES = frozenset(
    column.name for table in TABLES for column in table.columns_from_custom_fields if column.type == "date"
)

_ADJACENT = re.compile(r"%[a-yA-Y]%[a-yA-Y]")  # without anything between them: 1122026 is 1 December or 11 February
DEEPEST = 50  # lists and objects inside one another
MAX_DIGITS, MAX_DECIMALS = 131_072, 16_383  # what Postgres holds of a number in JSON


def chosen_values(values: Mapping[str, Record], chosen: Mapping[str, str]) -> dict[str, Record]:
    """The values by the names that setup chose; `chosen` has the vendor's field for each of them."""
    found: dict[str, Record] = {}
    for name, key in chosen.items():
        value = values.get(key)
        try:
            found[name] = None if is_empty(value) else storable(value)
        except InvalidValue as error:
            raise InvalidValue(f"custom field {key}: {error}") from None
    return found


def storable(value: Record, depth: int = 0) -> Record:
    """A JSON value as Postgres can store it; raises InvalidValue for what it cannot."""
    if depth > DEEPEST:
        raise InvalidValue("nested too deeply")
    if isinstance(value, dict):
        for name in value:
            text_key(name)
        return {name: storable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        if not _fits(Decimal(value)):
            raise InvalidValue("a number that Postgres cannot store")
        return value
    return text(value)


def _fits(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number.adjusted() < MAX_DIGITS and exponent >= -MAX_DECIMALS


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
        return unless_none(_dated(typed.strip(), date_format))
    except ValueError:
        raise InvalidValue(f"a date like {date_format} expected") from None


def _dated(typed: str, date_format: str) -> date:
    """The date in a text; raises ValueError where the text can be read in two ways, or has other digits than 0 to 9."""
    moment = datetime.strptime(typed, date_format)  # noqa: DTZ007 - a calendar date has no zone
    is_padded = moment.strftime(date_format).casefold() == typed.casefold()
    if (_ADJACENT.search(date_format) and not is_padded) or any(one.isdecimal() and one > "9" for one in typed):
        raise ValueError
    return moment.date()
