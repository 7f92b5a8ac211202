"""Where each column comes from, and the fields that are asked for."""

from __future__ import annotations

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
)
from include.connectors.common.values import boolean, day, instant, integer, items, negated, pick, text, whole_key
from include.connectors.connectwise.custom_fields import CUSTOM_FIELDS, values_by_id
from include.model.page import Record
from include.model.setup import Setup

ITEMS = "communicationItems"  # e-mail addresses and telephone numbers
NUMBER = "defaultPhoneNbr"
MAIN = "the default one, otherwise the first, by `id`"


def contact_types(record: Record, _: object) -> str | None:
    """The labels of the types; an older model has one type instead of a list."""
    types = by_id(pick(items, record, "types")) or [record.get("type")]
    return ", ".join(filter(None, (pick(text, one, "name") for one in types))) or None


def main(kind: str, key: str, *, default: str = "", note: str = MAIN) -> Column[object]:
    """A part of the main e-mail address or telephone number: the one marked as default, otherwise the first.

    The field `default` belongs to the default number, which may be a fax: it counts where no item has a number of the
    kind, unless the number is that of another item.
    """

    def read(record: Record, _: object) -> str | None:
        entries = [item for item in pick(items, record, ITEMS) if pick(text, item, "value")]
        of_kind = [item for item in entries if item.get("communicationType") == kind]
        if of_kind or not default:
            return pick(text, flagged_or_first(of_kind, "defaultFlag"), key)
        number = pick(text, record, NUMBER)
        return None if number in (pick(text, item, "value") for item in entries) else pick(text, record, default)

    return Column((ITEMS, NUMBER, default) if default else (ITEMS,), read, note)


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
    "type": Column(("types",), contact_types, "labels, comma-separated", older=("type.name",)),
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
