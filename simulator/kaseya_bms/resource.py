"""What a path serves: its rows, their records, and what can be asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from simulator.messages import Record
from simulator.table import Rows
from simulator.world import World

# The rows below the ids in the path.
Source = Callable[[World, Sequence[int]], Rows]
# A whole list, pages with or without a total, a count, a single record in an envelope, or one without it.
Shape = Literal["all", "pages", "pages with total", "count", "one", "bare"]


@dataclass(frozen=True)
class Filter:
    """A filter of a list."""

    read: Callable[[str], Any]  # reads its value
    holds: Callable[[World, Any, Any], bool]  # whether a row passes, given that value


Filters = Mapping[str, Filter]


@dataclass(frozen=True)
class Resource:
    """The rows that a path serves, and their records."""

    path: str  # as the document spells it
    kind: str  # the world's name for the rows
    shape: Shape
    rows: Source
    record: Callable[[World, Any], Record]
    filters: Filters = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"  # a POST has its parameters in the body

    @property
    def prefix(self) -> str:
        """The prefix of filter names."""
        return "" if self.shape == "count" else "Filter."

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """A pattern that matches the path with ids in it."""
        return re.compile(re.sub(r"\{\w+\}", r"(\\d{1,9})", self.path))


def all_rows(kind: str) -> Source:
    """All rows of a kind."""

    def source(world: World, _ids: Sequence[int]) -> Rows:
        table = getattr(world, kind)
        return table, table.ids

    return source
