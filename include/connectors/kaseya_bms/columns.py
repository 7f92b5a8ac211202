"""What becomes of a record of Kaseya BMS: each column of each table. Names are spelled as in the vendor's document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from include.connectors.common import columns
from include.connectors.common.columns import (
    FIRST,
    Column,
    Columns,
    X,
    extension_of,
    flagged_or_first,
    flags,
    joined,
    not_available,
)
from include.connectors.common.companies import ACTIVITY, activity_columns, by_setup
from include.connectors.common.values import boolean, day, instant, integer, items, pick, text, whole_key
from include.model.page import Record
from include.model.setup import Setup
from include.model.strict_json import distinct


def as_documented(column: Column[X], *fields: str) -> Column[X]:
    """A column under the names of the vendor's document; the client gives all names in lower case."""
    return replace(column, fields=fields)


def at(convert: Callable[[Record], object], *paths: str, note: str = "") -> Column[object]:
    """The value at a path; of several, the first that is filled in."""
    return as_documented(columns.first_of(convert, *map(str.lower, paths), note=note), *paths)


def foreign_key(value: Record) -> str | None:
    """The key of another record; 0 means none."""
    key = whole_key(value)
    return None if key == "0" else key


def _status_id(value: Record) -> str | None:
    """The key of a status: `active` or `inactive`, or that of an account type."""
    return value if isinstance(value, str) and value in ACTIVITY else whole_key(value)


def _is_default(record: Record, _: Setup) -> bool | None:
    return {"active": True, "inactive": False}.get(pick(_status_id, record, "id") or "")


def _site_name(record: Record, _: Setup) -> str:
    return pick(text, record, "locationname") or f"Location {pick(whole_key, record, 'id')}"


def _default_of(entries: str, name: str) -> Column[object]:
    """The value of the default entry, otherwise of the first; entries without a value do not count."""

    def read(record: Record, _: object) -> str | None:
        filled = [entry for entry in pick(items, record, entries.lower()) if pick(text, entry, name.lower())]
        return pick(text, flagged_or_first(filled, "isdefault"), name.lower())

    return Column((f"{entries}.{name}",), read, "the default one, otherwise the first, by `Id`")


def _address_part(name: str) -> Column[object]:
    def read(record: Record, _: object) -> str | None:
        addresses = pick(items, record, "addresses")
        filled = [one for one in addresses if any(pick(text, one, part.lower()) for part in ADDRESS.values())]
        return pick(text, flagged_or_first(filled, "ismain"), name.lower())

    return Column((f"Addresses.{name}",), read, "of the main address, otherwise of the first, by `Id`")


def _custom_fields(record: Record, _: Setup) -> dict[str, str | None]:
    """Id → the label of the chosen option, otherwise the text."""
    return distinct(
        (key, pick(text, field, "option") or pick(text, field, "data"))
        for field in pick(items, record, "customfields")
        if (key := pick(whole_key, field, "customfieldid")) is not None
    )


ID = {"source_id": at(whole_key, "Id")}
NO_DATE = {"source_updated_at": not_available("Kaseya BMS gives no date of the last change")}
MODIFIED = {"source_updated_at": at(instant, "ModifiedOn", note="a time without a zone is taken as UTC")}
ADDRESS = dict(zip(columns.ADDRESS, ("Address1", "Address2", "City", "State", "ZipCode", "Country"), strict=True))
OF_ACTIVITY = {name: as_documented(one, "IsActive") for name, one in activity_columns(boolean, "isactive").items()}
STATUS_COLUMNS: Columns[Setup] = {
    "source_id": at(_status_id, "Id", note="`active` and `inactive`, or the account type's id"),
    "name": at(text, "Name", note="Active and Inactive, unless setup takes the account types"),
    "is_default": Column(("Id",), _is_default, "Active is; account types do not say"),
    **NO_DATE,
}
COMPANY_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "AccountName", "AccountCode"),
    "website": at(text, "Website"),
    "status": by_setup(
        OF_ACTIVITY["status"], at(text, "AccountType"), "the one that setup chooses; IsActive by default"
    ),
    "status_source_id": by_setup(OF_ACTIVITY["status_source_id"], at(foreign_key, "AccountTypeId"), "likewise"),
    **MODIFIED,
}
SITE_COLUMNS: Columns[Setup] = {
    **ID,
    "name": Column(("LocationName",), _site_name, "`Location <id>` where it has none"),
    "company_source_id": at(foreign_key, "AccountId", note="the account it came with"),
    "is_active": at(boolean, "IsActive"),
    "is_primary": at(boolean, "IsMain", note="of several main locations the one with the lowest id"),
    **{column: _address_part(name) for column, name in ADDRESS.items()},
    **NO_DATE,
}
ASSET_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "AssetName", "MachineGroupId", "SerialNumber"),
    "type": at(text, "CategoryName"),
    "is_active": at(boolean, "IsActive"),
    "serial_number": at(text, "SerialNumber"),
    "company_source_id": at(foreign_key, "AccountId"),
    "contact_source_id": at(foreign_key, "ContactId"),
}
ASSET_DETAIL_COLUMNS: Columns[Setup] = {
    "name": at(text, "Name", "AssetTag", "ProductName", "ModelNumber"),
    "status": at(text, "State"),
    "manufacturer": at(text, "Manufacturer", "Brand"),
    "os_type": at(text, "OsType", "OsInfo", "MajorVersion"),
    "purchase_date": at(day, "AcquisitionDate", note="the calendar date as written"),
    "warranty_expires_on": at(day, "WarrantyExpirationDate", "ExpirationDate", note=f"likewise; {FIRST}"),
    "notes": at(text, "Description"),
    "site_source_id": at(foreign_key, "AccountLocationId"),
    **MODIFIED,
}
PHONE = _default_of("Phones", "Phone")
CONTACT_COLUMNS: Columns[Setup] = {
    **ID,
    "name": as_documented(joined("firstname", "lastname"), "FirstName", "LastName"),
    "type": as_documented(flags({"ispoc": "Point of contact"}), "IsPoc"),
    "title": at(text, "JobTitle"),
    "email": _default_of("Emails", "EmailAddress"),
    "phone": PHONE,
    "phone_extension": extension_of(PHONE),
    "is_active": at(boolean, "IsActive"),
    "company_source_id": at(foreign_key, "AccountId"),
    "site_source_id": at(foreign_key, "LocationId"),
    **MODIFIED,
}
CONTACT_DETAIL_COLUMNS: Columns[Setup] = {
    **{column: at(text, name) for column, name in ADDRESS.items()},
    "name": at(text, "ContactName"),
    "email": at(text, "ContactEmailAddress"),
    "phone": at(text, "ContactPhone"),
}
AGAIN = "where setup maps a custom field, read again with it"
COMPANY_DETAIL_COLUMNS: Columns[Setup] = {
    "website": at(text, "Website", note=AGAIN),
    "status": replace(COMPANY_COLUMNS["status"], note=f"{COMPANY_COLUMNS['status'].note}; {AGAIN}"),
}
CUSTOM: Column[Setup] = Column(
    ("CustomFields.Data", "CustomFields.SettingsId"),
    _custom_fields,
    "read for one record at a time, when setup chooses any; a choice is stored by its label",
)
BOARD_COLUMNS: Columns[Setup] = {**ID, "name": at(text, "Name"), "is_active": at(boolean, "IsActive"), **NO_DATE}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "Name"),
    "board_source_id": not_available("every queue has the same statuses"),
    "is_closed": not_available("the status's `TypeId` is not documented"),
    "is_active": at(boolean, "IsActive"),
    "sort_order": at(integer, "StatusOrder"),
    **NO_DATE,
}
PRIORITY_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "Name"),
    "color": at(text, "Color"),
    "sort_order": not_available("Kaseya BMS has no order of priorities"),
    **NO_DATE,
}
