"""What changed since a moment, by `lastUpdated`, and whether the server's filter by it can be relied on.

Servers disagree about the zone of the dates in conditions: some read a date without regard to its `Z`, so that they
deliver what changed up to fourteen hours before it, or leave out what changed within twelve hours after it. One server
returned nothing for a moment of the same day. The overlap of a day covers these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from include.connectors.common.filters import require_filter
from include.connectors.common.values import InvalidValue, instant, pick, whole_key
from include.connectors.connectwise.client import ConnectWiseClient, Listing, at_path
from include.connectors.contract import ReadContext
from include.model.errors import FilterIgnored, RequestRefused
from include.model.page import START, Page, Record
from include.model.wording import moment

T = TypeVar("T")
OVERLAP = timedelta(days=1)
"""Taken off the begin of a listing before the next quick run asks for what changed since then."""


def changes(context: ReadContext[ConnectWiseClient], listing: Listing) -> Iterator[Page]:
    """The records of a listing that changed since the moment of the scope; of everything, if the scope has none.

    Raises FilterIgnored where the server delivers much older records, or leaves out the one that changed last.
    """
    since, client = context.scope.since, context.client
    if since is None:
        yield from client.pages(listing, context.resume)
        return
    key, newest = _newest(client, listing)
    must_come = key is not None and newest is not None and newest > since + OVERLAP
    condition = f"lastUpdated>[{since:%Y-%m-%dT%H:%M:%SZ}]"
    conditions = f"({listing.conditions}) and {condition}" if listing.conditions else condition

    def is_recent(record: Record) -> bool:
        at = _moment(record)
        return at is None or at > since - OVERLAP

    pages = client.pages(replace(listing, conditions=conditions), context.resume)
    for page in require_filter(pages, is_recent, at_path(listing.path)):
        must_come = must_come and all(_key(record) != key for record in page.records)
        yield page
    if must_come and newest and context.resume in (None, START):
        raise FilterIgnored(
            f"{at_path(listing.path)} did not deliver record {key}, which changed at {moment(newest)}, "
            f"when asked for what changed since {moment(since)}."
        )


def _newest(client: ConnectWiseClient, listing: Listing) -> tuple[str | None, datetime | None]:
    """Key and date of the record that changed last; nothing where there is none, or the order is refused."""
    asked = replace(listing, fields="id,_info")
    params = {**asked.params, "orderBy": "lastUpdated desc", "page": 1, "pageSize": 1}
    try:
        records = client.get(listing.path, params).body
    except RequestRefused:
        return None, None
    found = records[0] if isinstance(records, list) and records else {}
    return _key(found), _moment(found)


def _key(record: Record) -> str | None:
    return _if_valid(whole_key, record, "id")


def _moment(record: Record) -> datetime | None:
    return _if_valid(instant, record, "_info", "lastUpdated")


def _if_valid(convert: Callable[[Record], T | None], record: Record, *path: str) -> T | None:
    try:
        return pick(convert, record, *path)
    except InvalidValue:
        return None
