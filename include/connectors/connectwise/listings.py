"""Which lists of ConnectWise are read, and how they follow setup's company filter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from include.connectors.common.columns import Columns
from include.connectors.common.responses import required_key
from include.connectors.common.values import InvalidValue, items, pick, text
from include.connectors.connectwise.client import ConnectWiseClient, Listing, at_path
from include.connectors.connectwise.columns import (
    ASSET_COLUMNS,
    BOARD_COLUMNS,
    BOARD_STATUS_COLUMNS,
    COMPANY_COLUMNS,
    CONTACT_COLUMNS,
    CUSTOM,
    PRIORITY_COLUMNS,
    SITE_COLUMNS,
    STATUS_COLUMNS,
    requested,
)
from include.connectors.contract import Stream
from include.http.paging import MOST_SKIPPED
from include.model.errors import ConfigError, NotFound, RightsError, ShapeError
from include.model.page import Page, Reject
from include.model.setup import Setup, resolve

log = logging.getLogger(__name__)

COMPANIES = "/company/companies"
COMPANY_STATUSES = "/company/companies/statuses"
COMPANY_TYPES = "/company/companies/types"
CONFIGURATIONS = "/company/configurations"
CONTACTS = "/company/contacts"
BOARDS = "/service/boards"
PRIORITIES = "/service/priorities"
IDS_PER_REQUEST = 100  # keeps an address well under 2,000 characters


def listed(path: str, columns: Columns[Setup]) -> Callable[[ConnectWiseClient, Setup], Iterator[Page]]:
    """A stream that is one listing."""
    return lambda api, _: api.pages(Listing(path, requested(columns)))


def companies(api: ConnectWiseClient, setup: Setup) -> Iterator[Page]:
    return chosen_companies(api, setup, with_custom_fields(COMPANY_COLUMNS, "companies", setup))


def chosen_companies(api: ConnectWiseClient, setup: Setup, fields: str) -> Iterator[Page]:
    """The companies that setup wants, or one of them; a server that ignores the filter would deliver others."""
    statuses, types = company_filter(api, setup)
    only = [setup.only_company] if setup.only_company else []
    fields += ",status/id" * bool(statuses and "status/id" not in fields) + ",types" * bool(types)

    def wanted(record: Any) -> bool:
        status = pick(text, record, "status", "id")
        kinds = {pick(text, kind, "id") for kind in pick(items, record, "types")} if types else set()
        return (
            (not only or pick(text, record, "id") in only)
            and (not statuses or status in statuses)
            and (not types or bool(kinds & set(types)))
        )

    conditions = " and ".join(filter(None, (one_of("id", only), one_of("status/id", statuses))))
    listing = Listing(COMPANIES, fields, conditions, one_of("types/id", types), is_counted=not only)
    yield from obeyed(api.pages(listing), wanted, COMPANIES)


def obeyed(pages: Iterable[Page], wanted: Callable[[Any], bool], path: str) -> Iterator[Page]:
    """The pages, unless one holds a record that was not asked for. An odd record is left to its mapping to reject."""
    for page in pages:
        for record in page.records:
            with suppress(InvalidValue):
                if not wanted(record):
                    raise ShapeError(
                        f"ConnectWise: {path} delivered records that were filtered out: the filter was ignored."
                    )
        yield page


def company_filter(api: ConnectWiseClient, setup: Setup) -> tuple[list[str], list[str]]:
    """Ids of the statuses and of the types that setup wants; empty means all."""
    statuses, problems = filter_ids(api, COMPANY_STATUSES, setup.companies.statuses, "company status")
    types, more_problems = filter_ids(api, COMPANY_TYPES, setup.companies.types, "company type")
    if problems or more_problems:
        raise ConfigError(" ".join(problems + more_problems))
    return statuses, types


def filter_ids(api: ConnectWiseClient, path: str, wanted: tuple[str, ...], what: str) -> tuple[list[str], list[str]]:
    return resolve(wanted, api.labels(path), what=what) if wanted else ([], [])


def one_of(field: str, ids: Iterable[Any]) -> str:
    joined = ",".join(map(str, ids))
    return f"{field} in ({joined})" if joined else ""


def company_ids(api: ConnectWiseClient, setup: Setup) -> list[int]:
    """Ids of the companies that setup wants, deleted ones included: the API still has what belongs to them."""
    if setup.only_company:
        return [int(setup.only_company)]
    pages = chosen_companies(api, setup, "id")
    return [required_key(record, at_path(COMPANIES)) for page in pages for record in page.records]


def of_companies(
    path: str, columns: Columns[Setup], table: str
) -> Callable[[ConnectWiseClient, Setup], Iterator[Page]]:
    """A listing that follows the company filter, a hundred companies a request."""

    def read(api: ConnectWiseClient, setup: Setup) -> Iterator[Page]:
        fields = with_custom_fields(columns, table, setup)
        if not (setup.filters_companies or setup.only_company):
            yield from api.pages(Listing(path, fields))
            return
        for chunk in chunks(company_ids(api, setup)):
            listing = Listing(path, fields, one_of("company/id", chunk), is_counted=not setup.only_company)
            pages = api.pages(listing)
            yield from obeyed(pages, partial(has_one_of, chunk, ("company", "id")), path)

    return read


def by_key(
    path: str, columns: Columns[Setup], table: str
) -> Callable[[ConnectWiseClient, Setup, Sequence[str]], Iterator[Page]]:
    """The records with these ids that are still there, a hundred a request."""

    def find(api: ConnectWiseClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
        for chunk in chunks(keys):
            fields = with_custom_fields(columns, table, setup)
            pages = api.pages(Listing(path, fields, one_of("id", chunk), is_counted=False))
            yield from obeyed(pages, partial(has_one_of, chunk, ("id",)), path)

    return find


def with_custom_fields(columns: Columns[Setup], table: str, setup: Setup) -> str:
    return requested(columns) + (",customFields" if setup.field_ids(table) else "")


def chunks(keys: Iterable[Any]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := [str(key) for key in islice(rest, IDS_PER_REQUEST)]:
        yield chunk


def has_one_of(keys: Container[str | None], path: tuple[str, ...], record: Any) -> bool:
    return pick(text, record, *path) in keys


def sites(api: ConnectWiseClient, setup: Setup) -> Iterator[Page]:
    """Each company's own list. No `fields`: live servers refuse some of the documented names here."""
    ids = company_ids(api, setup)
    unread = 0
    for done, company_id in enumerate(ids, start=1):
        try:
            for page in api.pages(Listing(f"{COMPANIES}/{company_id}/sites", is_counted=False)):
                records = [r | {"company": {"id": company_id}} if isinstance(r, dict) else r for r in page.records]
                yield replace(page, records=records, done=done, expected=len(ids))
        except NotFound as error:
            living = api.count(Listing(COMPANIES, conditions=f"id={company_id}"))
            unread += bool(living)
            if living is None or unread > MOST_SKIPPED:  # then it is not about this company
                raise
            if living:
                reason = f"the sites of company {company_id} are not there, though it is: {error.said}"
                yield Page([], [Reject(None, reason, scope=("company_source_id", str(company_id)))], done, len(ids))
            else:
                log.info("Company %s was deleted while its sites were being read.", company_id)


def board_statuses(api: ConnectWiseClient, _: Setup) -> Iterator[Page]:
    """Each board's own list; a board that the API member may not see keeps what is known of it."""
    boards = api.labels(BOARDS)
    refused = 0
    for done, (board_id, name) in enumerate(boards.items(), start=1):
        try:
            fields = requested(BOARD_STATUS_COLUMNS)
            for page in api.pages(Listing(f"{BOARDS}/{board_id}/statuses", fields, is_counted=False)):
                records = [r | {"board": {"id": board_id}} if isinstance(r, dict) else r for r in page.records]
                yield replace(page, records=records, done=done, expected=len(boards))
        except RightsError as error:
            refused += 1
            if refused == len(boards):
                raise
            reason = f"the statuses of board '{name}' ({board_id}) may not be read: {error.said}"
            yield Page([], [Reject(None, reason, scope=("board_source_id", board_id))], done, len(boards))


STREAMS: tuple[Stream[ConnectWiseClient], ...] = (
    Stream("company_statuses", listed(COMPANY_STATUSES, STATUS_COLUMNS), STATUS_COLUMNS),
    Stream("companies", companies, COMPANY_COLUMNS, custom=CUSTOM),
    Stream("company_sites", sites, SITE_COLUMNS),
    Stream(
        "assets",
        of_companies(CONFIGURATIONS, ASSET_COLUMNS, "assets"),
        ASSET_COLUMNS,
        find=by_key(CONFIGURATIONS, ASSET_COLUMNS, "assets"),
        custom=CUSTOM,
    ),
    Stream(
        "contacts",
        of_companies(CONTACTS, CONTACT_COLUMNS, "contacts"),
        CONTACT_COLUMNS,
        essential=("id", "firstName"),
        find=by_key(CONTACTS, CONTACT_COLUMNS, "contacts"),
        custom=CUSTOM,
    ),
    Stream("service_boards", listed(BOARDS, BOARD_COLUMNS), BOARD_COLUMNS),
    Stream("ticket_statuses", board_statuses, BOARD_STATUS_COLUMNS),
    Stream("ticket_priorities", listed(PRIORITIES, PRIORITY_COLUMNS), PRIORITY_COLUMNS),
)
