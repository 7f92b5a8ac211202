"""Accounts, as Kaseya BMS calls companies, and their locations."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.entities import NO_ADDRESS, Address, Company, Site
from simulator.kaseya_bms.formats import address_lines, name_in_table, stamp, text
from simulator.messages import ApiError, Record
from simulator.table import Rows
from simulator.world import World

ACCOUNT_UNFILLED = dict.fromkeys(
    (
        "createdBy", "modifiedBy", "parentId", "businessTypeId", "businessType", "serviceTypeId", "serviceType",
        "accountManagerId", "accountManagerUserName", "salesTaxItemId", "salesTaxItemName", "description", "classId",
        "className", "acquiredDate",
    )
)  # fmt: skip
LOCATION_UNFILLED = dict.fromkeys(
    ("createdBy", "createdOn", "modifiedBy", "timeZoneId", "dateFormatId", "timeFormatId")
)
ADDRESS_UNFILLED = dict.fromkeys(
    (
        "createdBy", "createdOn", "modifiedBy", "modifiedOn", "countryId", "fax", "latitude", "longitude",
        "emailAddress", "addressTypeId", "addressType",
    )
)  # fmt: skip
POST_BOX = Address(line1="PO Box 1")


def is_active(world: World, company: Company) -> bool:
    """Whether the account is active, which is the only status it has. A deleted status counts as active."""
    status = world.statuses.get(company.status_id or 0)
    return status is None or status.is_active


def account_type(world: World, company: Company) -> tuple[int | None, str | None]:
    """Id and name of the account's only type: the first one of the company."""
    type_id = company.type_ids[0] if company.type_ids else None
    return type_id, name_in_table(world.company_types, type_id)


def account(world: World, company: Company) -> Record:
    """A row of the account list. Every seventh has no locations in it."""
    type_id, type_name = account_type(world, company)
    sites = world.sites.by("company_id").get(company.id, ())
    return {
        **ACCOUNT_UNFILLED,
        "id": company.id,
        "createdOn": stamp(company.created_at, company.id),
        "modifiedOn": stamp(company.updated_at, company.id),
        "accountCode": f"{company.id:06}",
        "accountTypeId": type_id,
        "accountType": type_name,
        "accountName": company.name,
        "currencyId": 1,
        "currencyName": "USD",
        "creditLimit": 0.0,
        "netDays": 30.0,
        "website": text(company.website, company.id),
        "isActive": is_active(world, company),
        "isBilling": True,
        "tenantName": "simulated",
        "locations": [location(world, world.sites[id_]) for id_ in sites] if company.id % 7 else None,
    }


def location(_world: World, site: Site) -> Record:
    """A single location."""
    return {
        **LOCATION_UNFILLED,
        "id": site.id,
        "modifiedOn": stamp(site.updated_at, site.id),
        "locationName": site.name,
        "isMain": site.is_primary,
        "isActive": site.is_active,
        "addresses": addresses(site),
    }


def addresses(site: Site) -> list[Record] | None:
    """The addresses of a location: none, one that is not marked as main, or the main one after the billing address."""
    if site.address == NO_ADDRESS:
        return [] if site.id % 2 else None
    own = _address(site, 1, site.address, is_main=site.id % 3 != 2)
    return [_address(site, 2, POST_BOX, is_main=False), own] if site.id % 3 == 1 else [own]


def location_name(_world: World, site: Site) -> Record:
    """A location in the lookup of its account, without address and activity."""
    return {"id": site.id, "name": site.name, "accountId": site.company_id, "isMain": site.is_primary}


def account_name(world: World, id_: int | None) -> str | None:
    """The name of an account, unless it was deleted."""
    company = world.companies.get(id_ or 0)
    return company.name if company and not company.is_deleted else None


def _address(site: Site, number: int, address: Address, *, is_main: bool) -> Record:
    own = {"id": site.id * 10 + number, "isMain": is_main, "isBilling": address is POST_BOX}
    return {**ADDRESS_UNFILLED, **address_lines(address, site.id), "phone": site.phone, **own}


def accounts(world: World, _ids: Sequence[int]) -> Rows:
    """All accounts that are not deleted. Deleted ones are not listed at all."""
    return world.companies, world.companies.by("is_deleted").get(False, ())


def locations(world: World, ids: Sequence[int]) -> Rows:
    """The locations of one account."""
    company = world.companies.get(ids[0])
    if company is None or company.is_deleted:
        raise ApiError(200, "Account not found", code="404")
    return world.sites, world.sites.by("company_id").get(company.id, ())
