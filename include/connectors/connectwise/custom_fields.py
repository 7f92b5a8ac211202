"""Custom fields of ConnectWise: their values in a record, and which ones a tenant has."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from include.connectors.common.choices import Examples, by_id, custom_fields_of
from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import InvalidValue, day, items, pick
from include.connectors.connectwise.client import ConnectWiseClient, Listing
from include.http.paging import integer_key
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Record
from include.model.strict_json import distinct

log = logging.getLogger(__name__)

CUSTOM_FIELDS = "customFields"
DEFINITIONS = "/system/userDefinedFields"
PASSWORD = "Password"  # noqa: S105 - the vendor's name of a type of custom field


def values_by_id(record: Record, _: object) -> dict[str, Record]:
    """The values of a record's custom fields, by the fields' ids."""
    return distinct((key, value_of(field)) for key, field in _with_key(pick(items, record, CUSTOM_FIELDS)))


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


def custom_fields(
    client: ConnectWiseClient, table: str, path: str, wanted: Iterable[str] | None = None
) -> list[Choice]:
    """The custom fields that were seen on the first page of records, then those of the tenant's list of all fields.

    The list does not say to which records a field belongs. It is not asked for when all that are `wanted` were seen.
    """
    known = _on_records(client, table, path)
    if wanted is None or not known.keys() >= set(wanted):
        known = {**_defined(client, table), **known}
    return sorted(known.values(), key=lambda choice: (not choice.on_records, int(choice.id)))


def _on_records(client: ConnectWiseClient, table: str, path: str) -> dict[str, Choice]:
    first_page = next(client.pages(Listing(path, f"id,{CUSTOM_FIELDS}", is_counted=False)))
    on_records = [field for record in first_page.records for field in try_pick(items, record, CUSTOM_FIELDS) or []]
    examples, fields = Examples(), dict[str, Record]()
    for key, field in _with_key(on_records):
        fields.setdefault(key, field)
        examples.add(key, value_of(field))
    return by_id(_choice(table, key, field, "type", examples) for key, field in fields.items())


def _defined(client: ConnectWiseClient, table: str) -> dict[str, Choice]:
    """Empty where this login may not read the list. Other errors do not mean that, so that they are raised."""
    try:
        fields = list(client.records(Listing(DEFINITIONS, "id,caption,fieldTypeIdentifier")))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The list of custom fields cannot be read, so only those on records are known: %s", error.said)
        return {}
    return by_id(_choice(table, key, field, "fieldTypeIdentifier") for key, field in _with_key(fields))


def _with_key(fields: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    return ((str(key), field) for field in fields if (key := integer_key(field)) is not None)


def _choice(table: str, key: str, field: Record, type_key: str, examples: Examples | None = None) -> Choice:
    """`examples` are given for a field that was seen on records."""
    kind = words(field, type_key).strip()
    return Choice(
        custom_fields_of(table),
        key,
        words(field, "caption").strip(),
        kind,
        on_records=examples is not None,
        examples=examples.of(key) if examples else (),
        refused="holds passwords, which are never synced" if kind.casefold() == PASSWORD.casefold() else "",
    )
