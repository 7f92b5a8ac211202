"""What becomes of a record of HaloPSA: each column of each table."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import boolean, day, integer, items, negated, pick, text, whole_key
from include.connectors.halopsa.client import record_key
from include.model.setup import Setup

UNSET = frozenset({-1, 0, -99})
FIRST_YEAR = 1980  # earlier dates stand for none
NO_DATE = re.compile(r"(0001-01-01|1899-12-30|1900-01-01)([T ]00:00(:00(\.0+)?)?)?Z?")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
SELECTS = (2, 3)  # types of custom fields whose value is the id of a choice, or several
TABLE = 7
ASSET_FIELD = "field:"  # in setup, before the id of a field of the asset's type; custom fields have their id alone
FREE_TEXTS = tuple(f"other{number}" for number in range(1, 6))  # texts of a contact, used as each tenant likes


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


def custom_fields(record: Any, _: Setup) -> dict[str, Any]:
    """Id → value."""
    return values_by_id(pick(items, record, "customfields"), custom_value)


def asset_values(record: Any, setup: Setup) -> dict[str, Any]:
    """Custom fields, and the fields of the asset's type by `field:<id>`."""
    own = values_by_id(pick(items, record, "fields"), asset_value, prefix=ASSET_FIELD)
    return {**custom_fields(record, setup), **own}


def contact_values(record: Any, setup: Setup) -> dict[str, Any]:
    """Custom fields, and the contact's free texts by their name."""
    return {**custom_fields(record, setup), **{name: pick(text, record, name) for name in FREE_TEXTS}}


def values_by_id(fields: Iterable[Any], value_of: Callable[[Any], Any], *, prefix: str = "") -> dict[str, Any]:
    """The values by the keys that setup has for them; a field without a usable id cannot be chosen."""
    return {f"{prefix}{key}": value_of(field) for field in fields if (key := record_key(field)) is not None}


def custom_value(field: Any) -> Any:
    """A select's label where Halo tells it, else the value as it is typed; never a secret, nor a table."""
    kind = field.get("type")
    if is_secret(field) or kind == TABLE:
        return None
    value, shown = plain(field.get("value")), plain(field.get("display"))
    if kind not in SELECTS:
        return value
    return shown if shown is not None else None if value in UNSET else value


def asset_value(field: Any) -> Any:
    """The label; but a date as it is kept, since its label follows somebody's habits. Never a secret."""
    if is_secret(field):
        return None
    value, shown = field.get("value"), pick(text, field, "display")
    return plain(value if shown is None or (isinstance(value, str) and ISO_DATE.fullmatch(value)) else shown)


def is_secret(field: Any) -> bool:
    """Kept encrypted by Halo, or named like what should be."""
    return is_encrypted(field) or any(named_like_one(str(field.get(key) or "")) for key in ("name", "label"))


def is_encrypted(field: Any) -> bool:
    return bool(pick(boolean, field, "isencrypted") or pick(boolean, field, "value_is_password_id"))


@lru_cache(maxsize=1024)  # the same few names on every record
def named_like_one(name: str) -> bool:
    """Halo puts CF before the names of custom fields."""
    return is_secret_name(name.removeprefix("CF"))


def plain(value: Any) -> Any:
    """Text, number or boolean, several of them comma-separated; None for the dates that stand for none."""
    if isinstance(value, list):
        return ", ".join(filter(None, (text(item) for item in value if not isinstance(item, (dict, list))))) or None
    if isinstance(value, dict) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, (bool, int, float)):
        return value
    written = text(value)
    return None if written is None or NO_DATE.fullmatch(written.strip()) else written


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
COMPANY_CUSTOM = Column(("customfields",), custom_fields, ASKED)
ASSET_CUSTOM = Column(("customfields", "fields"), asset_values, f"{ASKED}; the fields of the asset's type likewise")
CONTACT_CUSTOM = Column(("customfields", *FREE_TEXTS), contact_values, ASKED)
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
