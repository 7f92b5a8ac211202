"""JSON: what Python's reader alters or passes over without a word is kept, refused or reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from include.model.numbers import Number

JsonPath = tuple[str | int, ...]
_DECODER = msgspec.json.Decoder(float_hook=Number)
_ENCODER = msgspec.json.Encoder(enc_hook=lambda number: msgspec.Raw(number.written.encode()))
_LONGEST_NUMBER = 308  # digits of a number that a person typed; a longer one is too large for any setting


@dataclass(frozen=True)
class Ambiguous:
    """Stands where a key is given more than once, with different values: which one is meant is not known."""


def read_json(text: str | bytes) -> Any:
    """What a PSA sent; raises ValueError. Fractions keep their digits."""
    if isinstance(text, bytes):
        with suppress(msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
            value = _DECODER.decode(text)
            if _has_all_names(value, text):
                return value
    return _parsed(text, distinct, Number)  # which reads or refuses everything else


def parse_json(text: str) -> Any:
    """What a person typed; raises ValueError. A number without a fraction is whole, as JSON has it: 5.0 is 5."""
    return _parsed(text, _Object, _number)


def write_json(value: Any) -> str:
    """JSON of a value that was read; numbers have the characters that they were written in."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {write_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, allow_nan=False)


def distinct(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these pairs; Ambiguous stands where a key comes with different values."""
    given = pairs if isinstance(pairs, list) else list(pairs)
    made = dict(given)
    if len(made) < len(given):
        made.clear()
        for key, value in given:
            made[key] = value if key not in made or _is_same(made[key], value) else Ambiguous()
    return made


def _has_all_names(value: Any, text: bytes) -> bool:
    """Whether no name of an object got lost because it was given twice; False where that is not certain.

    Written again, such a value is shorter than its text, without blanks. Texts that escape more than they must are
    longer as well: there the names are counted, by their ends. A quotation mark or a colon that is escaped by its
    number may hide what looks like the end of a name inside a string.
    """
    written = _ENCODER.encode(value)
    if written == text:
        return True
    compact = msgspec.json.format(text, indent=-1)
    if written == compact:
        return True
    may_hide_an_end = b"\\u0022" in text or b"\\u003" in text
    return not may_hide_an_end and written.count(b'":') == compact.count(b'":')


def repeated_keys(value: Any, path: JsonPath = ()) -> Iterator[JsonPath]:
    """The path of each key that a person typed more than once in its object."""
    if isinstance(value, _Object):
        yield from ((*path, key) for key in value.repeated)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from repeated_keys(child, (*path, key))


class _Object(dict[str, Any]):
    """An object that remembers the keys which stand in it more than once; the last value counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.repeated = sorted(key for key in self if keys.count(key) > 1)


def _parsed(
    text: str | bytes, to_object: Callable[[list[tuple[str, Any]]], Any], to_number: Callable[[str], Any]
) -> Any:
    words = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return json.loads(words, object_pairs_hook=to_object, parse_float=to_number, parse_constant=_refuse)
    except (InvalidOperation, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: a number or the nesting is too large") from None


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are written alike: for Python, true is 1, and 1.10 is 1.1."""
    return type(one) is type(other) and not isinstance(one, Ambiguous) and repr(one) == repr(other)


def _number(written: str) -> int | float:
    number = Decimal(written)
    is_whole = number.adjusted() < _LONGEST_NUMBER and number == number.to_integral_value()
    return int(number) if is_whole else float(written)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
