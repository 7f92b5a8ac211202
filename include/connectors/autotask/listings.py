"""Which lists of Autotask are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from include.connectors.autotask import names, picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.columns import (
    ACTIVITY,
    ASSET_COLUMNS,
    BOARD_COLUMNS,
    COMPANY_COLUMNS,
    COMPANY_TYPES,
    CONTACT_COLUMNS,
    CUSTOM,
    PRIORITY_COLUMNS,
    SITE_COLUMNS,
    STATUS_COLUMNS,
    TICKET_STATUS_COLUMNS,
    owner_untold,
    requested,
)
from include.connectors.autotask.conditions import Condition, flag, one_of
from include.connectors.common.columns import Column, Columns
from include.connectors.contract import Stream
from include.http.paging import integer_key
from include.model.errors import ConfigError, ShapeError
from include.model.page import Page, Reject
from include.model.setup import Setup, resolve

COMPANY_FILTER_FIELDS = ("id", "companyType", "isActive")


def statuses(api: AutotaskClient, setup: Setup) -> Iterator[Page]:
    """Autotask has none; the two states of a company's flag stand in for them, or its types."""
    if setup.companies.status_from == "type":
        types = picklists.picklist(api, "Companies", "companyType")
        names = picklists.labels(api, "Companies", "companyType")
        yield Page([one | {"companyType": one.get("value"), COMPANY_TYPES: names} for one in types])
    else:
        yield Page([{"isActive": active} for active in (True, False)])


def companies(api: AutotaskClient, setup: Setup) -> Iterator[Page]:
    pages = chosen_companies(api, setup, asked_fields(COMPANY_COLUMNS, "companies", setup))
    yield from names.labelled(pages, names.of_companies(api, setup))


def chosen_companies(api: AutotaskClient, setup: Setup, fields: Sequence[str]) -> Iterator[Page]:
    """The companies that setup wants, or one of them."""
    only = [one_of("id", [setup.only_company])] if setup.only_company else []
    conditions = [*only, *company_filter(api, setup)]
    yield from api.listing("Companies", fields, conditions, counted=not only)


def company_filter(api: AutotaskClient, setup: Setup) -> list[Condition]:
    """Setup's choice of statuses and types, as conditions."""
    conditions, problems = filter_problems(api, setup)
    if problems:
        raise ConfigError(" ".join(problems))
    return conditions


def filter_problems(api: AutotaskClient, setup: Setup) -> tuple[list[Condition], list[str]]:
    """The conditions, and a sentence for each choice that this tenant does not have."""
    by_type = setup.companies.status_from == "type"
    types = picklists.labels(api, "Companies", "companyType") if setup.companies.types or by_type else {}
    wanted, problems = resolve(setup.companies.types, types, what="company type")
    conditions = [one_of("companyType", wanted)] if wanted else []
    wanted, more = resolve(setup.companies.statuses, types if by_type else ACTIVITY, what="company status")
    if wanted and by_type:
        conditions.append(one_of("companyType", wanted))
    elif len(wanted) == 1:
        conditions.append(flag("isActive", wanted == ["active"]))
    return conditions, problems + more


def company_ids(api: AutotaskClient, setup: Setup) -> Iterator[str | None]:
    """Keys of the companies that setup wants, also of those that cannot be delivered; None where there is no key."""
    if setup.only_company:
        yield setup.only_company
        return
    for page in chosen_companies(api, setup, COMPANY_FILTER_FIELDS):
        yield from (reject.source_id for reject in page.rejects)
        yield from map(company_key, page.records)


def company_key(record: Any) -> str | None:
    key = integer_key(record)
    return None if key is None else str(key)


def of_companies(
    table: str, entity: str, columns: Columns[Setup], beside: Callable[[AutotaskClient, Setup], names.Beside]
) -> Callable[[AutotaskClient, Setup], Iterator[Page]]:
    """A listing that follows the company filter, as many companies in a request as a query may name."""

    def pages(api: AutotaskClient, setup: Setup) -> Iterator[Page]:
        fields = asked_fields(columns, table, setup)
        if not (setup.filters_companies or setup.only_company):
            yield from api.listing(entity, fields)
            return
        ids = list(company_ids(api, setup))
        for chunk in chunks(filter(None, ids)):
            yield from api.listing(entity, fields, [owned_by(chunk, table)], counted=not setup.only_company)
        if None in ids:  # what such a company has is unknown
            yield Page([], [Reject(None, "its company has no usable 'id'")] * ids.count(None))

    return lambda api, setup: names.labelled(pages(api, setup), beside(api, setup))


def owned_by(companies: Collection[str], table: str) -> Condition:
    """An inactive contact may name another company than the one it was found by."""
    owned = one_of("companyID", companies)
    if table != "contacts":
        return owned
    return replace(owned, holds=lambda record: owner_untold(record) or owned.holds(record))


def by_key(
    table: str, entity: str, columns: Columns[Setup], beside: Callable[[AutotaskClient, Setup], names.Beside]
) -> Callable[[AutotaskClient, Setup, Sequence[str]], Iterator[Page]]:
    """The records with these keys that are still there."""

    def pages(api: AutotaskClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
        for chunk in chunks(keys):
            yield from api.listing(entity, asked_fields(columns, table, setup), [one_of("id", chunk)])

    return lambda api, setup, keys: names.labelled(pages(api, setup, keys), beside(api, setup))


def asked_fields(columns: Columns[Setup], table: str, setup: Setup) -> list[str]:
    """Custom fields come for certain only with whole records: none named means all."""
    return [] if setup.field_ids(table) else requested(columns)


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := list(islice(rest, KEYS_PER_QUERY)):
        yield chunk


def values_of(field: str) -> Callable[[AutotaskClient, Setup], Iterator[Page]]:
    """The values a field of tickets can have; every tenant has some."""

    def read(api: AutotaskClient, _: Setup) -> Iterator[Page]:
        values = picklists.picklist(api, "Tickets", field)
        if not values:
            raise ShapeError(f"Autotask: the field {field} of Tickets has no values, though every tenant has some.")
        yield Page(values, done=len(values), expected=len(values))

    return read


def stream(
    table: str,
    entity: str,
    columns: Columns[Setup],
    beside: Callable[[AutotaskClient, Setup], names.Beside],
    *,
    essential: tuple[str, ...],
    custom: Column[Setup] | None = None,
) -> Stream[AutotaskClient]:
    """What belongs to companies."""
    listed, found = of_companies(table, entity, columns, beside), by_key(table, entity, columns, beside)
    return Stream(table, listed, columns, essential, found, custom)


STREAMS: tuple[Stream[AutotaskClient], ...] = (
    Stream("company_statuses", statuses, STATUS_COLUMNS, essential=()),
    Stream("companies", companies, COMPANY_COLUMNS, essential=("id", "companyName"), custom=CUSTOM),
    stream("company_sites", "CompanyLocations", SITE_COLUMNS, names.of_sites, essential=("id", "name")),
    stream(
        "assets",
        "ConfigurationItems",
        ASSET_COLUMNS,
        names.of_assets,
        essential=("id", "companyID", "referenceTitle", "productID", "serialNumber"),  # others stand in for these
        custom=CUSTOM,
    ),
    stream("contacts", "Contacts", CONTACT_COLUMNS, names.of_contacts, essential=("id", "firstName"), custom=CUSTOM),
    Stream("service_boards", values_of("queueID"), BOARD_COLUMNS, essential=("value", "label")),
    Stream("ticket_statuses", values_of("status"), TICKET_STATUS_COLUMNS, essential=("value", "label")),
    Stream("ticket_priorities", values_of("priority"), PRIORITY_COLUMNS, essential=("value", "label")),
)
