"""Numbers as a PSA wrote them: exact, never by way of a binary fraction."""

from __future__ import annotations

import re
from decimal import Decimal

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
LEAST, MOST = -(2**63), 2**63 - 1
"""Of whole numbers of 64 bits."""
_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)(\.0+)?")


class Number(Decimal):
    """A number with a fraction or an exponent; as text it has the characters that it was written in."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> Number:
        made = super().__new__(cls, written)
        made.written = written
        return made

    def __str__(self) -> str:
        return self.written


def decimal_number(value: object) -> Decimal | None:
    """The value as a finite number, also where it is spelled as text; None where it is none."""
    if isinstance(value, str):
        typed = value.strip()
        return Decimal(typed) if _DECIMAL.fullmatch(typed) else None
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def whole_number(value: object) -> int | None:
    """The value as a whole number of 64 bits, also where it is 5.0 or text; None where it is no such number.

    Text with leading zeros is none: it could be a key that is another than the one without them.
    """
    if type(value) is int:
        return value if LEAST <= value <= MOST else None
    if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
        return None
    number = decimal_number(value)
    if number is None or not LEAST <= number <= MOST:
        return None
    whole = int(number)
    return whole if whole == number else None
