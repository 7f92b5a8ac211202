"""Custom fields of ConnectWise: their values in a record, and which ones a tenant has."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from include.connectors.common.choices import CustomField, custom_fields_of, field_choices
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
) -> dict[str, Choice]:
    """The custom fields that were seen on the first page of records, then those of the tenant's list of all fields.

    The list does not say to which records a field belongs. It is not asked for when all that are `wanted` were seen.
    """
    first_page = next(client.pages(Listing(path, f"id,{CUSTOM_FIELDS}", is_counted=False)))
    on_records = [field for record in first_page.records for field in try_pick(items, record, CUSTOM_FIELDS) or []]
    seen = [_field(key, field, "type", value_of(field)) for key, field in _with_key(on_records)]
    needs_list = wanted is None or not {field.key for field in seen} >= set(wanted)
    in_order = sorted(seen, key=lambda field: int(field.key))
    return field_choices(custom_fields_of(table), in_order, _defined(client) if needs_list else ())


def _defined(client: ConnectWiseClient) -> list[CustomField]:
    """Empty where this login may not read the list. Other errors do not mean that, so that they are raised."""
    try:
        fields = list(client.records(Listing(DEFINITIONS, "id,caption,fieldTypeIdentifier")))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The list of custom fields cannot be read, so only those on records are known: %s", error.said)
        return []
    return [_field(key, field, "fieldTypeIdentifier") for key, field in _with_key(fields)]


def _with_key(fields: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    return ((str(key), field) for field in fields if (key := integer_key(field)) is not None)


def _field(key: str, field: Record, type_key: str, value: Record = None) -> CustomField:
    kind = words(field, type_key).strip()
    refused = "holds passwords, which are never synced" if kind.casefold() == PASSWORD.casefold() else ""
    return CustomField(key, words(field, "caption").strip(), kind, refused, (value,))
