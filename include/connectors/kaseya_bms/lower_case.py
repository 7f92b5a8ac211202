"""Answers with all names in lower case: the vendor's document spells them one way, its servers another.

Only Kaseya BMS needs this.
"""

from __future__ import annotations

from collections.abc import Iterable

from include.model.page import Record
from include.model.strict_json import distinct

DEEPEST = 20  # objects and lists inside one another that are read; the document has 7 at most

NESTED = frozenset({dict, list})  # the types themselves: looked at for each value


def lowered(value: Record, *, depth: int = DEEPEST) -> Record:
    """The value with all names in lower case."""
    if depth == 0:
        return value
    if isinstance(value, dict):
        inner_values = _all_lowered(value.values(), depth - 1)
        made = dict(zip(map(str.lower, value), inner_values, strict=True))
        return made if len(made) == len(value) else distinct(zip(map(str.lower, value), inner_values, strict=True))
    if isinstance(value, list):
        return _all_lowered(value, depth - 1)
    return value


def _all_lowered(values: Iterable[Record], depth: int) -> list[Record]:
    return [lowered(value, depth=depth) if type(value) in NESTED else value for value in values]
