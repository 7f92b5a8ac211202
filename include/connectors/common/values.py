"""From a vendor's JSON value to a typed one: exactly what was written, or InvalidValue.

Empty in any form is empty: null, a missing key, blank text, and a list or an object with nothing in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar

from include.model.numbers import whole_number
from include.model.page import Record
from include.model.storable_text import storable_text
from include.model.strict_json import Ambiguous

T = TypeVar("T")
D = TypeVar("D", bound=date)

NO_DATES = frozenset({(1899, 12, 30), (1899, 12, 31), (1900, 1, 1)})
"""Days that stand for *no date* in vendors' databases, as does any day of the year 1."""

MAX_KEY_BYTES = 2_000
"""Of a record's key: Postgres' indexes hold no more than 2,704 bytes, with the name of the PSA."""
_OBJECT = frozenset({dict})
_ISO_8601 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r" ?(?:Z|([+-])([0-9]{2})(?::?([0-5][0-9]))?)?)?",
    re.IGNORECASE,
)
_USUAL_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"(?:Z|([+-][0-9]{2}:[0-5][0-9]))?"
)
"""What all versions of Python read alike, once the fraction has six digits."""


class InvalidValue(ValueError):
    """A value that cannot be what its field should hold; the record is rejected with this reason."""

    def __init__(self, reason: str, *, usable: object = None) -> None:
        super().__init__(reason)
        self.usable = usable
        """What else there is for a column that only serves bookkeeping, whose records are not rejected."""


def is_empty(value: Record) -> bool:
    """Whether there is nothing in a value, in whatever form the vendor writes that."""
    if value is None:
        return True
    return not value.strip() if isinstance(value, str) else isinstance(value, (list, dict)) and not value


def pick(convert: Callable[[Record], T], record: Record, *path: str) -> T:
    """The value at `path`, converted; an invalid one is named by its path. An absent step is empty."""
    value = record
    try:
        for step in path:
            value = (value if isinstance(value, dict) else an_object(value)).get(step)
        return convert(value)
    except InvalidValue as error:
        raise InvalidValue(f"{'.'.join(path)}: {error}") from None


def text(value: Record) -> str | None:
    """Text as typed, less what Postgres cannot store (NUL, lone surrogates); a number as it is written."""
    if type(value) is str and value.isprintable() and value.isascii():  # nearly every text
        return value if value.strip() else None
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float, Decimal)):
        raise InvalidValue(f"text expected, got {_shown(value)}")
    cleaned = storable_text(str(value))
    return cleaned if cleaned.strip() else None


def text_key(value: Record) -> str | None:
    """A vendor's key that is text. It is never altered: it could become the key of another record."""
    key = text(value)
    if key is not None and key != str(value):
        raise InvalidValue("a key has a character that Postgres cannot store")
    return key


def check_key(key: object) -> None:
    """Raise InvalidValue for a key that no row can have."""
    usable = text_key(key)
    if not usable:
        raise InvalidValue("the record has no id")
    if len(usable.encode()) > MAX_KEY_BYTES:
        raise InvalidValue(f"its id has more than the {MAX_KEY_BYTES:,} bytes that an index can hold")


def boolean(value: Record) -> bool | None:
    """True or False, also spelled as text or as 0 and 1."""
    if isinstance(value, bool):
        return value
    if is_empty(value):
        return None
    spelled = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
    number = whole_number(value)
    if spelled is None and number not in (0, 1):
        raise InvalidValue(f"true or false expected, got {_shown(value)}")
    return bool(number) if spelled is None else spelled


def may_be_true(value: Record) -> bool:
    """Whether a flag is set, or cannot be read: for flags that protect something."""
    try:
        return bool(boolean(value))
    except InvalidValue:
        return True


def negated(value: Record) -> bool | None:
    """The opposite of a flag; unknown stays unknown."""
    flag = boolean(value)
    return None if flag is None else not flag


def integer(value: Record) -> int | None:
    """A whole number, also spelled as text or as 5.0."""
    if is_empty(value):
        return None
    number = whole_number(value)
    if number is None:
        raise InvalidValue(f"a whole number expected, got {_shown(value)}")
    return number


def whole_key(value: Record) -> str | None:
    """A vendor's key that is a whole number, as text."""
    number = integer(value)
    return None if number is None else str(number)


def unless_none(written: D) -> D | None:
    """A date, or a date and time, as it was written; None for those that stand for none."""
    return None if written.year == 1 or (written.year, written.month, written.day) in NO_DATES else written


def instant(value: Record) -> datetime | None:
    """An aware UTC moment from ISO 8601; a stamp without a zone is UTC."""
    if is_empty(value):
        return None
    try:
        moment = unless_none(_moment(value))
        return moment if moment is None or moment.tzinfo is timezone.utc else moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise InvalidValue(f"a date and time expected, got {_shown(value)}") from None


def day(value: Record) -> date | None:
    """A calendar date. Midnight UTC stands for one, so no zone is ever applied."""
    if is_empty(value):
        return None
    try:
        return unless_none(_moment(value).date())
    except ValueError:
        raise InvalidValue(f"a date expected, got {_shown(value)}") from None


def items(value: Record) -> list[Record]:
    """A list of objects, without empty entries."""
    return [entry for entry in objects(value) if entry]


def objects(value: Record) -> list[Record]:
    """A list of objects, empty ones included: where each becomes a row of its own, one could be any of them."""
    if type(value) is list and set(map(type, value)) <= _OBJECT:  # nearly every list
        return value
    if is_empty(value):
        return []
    entries = [{} if is_empty(entry) else entry for entry in value] if isinstance(value, list) else [value]
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidValue(f"a list of objects expected, got {_shown(value)}")
    return entries


def an_object(value: Record) -> dict[str, Record]:
    """An object."""
    if is_empty(value):
        return {}
    if not isinstance(value, dict):
        raise InvalidValue(f"an object expected, got {_shown(value)}")
    return value


def _moment(value: Record) -> datetime:
    """The moment in the zone that is written, otherwise in UTC; raises ValueError. Further digits are cut."""
    if not isinstance(value, str):
        raise ValueError
    if usual := _USUAL_MOMENT.fullmatch(value):
        to_seconds, fraction, zone = usual.groups()
        return datetime.fromisoformat(f"{to_seconds}.{(fraction or '0')[:6]:0<6}{zone or '+00:00'}")
    return _unusual_moment(value.strip())


def _unusual_moment(value: str) -> datetime:
    """Not left to Python, whose versions take more or less of ISO 8601, such as weeks."""
    written = _ISO_8601.fullmatch(value)
    if written is None:
        raise ValueError
    calendar_date, hour, minute, second, fraction, sign, zone_hours, zone_minutes = written.groups()
    zone = timezone.utc
    if zone_hours:
        offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
    year, month, day_of_month = calendar_date.split("-")
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
    time_of_day = int(hour or 0), int(minute or 0), int(second or 0), microsecond
    return datetime(int(year), int(month), int(day_of_month), *time_of_day, tzinfo=zone)


def _shown(value: Record) -> str:
    """A value in a message, unless it could be about a person: then only what kind of thing it is."""
    if isinstance(value, Ambiguous):
        return "several values under one name"
    if isinstance(value, (dict, list)):
        return type(value).__name__
    if isinstance(value, str) and not re.fullmatch(r"[\d\s/:.,TZ+-]{1,40}", value):
        return f"text of {len(value)} characters"
    return (repr(value) if isinstance(value, (str, bool)) else str(value))[:40]
