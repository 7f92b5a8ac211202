"""Where each column comes from, in a record of Autotask, and the fields that are asked for.

A record carries the lists in which its numbers are looked up, under keys that begin with `_`; `names` puts them there.
A list that the API user may not read is None: the columns that need it keep their stored values.
"""

from __future__ import annotations

from contextlib import suppress

from include.connectors.common.columns import (
    FIRST,
    Column,
    Columns,
    address,
    at,
    either,
    first_of,
    flags,
    joined,
    latest,
    not_available,
    phone,
)
from include.connectors.common.companies import activity_columns, by_setup
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, boolean, day, instant, integer, items, pick, text, whole_key
from include.model.page import Record
from include.model.setup import Setup
from include.model.strict_json import distinct

COUNTRIES, COMPANY_TYPES, ASSET_TYPES, ASSET_CATEGORIES = "_countries", "_company_types", "_types", "_categories"
MANUFACTURERS, PRODUCTS, CUSTOM_LABELS = "_manufacturers", "_products", "_custom_labels"
COMPLETE = "5"  # the one ticket status that every tenant has for closed tickets
OWN_COMPANY = "0"


def lookup_key(value: Record) -> str | None:
    """A key as it is looked up: a whole number without decimals, anything else as text."""
    try:
        return whole_key(value)
    except InvalidValue:
        return text(value)


def key_in(record: Record, field: str) -> str:
    """The key of an entry of a list of names; empty where it has none that is usable."""
    return try_pick(lookup_key, record, field) or ""


def is_unreadable(r: Record, names: str) -> bool:
    """Whether the API user may not read this list."""
    return r.get(names, {}) is None


def label(r: Record, field: str, names: str) -> str | None:
    """The name of a number; `unknown (<number>)` where the list does not have it any more."""
    key = pick(lookup_key, r, field)
    return None if key is None or is_unreadable(r, names) else r.get(names, {}).get(key) or f"unknown ({key})"


def named(field: str, names: str, note: str = "") -> Column[Setup]:
    return Column((field,), lambda r, _: label(r, field, names), note)


def of_product(name: str) -> Column[Setup]:
    """A field of the asset's product."""

    def read(r: Record, _: Setup) -> str | None:
        return pick(text, (r.get(PRODUCTS) or {}).get(pick(lookup_key, r, "productID")), name)

    return Column(("productID",), read)


def unknown_of_asset(r: Record, setup: Setup) -> list[str] | None:
    has_type, has_product = (pick(lookup_key, r, name) is not None for name in ("configurationItemType", "productID"))
    no_type = is_unreadable(r, ASSET_TYPES) or (is_unreadable(r, ASSET_CATEGORIES) and not has_type)
    no_product = is_unreadable(r, PRODUCTS) and has_product
    no_name = no_product and ASSET_NAME.read(r, setup) is None
    unknown = {"type": no_type, "manufacturer": no_product, "name": no_name}
    return [column for column, is_unknown in unknown.items() if is_unknown] or None


def unknown_of_site(r: Record, _: Setup) -> list[str] | None:
    return ["country"] if is_unreadable(r, COUNTRIES) else None


def is_company_unknown(r: Record) -> bool:
    """Whether the company is unknown: inactive contacts were seen to name the MSP's own company instead of theirs."""
    return pick(whole_key, r, "companyID") == OWN_COMPANY and pick(boolean, r, "isActive") is False


def company_of(r: Record, _: Setup) -> str | None:
    return None if is_company_unknown(r) else pick(whole_key, r, "companyID")


def unknown_of_contact(r: Record, setup: Setup) -> list[str] | None:
    return [*(["company_source_id"] if is_company_unknown(r) else []), *(unknown_of_site(r, setup) or [])] or None


def values_by_name(r: Record, _: Setup) -> dict[str, Record]:
    """Name → value, which is text whatever the field's type; the label of a list's value, where there is one."""
    labels = r.get(CUSTOM_LABELS, {})
    found = []
    for one in pick(items, r, "userDefinedFields"):
        name, value = one.get("name"), one.get("value")
        if isinstance(name, str):
            with suppress(InvalidValue):  # no key of a list
                value = labels.get(name, {}).get(lookup_key(value)) or value
            found.append((name, value))
    return distinct(found)


def is_complete(r: Record, _: Setup) -> bool:
    return pick(whole_key, r, "value") == COMPLETE


IN_COUNTRIES = "its display name, otherwise its name or code"
ASSET_NAME = either(
    first_of(text, "referenceTitle", "rmmDeviceAuditHostname", "dattoHostname", "rmmDeviceAuditSNMPName"),
    of_product("name"),
    note=f"{FIRST}; of the product its name",
)
NO_UPDATE_TIME = not_available("Autotask does not say when it changed")
OF_ACTIVITY = activity_columns(boolean, "isActive")
STATUS = by_setup(
    OF_ACTIVITY["status"],
    named("companyType", COMPANY_TYPES),
    "active or not; the type's label if setup says `status_from`",
)
STATUS_ID = by_setup(
    OF_ACTIVITY["status_source_id"],
    at(whole_key, "companyType"),
    "`active`, `inactive`; the number of the type if setup says so",
)
IS_DEFAULT = by_setup(
    at(boolean, "isActive"), at(boolean, "isDefaultValue"), "new companies are active; a type says it itself"
)

STATUS_COLUMNS: Columns[Setup] = {
    "source_id": STATUS_ID,
    "name": STATUS,
    "is_default": IS_DEFAULT,
    "source_updated_at": NO_UPDATE_TIME,
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
    **address("address1", "address2", "city", "state", "postalCode"),
    "country": named("countryID", COUNTRIES, IN_COUNTRIES),
    "source_updated_at": NO_UPDATE_TIME,
    "kept": Column(("countryID",), unknown_of_site),
}
ASSET_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": ASSET_NAME,
    "type": either(
        named("configurationItemType", ASSET_TYPES),
        named("configurationItemCategoryID", ASSET_CATEGORIES),
        note="the name of the type, otherwise of the category",
    ),
    "status": OF_ACTIVITY["status"],
    "is_active": at(boolean, "isActive"),
    "manufacturer": either(
        of_product("manufacturerName"),
        named("rmmDeviceAuditManufacturerID", MANUFACTURERS),
        note="the product's manufacturer, else what the RMM found",
    ),
    "serial_number": first_of(text, "serialNumber", "dattoSerialNumber"),
    "os_type": at(text, "rmmDeviceAuditOperatingSystem", note="filled for assets that an RMM watches"),
    "purchase_date": not_available("Autotask has none; a custom field can fill it"),
    "warranty_expires_on": at(day, "warrantyExpirationDate", note="the calendar date as written, no time zone applied"),
    "notes": at(text, "notes"),
    "company_source_id": at(whole_key, "companyID"),
    "site_source_id": at(whole_key, "companyLocationID"),
    "contact_source_id": at(whole_key, "contactID"),
    "source_updated_at": at(instant, "lastModifiedTime"),
    "kept": Column((), unknown_of_asset),
}
CONTACT_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": joined("firstName", "lastName"),
    "type": flags({"primaryContact": "Primary contact"}),
    "title": at(text, "title"),
    "email": first_of(text, "emailAddress", "emailAddress2", "emailAddress3"),
    **phone("phone", "mobilePhone", "alternatePhone", extension="extension"),
    **address("addressLine", "addressLine1", "city", "state", "zipCode"),
    "address_line_2": first_of(text, "addressLine1", "additionalAddressInformation"),
    "country": named("countryID", COUNTRIES, IN_COUNTRIES),
    "is_active": at(boolean, "isActive"),
    "company_source_id": Column(
        ("companyID", "isActive"), company_of, "0 at an inactive contact says nothing: the stored value stays"
    ),
    "kept": Column(("companyID", "isActive", "countryID"), unknown_of_contact),
    "site_source_id": at(whole_key, "companyLocationID"),
    "source_updated_at": latest("lastModifiedDate", "lastActivityDate"),
}
CUSTOM = Column(("userDefinedFields",), values_by_name, "text, as the vendor sends them; of a list the label")
BOARD_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `queueID` of tickets"),
    "name": at(text, "label"),
    "is_active": at(boolean, "isActive"),
    "source_updated_at": NO_UPDATE_TIME,
}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `status` of tickets"),
    "name": at(text, "label"),
    "is_closed": Column(("value",), is_complete, "5 is the system's own Complete; Autotask does not say it of others"),
    "board_source_id": not_available("statuses are the same in all queues"),
    "is_active": at(boolean, "isActive"),
    "sort_order": at(integer, "sortOrder"),
    "source_updated_at": NO_UPDATE_TIME,
}
PRIORITY_COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "value", note="a value of the field `priority` of tickets"),
    "name": at(text, "label"),
    "sort_order": at(integer, "sortOrder"),
    "color": not_available("Autotask has none"),
    "source_updated_at": NO_UPDATE_TIME,
}


def requested(columns: Columns[Setup]) -> list[str]:
    """The fields that the columns read and no others; a listing of several pages must ask for `id`."""
    return ["id", *sorted({name for column in columns.values() for name in column.fields} - {"id"})]
