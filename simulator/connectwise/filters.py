"""The filter language: `name like "A*" and (status/id in (1,2) or lastUpdated > [2025-01-01T00:00:00Z])`.

Text compares without regard to case, as the database behind the API does. A comparison with an empty field is false,
whatever the operator; only `= null` and `!= null` ask for emptiness itself.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Union

Get = Callable[[str], object]

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Comparison:
    """One field against one value, or against several with `in`."""

    name: str
    sign: str
    value: object

    def holds(self, get: Get) -> bool:
        """Whether it is true of the record behind `get`; of a field with several values, one is enough."""
        found = get(self.name)
        if isinstance(found, tuple):
            return any(self._fits(one) for one in found)
        return self._fits(found)

    def _fits(self, found: object) -> bool:
        if self.sign == "in":
            return isinstance(self.value, tuple) and any(_compare("=", found, one) for one in self.value)
        return _compare(self.sign, found, self.value)


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Expression

    def holds(self, get: Get) -> bool:
        """Whether the part does not hold."""
        return not self.part.holds(get)


@dataclass(frozen=True)
class Joined:
    """Several parts with `and` (every) or `or`."""

    parts: tuple[Expression, ...]
    every: bool

    def holds(self, get: Get) -> bool:
        """Whether all or any of the parts hold."""
        return (all if self.every else any)(part.holds(get) for part in self.parts)


Expression = Union[Comparison, Not, Joined]  # noqa: UP007  # the names on the right are still strings on Python 3.10


def names(expression: Expression) -> Iterator[str]:
    """Every field the expression mentions."""
    if isinstance(expression, Comparison):
        yield expression.name
    else:
        for part in (expression.part,) if isinstance(expression, Not) else expression.parts:
            yield from names(part)


def required(expression: Expression | None) -> tuple[Expression, ...]:
    """The parts that must hold one by one for the whole to hold."""
    if expression is None:
        return ()
    return expression.parts if isinstance(expression, Joined) and expression.every else (expression,)


def _compare(sign: str, found: object, wanted: object) -> bool:
    if wanted is None:
        return (found is None) if sign == "=" else (found is not None) if sign == "!=" else False
    if found is None:
        return False
    if isinstance(wanted, datetime) and isinstance(found, str):
        found = datetime.fromisoformat(found.removesuffix("Z")).replace(tzinfo=timezone.utc)
    if isinstance(wanted, str) and isinstance(found, str):
        found, wanted = found.casefold(), wanted.casefold()
        if sign == "contains":
            return wanted in found
        if sign == "like":
            return _pattern(wanted).fullmatch(found) is not None
    if sign not in SIGNS or not _comparable(found, wanted):
        return sign == "!="
    return SIGNS[sign](found, wanted)


def _comparable(found: object, wanted: object) -> bool:
    if isinstance(found, (bool, str, datetime)) or isinstance(wanted, (bool, str, datetime)):
        return type(found) is type(wanted)
    return isinstance(found, (int, float)) and isinstance(wanted, (int, float))


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if letter in "*%" else re.escape(letter) for letter in text), re.DOTALL)
