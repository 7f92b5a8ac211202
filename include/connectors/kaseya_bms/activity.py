"""Lists of Kaseya BMS that have active and inactive records, and single records by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from include.connectors.common.values import InvalidValue
from include.connectors.kaseya_bms.client import KaseyaClient, Params
from include.connectors.kaseya_bms.columns import activity
from include.model.errors import NotFound, ShapeError
from include.model.page import Page

Wanted = Callable[[Any], bool]


def listing(
    api: KaseyaClient, path: str, filters: Params, active: bool, *, counted: bool, null_ends: bool = True
) -> Iterator[Page]:
    """The active or the inactive records; whether a list without that filter has both is not documented."""
    asked = {**filters, "Filter.IsActive": str(active).lower()}
    key = "active" if active else "inactive"
    yield from obeyed(
        api.listing(path, asked, counted=counted, null_ends=null_ends), lambda r: activity(r) == key, path
    )


def counted_listing(api: KaseyaClient, path: str, filters: Params) -> Iterator[Page]:
    """All records. The active ones again if their number has changed: one that became active is in neither list."""
    total = None
    for page in listing(api, path, filters, True, counted=True):
        total = page.expected
        yield page
    yield from listing(api, path, filters, False, counted=True)
    if api.total(path, {**filters, "Filter.IsActive": "true"}) != total:
        yield from listing(api, path, filters, True, counted=True)


def obeyed(pages: Iterable[Page], wanted: Wanted, path: str) -> Iterator[Page]:
    """The pages, unless one holds a record that was not asked for. An odd record is left to its mapping to reject."""
    for page in pages:
        if not all(map(partial(fits, wanted), page.records)):
            raise ShapeError(f"Kaseya BMS: {path} delivered records that were filtered out: the filter was ignored.")
        yield page


def fits(wanted: Wanted, record: Any) -> bool:
    """Whether a record is wanted; an odd one is, so that it is rejected with its reason."""
    with suppress(InvalidValue):
        return wanted(record)
    return True


def only(pages: Iterable[Page], wanted: Wanted) -> Iterator[Page]:
    """The pages without the records that setup leaves out, for which the server has no filter."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if fits(wanted, record)])


def existing(api: KaseyaClient, path: str, keys: Sequence[str]) -> Iterator[Page]:
    """The records with these keys that are still there, one request each."""
    for key in keys:
        with suppress(NotFound):
            yield Page([api.record(f"{path.rpartition('/')[0]}/{key}", key, endpoint=path)])
