"""What becomes of a record of Autotask: each column of each table, and the fields that are asked for.

A record carries the lists that its numbers are looked up in, under keys that begin with `_`; `streams` puts them there.
A list that the API user may not read is None: the columns that need it stay as they were known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.values import InvalidValue, boolean, day, instant, integer, items, pick, text, whole_key
from include.model.setup import Setup

COUNTRIES, COMPANY_TYPES, ASSET_TYPES, MANUFACTURERS, PRODUCTS, CUSTOM_LABELS = (
    "_countries",
    "_company_types",
    "_asset_types",
    "_manufacturers",
    "_products",
    "_custom_labels",
)
ACTIVITY = {"active": "Active", "inactive": "Inactive"}
COMPLETE = "5"  # the one ticket status that every tenant has for closed tickets
OWN_COMPANY = "0"


def spelled(value: Any) -> str | None:
    """A key as it is compared: a whole number without decimals, anything else as text."""
    try:
        return whole_key(value)
    except InvalidValue:
        return text(value)


def untold(r: Any, names: str) -> bool:
    return r.get(names, {}) is None


def label(r: Any, field: str, names: str) -> str | None:
    """What a number stands for; one that is in no list any more still says that there is something."""
    key = pick(spelled, r, field)
    return None if key is None or untold(r, names) else r.get(names, {}).get(key) or f"unknown ({key})"


def named(field: str, names: str, note: str) -> Column[Setup]:
    return Column((field,), lambda r, _: label(r, field, names), note)


def first_of(convert: Callable[[Any], Any], *fields: str, note: str = "") -> Column[Setup]:
    """The first field that is not empty."""
    return Column(fields, lambda r, _: next((v for f in fields if (v := pick(convert, r, f)) is not None), None), note)


def latest(*fields: str) -> Column[Setup]:
    def read(r: Any, _: Setup) -> datetime | None:
        return max(filter(None, (pick(instant, r, field) for field in fields)), default=None)

    return Column(fields, read, "the later one")


def activity(r: Any, _: Setup) -> str | None:
    """The key of a flag's state."""
    active = pick(boolean, r, "isActive")
    return None if active is None else "active" if active else "inactive"


def activity_label(r: Any, setup: Setup) -> str | None:
    return ACTIVITY.get(activity(r, setup) or "")


def company_status_id(r: Any, setup: Setup) -> str | None:
    return pick(whole_key, r, "companyType") if setup.companies.status_from == "type" else activity(r, setup)


def company_status(r: Any, setup: Setup) -> str | None:
    by_type = setup.companies.status_from == "type"
    return label(r, "companyType", COMPANY_TYPES) if by_type else activity_label(r, setup)


def is_default(r: Any, setup: Setup) -> bool | None:
    return pick(boolean, r, "isDefaultValue" if setup.companies.status_from == "type" else "isActive")


def product(r: Any, name: str) -> str | None:
    """A field of the product that an asset is one of."""
    return None if untold(r, PRODUCTS) else pick(text, r.get(PRODUCTS, {}).get(pick(spelled, r, "productID")), name)


def asset_name(r: Any, _: Setup) -> str | None:
    return pick(text, r, "referenceTitle") or pick(text, r, "rmmDeviceAuditHostname") or product(r, "name")


def manufacturer(r: Any, _: Setup) -> str | None:
    return product(r, "manufacturerName") or label(r, "rmmDeviceAuditManufacturerID", MANUFACTURERS)


def untold_of_asset(r: Any, setup: Setup) -> list[str] | None:
    columns = ["type"] if untold(r, ASSET_TYPES) else []
    if untold(r, PRODUCTS) and pick(spelled, r, "productID") is not None:
        columns += ["manufacturer"] if asset_name(r, setup) else ["manufacturer", "name"]
    return columns or None


def untold_of_site(r: Any, _: Setup) -> list[str] | None:
    return ["country"] if untold(r, COUNTRIES) else None


def full_name(r: Any, _: Setup) -> str | None:
    return " ".join(filter(None, (pick(text, r, "firstName"), pick(text, r, "lastName")))) or None


def owner_untold(r: Any) -> bool:
    """Inactive contacts were seen to report the MSP's own company whoever they belong to."""
    return pick(whole_key, r, "companyID") == OWN_COMPANY and pick(boolean, r, "isActive") is False


def owner(r: Any, _: Setup) -> str | None:
    return None if owner_untold(r) else pick(whole_key, r, "companyID")


def untold_of_contact(r: Any, setup: Setup) -> list[str] | None:
    return [*(["company_source_id"] if owner_untold(r) else []), *(untold_of_site(r, setup) or [])] or None


def custom_fields(r: Any, _: Setup) -> dict[str, Any]:
    """Name → value, which is text whatever the type of the field; of a list its label, where there is one."""
    labels = r.get(CUSTOM_LABELS, {})
    found = {}
    for one in pick(udfs, r, "userDefinedFields"):
        name = pick(text, one, "name") or ""
        known = labels.get(name, {}).get(pick(spelled, one, "value"))
        found[name] = known or pick(text, one, "value")
    return found


def udfs(value: Any) -> list[Mapping[str, Any]]:
    """Records without any were seen to have an empty object in place of the list."""
    return [] if value == {} else items(value)


def is_complete(r: Any, _: Setup) -> bool:
    return pick(whole_key, r, "value") == COMPLETE


IN_COUNTRIES = "its display name"
STATUS = Column(
    ("isActive", "companyType"), company_status, "active or not; the type's label if setup says `status_from`"
)
STATUS_ID = Column(STATUS.fields, company_status_id, "`active`, `inactive`; the number of the type if setup says so")

STATUS_COLUMNS: Columns[Setup] = {
    "source_id": STATUS_ID,
    "name": STATUS,
    "is_default": Column(("isActive", "isDefaultValue"), is_default, "new companies are active; a type says it itself"),
}
COMPANY_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id", note="0 is the MSP itself"),
    "name": at(text, "companyName"),
    "website": at(text, "webAddress"),
    "status": STATUS,
    "status_source_id": STATUS_ID,
    "source_updated_at": latest("lastActivityDate", "lastTrackedModifiedDateTime"),
}
SITE_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": at(text, "name"),
    "company_source_id": at(whole_key, "companyID"),
    "is_active": at(boolean, "isActive"),
    "is_primary": at(boolean, "isPrimary"),
    "address_line_1": at(text, "address1"),
    "address_line_2": at(text, "address2"),
    "city": at(text, "city"),
    "state": at(text, "state"),
    "postal_code": at(text, "postalCode"),
    "country": named("countryID", COUNTRIES, IN_COUNTRIES),
    "kept": Column(("countryID",), untold_of_site),
}
ASSET_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": Column(
        ("referenceTitle", "rmmDeviceAuditHostname", "productID"),
        asset_name,
        "the first that is filled; the product's name",
    ),
    "type": named("configurationItemType", ASSET_TYPES, "the type's name"),
    "status": Column(("isActive",), activity_label, "`Active` or `Inactive`"),
    "manufacturer": Column(
        ("productID", "rmmDeviceAuditManufacturerID"),
        manufacturer,
        "the product's manufacturer, else what the RMM found",
    ),
    "serial_number": first_of(text, "serialNumber", "dattoSerialNumber", note="the first that is filled"),
    "os_type": at(text, "rmmDeviceAuditOperatingSystem", note="filled for assets that an RMM watches"),
    "warranty_expires_on": at(day, "warrantyExpirationDate", note="the calendar date as written, no time zone applied"),
    "notes": at(text, "notes"),
    "company_source_id": at(whole_key, "companyID"),
    "site_source_id": at(whole_key, "companyLocationID"),
    "contact_source_id": at(whole_key, "contactID"),
    "source_updated_at": at(instant, "lastModifiedTime"),
    "kept": Column(("configurationItemType", "productID"), untold_of_asset),
}
CONTACT_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": Column(("firstName", "lastName"), full_name),
    "title": at(text, "title"),
    "email": at(text, "emailAddress"),
    "phone": at(text, "phone"),
    "phone_extension": at(text, "extension"),
    "address_line_1": at(text, "addressLine"),
    "address_line_2": at(text, "addressLine1"),
    "city": at(text, "city"),
    "state": at(text, "state"),
    "postal_code": at(text, "zipCode"),
    "country": named("countryID", COUNTRIES, IN_COUNTRIES),
    "is_active": at(boolean, "isActive"),
    "company_source_id": Column(
        ("companyID", "isActive"), owner, "of an inactive contact 0 says nothing: what was known stays"
    ),
    "kept": Column(("companyID", "isActive", "countryID"), untold_of_contact),
    "site_source_id": at(whole_key, "companyLocationID"),
    "source_updated_at": latest("lastModifiedDate", "lastActivityDate"),
}
CUSTOM = Column(("userDefinedFields",), custom_fields, "text, as the vendor sends them; of a list the label")
BOARD_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `queueID` of tickets"),
    "name": at(text, "label"),
    "is_active": at(boolean, "isActive"),
}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `status` of tickets"),
    "name": at(text, "label"),
    "is_closed": Column(("value",), is_complete, "5 is the system's own Complete; Autotask does not say it of others"),
    "is_active": at(boolean, "isActive"),
    "sort_order": at(integer, "sortOrder"),
}
PRIORITY_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `priority` of tickets"),
    "name": at(text, "label"),
    "sort_order": at(integer, "sortOrder"),
}


def requested(columns: Columns[Setup]) -> list[str]:
    """The fields that the cells read and no others; a listing of several pages must ask for `id`."""
    return ["id", *sorted({name for cell in columns.values() for name in cell.fields} - {"id"})]
