"""What becomes of a record of Kaseya BMS: each column of each table. Names are spelled as in the vendor's document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from include.connectors.common.columns import Column, Columns
from include.connectors.common.values import boolean, day, instant, integer, items, pick, text, whole_key
from include.model.setup import Setup

ACTIVITIES = {"active": "Active", "inactive": "Inactive"}


def at(convert: Callable[[Any], Any], path: str, *, note: str = "") -> Column[Setup]:
    """The value at a path, whose names the account has lowered."""
    steps = path.lower().split(".")
    return Column((path,), lambda record, _: pick(convert, record, *steps), note)


def reference(value: Any) -> str | None:
    """A key, spelled as the row that it means has it; 0 is none."""
    key = whole_key(value)
    return None if key == "0" else key


def status_id(value: Any) -> str | None:
    """The key of a status: one of ours, or an account type's."""
    return value if value in ACTIVITIES else whole_key(value)


def unless_never(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A date; the year 1 is none."""
    return lambda value: None if str(value).startswith("0001-") else convert(value)


moment = unless_never(instant)
date = unless_never(day)


def site_name(r: Any, _: Setup) -> str | None:
    return pick(text, r, "locationname") or f"Location {pick(text, r, 'id')}"


def full_name(r: Any, _: Setup) -> str | None:
    return " ".join(filter(None, (pick(text, r, "firstname"), pick(text, r, "lastname")))) or None


def activity(r: Any) -> str | None:
    active = pick(boolean, r, "isactive")
    return None if active is None else "active" if active else "inactive"


def status(r: Any, setup: Setup) -> str | None:
    return pick(text, r, "accounttype") if setup.companies.status_from == "type" else ACTIVITIES.get(activity(r) or "")


def status_key(r: Any, setup: Setup) -> str | None:
    return pick(reference, r, "accounttypeid") if setup.companies.status_from == "type" else activity(r)


def main_value(listed: str, name: str, flag: str) -> Callable[[Any, Setup], Any]:
    """The value of the first entry with the flag, else of the first; entries without a value do not count."""

    def read(r: Any, _: Setup) -> str | None:
        filled = [entry for entry in pick(items, r, listed) if pick(text, entry, name)]
        main = next((entry for entry in filled if pick(boolean, entry, flag)), filled[0] if filled else None)
        return pick(text, main, name)

    return read


def address_part(name: str) -> Column[Setup]:
    """Of the main address of a location, else of its first."""

    def read(r: Any, _: Setup) -> str | None:
        addresses = pick(items, r, "addresses")
        main = next((a for a in addresses if pick(boolean, a, "ismain")), addresses[0] if addresses else None)
        return pick(text, main, name.lower())

    return Column((f"Addresses.{name}",), read, "of the main address, else of the first")


def custom_fields(r: Any, _: Setup) -> dict[str, str | None]:
    """Id → the label of the chosen option, else the text."""
    return {
        str(pick(whole_key, field, "customfieldid")): pick(text, field, "option") or pick(text, field, "data")
        for field in pick(items, r, "customfields")
    }


ID = {"source_id": at(whole_key, "Id")}
ADDRESS = {
    "address_line_1": "Address1",
    "address_line_2": "Address2",
    "city": "City",
    "state": "State",
    "postal_code": "ZipCode",
    "country": "Country",
}
STATUS_COLUMNS: Columns[Setup] = {
    "source_id": at(status_id, "Id", note="`active` and `inactive`, or the account type's id"),
    "name": at(text, "Name", note="Active and Inactive, unless setup takes the account types"),
    "is_default": at(boolean, "IsDefault", note="Active is; account types do not say"),
}
COMPANY_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "AccountName"),
    "website": at(text, "Website"),
    "status": Column(("IsActive", "AccountType"), status, "of these the one that setup chooses; IsActive by default"),
    "status_source_id": Column(("IsActive", "AccountTypeId"), status_key, "likewise"),
    "source_updated_at": at(moment, "ModifiedOn", note="a time without a zone is taken for UTC"),
}
SITE_COLUMNS: Columns[Setup] = {
    **ID,
    "name": Column(("LocationName",), site_name, "`Location <id>` where it has none"),
    "company_source_id": at(reference, "AccountId", note="the account it came with"),
    "is_active": at(boolean, "IsActive"),
    "is_primary": at(boolean, "IsMain", note="of several main locations the one with the lowest id"),
    **{column: address_part(name) for column, name in ADDRESS.items()},
}
ASSET_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "AssetName"),
    "type": at(text, "CategoryName"),
    "serial_number": at(text, "SerialNumber"),
    "company_source_id": at(reference, "AccountId"),
    "contact_source_id": at(reference, "ContactId"),
}
ASSET_DETAIL_COLUMNS: Columns[Setup] = {
    "status": at(text, "State"),
    "manufacturer": at(text, "Manufacturer"),
    "os_type": at(text, "OsType"),
    "purchase_date": at(date, "AcquisitionDate", note="the calendar date as written; the year 1 means none"),
    "warranty_expires_on": at(date, "WarrantyExpirationDate", note="likewise"),
    "notes": at(text, "Description"),
    "site_source_id": at(reference, "AccountLocationId"),
    "source_updated_at": at(moment, "ModifiedOn", note="a time without a zone is taken for UTC"),
}
CONTACT_COLUMNS: Columns[Setup] = {
    **ID,
    "name": Column(("FirstName", "LastName"), full_name),
    "title": at(text, "JobTitle"),
    "email": Column(("Emails",), main_value("emails", "emailaddress", "isdefault"), "the default one, else the first"),
    "phone": Column(("Phones",), main_value("phones", "phone", "isdefault"), "the default one, else the first"),
    "is_active": at(boolean, "IsActive"),
    "company_source_id": at(reference, "AccountId"),
    "site_source_id": at(reference, "LocationId"),
    "source_updated_at": at(moment, "ModifiedOn", note="a time without a zone is taken for UTC"),
}
CONTACT_DETAIL_COLUMNS: Columns[Setup] = {column: at(text, name) for column, name in ADDRESS.items()}
AGAIN = "where setup maps a custom field, read again with it"
COMPANY_DETAIL_COLUMNS: Columns[Setup] = {
    "website": at(text, "Website", note=AGAIN),
    "status": replace(COMPANY_COLUMNS["status"], note=f"{COMPANY_COLUMNS['status'].note}; {AGAIN}"),
}
CUSTOM = Column(
    ("CustomFields.Data", "CustomFields.SettingsId"),
    custom_fields,
    "asked for, one record at a time, when setup chooses any; a choice is kept by its label",
)
BOARD_COLUMNS: Columns[Setup] = {**ID, "name": at(text, "Name"), "is_active": at(boolean, "IsActive")}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    **ID,
    "name": at(text, "Name"),
    "is_active": at(boolean, "IsActive"),
    "sort_order": at(integer, "StatusOrder"),
}
PRIORITY_COLUMNS: Columns[Setup] = {**ID, "name": at(text, "Name"), "color": at(text, "Color")}
