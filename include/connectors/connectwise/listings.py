"""The listings of ConnectWise that fill each table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.by_key import each_key
from include.connectors.common.columns import Columns
from include.connectors.common.of_companies import company_keys
from include.connectors.connectwise import columns
from include.connectors.connectwise.client import ConnectWiseClient, Listing
from include.connectors.connectwise.companies import (
    COMPANIES,
    COMPANY_STATUSES,
    SEARCH,
    changed_companies,
    companies,
    company_ids,
    of_companies,
    with_keys,
)
from include.connectors.contract import ReadContext, Stream
from include.http.paging import MOST_SKIPPED
from include.model.errors import NotFound, RightsError
from include.model.page import Page, Record, Reject
from include.model.setup import Setup

log = logging.getLogger(__name__)

CONFIGURATIONS = "/company/configurations"
CONTACTS = "/company/contacts"
BOARDS = "/service/boards"
PRIORITIES = "/service/priorities"


def sites(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
    """Each company's own list. No `fields`: live servers refuse some of the documented names here."""
    unreadable, client = 0, context.client
    companies, unknown = company_keys(SEARCH, context) if context.scope.since is None else _changed(context)
    read, at_once = partial(_sites_of, client), client.http.at_once
    for asked, progress in each_key(read, companies, context.resume, COMPANIES, at_once):
        company = asked.item
        try:
            yield _with_parent(asked.result(), {"company": {"id": company}}, progress)
        except NotFound as error:
            existing = client.count(Listing(COMPANIES, conditions=f"id={company}"))
            unreadable += bool(existing)
            if existing is None or unreadable > MOST_SKIPPED:  # then the cause is not this company
                raise
            if existing:
                reason = f"the sites of company {company} are not there, though it is: {error.said}"
                yield replace(progress, rejects=[Reject(None, reason, scope=("company_source_id", company))])
            else:
                log.info("Company %s was deleted while its sites were being read.", company)
    yield from unknown


def _changed(context: ReadContext[ConnectWiseClient]) -> tuple[list[str], list[Page]]:
    return sorted(context.scope.companies, key=int), []


def board_statuses(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
    """Each board's own list. Where the API member may not see a board, its stored rows stay as they are."""
    refused, client = 0, context.client
    boards = client.labels(BOARDS, columns.requested(columns.BOARD_COLUMNS))  # as they were asked for just before
    read = partial(_statuses_of, client)
    for asked, progress in each_key(read, list(boards), None, BOARDS, client.http.at_once):
        board = asked.item
        try:
            yield _with_parent(asked.result(), {"board": {"id": board}}, progress)
        except RightsError as error:
            refused += 1
            if refused == len(boards):
                raise
            reason = f"the statuses of board '{boards[board]}' ({board}) may not be read: {error.said}"
            yield replace(progress, rejects=[Reject(None, reason, scope=("board_source_id", board))])


def _sites_of(client: ConnectWiseClient, company: str) -> list[Page]:
    return list(client.pages(Listing(f"{COMPANIES}/{company}/sites", is_counted=False)))


def _statuses_of(client: ConnectWiseClient, board: str) -> list[Page]:
    fields = columns.requested(columns.BOARD_STATUS_COLUMNS)
    return list(client.pages(Listing(f"{BOARDS}/{board}/statuses", fields, is_counted=False)))


def _with_parent(pages: Iterable[Page], parent: Record, progress: Page) -> Page:
    """The records of a parent's own list, each with the parent that its path names."""
    listed = list(pages)
    records = [record | parent if isinstance(record, dict) else record for page in listed for record in page.records]
    return replace(progress, records=records, rejects=[reject for page in listed for reject in page.rejects])


def _whole(table: str, path: str, mapping: Columns[Setup]) -> Stream[ConnectWiseClient]:
    """A table that is one listing."""
    listing = Listing(path, columns.requested(mapping))
    return Stream(table, lambda context: context.client.pages(listing, context.resume), mapping)


def _of_companies(
    table: str, path: str, mapping: Columns[Setup], essential: tuple[str, ...] = ("id", "name")
) -> Stream[ConnectWiseClient]:
    """A table whose records belong to companies."""

    def listing(setup: Setup) -> Listing:
        return Listing(path, columns.requested(mapping, with_custom=bool(setup.field_ids(table))))

    def read(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
        return of_companies(context, listing(context.setup))

    def keys(context: ReadContext[ConnectWiseClient]) -> Iterator[Page]:
        return of_companies(context, Listing(path, "id,company/id" if context.setup.filters_companies else "id"))

    def find(context: ReadContext[ConnectWiseClient], keys: Sequence[str]) -> Iterator[Page]:
        return with_keys(context.client, replace(listing(context.setup), is_counted=False), "id", keys)

    return Stream(
        table,
        read,
        mapping,
        essential=essential,
        find=find,
        custom=columns.CUSTOM,
        changed=read,
        count=lambda context: context.client.count(Listing(path)),
        keys=keys,
    )


STREAMS: tuple[Stream[ConnectWiseClient], ...] = (
    _whole("company_statuses", COMPANY_STATUSES, columns.STATUS_COLUMNS),
    Stream(
        "companies",
        companies,
        columns.COMPANY_COLUMNS,
        custom=columns.CUSTOM,
        changed=companies,
        count=lambda context: context.client.count(Listing(COMPANIES, conditions="deletedFlag=False")),
        keys=company_ids,
    ),
    Stream("company_sites", sites, columns.SITE_COLUMNS, changed=sites, changed_companies=changed_companies),
    _of_companies("assets", CONFIGURATIONS, columns.ASSET_COLUMNS),
    _of_companies("contacts", CONTACTS, columns.CONTACT_COLUMNS, essential=("id", "firstName")),
    _whole("service_boards", BOARDS, columns.BOARD_COLUMNS),
    Stream("ticket_statuses", board_statuses, columns.BOARD_STATUS_COLUMNS),
    _whole("ticket_priorities", PRIORITIES, columns.PRIORITY_COLUMNS),
)
