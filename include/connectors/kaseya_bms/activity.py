"""Active and inactive records are listed apart: whether a listing without that filter has both is not documented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from include.connectors.common.filters import require_filter
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, at_endpoint
from include.connectors.kaseya_bms.columns import activity
from include.model.page import Page


def of_activity(listing: Listing, *, is_active: bool) -> Listing:
    """The part of a listing with the active or the inactive records."""
    return replace(listing, filters={**listing.filters, "Filter.IsActive": str(is_active).lower()})


def pages_of_activity(client: KaseyaClient, listing: Listing, *, is_active: bool) -> Iterator[Page]:
    """The active or the inactive records; raises ShapeError when the server ignored the filter."""
    pages = client.pages(of_activity(listing, is_active=is_active))
    expected = "active" if is_active else "inactive"
    return require_filter(pages, lambda record: activity(record) == expected, at_endpoint(listing.endpoint))


def pages_of_both(client: KaseyaClient, listing: Listing) -> Iterator[Page]:
    """All records of a counted listing.

    A record that became active between the two parts is in neither of them, so that the active ones are read again
    when their number has changed.
    """
    total = None
    for page in pages_of_activity(client, listing, is_active=True):
        total = page.expected
        yield page
    yield from pages_of_activity(client, listing, is_active=False)
    if client.total(of_activity(listing, is_active=True)) != total:
        yield from pages_of_activity(client, listing, is_active=True)
