"""What becomes of a record of HaloPSA: each column of each table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.values import boolean, day, integer, negated, pick, text, whole_key
from include.connectors.halopsa.custom_fields import CUSTOM, FREE_TEXTS, OF_TYPE, UNSET, contact_values
from include.model.setup import Setup

FIRST_YEAR = 1980  # earlier dates stand for none


def reference_key(value: Any) -> str | None:
    """Another record's id, which comes as a number, a decimal or text; -1, 0 and -99 stand for none."""
    number = integer(value)
    return None if number is None or number in UNSET else str(number)


def real_day(value: Any) -> date | None:
    """A calendar date; one before 1980 stands for none."""
    written = day(value)
    return None if written is None or written.year < FIRST_YEAR else written


def first_of(*fields: str, note: str = "", convert: Callable[[Any], str | None] = text) -> Column[Setup]:
    """The first of several fields that says something."""

    def read(record: Any, _: Setup) -> str | None:
        return next((found for name in fields if (found := pick(convert, record, name)) is not None), None)

    return Column(fields, read, note)


def address(line: int, *, detail: str, note: str = "") -> Column[Setup]:
    """A line of the address, which single records have in an object."""

    def read(record: Any, _: Setup) -> str | None:
        name = f"delivery_address_line{line}"
        if isinstance(record, dict) and name not in record:
            return pick(text, record, "delivery_address", detail)
        return pick(text, record, name)

    return Column((f"delivery_address_line{line}",), read, note)


def status(record: Any, _: Setup) -> str | None:
    key = status_key(record)
    return STATUSES[key] if key else None


def status_key(record: Any) -> str | None:
    """The key of what stands in for a company's status."""
    inactive = pick(boolean, record, "inactive")
    return None if inactive is None else "inactive" if inactive else "active"


def is_primary(record: Any, _: Setup) -> bool | None:
    main = pick(whole_key, record, "main_site_id")
    return None if main is None else main == pick(whole_key, record, "id")  # where a company has none, no site is it


def priority_key(record: Any, _: Setup) -> str | None:
    sla, number = pick(whole_key, record, "slaid"), pick(whole_key, record, "priorityid")
    return f"{sla}/{number}" if sla and number else None


STATUSES = {"active": "Active", "inactive": "Inactive"}
OWN_KEY = {"source_id": at(whole_key, "id")}
NAMED: Columns[Setup] = {**OWN_KEY, "name": at(text, "name")}
STATUS_COLUMNS: Columns[Setup] = {
    "source_id": at(text, "id", note="active or inactive: HaloPSA has no statuses of companies"),
    "name": at(text, "name"),
    "is_default": at(boolean, "is_default", note="true for active"),
}
COMPANY_COLUMNS: Columns[Setup] = {
    **NAMED,
    "website": at(text, "website", note="not in the lists of older releases"),
    "status": Column(("inactive",), status, "Active or Inactive"),
    "status_source_id": Column(("inactive",), lambda record, _: status_key(record), "active or inactive"),
}
SITE_COLUMNS: Columns[Setup] = {
    **NAMED,
    "company_source_id": at(reference_key, "client_id"),
    "is_active": at(negated, "inactive"),
    "is_primary": Column(
        ("clients.main_site_id",), is_primary, "the company names its main site; older releases do not"
    ),
    "address_line_1": address(1, detail="line1"),
    "address_line_2": address(2, detail="line2"),
    "city": address(3, detail="line3", note="by custom"),
    "state": address(4, detail="line4", note="by custom"),
    "postal_code": address(5, detail="postcode"),
}
ASSET_COLUMNS: Columns[Setup] = {
    **OWN_KEY,
    "name": first_of("inventory_number", "key_field", note="the first that is filled"),
    "type": at(text, "assettype_name"),
    "status": at(text, "status_name"),
    "purchase_date": at(real_day, "supplier_purchasedate", note="a date before 1980 stands for none"),
    "warranty_expires_on": at(real_day, "warranty_end", note="likewise"),
    "company_source_id": at(reference_key, "client_id"),
    "site_source_id": at(reference_key, "site_id"),
    "contact_source_id": at(reference_key, "first_user_id", note="the first of the asset's users"),
}
CONTACT_COLUMNS: Columns[Setup] = {
    **NAMED,
    "email": at(text, "emailaddress"),
    "phone": first_of("phonenumber_preferred", "phonenumber", "mobilenumber", note="the first that is filled"),
    "is_active": at(negated, "inactive"),
    "company_source_id": at(reference_key, "client_id", note="where it is missing, the company of the site"),
    "site_source_id": first_of("site_id_int", "site_id", convert=reference_key, note="the first that is set"),
}
ASKED = "asked for when setup chooses any, by id"
COMPANY_CUSTOM: Column[Setup] = Column((CUSTOM.place,), lambda r, _: CUSTOM.values(r), ASKED)
ASSET_CUSTOM: Column[Setup] = Column(
    (CUSTOM.place, OF_TYPE.place),
    lambda r, _: CUSTOM.values(r) | OF_TYPE.values(r),
    f"{ASKED}; the fields of the asset's type likewise",
)
CONTACT_CUSTOM = Column((CUSTOM.place, *FREE_TEXTS), contact_values, ASKED)
BOARD_COLUMNS: Columns[Setup] = {**NAMED, "is_active": at(negated, "inactive")}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    **NAMED,
    "is_closed": at(boolean, "closed", note="whether the list lacks it when closed ones are to be left out"),
    "sort_order": at(integer, "sequence"),
}
PRIORITY_COLUMNS: Columns[Setup] = {
    "source_id": Column(("slaid", "priorityid"), priority_key, "each SLA has priorities of its own: `3/2`"),
    "name": at(text, "name"),
    "color": at(text, "colour"),
    "sort_order": at(integer, "priorityid"),
}
