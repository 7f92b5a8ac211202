"""Opening what a vendor answers: an expected key that is missing is an error, and never an empty list."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from include.connectors.common.values import InvalidValue, integer, pick
from include.model.errors import ShapeError
from include.model.numbers import whole_number
from include.model.page import Record

T = TypeVar("T")


def member(body: Record, key: str, kind: type[T], what: str) -> T:
    """The value under a documented key; raises ShapeError unless it is of that kind. `what` names vendor and path."""
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, kind):
        found = type(value).__name__ if isinstance(body, dict) and key in body else "nothing"
        raise ShapeError(f"{what} answered with {found} under '{key}', not with a {kind.__name__}.")
    return value


def listed(body: Record, what: str) -> list[Record]:
    """A body that is a list of records."""
    if not isinstance(body, list):
        raise ShapeError(f"{what} answered with {type(body).__name__}, not with a list.")
    return body


def count_at(body: Record, what: str, *path: str) -> int | None:
    """The server's own count, also where it is spelled as text; None where it gives none."""
    count = body
    for step in path:
        if count is not None and not isinstance(count, dict):
            raise ShapeError(f"{what} answered with {type(count).__name__} where '{step}' should be.")
        count = None if count is None else count.get(step)
    if count is not None and whole_number(count) is None:
        raise ShapeError(f"{what} answered with an invalid count: {'.'.join(path)} is no whole number.")
    return whole_number(count)


def required_count(body: Record, what: str, *path: str) -> int:
    """The server's own count; raises ShapeError where it gives none."""
    count = count_at(body, what, *path)
    if count is None:
        raise ShapeError(f"{what} answered without '{'.'.join(path)}'.")
    return count


def required_key(record: Record, what: str) -> int:
    """The `id` of a record that other requests depend on, so that it cannot be passed over."""
    key = None
    with suppress(InvalidValue):
        key = pick(integer, record, "id")
    if key is None:
        raise ShapeError(f"{what}: a record has no usable 'id'.")
    return key
