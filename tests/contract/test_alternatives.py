"""What a vendor says in several places: where the first is empty, the next one counts, in the order written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_details, map_page
from include.model.page import Page
from include.model.setup import Setup

# Vendor, column, and the vendor's fields in the order in which they count, from its documents.
LISTED = (
    ("autotask", "assets.name", "referenceTitle rmmDeviceAuditHostname dattoHostname rmmDeviceAuditSNMPName"),
    ("autotask", "assets.serial_number", "serialNumber dattoSerialNumber"),
    ("autotask", "contacts.email", "emailAddress emailAddress2 emailAddress3"),
    ("autotask", "contacts.phone", "phone mobilePhone alternatePhone"),
    ("autotask", "contacts.address_line_2", "addressLine1 additionalAddressInformation"),
    ("connectwise", "companies.name", "name identifier"),
    ("connectwise", "company_sites.state", "stateReference.identifier stateReference.name"),
    ("connectwise", "assets.os_type", "osType osInfo"),
    ("connectwise", "assets.notes", "notes vendorNotes"),
    ("halopsa", "company_sites.name", "name clientsite_name"),
    ("halopsa", "company_sites.address_line_1", "delivery_address_line1 delivery_address.line1"),
    ("halopsa", "company_sites.state", "delivery_address_line4 delivery_address.line4 region_code_name"),
    ("halopsa", "company_sites.country", "country_code_name"),
    ("halopsa", "assets.name", "inventory_number key_field key_field2 key_field3"),
    ("halopsa", "contacts.phone", "phonenumber_preferred phonenumber mobilenumber mobilenumber2 homenumber"),
    ("halopsa", "ticket_statuses.name", "name shortname"),
    ("kaseya_bms", "companies.name", "accountname accountcode"),
    ("kaseya_bms", "assets.name", "assetname machinegroupid serialnumber"),
    ("syncro", "companies.name", "business_name fullname business_then_name"),
    ("syncro", "contacts.phone", "phone mobile"),
)
DETAILED = (
    ("halopsa", "assets.notes", "notes"),
    ("halopsa", "contacts.email", "email2 email3"),
    ("kaseya_bms", "assets.name", "name assettag productname modelnumber"),
    ("kaseya_bms", "assets.manufacturer", "manufacturer brand"),
    ("kaseya_bms", "assets.os_type", "ostype osinfo majorversion"),
    ("kaseya_bms", "assets.warranty_expires_on", "warrantyexpirationdate expirationdate"),
    ("kaseya_bms", "contacts.name", "contactname"),
    ("kaseya_bms", "contacts.email", "contactemailaddress"),
    ("kaseya_bms", "contacts.phone", "contactphone"),
)
FLAGGED = (
    ("autotask", "contacts", "primaryContact", "Primary contact"),
    ("halopsa", "contacts", "isimportantcontact", "Important contact"),
    ("halopsa", "contacts", "isserviceaccount", "Service account"),
    ("kaseya_bms", "contacts", "ispoc", "Point of contact"),
)
RETIRED = (
    ("autotask", {"isActive": False}),
    ("connectwise", {"activeFlag": False}),
    ("halopsa", {"inactive": True}),
    ("kaseya_bms", {"isactive": False}),
)


def row(vendor: str, table: str, record: dict[str, Any], *, of_details: bool = False) -> dict[str, Any]:
    """The one row of a record with an id."""
    stream = next(one for one in load(vendor).streams if one.table == table)
    if of_details:
        assert stream.details
        return map_details(stream, stream.details, record, Setup(), Counter())
    mapped = map_page(stream, Page([{"id": 7, **record}]), Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def record_of(filled: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A record with values at these paths."""
    record: dict[str, Any] = {}
    for path, value in filled:
        *parents, last = path.split(".")
        inner = record
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    return record


def cases() -> list[Any]:
    known = [(*case, of_details) for of_details, group in ((False, LISTED), (True, DETAILED)) for case in group]
    return [pytest.param(*case, id=f"{case[0]}-{case[1]}{'-details' * case[3]}") for case in known]


@pytest.mark.parametrize("empty", [None, "", "  "], ids=["null", "empty", "blank"])
@pytest.mark.parametrize(("vendor", "place", "fields", "of_details"), cases())
def test_the_first_field_that_is_filled_in_counts(
    vendor: str, place: str, fields: str, of_details: bool, empty: str | None
) -> None:
    table, column = place.split(".")
    names = fields.split()
    typed = [f"2031-02-{nth:02}" if column.endswith("_on") else f"number {nth}" for nth in range(1, len(names) + 1)]
    for nth, value in enumerate(typed):
        expected = date.fromisoformat(value) if column.endswith("_on") else value
        before = [(name, empty) for name in names[:nth]]
        after = list(zip(names[nth:], typed[nth:], strict=True))
        for filled in (after[:1], before + after, (before + after)[::-1]):
            found = row(vendor, table, record_of(filled), of_details=of_details)
            assert found[column] == expected, filled


@pytest.mark.parametrize(("vendor", "table", "flag", "label"), FLAGGED)
def test_a_flag_of_a_contact_is_its_type_where_the_vendor_has_no_types(
    vendor: str, table: str, flag: str, label: str
) -> None:
    found = [row(vendor, table, {flag: value})["type"] for value in (True, False, None)]
    assert found == [label, None, None]


@pytest.mark.parametrize(("vendor", "record"), RETIRED)
def test_a_retired_asset_is_listed_and_not_active(vendor: str, record: dict[str, Any]) -> None:
    assert row(vendor, "assets", record)["is_active"] is False
    assert row(vendor, "assets", {name: not value for name, value in record.items()})["is_active"] is True
    assert row(vendor, "assets", {})["is_active"] is None


def test_syncro_does_not_say_whether_an_asset_is_active() -> None:
    assert row("syncro", "assets", {})["is_active"] is None
