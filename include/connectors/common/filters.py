"""Filters of a sync's listings: some are asked of the server and checked, some are applied here.

One rule for every vendor. A server that honours a filter delivers nothing else, so that one readable record which
contradicts it proves that the filter was ignored, and the listing is refused. A record that cannot be judged is left
in, for its mapping to reject with a reason: it must not disappear silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from include.connectors.common.values import InvalidValue
from include.model.errors import FilterIgnored
from include.model.page import Page, Record

Predicate = Callable[[Record], bool]
"""Whether a record is wanted; raises InvalidValue where the record cannot be judged."""


def require_filter(pages: Iterable[Page], is_wanted: Predicate, what: str) -> Iterator[Page]:
    """The pages of a listing that the server was asked to filter; raises FilterIgnored when it ignored the filter.

    `what` names vendor and listing, such as `<vendor>: /Client`.
    """
    for page in pages:
        if not all(wanted_or_invalid(is_wanted, record) for record in page.records):
            raise FilterIgnored(f"{what} delivered records that were filtered out: the filter was ignored.")
        yield page


def keep_wanted(pages: Iterable[Page], is_wanted: Predicate) -> Iterator[Page]:
    """The pages without the records that are not wanted, where the server has no such filter."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if wanted_or_invalid(is_wanted, record)])


def change_records(pages: Iterable[Page], change: Callable[[Record], Record]) -> Iterator[Page]:
    """The pages with each record changed; one that cannot be changed stays as it is, for its mapping to reject."""
    for page in pages:
        yield replace(page, records=[_changed(change, record) for record in page.records])


def wanted_or_invalid(is_wanted: Predicate, record: Record) -> bool:
    """Whether a record is wanted, or cannot be judged."""
    try:
        return is_wanted(record)
    except InvalidValue:
        return True


def _changed(change: Callable[[Record], Record], record: Record) -> Record:
    try:
        return change(record)
    except InvalidValue:
        return record
