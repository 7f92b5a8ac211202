"""Where each column comes from, in a record of Syncro."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from include.connectors.common.columns import (
    Column,
    Columns,
    address,
    at,
    either,
    first_of,
    joined,
    not_available,
    phone,
)
from include.connectors.common.companies import fixed_status_columns
from include.connectors.common.values import InvalidValue, boolean, instant, integer, pick, text, text_key, whole_key
from include.connectors.syncro.custom_fields import values_by_name
from include.model.page import Record
from include.model.setup import Setup
from include.model.strict_json import read_json

COMPANY_NAME = either(
    first_of(text, "business_name", "fullname"),
    joined("firstname", "lastname"),
    at(text, "business_then_name"),
    at(whole_key, "id"),
)
STATUSES = {"active": "Active", "disabled": "Disabled"}  # Syncro has a flag; these two rows stand for it
PLACE = "place"  # in records that `listings.by_name` makes of names without ids
CLOSED = "Resolved"  # the status by which Syncro itself knows a closed ticket
AGENT_REPORTS = (("properties", "kabuto_information"), ("rmm_store", "general", "info"))
"""Where the agent's report about a machine is: an object, JSON in a text, or missing. The more complete one first."""


def company_status(r: Record) -> str:
    """The key in STATUSES; a company is active unless it was disabled."""
    return "disabled" if pick(boolean, r, "disabled") else "active"


def site(of_company: str, of_address: str) -> Column[Setup]:
    """A text of the company's main address, or of a further one: see `listings.addresses`."""

    def read(r: Record, _: Setup) -> Record:
        further = r["address"] is not None
        return pick(text, r, "address", of_address) if further else pick(text, r, "customer", of_company)

    return Column((of_company, f"addresses[].{of_address}"), read)


def site_name(r: Record, _: Setup) -> object:
    return COMPANY_NAME.read(r["customer"], None) if r["address"] is None else pick(text, r, "address", "name")


def site_changed(r: Record, _: Setup) -> Record:
    return pick(instant, r, "customer", "updated_at") if r["address"] is None else None


def asset_site(r: Record, _: Setup) -> str | None:
    return site_key(pick(whole_key, r, "customer_id"), pick(whole_key, r, "address", "id"))


def site_key(company: str | None, address: str | None) -> str | None:
    """The key of a site: the company's own for its main address, otherwise `<company>/<address>`."""
    if address is None or company is None:
        return None
    return company if address == company else f"{company}/{address}"


def reported(*path: str) -> Column[Setup]:
    """The value at a path of the agent's report; a value of another form is ignored, since no person can correct it."""
    shown = tuple(".".join((*start, *path)) for start in AGENT_REPORTS)

    def read(r: Record, _: Setup) -> str | None:
        return next(filter(None, (_found(r, *start, *path) for start in AGENT_REPORTS)), None)

    return Column(shown, read, "from the agent, for machines that have it; `info` can be JSON in a text")


def _found(value: Record, *path: str) -> str | None:
    for step in path:
        value = _object(value).get(step)
    with suppress(InvalidValue):
        return text(value)
    return None


def _object(value: Record) -> dict[str, Record]:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def listed(convert: Callable[[Record], Record], shown: str, key: str, note: str = "") -> Column[Setup]:
    """An entry of a list of names, as `listings.by_name` makes a record of it."""
    return Column((shown,), lambda r, _: pick(convert, r, key), note)


ALWAYS: Column[object] = Column((), lambda _record, _: True, "true while it is listed")
NO_ASSET_FIELD = not_available("Syncro has none; a custom field can fill it")
NO_UPDATE_TIME = not_available("Syncro does not say when it changed")
COMMON: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "source_updated_at": at(instant, "updated_at", note="written with the account's offset, kept in UTC"),
}
CUSTOM = Column(
    ("properties",), values_by_name, "by the name on the screen; those whose name suggests a secret are left out"
)
STATUS_COLUMNS = fixed_status_columns(STATUSES)
COMPANY_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": COMPANY_NAME,
    "website": not_available("a custom field can fill it"),
    "status": Column(("disabled",), lambda r, _: STATUSES[company_status(r)], "Active or Disabled"),
    "status_source_id": Column(("disabled",), lambda r, _: company_status(r)),
}
SITE_COLUMNS: Columns[Setup] = {
    "source_id": Column(("id", "addresses[].id"), lambda r, _: r["id"], "a further address: `<customer>/<address>`"),
    "source_updated_at": Column(("updated_at",), site_changed, "of the main address only"),
    "name": Column((*COMPANY_NAME.fields, "addresses[].name"), site_name, "the main address has the company's"),
    "company_source_id": Column(("id",), lambda r, _: pick(whole_key, r, "customer", "id")),
    "is_active": ALWAYS,
    "is_primary": Column((), lambda r, _: r["address"] is None, "true for the company's main address"),
    "address_line_1": site("address", "address1"),
    "address_line_2": site("address_2", "address2"),
    "city": site("city", "city"),
    "state": site("state", "state"),
    "postal_code": site("zip", "zip"),
    "country": not_available("Syncro has no countries"),
}
ASSET_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "type": at(text, "asset_type"),
    "status": NO_ASSET_FIELD,
    "is_active": not_available("Syncro has no flag of assets"),
    "manufacturer": reported("general", "manufacturer"),
    "serial_number": at(text, "asset_serial"),
    "os_type": reported("os", "name"),
    "purchase_date": NO_ASSET_FIELD,
    "warranty_expires_on": NO_ASSET_FIELD,
    "notes": NO_ASSET_FIELD,
    "company_source_id": at(whole_key, "customer_id"),
    "site_source_id": Column(("address.id", "customer_id"), asset_site, "`<customer>/<address>`"),
    "contact_source_id": at(whole_key, "contact_id"),
}
CONTACT_COLUMNS: Columns[Setup] = {
    **COMMON,
    "name": at(text, "name"),
    "type": not_available("Syncro has none; a custom field can fill it"),
    "title": at(text, "properties.title"),
    "email": at(text, "email"),
    **phone("phone", "mobile", extension="extension"),
    **address("address1", "address2", "city", "state", "zip"),
    "country": not_available("Syncro has no countries"),
    "is_active": ALWAYS,
    "company_source_id": at(whole_key, "customer_id"),
    "site_source_id": not_available("Syncro's contacts have no site"),
}
BOARD_COLUMNS: Columns[Setup] = {
    "source_id": Column(
        ("ticket_types[].id", "problem_types[]"),
        lambda r, _: pick(text_key if PLACE in r else whole_key, r, "id"),
        "of a problem type its name",
    ),
    "name": Column(("ticket_types[].name", "problem_types[]"), lambda r, _: pick(text, r, "name")),
    "is_active": Column(("ticket_types[].disabled",), lambda r, _: not pick(boolean, r, "disabled"), "its opposite"),
    "source_updated_at": NO_UPDATE_TIME,
}
TICKET_STATUS_COLUMNS: Columns[Setup] = {
    "source_id": listed(text_key, "ticket_status_list[]", "id", "the name: there are no ids"),
    "name": listed(text, "ticket_status_list[]", "name"),
    "is_closed": Column(("ticket_status_list[]",), lambda r, _: r["name"] == CLOSED, f"`{CLOSED}` is"),
    "board_source_id": not_available("statuses are the same for all ticket types"),
    "is_active": not_available("Syncro does not say"),
    "source_updated_at": NO_UPDATE_TIME,
    "sort_order": listed(integer, "ticket_status_list[]", PLACE, "the place in the list"),
}
PRIORITY_COLUMNS: Columns[Setup] = {
    "source_id": listed(text_key, "ticket.priorities[]", "id", "the name: there are no ids"),
    "name": listed(text, "ticket.priorities[]", "name"),
    "sort_order": listed(integer, "ticket.priorities[]", PLACE, "the place in the list; the empty one is no row"),
    "color": not_available("Syncro has none"),
    "source_updated_at": NO_UPDATE_TIME,
}
