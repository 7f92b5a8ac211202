"""JSON that a person typed: what Python's reader passes over without a word is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

JsonPath = tuple[str | int, ...]


class _Object(dict[str, Any]):
    """An object that remembers the keys which stand in it more than once; the last value counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.repeated = sorted(key for key in self if keys.count(key) > 1)


def parse_json(text: str) -> Any:
    """The value; raises ValueError. A number without a fraction is whole, as JSON has it: 5.0 is 5."""
    return json.loads(text, object_pairs_hook=_Object, parse_float=_number, parse_constant=_refuse)


def repeated_keys(value: Any, path: JsonPath = ()) -> Iterator[JsonPath]:
    """The path of each key that stands more than once in its object."""
    if isinstance(value, _Object):
        yield from ((*path, key) for key in value.repeated)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from repeated_keys(child, (*path, key))


def _number(digits: str) -> int | float:
    number = float(digits)
    return int(number) if number.is_integer() else number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
