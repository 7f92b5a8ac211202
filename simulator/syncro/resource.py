"""What a list is made of: its envelope, its records, its filters and what its `meta` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.messages import Record
from simulator.syncro.query import Query
from simulator.world import World


@dataclass(frozen=True)
class Resource:
    """A list: its rows and their records."""

    key: str  # the body has the records under it
    kind: str  # the world's name for the rows
    size: int  # rows per page, which the client cannot choose
    record: Callable[[World, Any], Record]
    select: Callable[[World, Query], Sequence[int]]  # applies the filters and the order
    meta: tuple[str, ...] = ("total_pages", "total_entries", "per_page", "page")  # what `meta` says about pages
    row: Callable[[World, int], Any] | None = None  # finds a row that is not in the table of its kind

    def found(self, world: World, id_: int) -> Any:
        """The row with this id."""
        return self.row(world, id_) if self.row else getattr(world, self.kind)[id_]
