"""Records asked for by their keys: one request each, or many keys in one request."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from include.http.in_flight import Asked, in_flight
from include.http.positions import KeyPositions
from include.model.errors import NotFound
from include.model.page import Page, Position, Record

log = logging.getLogger(__name__)

T = TypeVar("T")


def one_by_one(
    read: Callable[[str], Record],
    keys: Sequence[str],
    resume: Position | None = None,
    *,
    what: str,
    max_gone: float = math.inf,
    at_once: int = 1,
) -> Iterator[Page]:
    """A page for each of these records that still exists; `what` names it in the log, as in `<vendor> company`.

    `at_once` of them are asked for at a time. More than `max_gone` missing records are not believed: then the NotFound
    is raised.
    """
    gone = 0
    for asked, page in each_key(read, keys, resume, what, at_once):
        try:
            record = asked.result()
        except NotFound:
            gone += 1
            if gone > max_gone:
                raise
            log.info("%s %s does not exist any more.", what, asked.item)
        else:
            yield replace(page, records=[record])


def each_key(
    read: Callable[[str], T], keys: Sequence[str], resume: Position | None, listing: str, at_once: int
) -> Iterator[tuple[Asked[str, T], Page]]:
    """What `read` gives for each key, and an empty page for it that says how much of the listing is read."""
    positions = KeyPositions(listing)
    rest = positions.behind(keys, resume)
    for done, asked in enumerate(in_flight(read, rest, at_once), start=len(keys) - len(rest) + 1):
        position = positions.after(asked.item) if resume else None
        yield asked, Page([], done=done, expected=len(keys), asked_at=asked.asked_at, position=position)


def typed_key(typed: str, below: int) -> str | None:
    """What a person typed, as a key that is a whole number below this; None where it cannot be one."""
    is_number = typed.isascii() and typed.isdigit() and len(typed) < 20  # Python converts no more than 4,300 digits
    return str(int(typed)) if is_number and int(typed) < below else None


def in_chunks(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    """The keys, as many at a time as one request may name."""
    rest = iter(keys)
    while chunk := list(islice(rest, size)):
        yield chunk
