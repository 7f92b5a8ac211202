"""The records of a listing that changed since a time. Accounts and contacts have dates, rows of assets have none.

A record that no one has modified may have no date but that of its creation, so both are asked for. The time zone of the
vendor's dates is not documented: the overlap of quick runs covers that of the filter, `LEEWAY` that of the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from include.connectors.common.filters import keep_wanted, require_filter
from include.connectors.common.values import instant, pick
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, Params, at_endpoint
from include.connectors.kaseya_bms.companies import all_pages
from include.model.page import Page, Record

LEEWAY = timedelta(days=2)
"""How much older than asked for a record may look: a server may compare whole days, in a time zone of its own."""


def changed_records(client: KaseyaClient, endpoint: str, filters: Params, since: datetime) -> Iterator[Page]:
    """The records that were modified since then, and those that were created since then and never modified."""
    moment = f"{since:%Y-%m-%dT%H:%M:%SZ}"

    def is_new(record: Record) -> bool:
        at = pick(instant, record, "modifiedon") or pick(instant, record, "createdon")
        return at is None or at >= since - LEEWAY

    def pages(name: str) -> Iterator[Page]:
        listing = Listing(endpoint, filters={**filters, name: moment})
        return require_filter(all_pages(client, listing, None), is_new, f"{at_endpoint(endpoint)} with {name}")

    yield from pages("Filter.ModifiedOnFrom")
    yield from keep_wanted(pages("Filter.CreatedOnFrom"), lambda r: pick(instant, r, "modifiedon") is None)
