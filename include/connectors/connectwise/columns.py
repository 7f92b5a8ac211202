"""Where each column comes from, and the fields that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from include.connectors.common.columns import (
    EXTENSION,
    Column,
    Columns,
    X,
    at,
    by_id,
    either,
    extension_of,
    first_of,
    flagged_or_first,
    joined,
    of_many,
)
from include.connectors.common.many_values import pick_all
from include.connectors.common.values import boolean, day, instant, integer, items, negated, pick, text, whole_key
from include.connectors.connectwise.custom_fields import CUSTOM_FIELDS, values_by_id
from include.model.page import Record
from include.model.setup import Setup

ITEMS = "communicationItems"  # e-mail addresses and telephone numbers
NUMBER = "defaultPhoneNbr"
MAIN = "the default one, otherwise the first, by `id`"


def contact_types(records: Sequence[Record], _: object) -> list[str | None]:
    """The labels of the types; an older model has one type instead of a list."""
    lists = pick_all(items, records, "types")
    types = [by_id(listed) or [record.get("type")] for listed, record in zip(lists, records, strict=True)]
    names = iter(pick_all(text, [one for some in types for one in some], "name"))
    return [", ".join(filter(None, islice(names, len(some)))) or None for some in types]


def filled_items(records: Sequence[Record]) -> list[list[tuple[Record, str]]]:
    """Of each contact the addresses and numbers that are filled in, with their values."""
    lists = pick_all(items, records, ITEMS)
    values = iter(pick_all(text, [item for listed in lists for item in listed], "value"))
    return [[(item, value) for item in listed if (value := next(values))] for listed in lists]


def main(kind: str, key: str, *, default: str = "", note: str = MAIN) -> Column[object]:
    """A part of the main e-mail address or telephone number: the one marked as default, otherwise the first.

    The field `default` belongs to the default number, which may be a fax: it counts where no item has a number of the
    kind, unless the number is that of another item.
    """

    def read_all(records: Sequence[Record], _: object) -> list[str | None]:
        entries = filled_items(records)
        of_kind = [[item for item, _ in some if item.get("communicationType") == kind] for some in entries]
        found = pick_all(text, [flagged_or_first(some, "defaultFlag") for some in of_kind], key)
        for place, some in enumerate(of_kind):
            if default and not some:
                found[place] = default_number(records[place], [value for _, value in entries[place]])
        return found

    def default_number(record: Record, others: list[str]) -> str | None:
        return None if pick(text, record, NUMBER) in others else pick(text, record, default)

    return of_many((ITEMS, NUMBER, default) if default else (ITEMS,), read_all, note)


COMMON: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": at(text, "name"),
    "source_updated_at": at(instant, "_info.lastUpdated"),
}
ADDRESS: Columns[Setup] = {
    "address_line_1": at(text, "addressLine1"),
    "address_line_2": at(text, "addressLine2"),
    "city": at(text, "city"),
    "postal_code": at(text, "zip"),
    "country": at(text, "country.name"),
}
STATUS_COLUMNS: Columns[Setup] = {**COMMON, "is_default": at(boolean, "defaultFlag")}
COMPANY_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": first_of(text, "name", "identifier"),
    "website": at(text, "website"),
    "status": at(text, "status.name"),
    "status_source_id": at(whole_key, "status.id", note="may name a status that was deleted"),
    "is_deleted": at(lambda flag: bool(boolean(flag)), "deletedFlag"),
    "deleted_at": at(instant, "dateDeleted"),
}
SITE_COLUMNS: Columns[Setup] = {
    **COMMON,
    "company_source_id": at(whole_key, "company.id", note="the company whose list it stands in"),
    "is_active": at(negated, "inactiveFlag", older="inactive"),
    "is_primary": at(boolean, "primaryAddressFlag"),
    **ADDRESS,
    "state": first_of(text, "stateReference.identifier", "stateReference.name", note="the short form, as in contacts"),
}
ASSET_COLUMNS: Columns[Setup] = {
    **COMMON,
    "type": at(text, "type.name"),
    "status": at(text, "status.name"),
    "is_active": at(boolean, "activeFlag"),
    "manufacturer": at(text, "manufacturer.name"),
    "serial_number": at(text, "serialNumber"),
    "os_type": first_of(text, "osType", "osInfo"),
    "purchase_date": at(day, "purchaseDate", note="the calendar date as written, no time zone applied"),
    "warranty_expires_on": at(day, "warrantyExpirationDate", note="likewise"),
    "notes": first_of(text, "notes", "vendorNotes"),
    "company_source_id": at(whole_key, "company.id"),
    "site_source_id": at(whole_key, "site.id"),
    "contact_source_id": at(whole_key, "contact.id"),
}
PHONE = main("Phone", "value", default=NUMBER)
CONTACT_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": joined("firstName", "lastName"),
    "type": of_many(("types",), contact_types, "labels, comma-separated", older=("type.name",)),
    "title": at(text, "title"),
    "email": main("Email", "value"),
    "phone": PHONE,
    "phone_extension": either(
        main("Phone", "extension", default="defaultPhoneExtension"),
        extension_of(PHONE),
        note=f"of that number; otherwise {EXTENSION}",
    ),
    **ADDRESS,
    "state": at(text, "state"),
    "is_active": at(negated, "inactiveFlag"),
    "company_source_id": at(whole_key, "company.id"),
    "site_source_id": at(whole_key, "site.id"),
}
CUSTOM = Column((CUSTOM_FIELDS,), values_by_id, "asked for when setup chooses any; fields of type Password never")
BOARD_COLUMNS: Columns[Setup] = {**COMMON, "is_active": at(negated, "inactiveFlag")}
BOARD_STATUS_COLUMNS: Columns[Setup] = {
    **COMMON,
    "board_source_id": at(whole_key, "board.id", note="the board whose list it stands in"),
    "is_closed": at(boolean, "closedStatus"),
    "is_active": at(negated, "inactive"),
    "sort_order": at(integer, "sortOrder"),
}
PRIORITY_COLUMNS: Columns[Setup] = {
    **COMMON,
    "color": at(text, "color"),
    "sort_order": at(integer, "sortOrder", older="sort"),
}


def requested(columns: Columns[X], *, with_custom: bool = False) -> str:
    """The parameter `fields`: what the columns read and nothing else."""
    paths = {path.replace(".", "/") for column in columns.values() for path in column.fields}
    whole = {"_info" if path.startswith("_info/") else path for path in paths}
    return ",".join(["id", *sorted(whole - {"id"}), *([CUSTOM_FIELDS] if with_custom else [])])
