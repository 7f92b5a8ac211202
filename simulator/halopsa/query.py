"""What a request asks of a list. A name nobody knows and a value of the wrong type are passed over without a word."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

DEFAULT_ROWS, MOST_UNPAGED = 50, 1000
WHOLE_NUMBER = re.compile(r"-?\d{1,9}")
IDS_ALONE = ("idonly", "ticketidonly")

Filters = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Query:
    """A list's parameters as the API takes them; `flags` are the names `given` as the very word `true`."""

    given: Mapping[str, str]
    paged: bool
    page: int
    size: int
    shown_size: int
    ordered: bool
    active: bool
    inactive: bool
    filters: Filters
    custom_fields: frozenset[int]
    flags: frozenset[str]

    @property
    def ascending(self) -> bool:
        """Newest first unless asked for otherwise."""
        return self.ordered and "orderdesc" not in self.flags


def read(
    given: Mapping[str, str],
    *,
    filters: Iterable[str],
    activity: tuple[str, str],
    largest_page: int,
    orders: Container[str],
) -> Query:
    """The query of a list that has these filters, names for in use and out of use, orders, and pages or none (0)."""
    flags = frozenset(name for name, value in given.items() if value == "true")
    page, size = number(given, "page_no"), _positive(number(given, "page_size"))
    # Paging needs both; ids alone cannot be paged.
    paged = largest_page > 0 and "pageinate" in flags and page is not None and flags.isdisjoint(IDS_ALONE)
    rows = min(size or DEFAULT_ROWS, largest_page)
    if not paged:
        rows = min(_positive(number(given, "count")) or DEFAULT_ROWS, MOST_UNPAGED)
    active, inactive = _activity(given, *activity)
    return Query(
        given=given,
        paged=paged,
        # With a `count` beside it, every page is the first.
        page=max(1, page or 1) if paged and "count" not in given else 1,
        size=rows,
        shown_size=size or DEFAULT_ROWS,
        ordered=given.get("order", "").lower() in orders,
        active=active,
        inactive=inactive,
        filters=_filters(given, filters),
        custom_fields=frozenset(numbers(given.get("include_custom_fields", ""))),
        flags=flags,
    )


def _activity(given: Mapping[str, str], in_use: str, out_of_use: str) -> tuple[bool, bool]:
    """Rows in use are there unless unwanted; those out of use only when wanted."""
    pair = given.get("activeinactive", "").split(",")
    if in_use == "includeactive" and len(pair) == 2:
        return pair[0] == "true", pair[1] == "true"
    return given.get(in_use) != "false", given.get(out_of_use) == "true"


def _filters(given: Mapping[str, str], known: Iterable[str]) -> Filters:
    found = []
    for name in known:
        text = given.get(name, "")
        if name.endswith("_ids") or WHOLE_NUMBER.fullmatch(text):
            found.append((name, numbers(text)))
    return tuple((name, values) for name, values in found if values)


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers between the commas."""
    return tuple(int(part) for part in map(str.strip, text.split(",")) if WHOLE_NUMBER.fullmatch(part))


def number(given: Mapping[str, str], name: str) -> int | None:
    """The parameter where it is a whole number."""
    text = given.get(name, "")
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None


def _positive(number: int | None) -> int | None:
    return number if number and number > 0 else None
