"""From a vendor's JSON value to a typed one. Null, missing and "" all mean empty; what is odd raises OddValue."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import TypeVar

from include.model.page import Record

T = TypeVar("T")
D = TypeVar("D", bound=date)

NO_DATES = frozenset({(1899, 12, 30), (1899, 12, 31), (1900, 1, 1)})
"""Days that vendors' databases write for none; and so they do with any day of the year 1."""


class InvalidValue(ValueError):
    """A value that cannot be what its place says; the record is rejected with this reason."""


def pick(convert: Callable[[Record], T], record: Record, *path: str) -> T:
    """The value at `path`, converted; an odd one is named by its path. An absent step is empty."""
    value = record
    try:
        for step in path:
            if value is None:
                break
            if not isinstance(value, dict):
                raise InvalidValue(f"an object expected, got {_shown(value)}")
            value = value.get(step)
        return convert(value)
    except InvalidValue as error:
        raise InvalidValue(f"{'.'.join(path)}: {error}") from None


def text(value: Record) -> str | None:
    """Text as typed, less what Postgres cannot store (NUL, lone surrogates); blank is empty."""
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        raise InvalidValue(f"text expected, got {type(value).__name__}")
    if isinstance(value, bool):
        return "true" if value else "false"
    cleaned = str(value).replace("\x00", "")
    try:
        cleaned.encode()
    except UnicodeEncodeError:
        cleaned = cleaned.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return cleaned if cleaned.strip() else None


def boolean(value: Record) -> bool | None:
    """True or False, also spelled as text or as 0 and 1."""
    if value is None or value == "":
        return None
    spelled = {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
    if spelled is None:
        raise InvalidValue(f"true or false expected, got {_shown(value)}")
    return spelled


def negated(value: Record) -> bool | None:
    """The opposite of a flag; unknown stays unknown."""
    flag = boolean(value)
    return None if flag is None else not flag


def integer(value: Record) -> int | None:
    """A whole number, also spelled as text or as 5.0."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
        if not isinstance(value, bool) and number.is_integer() and abs(number) < 2**63:
            return value if isinstance(value, int) else int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidValue(f"a whole number expected, got {_shown(value)}")


def whole_key(value: Record) -> str | None:
    """A vendor's key that is a whole number, as text."""
    number = integer(value)
    return None if number is None else str(number)


def unless_none(written: D) -> D | None:
    """A date, or a date and time, as it was written; None for those that stand for none."""
    return None if written.year == 1 or (written.year, written.month, written.day) in NO_DATES else written


def instant(value: Record) -> datetime | None:
    """An aware UTC moment from ISO 8601; a stamp without a zone is UTC."""
    if value is None or value == "":
        return None
    try:
        moment = unless_none(datetime.fromisoformat(_iso(value)))
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValue(f"a date and time expected, got {_shown(value)}") from None


def day(value: Record) -> date | None:
    """A calendar date. Midnight UTC stands for one, so no zone is ever applied."""
    if value is None or value == "":
        return None
    try:
        return unless_none(datetime.fromisoformat(_iso(value)).date())
    except (TypeError, ValueError):
        raise InvalidValue(f"a date expected, got {_shown(value)}") from None


def items(value: Record) -> list[Record]:
    """A list of objects; absent is empty."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InvalidValue(f"a list of objects expected, got {_shown(value)}")
    return value


def _iso(value: Record) -> str:
    """ISO 8601 as Python 3.10 reads it: no `Z`, and three or six decimals of a second."""
    if not isinstance(value, str):
        raise TypeError
    stamp = value.strip()
    if stamp.endswith(("Z", "z")):
        stamp = stamp[:-1] + "+00:00"
    head, dot, tail = stamp.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        stamp = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    return stamp


def _shown(value: Record) -> str:
    """A value in a message, unless it could be about a person: then only what kind of thing it is."""
    if isinstance(value, (dict, list)):
        return type(value).__name__
    if isinstance(value, str) and not re.fullmatch(r"[\d\s/:.,TZ+-]{1,40}", value):
        return f"text of {len(value)} characters"
    return repr(value)[:40]
