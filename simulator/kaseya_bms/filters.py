"""The filters the document names for each list: `Filter.<Name>` in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulator.entities import Asset, Company, Contact
from simulator.kaseya_bms import companies, contacts
from simulator.kaseya_bms.formats import label
from simulator.kaseya_bms.resource import Filter, Filters
from simulator.messages import ApiError
from simulator.world import World

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?)?")


def moment(text: str) -> datetime:
    """A moment as .NET reads one; without a zone it is UTC."""
    match = MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, time, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    return datetime.fromisoformat(f"{day}T{time or '00:00'}{offset}") + timedelta(seconds=float(f"0.{fraction or 0}"))


def boolean(text: str) -> bool:
    """True or false in any case."""
    return {"true": True, "false": False}[text.lower()]


def ids(text: str) -> frozenset[int]:
    """Ids between commas."""
    return frozenset(int(one) for one in text.split(","))


def same(read: Callable[[str], Any], of: Callable[[World, Any], object]) -> Filter:
    """Rows that have exactly this."""
    return Filter(read, lambda world, row, value: of(world, row) == value)


def contains(of: Callable[[World, Any], str | None]) -> Filter:
    """Rows with this text somewhere in it."""
    return Filter(str, lambda world, row, value: value.casefold() in (of(world, row) or "").casefold())


def names(text: str) -> frozenset[str]:
    """Names between commas, so a name with a comma in it is two that nothing has."""
    return frozenset(one.strip().casefold() for one in text.split(",") if one.strip())


def named(of: Callable[[World, Any], str | None]) -> Filter:
    """Rows whose name is one of those, whatever its case."""
    return Filter(names, lambda world, row, value: (of(world, row) or "").strip().casefold() in value)


def between(name: str, of: Callable[[Any], datetime | None]) -> Filters:
    """Rows from and up to a moment, both included, as exact as answers show it: to the second."""

    def at(row: Any) -> datetime | None:
        found = of(row)
        return found.replace(microsecond=0) if found else None

    return {
        f"{name}From": Filter(moment, lambda _, row, value: (found := at(row)) is not None and found >= value),
        f"{name}To": Filter(moment, lambda _, row, value: (found := at(row)) is not None and found <= value),
    }


def read(filters: Filters, name: str, text: str) -> tuple[Filter, Any]:
    """A filter and its value; text that is no such value is refused."""
    try:
        return filters[name], filters[name].read(text)
    except (KeyError, ValueError):
        raise ApiError(400, f"The value '{text}' is not valid for {name}.") from None


def _asset_user(world: World, asset: Asset) -> str | None:
    return contacts.full_name(world.contacts.get(asset.contact_id or 0))


def _phones(_world: World, one: Contact) -> str:
    return " ".join(phone.number for phone in one.phones)


def _emails(_world: World, one: Contact) -> str:
    return " ".join(email.address for email in one.emails)


def _type_name(world: World, company: Company) -> str | None:
    return companies.account_type(world, company)[1]


ACCOUNTS: Filters = {
    "AccountName": contains(lambda _, c: c.name),
    "AccountCode": same(str, lambda _, c: f"{c.id:06}"),
    "AccountTypeId": same(int, lambda w, c: companies.account_type(w, c)[0]),
    "AccountTypeName": same(str, _type_name),
    **between("CreatedOn", lambda c: c.created_at),
    **between("ModifiedOn", lambda c: c.updated_at),
    "IsActive": same(boolean, companies.is_active),
}
CONTACTS: Filters = {
    "AccountId": same(int, lambda _, c: c.company_id),
    "AccountName": contains(lambda w, c: companies.account_name(w, c.company_id)),
    "FirstName": contains(lambda _, c: c.first_name),
    "LastName": contains(lambda _, c: c.last_name),
    "Phone": contains(_phones),
    "Email": contains(_emails),
    **between("CreatedOn", lambda c: c.updated_at),
    **between("ModifiedOn", lambda c: c.updated_at),
    "IsActive": same(boolean, lambda _, c: c.is_active),
}
ASSETS: Filters = {
    "CategoryIds": Filter(ids, lambda _, a, value: a.type_id in value),
    "AssetName": contains(lambda _, a: a.name),
    "MachineGroupId": contains(lambda *_: None),
    "LocationName": contains(lambda w, a: label(w.sites, a.site_id)),
    "SerialNumber": contains(lambda _, a: a.serial_number),
    "Description": contains(lambda _, a: a.notes),
    "IPAddress": contains(lambda *_: None),
    "AccountId": same(int, lambda _, a: a.company_id),
    "ContactId": same(int, lambda _, a: a.contact_id),
    "ContactName": contains(_asset_user),
    "ExcludedId": Filter(int, lambda _, a, value: a.id != value),
    "IsActive": same(boolean, lambda _, a: a.is_active),
}
