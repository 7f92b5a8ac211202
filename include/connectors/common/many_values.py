"""Values of many records at once: where all have a usual form, they are converted without a call for each of them.

The result is that of the conversions in `values`, which read all other forms, one value after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from datetime import datetime
from typing import TypeAlias, TypeVar

from include.connectors.common.values import (
    NO_DATES,
    InvalidValue,
    an_object,
    boolean,
    check_key,
    day,
    instant,
    integer,
    negated,
    text,
    whole_key,
)
from include.model.numbers import LEAST, MOST
from include.model.page import Record
from include.model.storable_text import is_storable

T = TypeVar("T")
Kinds: TypeAlias = Set[type[Record]]
Quick: TypeAlias = Callable[[list[Record], Kinds], "list[Record] | None"]

NONE = type(None)
_OBJECTS = {dict}
TEXTS, WHOLE, FLAGS = frozenset({str, NONE}), frozenset({int, NONE}), frozenset({bool, NONE})
FIRST_YEAR = 1 + max(year for year, _, _ in NO_DATES)
"""No date from this year on stands for none."""
USUAL_KEY_CHARACTERS = 100
_MOMENTS = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?Z?\n)*")
_TO_SECONDS = 19  # characters


def pick_all(convert: Callable[[Record], T], records: Sequence[Record], *path: str) -> list[T]:
    """What `pick` gives for each of these records; raises InvalidValue if it does for one of them."""
    values = list(records)
    try:
        for step in path:
            values = _below(values, step)
        return _converted(convert, values)
    except InvalidValue as error:
        raise InvalidValue(f"{'.'.join(path)}: {error}") from None


def _below(values: list[Record], step: str) -> list[Record]:
    if set(map(type, values)) == _OBJECTS:  # nearly always
        return [value.get(step) for value in values]
    return [(value if type(value) is dict else an_object(value)).get(step) for value in values]


def check_keys(keys: list[Record]) -> None:
    """Raise InvalidValue if no row can have one of these keys."""
    is_usual = set(map(type, keys)) == {str} and all(keys) and max(map(len, keys)) <= USUAL_KEY_CHARACTERS
    if is_usual and (together := "".join(keys)).isascii() and together.isalnum():
        return
    for key in keys:
        check_key(key)


def _converted(convert: Callable[[Record], T], values: list[Record]) -> list[T]:
    kinds = set(map(type, values))
    quick = _QUICK.get(convert)
    converted = quick(values, kinds) if quick else None
    if converted is not None:
        return converted
    if kinds <= TEXTS or kinds <= WHOLE:  # of which equal ones are the same
        known = {value: convert(value) for value in set(values)}
        return [known[value] for value in values]
    return [convert(value) for value in values]


def _texts(values: list[Record], kinds: Kinds) -> list[Record] | None:
    if not kinds <= TEXTS or not is_storable("".join(filter(None, values))):
        return None
    return [value if value and not value.isspace() else None for value in values]


def _numbers(values: list[Record], kinds: Kinds) -> list[Record] | None:
    filled = [value for value in values if value is not None]
    return values if kinds <= WHOLE and _are_in_range(filled) else None


def _keys(values: list[Record], kinds: Kinds) -> list[Record] | None:
    numbers = _numbers(values, kinds)
    return numbers and [None if number is None else str(number) for number in numbers]


def _are_in_range(numbers: list[int]) -> bool:
    return not numbers or (min(numbers) >= LEAST and max(numbers) <= MOST)


def _flags(values: list[Record], kinds: Kinds) -> list[Record] | None:
    return values if kinds <= FLAGS else None


def _opposites(values: list[Record], kinds: Kinds) -> list[Record] | None:
    return [None if value is None else not value for value in values] if kinds <= FLAGS else None


def _instants(values: list[Record], kinds: Kinds) -> list[Record] | None:
    """Those of the commonest form."""
    if not kinds <= TEXTS:
        return None
    moments = _moments([value for value in values if value])
    if moments is None:
        return None
    following = iter(moments)
    return [next(following) if value else None for value in values]


def _days(values: list[Record], kinds: Kinds) -> list[Record] | None:
    """Those of the same form."""
    moments = _instants(values, kinds)
    return moments and [moment and moment.date() for moment in moments]


def _moments(written: list[str]) -> list[datetime] | None:
    if not _MOMENTS.fullmatch("".join(f"{one}\n" for one in written)):
        return None
    fractions = {end: f"{end.strip('.Z')[:6]:0<6}" for end in {one[_TO_SECONDS:] for one in written}}
    try:
        moments = [
            datetime.fromisoformat(f"{one[:_TO_SECONDS]}.{fractions[one[_TO_SECONDS:]]}+00:00") for one in written
        ]
    except ValueError:
        return None
    return None if moments and min(moments).year < FIRST_YEAR else moments


_QUICK: dict[Callable[[Record], object], Quick] = {
    text: _texts,
    integer: _numbers,
    whole_key: _keys,
    boolean: _flags,
    negated: _opposites,
    instant: _instants,
    day: _days,
}
