"""Custom fields of ConnectWise: their values in a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from include.connectors.common.tickets import words
from include.connectors.common.values import InvalidValue, day, items, pick
from include.http.paging import integer_key
from include.model.page import Record
from include.model.strict_json import distinct

CUSTOM_FIELDS = "customFields"
PASSWORD = "Password"  # noqa: S105 - the vendor's name of a type of custom field


def values_by_id(record: Record, _: object) -> dict[str, Record]:
    """The values of a record's custom fields, by the fields' ids."""
    return distinct((key, value_of(field)) for key, field in with_key(pick(items, record, CUSTOM_FIELDS)))


def value_of(field: Record) -> Record:
    """Text, number or boolean as the vendor types it, a date as `YYYY-MM-DD`; never a password.

    The vendor leaves the key `value` out where a field is empty.
    """
    kind, value = words(field, "type").strip().casefold(), field.get("value")
    if kind == PASSWORD.casefold():
        return None
    if kind == "date":
        with suppress(InvalidValue):
            return date.isoformat() if (date := day(value)) else None
    return value


def with_key(fields: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    """The fields, each with its id; one without a usable id cannot be chosen."""
    return ((str(key), field) for field in fields if (key := integer_key(field)) is not None)
