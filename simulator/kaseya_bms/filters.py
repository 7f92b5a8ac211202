"""The documented filters of each list: `Filter.<Name>` in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulator.entities import Asset, Company, Contact
from simulator.kaseya_bms import companies, contacts
from simulator.kaseya_bms.formats import name_in_table
from simulator.kaseya_bms.resource import Filter, Filters
from simulator.messages import ApiError
from simulator.world import World

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?)?")


def moment(text: str) -> datetime:
    """A timestamp in .NET's format, in UTC if it has no time zone."""
    match = MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, time, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    return datetime.fromisoformat(f"{day}T{time or '00:00'}{offset}") + timedelta(seconds=float(f"0.{fraction or 0}"))


def boolean(text: str) -> bool:
    """`true` or `false` in upper or lower case."""
    return {"true": True, "false": False}[text.lower()]


def ids(text: str) -> frozenset[int]:
    """Comma-separated ids."""
    return frozenset(int(one) for one in text.split(","))


def equals(read: Callable[[str], Any], of: Callable[[World, Any], object]) -> Filter:
    """Rows with exactly this value."""
    return Filter(read, lambda world, row, value: of(world, row) == value)


def contains(of: Callable[[World, Any], str | None]) -> Filter:
    """Rows whose text contains this one."""
    return Filter(str, lambda world, row, value: value.casefold() in (of(world, row) or "").casefold())


def names(text: str) -> frozenset[str]:
    """Comma-separated names. A name that contains a comma therefore cannot be found."""
    return frozenset(one.strip().casefold() for one in text.split(",") if one.strip())


def named(of: Callable[[World, Any], str | None]) -> Filter:
    """Rows with one of these names, whatever its case."""
    return Filter(names, lambda world, row, value: (of(world, row) or "").strip().casefold() in value)


def between(name: str, of: Callable[[Any], datetime | None]) -> Filters:
    """Rows from and up to a time, both inclusive, in whole seconds as records show it."""

    def at(row: Any) -> datetime | None:
        found = of(row)
        return found.replace(microsecond=0) if found else None

    return {
        f"{name}From": Filter(moment, lambda _, row, value: (found := at(row)) is not None and found >= value),
        f"{name}To": Filter(moment, lambda _, row, value: (found := at(row)) is not None and found <= value),
    }


def read(filters: Filters, name: str, text: str) -> tuple[Filter, Any]:
    """A filter and its value. Raises `ApiError` for a wrong value."""
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
    "AccountCode": equals(str, lambda _, c: f"{c.id:06}"),
    "AccountTypeId": equals(int, lambda w, c: companies.account_type(w, c)[0]),
    "AccountTypeName": equals(str, _type_name),
    **between("CreatedOn", lambda c: c.created_at),
    **between("ModifiedOn", lambda c: c.updated_at),
    "IsActive": equals(boolean, companies.is_active),
}
CONTACTS: Filters = {
    "AccountId": equals(int, lambda _, c: c.company_id),
    "AccountName": contains(lambda w, c: companies.account_name(w, c.company_id)),
    "FirstName": contains(lambda _, c: c.first_name),
    "LastName": contains(lambda _, c: c.last_name),
    "Phone": contains(_phones),
    "Email": contains(_emails),
    **between("CreatedOn", lambda c: c.updated_at),
    **between("ModifiedOn", lambda c: c.updated_at),
    "IsActive": equals(boolean, lambda _, c: c.is_active),
}
ASSETS: Filters = {
    "CategoryIds": Filter(ids, lambda _, a, value: a.type_id in value),
    "AssetName": contains(lambda _, a: a.name),
    "MachineGroupId": contains(lambda *_: None),
    "LocationName": contains(lambda w, a: name_in_table(w.sites, a.site_id)),
    "SerialNumber": contains(lambda _, a: a.serial_number),
    "Description": contains(lambda _, a: a.notes),
    "IPAddress": contains(lambda *_: None),
    "AccountId": equals(int, lambda _, a: a.company_id),
    "ContactId": equals(int, lambda _, a: a.contact_id),
    "ContactName": contains(_asset_user),
    "ExcludedId": Filter(int, lambda _, a, value: a.id != value),
    "IsActive": equals(boolean, lambda _, a: a.is_active),
}
