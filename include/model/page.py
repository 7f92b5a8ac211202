"""What a listing brings: pages of records as the PSA sent them, and records that are refused, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Record: TypeAlias = Any
"""A record as the PSA sent it: JSON, usually an object, and of any shape until a mapping has read it."""


@dataclass(frozen=True)
class Reject:
    """A record that is not stored."""

    source_id: str | None
    """The vendor's key of the record; None when the key itself is unusable."""
    reason: str
    """Why it is not stored, in a sentence."""
    scope: tuple[str, str] | None = None
    """(column, value) when every row with this parent is unknown, such as the statuses of a board."""


@dataclass(frozen=True)
class Position:
    """How far a listing was read, as a later attempt needs it to go on from there."""

    listing: str
    """What was listed: another attempt goes on only if it lists the same."""
    at: Record
    """The place in it, in JSON: a key, or what a page was like."""
    known: Callable[[], frozenset[str]] = field(default=frozenset, compare=False)
    """Gives the keys of the records before it that are staged."""


START = Position("", None)
"""The beginning of any listing."""


class PositionLost(Exception):
    """A listing cannot go on from a position and has to begin again; the text says why."""


@dataclass(frozen=True)
class Page:
    """One answer of a listing."""

    records: list[Record]
    """The records in the order they came."""
    rejects: list[Reject] = field(default_factory=list)
    """Records that the server could not deliver."""
    done: int = 0
    """How much of the listing was read when this page had come, in the unit of `expected`."""
    expected: int | None = None
    """How much there is in all: records, or parents of a listing below parents; None where no one counts."""
    total: int | None = None
    """How many records the server counts in the whole listing; None where it does not say."""
    pages: int | None = None
    """How many pages the server announces; None where it does not say."""
    has_next: bool = False
    """Whether the server itself links to another page."""
    asked_at: float | None = None
    """A moment before its request was sent, by the clock of time.monotonic; None where it was asked for when the page
    before it had been dealt with."""
    position: Position | None = None
    """Where the listing can go on after this page; None where only its beginning will do."""
