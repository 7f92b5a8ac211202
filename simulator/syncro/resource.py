"""What a list is made of: its envelope, its records, its filters and what its `meta` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.messages import Record
from simulator.syncro.query import Query
from simulator.world import World


@dataclass(frozen=True)
class Feed:
    """A list: `key` is its envelope, `kind` the world's word, `size` the server's own; `select` takes the filters.

    `meta` is what it tells about its pages; `row` finds what the world keeps in no table of that kind.
    """

    key: str
    kind: str
    size: int
    record: Callable[[World, Any], Record]
    select: Callable[[World, Query], Sequence[int]]
    meta: tuple[str, ...] = ("total_pages", "total_entries", "per_page", "page")
    row: Callable[[World, int], Any] | None = None

    def found(self, world: World, id_: int) -> Any:
        """The row of that id."""
        return self.row(world, id_) if self.row else getattr(world, self.kind)[id_]
