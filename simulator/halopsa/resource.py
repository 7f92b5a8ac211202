"""What a path serves: its rows, their envelope, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

Filter = Callable[[World, int], Sequence[int]]


@dataclass(frozen=True)
class Resource:
    """The rows that a path serves, and their records."""

    kind: str  # the world's name for the rows
    envelope: str  # HaloPSA's name for them
    ids: Callable[[World, Query], Sequence[int]]
    row: Callable[[World, int, Query], Record]  # a record as lists have it
    more: Callable[[World, int], Record] | None = None  # what `includedetails` adds to a single record
    single: bool = True  # whether it has single records
    largest_page: int = 0  # rows per page; 0: no pages
    scope: str | None = None  # the area that a token must include
    filters: Mapping[str, Filter] = field(default_factory=dict)
    activity: tuple[str, str] = ("includeactive", "includeinactive")  # names of the activity parameters
    changed_at: Callable[[World, int], datetime] | None = None  # None: the list has no filter by the last change
    inactive: Callable[[World], Container[int]] = lambda _world: ()
    search: Callable[[World, Query, Sequence[int]], Sequence[int]] | None = None  # filters and sorts on its own
    orders: Container[str] = ("id",)

    @property
    def bare(self) -> bool:
        """Whether the rows come as a bare array: without pages and search, there is no envelope."""
        return not self.largest_page and self.search is None


def all_rows(kind: str) -> Callable[[World, Query], Sequence[int]]:
    """The ids of all rows of a kind."""
    return lambda world, _query: getattr(world, kind).ids
