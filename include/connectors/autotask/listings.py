"""Which lists of Autotask are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from include.connectors.autotask import names, picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.columns import (
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
    is_company_unknown,
    requested,
)
from include.connectors.autotask.companies import Context, company_keys, company_types, selected_companies
from include.connectors.autotask.conditions import Condition, one_of
from include.connectors.common.by_key import in_chunks
from include.connectors.common.columns import Column, Columns
from include.connectors.contract import Stream
from include.model.errors import ShapeError
from include.model.page import Page, Reject
from include.model.setup import Setup

NamesOf = Callable[[Context], names.Beside]


def statuses(context: Context) -> Iterator[Page]:
    """Autotask has none: the two states of a company's flag stand for them, or its types."""
    if context.setup.companies.status_from == "type":
        types, labels = picklists.values(context.client, "Companies", "companyType"), company_types(context.client)
        yield Page([one | {"companyType": one.get("value"), COMPANY_TYPES: labels} for one in types])
    else:
        yield Page([{"isActive": active} for active in (True, False)])


def companies(context: Context) -> Iterator[Page]:
    pages = selected_companies(context, asked_fields(COMPANY_COLUMNS, "companies", context.setup))
    yield from names.with_names(pages, names.of_companies(context))


def of_companies(
    table: str, entity: str, columns: Columns[Setup], names_of: NamesOf
) -> Callable[[Context], Iterator[Page]]:
    """A listing that follows the company filter, as many companies in a request as a query may name."""

    def pages(context: Context) -> Iterator[Page]:
        fields = asked_fields(columns, table, context.setup)
        if not (context.setup.filters_companies or context.scope.company):
            yield from context.client.listing(entity, fields)
            return
        keys = list(company_keys(context))
        for chunk in in_chunks(filter(None, keys), KEYS_PER_QUERY):
            conditions = [owned_by(chunk, table)]
            yield from context.client.listing(entity, fields, conditions, counted=not context.scope.company)
        if None in keys:  # what belongs to such a company is unknown
            yield Page([], [Reject(None, "its company has no usable 'id'")] * keys.count(None))

    return lambda context: names.with_names(pages(context), names_of(context))


def owned_by(companies: Collection[str], table: str) -> Condition:
    """An inactive contact may name another company than the one it was found by."""
    owned = one_of("companyID", companies)
    if table != "contacts":
        return owned
    return replace(owned, holds=lambda record: is_company_unknown(record) or owned.holds(record))


def by_key(
    table: str, entity: str, columns: Columns[Setup], names_of: NamesOf
) -> Callable[[Context, Sequence[str]], Iterator[Page]]:
    """The records with these keys that still exist."""

    def pages(context: Context, keys: Sequence[str]) -> Iterator[Page]:
        fields = asked_fields(columns, table, context.setup)
        for chunk in in_chunks(keys, KEYS_PER_QUERY):
            yield from context.client.listing(entity, fields, [one_of("id", chunk)])

    return lambda context, keys: names.with_names(pages(context, keys), names_of(context))


def asked_fields(columns: Columns[Setup], table: str, setup: Setup) -> list[str]:
    """Custom fields come reliably only with whole records: no field named means all fields."""
    return [] if setup.field_ids(table) else requested(columns)


def values_of(field: str) -> Callable[[Context], Iterator[Page]]:
    """The values that a field of tickets can have; every tenant has some."""

    def read(context: Context) -> Iterator[Page]:
        values = picklists.values(context.client, "Tickets", field)
        if not values:
            raise ShapeError(f"Autotask: the field {field} of Tickets has no values, though every tenant has some.")
        yield Page(values, done=len(values), expected=len(values))

    return read


def stream(
    table: str,
    entity: str,
    columns: Columns[Setup],
    names_of: NamesOf,
    *,
    essential: tuple[str, ...],
    custom: Column[Setup] | None = None,
) -> Stream[AutotaskClient]:
    """The stream of records that belong to companies."""
    listed, found = of_companies(table, entity, columns, names_of), by_key(table, entity, columns, names_of)
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
        essential=("id", "companyID", "referenceTitle", "productID", "serialNumber"),  # the name comes from one of them
        custom=CUSTOM,
    ),
    stream("contacts", "Contacts", CONTACT_COLUMNS, names.of_contacts, essential=("id", "firstName"), custom=CUSTOM),
    Stream("service_boards", values_of("queueID"), BOARD_COLUMNS, essential=("value", "label")),
    Stream("ticket_statuses", values_of("status"), TICKET_STATUS_COLUMNS, essential=("value", "label")),
    Stream("ticket_priorities", values_of("priority"), PRIORITY_COLUMNS, essential=("value", "label")),
)
