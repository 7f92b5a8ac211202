"""Reads the parameters of a list. Unknown names and values of a wrong type are silently ignored."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

DEFAULT_ROWS, MAX_UNPAGED = 50, 1000
WHOLE_NUMBER = re.compile(r"-?\d{1,9}")
IDS_ALONE = ("idonly", "ticketidonly")

Filters = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Query:
    """The parameters of a list, as the API understands them."""

    given: Mapping[str, str]  # as they were sent
    paged: bool
    page: int
    size: int  # rows per page, or at most this many rows
    shown_size: int  # the page size that the response reports
    ordered: bool  # whether a known order was requested
    active: bool  # whether active rows are listed
    inactive: bool  # whether inactive rows are listed
    filters: Filters
    changed: tuple[datetime | None, datetime | None]  # the first and the last time of the last change
    custom_fields: frozenset[int]  # the requested ones, by id
    flags: frozenset[str]  # the names of parameters with the value `true`

    @property
    def ascending(self) -> bool:
        """Whether rows come in ascending order. By default the newest come first."""
        return self.ordered and "orderdesc" not in self.flags


def read(
    given: Mapping[str, str],
    *,
    filters: Iterable[str],
    activity: tuple[str, str],
    largest_page: int,
    orders: Container[str],
) -> Query:
    """Read the query of a list with these filters, names of the activity parameters, largest page (0: none), orders."""
    flags = frozenset(name for name, value in given.items() if value == "true")
    page, size = number(given, "page_no"), _positive(number(given, "page_size"))
    # Paging needs both parameters. A list of ids cannot be paged.
    paged = largest_page > 0 and "pageinate" in flags and page is not None and flags.isdisjoint(IDS_ALONE)
    rows = min(size or DEFAULT_ROWS, largest_page)
    if not paged:
        rows = min(_positive(number(given, "count")) or DEFAULT_ROWS, MAX_UNPAGED)
    active, inactive = _activity(given, *activity)
    return Query(
        given=given,
        paged=paged,
        # If `count` is given too, every page is the first one.
        page=max(1, page or 1) if paged and "count" not in given else 1,
        size=rows,
        shown_size=size or DEFAULT_ROWS,
        ordered=given.get("order", "").lower() in orders,
        active=active,
        inactive=inactive,
        filters=_filters(given, filters),
        changed=(time(given, "lastupdatefromdate"), time(given, "lastupdatetodate")),
        custom_fields=frozenset(numbers(given.get("include_custom_fields", ""))),
        flags=flags,
    )


def _activity(given: Mapping[str, str], active: str, inactive: str) -> tuple[bool, bool]:
    """Whether active and inactive rows are listed: active ones by default, inactive ones only if requested."""
    pair = given.get("activeinactive", "").split(",")
    if active == "includeactive" and len(pair) == 2:
        return pair[0] == "true", pair[1] == "true"
    return given.get(active) != "false", given.get(inactive) == "true"


def _filters(given: Mapping[str, str], known: Iterable[str]) -> Filters:
    found = []
    for name in known:
        text = given.get(name, "")
        if name.endswith("_ids") or WHOLE_NUMBER.fullmatch(text):
            found.append((name, numbers(text)))
    return tuple((name, values) for name, values in found if values)


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers of a comma-separated list."""
    return tuple(int(part) for part in map(str.strip, text.split(",")) if WHOLE_NUMBER.fullmatch(part))


def number(given: Mapping[str, str], name: str) -> int | None:
    """The parameter, if it is a whole number."""
    text = given.get(name, "")
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None


def time(given: Mapping[str, str], name: str) -> datetime | None:
    """The parameter, if it is a date, with or without a time; in UTC unless it names another time zone."""
    try:
        at = datetime.fromisoformat(given.get(name, "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


def between(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Whether a time is within these limits; a missing one is not."""
    return at is not None and (since is None or at >= since) and (until is None or at <= until)


def _positive(number: int | None) -> int | None:
    return number if number and number > 0 else None
