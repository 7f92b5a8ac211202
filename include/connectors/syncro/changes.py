"""The customers that changed since a time: the beginning of their list, if it comes with the latest change first.

Customers are Syncro's only list with a documented order, `sort`. By which fields it sorts is not documented, and a
server that ignores it would hide changes: so the order must show in what comes, and be the opposite when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from include.connectors.common.filters import keep_wanted
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import instant, pick
from include.connectors.syncro.client import CUSTOMERS, SyncroClient
from include.http.paging import integer_key
from include.model.errors import FilterIgnored
from include.model.page import Page

LATEST_FIRST = "updated_at DESC"
EARLIEST_FIRST = "updated_at ASC"


def changed_customers(client: SyncroClient, since: datetime) -> Iterator[Page]:
    """The customers that changed since then; raises FilterIgnored where the order does not prove that these are all."""
    keys, latest, times = set[int | None](), list[datetime](), list[datetime]()
    before: Page | None = None
    for number in count(1):
        page = client.page(CUSTOMERS, number, sort=LATEST_FIRST)
        _require_next(page, before, keys, last=times[-1:])
        keys.update(map(integer_key, page.records))
        times = [*times[-1:], *_times(page)]
        latest = latest or times[:1]
        _require(times == sorted(times, reverse=True), "are not in the order of their last change")
        yield from keep_wanted([page], lambda r: (at := pick(instant, r, "updated_at")) is None or at >= since)
        if page.pages is not None and number >= page.pages:
            _require(page.total is None or len(keys) >= page.total, "are fewer than the server counts")
            return
        if times and times[-1] < since:
            _require_sorting(client, latest)
            return
        before = page


def _require_next(page: Page, before: Page | None, known: set[int | None], *, last: list[datetime]) -> None:
    """Raise FilterIgnored if customers may be missing between the page and the one before it.

    Where fewer are counted than before, customers were deleted meanwhile, and others have moved to the page before. Of
    customers with the same time it is not known which of them a page begins with.
    """
    _require(bool(page.records), "are none, where there should be more")
    if before is None:
        return
    _require(page.total is not None and before.total is not None, "are not counted")
    _require((page.total or 0) >= (before.total or 0), "have become fewer meanwhile")
    is_new = integer_key(page.records[0]) not in known
    _require(not is_new or _times(page)[:1] != last, "changed at the same time at the end of a page")


def _require_sorting(client: SyncroClient, latest: list[datetime]) -> None:
    """Raise FilterIgnored unless the server begins with the earliest ones when it is asked for that."""
    times = _times(client.page(CUSTOMERS, 1, sort=EARLIEST_FIRST))
    is_opposite = times == sorted(times) and times[:1] < latest
    _require(bool(times) and is_opposite, "come in the same order when the earliest are asked for")


def _times(page: Page) -> list[datetime]:
    """When the customers changed; a time that cannot be read tells nothing about the order."""
    return [at for record in page.records if (at := try_pick(instant, record, "updated_at"))]


def _require(is_so: bool, fault: str) -> None:
    if not is_so:
        raise FilterIgnored(f"Syncro: the customers of {CUSTOMERS.path} with sort={LATEST_FIRST} {fault}.")
