"""The filter language: JSON objects with an operator, a field and a value, grouped with `and` and `or`.

Text is compared without regard to case. A comparison with an empty field is false; only `exist` and `notExist` test
for an empty field.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Union

from simulator.autotask.resource import Resource
from simulator.messages import ApiError

MAX_OR_CONDITIONS = 500
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "noteq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "beginswith": lambda found, wanted: str(found).startswith(str(wanted)),
    "endswith": lambda found, wanted: str(found).endswith(str(wanted)),
    "contains": lambda found, wanted: str(wanted) in str(found),
    "in": lambda found, wanted: found in wanted,
    "notin": lambda found, wanted: found not in wanted,
}
VALUELESS = ("exist", "notexist")
LISTS = ("in", "notin")


@dataclass(frozen=True)
class Comparison:
    """Compares a field with one value or with several."""

    op: str  # in lower case
    field: str
    value: Any  # a tuple for the operators with several values
    is_udf: bool = False

    def holds(self, get: Callable[[Comparison], object]) -> bool:
        """Whether the comparison is true; `get` returns the value of its field."""
        found = get(self)
        if self.op in VALUELESS:
            return (found is not None) == (self.op == "exist")
        if found is None:
            return False
        return COMPARE[self.op](found.casefold() if isinstance(found, str) else found, self.value)


@dataclass(frozen=True)
class Group:
    """Conditions joined by `and` or `or`."""

    parts: tuple[Expression, ...]
    every: bool  # `and`: all must hold

    def holds(self, get: Callable[[Comparison], object]) -> bool:
        """Whether all of the parts hold, or any."""
        return (all if self.every else any)(part.holds(get) for part in self.parts)


Expression = Union[Comparison, Group]  # noqa: UP007  # the names on the right are still strings on Python 3.10


def invalid(what: str) -> ApiError:
    """The error for a malformed query, which is a 500 although the client made the mistake."""
    return ApiError(500, f"Invalid query syntax: {what}")


def lower_keys(given: object) -> Mapping[str, Any]:
    """An object of the query with lower-case keys, since their case does not matter."""
    if not isinstance(given, dict):
        raise invalid("an object was expected.")
    return {str(key).casefold(): value for key, value in given.items()}


@dataclass(frozen=True)
class Reader:
    """Reads the filters of one resource."""

    resource: Resource[Any]
    udfs: Sequence[str]  # the names of its user-defined fields

    def read(self, given: object) -> tuple[Expression, ...]:
        """The conditions that must all hold. A query must have a filter."""
        if not isinstance(given, list) or not given:
            raise ApiError(500, "Value cannot be null.")
        found = tuple(self._parts(given))
        if sum(map(_or_conditions, found)) > MAX_OR_CONDITIONS:
            raise ApiError(500, f"Queries are limited to {MAX_OR_CONDITIONS} or fewer 'OR' conditions.")
        return found

    def _parts(self, given: Sequence[object]) -> Iterator[Expression]:
        for one in map(lower_keys, given):
            op = str(one.get("op", "")).casefold()
            if op in ("and", "or"):
                parts = tuple(self._parts(one.get("items") or ()))
                if parts:
                    yield Group(parts, every=op == "and")
            elif op in COMPARE or op in VALUELESS:
                yield self._comparison(op, one)
            # A condition with an unknown operator is silently ignored.

    def _comparison(self, op: str, given: Mapping[str, Any]) -> Comparison:
        name = str(given.get("field", ""))
        if given.get("udf") is True:
            if name not in self.udfs:
                raise ApiError(500, f"Unable to find {name} in the {self.resource.name} Entity.")
            return Comparison(op, name, _value(op, "string", given), is_udf=True)
        name = self.resource.field_named(name)
        if not self.resource.fields[name].queryable:
            raise ApiError(500, f"{name} of the {self.resource.name} Entity cannot be queried.")
        return Comparison(op, name, _value(op, self.resource.fields[name].type, given))


def _value(op: str, type_: str, given: Mapping[str, Any]) -> object:
    if op in VALUELESS:
        return None
    value = given.get("value")
    if op not in LISTS:
        return _typed(type_, value)
    if not isinstance(value, list):
        raise invalid(f"{op} wants a list.")
    return tuple(_typed(type_, one) for one in value)


def _typed(type_: str, value: object) -> object:
    """Convert a value to the field's type. Numbers may be given as text; booleans must be true or false."""
    try:
        if type_ == "boolean" and isinstance(value, bool):
            return value
        if type_ == "datetime" and isinstance(value, str):
            return _moment(value)
        if type_ in ("integer", "long") and not isinstance(value, bool) and isinstance(value, (int, str)):
            return int(value)
        if type_ == "double" and not isinstance(value, bool) and isinstance(value, (int, float, str)):
            return float(value)
    except ValueError:
        raise invalid(f"{value} is not a {type_}.") from None
    if type_ == "string" and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value).casefold()
    raise invalid(f"{value} is not a {type_}.")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _or_conditions(one: Expression) -> int:
    if isinstance(one, Comparison):
        return len(one.value) if one.op in LISTS else 0
    return sum(map(_or_conditions, one.parts)) + (0 if one.every else len(one.parts))
