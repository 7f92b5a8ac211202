"""Rows as the text that COPY reads, written column by column, so that most values need no call of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from include.model.strict_json import write_json

NULL = "\\N"
ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))  # the backslash first
_TEXTS, _FLAGS, _PLAIN = {str}, {bool}, ({date}, {datetime}, {int})
_FLAG_TEXTS: Mapping[object, str] = {True: "t", False: "f", None: NULL}


def copy_text(columns: Iterable[Sequence[object]]) -> bytes:
    """A line for each row of these columns."""
    lines = map("\t".join, zip(*map(_written, columns), strict=True))
    return "\n".join([*lines, ""]).encode()


def names_list(names: Iterable[str] | None) -> str | None:
    """Names of our columns, as Postgres reads an array of texts."""
    return None if names is None else "{" + ",".join(names) + "}"


def _written(values: Sequence[object]) -> list[str]:
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return [NULL] * len(values)
    if kinds <= _TEXTS:
        return _texts(values)
    if kinds <= _FLAGS:
        return [_FLAG_TEXTS[value] for value in values]
    if kinds in _PLAIN:  # often a few that are repeated, and dear to write
        known = {value: NULL if value is None else str(value) for value in set(values)}
        return [known[value] for value in values]
    return list(map(_one, values))


def _texts(values: Sequence[Any]) -> list[str]:
    together = "".join(filter(None, values))
    if any(character in together for character, _ in ESCAPED):
        return list(map(_one, values))
    return [NULL if value is None else value for value in values]


def _one(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return _FLAG_TEXTS[value]
    return _escaped(write_json(value) if isinstance(value, (dict, list)) else str(value))


def _escaped(text: str) -> str:
    for character, written in ESCAPED:
        text = text.replace(character, written)
    return text
