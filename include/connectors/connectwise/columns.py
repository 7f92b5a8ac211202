"""What becomes of a record of ConnectWise: each column of each table, and the fields that are asked for."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

from include.connectors.common.columns import Column, Columns, X, at
from include.connectors.common.values import (
    InvalidValue,
    boolean,
    day,
    instant,
    integer,
    items,
    negated,
    pick,
    text,
    whole_key,
)
from include.model.setup import Setup

PASSWORD = "Password"  # noqa: S105 - the vendor's name of a type of custom field


def full_name(r: Any, _: Setup) -> str | None:
    return " ".join(filter(None, (pick(text, r, "firstName"), pick(text, r, "lastName")))) or None


def contact_types(r: Any, _: Setup) -> str | None:
    kinds = pick(items, r, "types") or ([r["type"]] if r.get("type") else [])
    return ", ".join(filter(None, (pick(text, kind, "name") for kind in kinds))) or None


def state(r: Any, _: Setup) -> str | None:
    return pick(text, r, "stateReference", "identifier") or pick(text, r, "stateReference", "name")


def main_item(r: Any, kind: str) -> Any:
    """The default e-mail address or telephone number, else the first; None when there is none."""
    of_kind = [item for item in pick(items, r, "communicationItems") if item.get("communicationType") == kind]
    return next((item for item in of_kind if pick(boolean, item, "defaultFlag")), of_kind[0] if of_kind else None)


def e_mail(r: Any, _: Setup) -> str | None:
    return pick(text, main_item(r, "Email"), "value")


def phone(r: Any, _: Setup) -> str | None:
    return phone_part(r, "value", "defaultPhoneNbr")


def phone_extension(r: Any, _: Setup) -> str | None:
    return phone_part(r, "extension", "defaultPhoneExtension")


def phone_part(r: Any, key: str, default: str) -> str | None:
    """Of the main number; the defaults count where no list came at all, since they can hold a fax number."""
    return pick(text, main_item(r, "Phone"), key) if r.get("communicationItems") else pick(text, r, default)


def custom_fields(r: Any, _: Setup) -> dict[str, Any]:
    """Id → value."""
    return {str(field.get("id")): custom_value(field) for field in pick(items, r, "customFields")}


def custom_value(field: Any) -> Any:
    """Text, number or boolean as the vendor types it, a date as `YYYY-MM-DD`; never a password.

    The vendor leaves the key `value` out where a field is empty.
    """
    if field.get("type") == PASSWORD:
        return None
    value = field.get("value")
    if field.get("type") == "Date":
        with suppress(InvalidValue):
            return as_date.isoformat() if (as_date := day(value)) else None
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return pick(text, {"customFields": field}, "customFields", "value")


COMMON: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "source_updated_at": at(instant, "_info.lastUpdated"),
}
ADDRESS: Columns[Setup] = {
    "address_line_1": at(text, "addressLine1"),
    "address_line_2": at(text, "addressLine2"),
    "city": at(text, "city"),
    "postal_code": at(text, "zip"),
    "country": at(text, "country.name"),
}
STATUS_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "is_default": at(boolean, "defaultFlag"),
}
COMPANY_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "website": at(text, "website"),
    "status": at(text, "status.name"),
    "status_source_id": at(text, "status.id", note="may name a status that was deleted"),
    "is_deleted": at(lambda flag: bool(boolean(flag)), "deletedFlag"),
    "deleted_at": at(instant, "dateDeleted"),
}
SITE_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "company_source_id": at(text, "company.id", note="the company whose list it stands in"),
    "is_active": at(negated, "inactiveFlag", older="inactive"),
    "is_primary": at(boolean, "primaryAddressFlag"),
    **ADDRESS,
    "state": Column(("stateReference.identifier", "stateReference.name"), state, "the short form, as contacts have it"),
}
ASSET_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "type": at(text, "type.name"),
    "status": at(text, "status.name"),
    "manufacturer": at(text, "manufacturer.name"),
    "serial_number": at(text, "serialNumber"),
    "os_type": at(text, "osType"),
    "purchase_date": at(day, "purchaseDate", note="the calendar date as written, no time zone applied"),
    "warranty_expires_on": at(day, "warrantyExpirationDate", note="likewise"),
    "notes": at(text, "notes"),
    "company_source_id": at(text, "company.id"),
    "site_source_id": at(text, "site.id"),
    "contact_source_id": at(text, "contact.id"),
}
CONTACT_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": Column(("firstName", "lastName"), full_name),
    "type": Column(("types",), contact_types, "labels, comma-separated", older=("type.name",)),
    "title": at(text, "title"),
    "email": Column(("communicationItems",), e_mail, "the default address, else the first"),
    "phone": Column(("communicationItems", "defaultPhoneNbr"), phone, "the default number, else the first"),
    "phone_extension": Column(("communicationItems", "defaultPhoneExtension"), phone_extension, "of that number"),
    **ADDRESS,
    "state": at(text, "state"),
    "is_active": at(negated, "inactiveFlag"),
    "company_source_id": at(text, "company.id"),
    "site_source_id": at(text, "site.id"),
}
CUSTOM = Column(("customFields",), custom_fields, "asked for when setup chooses any; fields of type Password never")
BOARD_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "is_active": at(negated, "inactiveFlag"),
}
BOARD_STATUS_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "board_source_id": at(text, "board.id", note="the board whose list it stands in"),
    "is_closed": at(boolean, "closedStatus"),
    "is_active": at(negated, "inactive"),
    "sort_order": at(integer, "sortOrder"),
}
PRIORITY_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "color": at(text, "color"),
    "sort_order": at(integer, "sortOrder", older="sort"),
}


def requested(columns: Columns[X]) -> str:
    """The parameter `fields`: what the columns read and nothing else."""
    paths = {path.replace(".", "/") for column in columns.values() for path in column.fields}
    whole = {"_info" if path.startswith("_info/") else path for path in paths}
    return ",".join(["id", *sorted(whole - {"id"})])
