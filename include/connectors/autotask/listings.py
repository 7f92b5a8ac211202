"""Which lists of Autotask are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from include.connectors.autotask import labels, metadata
from include.connectors.autotask.client import KEYS_PER_QUERY, Autotask
from include.connectors.autotask.columns import (
    ACTIVITY,
    ASSET_CELLS,
    BOARD_CELLS,
    COMPANY_CELLS,
    COMPANY_TYPES,
    CONTACT_CELLS,
    CUSTOM,
    PRIORITY_CELLS,
    SITE_CELLS,
    STATUS_CELLS,
    TICKET_STATUS_CELLS,
    owner_untold,
    requested,
)
from include.connectors.autotask.conditions import Condition, flag, one_of
from include.connectors.contract import Cell, Stream
from include.http.paging import integer_key
from include.model.errors import ConfigError, ShapeError
from include.model.page import Page, Reject
from include.model.setup import Settings, resolve

COMPANY_FILTER_FIELDS = ("id", "companyType", "isActive")


def statuses(api: Autotask, settings: Settings) -> Iterator[Page]:
    """Autotask has none; the two states of a company's flag stand in for them, or its types."""
    if settings.status_from == "type":
        types = metadata.picklist(api, "Companies", "companyType")
        names = metadata.labels(api, "Companies", "companyType")
        yield Page([one | {"companyType": one.get("value"), COMPANY_TYPES: names} for one in types])
    else:
        yield Page([{"isActive": active} for active in (True, False)])


def companies(api: Autotask, settings: Settings) -> Iterator[Page]:
    pages = chosen_companies(api, settings, asked_fields(COMPANY_CELLS, "companies", settings))
    yield from labels.labelled(pages, labels.of_companies(api, settings))


def chosen_companies(api: Autotask, settings: Settings, fields: Sequence[str]) -> Iterator[Page]:
    """The companies that setup wants, or one of them."""
    only = [one_of("id", [settings.only_company])] if settings.only_company else []
    conditions = [*only, *company_filter(api, settings)]
    yield from api.listing("Companies", fields, conditions, counted=not only)


def company_filter(api: Autotask, settings: Settings) -> list[Condition]:
    """Setup's choice of statuses and types, as conditions."""
    conditions, problems = filter_problems(api, settings)
    if problems:
        raise ConfigError(" ".join(problems))
    return conditions


def filter_problems(api: Autotask, settings: Settings) -> tuple[list[Condition], list[str]]:
    """The conditions, and a sentence for each choice that this tenant does not have."""
    by_type = settings.status_from == "type"
    types = metadata.labels(api, "Companies", "companyType") if settings.company_types or by_type else {}
    wanted, problems = resolve(settings.company_types, types, what="company type")
    conditions = [one_of("companyType", wanted)] if wanted else []
    wanted, more = resolve(settings.company_statuses, types if by_type else ACTIVITY, what="company status")
    if wanted and by_type:
        conditions.append(one_of("companyType", wanted))
    elif len(wanted) == 1:
        conditions.append(flag("isActive", wanted == ["active"]))
    return conditions, problems + more


def company_ids(api: Autotask, settings: Settings) -> Iterator[str | None]:
    """Keys of the companies that setup wants, also of those that cannot be delivered; None where there is no key."""
    if settings.only_company:
        yield settings.only_company
        return
    for page in chosen_companies(api, settings, COMPANY_FILTER_FIELDS):
        yield from (reject.source_id for reject in page.rejects)
        yield from map(company_key, page.records)


def company_key(record: Any) -> str | None:
    key = integer_key(record)
    return None if key is None else str(key)


def of_companies(
    table: str, entity: str, cells: Mapping[str, Cell], beside: Callable[[Autotask, Settings], labels.Beside]
) -> Callable[[Autotask, Settings], Iterator[Page]]:
    """A listing that follows the company filter, as many companies in a request as a query may name."""

    def pages(api: Autotask, settings: Settings) -> Iterator[Page]:
        fields = asked_fields(cells, table, settings)
        if not (settings.filters_companies or settings.only_company):
            yield from api.listing(entity, fields)
            return
        ids = list(company_ids(api, settings))
        for chunk in chunks(filter(None, ids)):
            yield from api.listing(entity, fields, [owned_by(chunk, table)], counted=not settings.only_company)
        if None in ids:  # what such a company has is unknown
            yield Page([], [Reject(None, "its company has no usable 'id'")] * ids.count(None))

    return lambda api, settings: labels.labelled(pages(api, settings), beside(api, settings))


def owned_by(companies: Collection[str], table: str) -> Condition:
    """An inactive contact may name another company than the one it was found by."""
    owned = one_of("companyID", companies)
    if table != "contacts":
        return owned
    return replace(owned, holds=lambda record: owner_untold(record) or owned.holds(record))


def by_key(
    table: str, entity: str, cells: Mapping[str, Cell], beside: Callable[[Autotask, Settings], labels.Beside]
) -> Callable[[Autotask, Settings, Sequence[str]], Iterator[Page]]:
    """The records with these keys that are still there."""

    def pages(api: Autotask, settings: Settings, keys: Sequence[str]) -> Iterator[Page]:
        for chunk in chunks(keys):
            yield from api.listing(entity, asked_fields(cells, table, settings), [one_of("id", chunk)])

    return lambda api, settings, keys: labels.labelled(pages(api, settings, keys), beside(api, settings))


def asked_fields(cells: Mapping[str, Cell], table: str, settings: Settings) -> list[str]:
    """Custom fields come for certain only with whole records: none named means all."""
    return [] if settings.fields(table) else requested(cells)


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := list(islice(rest, KEYS_PER_QUERY)):
        yield chunk


def values_of(field: str) -> Callable[[Autotask, Settings], Iterator[Page]]:
    """The values a field of tickets can have; every tenant has some."""

    def read(api: Autotask, _: Settings) -> Iterator[Page]:
        values = metadata.picklist(api, "Tickets", field)
        if not values:
            raise ShapeError(f"Autotask: the field {field} of Tickets has no values, though every tenant has some.")
        yield Page(values, done=len(values), expected=len(values))

    return read


def stream(
    table: str,
    entity: str,
    cells: Mapping[str, Cell],
    beside: Callable[[Autotask, Settings], labels.Beside],
    *,
    essential: tuple[str, ...],
    custom: Cell | None = None,
) -> Stream:
    """What belongs to companies."""
    listed, found = of_companies(table, entity, cells, beside), by_key(table, entity, cells, beside)
    return Stream(table, listed, cells, essential, found, custom)


STREAMS = (
    Stream("company_statuses", statuses, STATUS_CELLS, essential=()),
    Stream("companies", companies, COMPANY_CELLS, essential=("id", "companyName"), custom=CUSTOM),
    stream("company_sites", "CompanyLocations", SITE_CELLS, labels.of_sites, essential=("id", "name")),
    stream(
        "assets",
        "ConfigurationItems",
        ASSET_CELLS,
        labels.of_assets,
        essential=("id", "companyID", "referenceTitle", "productID", "serialNumber"),  # others stand in for these
        custom=CUSTOM,
    ),
    stream("contacts", "Contacts", CONTACT_CELLS, labels.of_contacts, essential=("id", "firstName"), custom=CUSTOM),
    Stream("service_boards", values_of("queueID"), BOARD_CELLS, essential=("value", "label")),
    Stream("ticket_statuses", values_of("status"), TICKET_STATUS_CELLS, essential=("value", "label")),
    Stream("ticket_priorities", values_of("priority"), PRIORITY_CELLS, essential=("value", "label")),
)
