"""What a path serves: its rows, their envelope, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

Filter = Callable[[World, int], Sequence[int]]


@dataclass(frozen=True)
class Resource:
    """`kind` is the world's word for the rows, `envelope` the vendor's; `more` is what a detail adds to a row.

    Lists that have pages or are searched answer in an envelope, the others as a bare array. A `search` filters and puts
    in order by one of `orders` all by itself. `scope` is what a token must be good for.
    """

    kind: str
    envelope: str
    ids: Callable[[World, Query], Sequence[int]]
    row: Callable[[World, int, Query], Record]
    more: Callable[[World, int], Record] | None = None
    single: bool = True
    largest_page: int = 0
    scope: str | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    activity: tuple[str, str] = ("includeactive", "includeinactive")
    inactive: Callable[[World], Container[int]] = lambda _world: ()
    search: Callable[[World, Query, Sequence[int]], Sequence[int]] | None = None
    orders: Container[str] = ("id",)

    @property
    def bare(self) -> bool:
        """Whether the rows come without an envelope."""
        return not self.largest_page and self.search is None


def whole(kind: str) -> Callable[[World, Query], Sequence[int]]:
    return lambda world, _query: getattr(world, kind).ids
