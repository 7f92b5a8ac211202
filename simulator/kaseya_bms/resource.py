"""What a path serves: its rows, their records, and what can be asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from simulator.messages import Record
from simulator.world import World

Rows = tuple[Mapping[int, Any], Sequence[int]]

# The rows below the ids in the path, and which of them there are.
Source = Callable[[World, Sequence[int]], Rows]

# A whole list, pages with or without a total, how many there are, one record in the envelope, or one without it.
Shape = Literal["all", "pages", "pages with total", "count", "one", "bare"]


@dataclass(frozen=True)
class Route:
    """`path` as the document spells it; `kind` is the world's word for the rows.

    With POST the same is asked in a body. Only what counts names its filters without a `Filter.` before them.
    """

    path: str
    kind: str
    shape: Shape
    rows: Source
    record: Callable[[World, Any], Record]
    filters: Filters = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"

    @property
    def prefix(self) -> str:
        """What stands before the name of a filter."""
        return "" if self.shape == "count" else "Filter."

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches the path with ids in it."""
        return re.compile(re.sub(r"\{\w+\}", r"(\\d{1,9})", self.path))


def whole(kind: str) -> Source:
    """All rows of a kind."""

    def source(world: World, _ids: Sequence[int]) -> Rows:
        table = getattr(world, kind)
        return table, table.ids

    return source


@dataclass(frozen=True)
class Filter:
    """How the text in the address is read, and which rows it lets through."""

    read: Callable[[str], Any]
    holds: Callable[[World, Any, Any], bool]


Filters = Mapping[str, Filter]
