"""The filter language: `name like "A*" and (status/id in (1,2) or lastUpdated > [2025-01-01T00:00:00Z])`.

Text is compared without regard to case. A comparison with an empty field is false, whatever the operator; only
`= null` and `!= null` test for an empty field.
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
    """Compares a field with one value, or with several by `in`."""

    name: str
    sign: str
    value: object

    def holds(self, get: Get) -> bool:
        """Whether the comparison is true; `get` returns the value of a field. Of several values, one must match."""
        found = get(self.name)
        if isinstance(found, tuple):
            return any(self._matches(one) for one in found)
        return self._matches(found)

    def _matches(self, found: object) -> bool:
        if self.sign == "in":
            return isinstance(self.value, tuple) and any(_compare("=", found, one) for one in self.value)
        return _compare(self.sign, found, self.value)


@dataclass(frozen=True)
class Not:
    """The negation of a condition."""

    part: Expression

    def holds(self, get: Get) -> bool:
        """Whether the condition does not hold."""
        return not self.part.holds(get)


@dataclass(frozen=True)
class Group:
    """Conditions joined by `and` or `or`."""

    parts: tuple[Expression, ...]
    every: bool  # `and`: all must hold

    def holds(self, get: Get) -> bool:
        """Whether all of the parts hold, or any."""
        return (all if self.every else any)(part.holds(get) for part in self.parts)


Expression = Union[Comparison, Not, Group]  # noqa: UP007  # the names on the right are still strings on Python 3.10


def field_names(expression: Expression) -> Iterator[str]:
    """The fields that the expression mentions."""
    if isinstance(expression, Comparison):
        yield expression.name
    else:
        for part in (expression.part,) if isinstance(expression, Not) else expression.parts:
            yield from field_names(part)


def conjuncts(expression: Expression | None) -> tuple[Expression, ...]:
    """The conditions that must all hold for the expression to hold."""
    if expression is None:
        return ()
    return expression.parts if isinstance(expression, Group) and expression.every else (expression,)


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
