"""How BMS writes gaps, moments and the ids of nothing: not always the same way, but the same for the same row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from simulator.entities import Address
from simulator.messages import Record

NO_DATE = "0001-01-01T00:00:00"
# .NET writes as many digits of a second as it likes; the zone is mostly left out, and is UTC here all the same.
ENDINGS = ("", ".0", ".000Z", ".0000000")


def stamp(moment: datetime, id_: int) -> str:
    """A moment, in the form that this row happens to have."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{ENDINGS[id_ % len(ENDINGS)]}"


def day(value: date | None, id_: int) -> str | None:
    """A calendar date as a midnight; a gap is null, or the first day of the calendar."""
    if value is None:
        return NO_DATE if id_ % 2 else None
    return f"{value.isoformat()}T00:00:00"


def text(value: str | None, id_: int) -> str | None:
    """Text; a gap is null or empty."""
    return value or ("" if id_ % 2 else None)


def key(value: int | None, id_: int) -> int | None:
    """An id in a column that may be null, where older rows have 0 for nothing instead."""
    return value or (0 if id_ % 2 else None)


def label(rows: Mapping[int, Any], id_: int | None) -> str | None:
    """The name of the row with that id; null when nothing has it, or not any more."""
    row = rows.get(id_ or 0)
    return row.name if row else None


def address_lines(address: Address, id_: int) -> Record:
    """The fields of an address that the world knows."""
    return {
        "address1": text(address.line1, id_),
        "address2": text(address.line2, id_),
        "city": text(address.city, id_),
        "state": text(address.state, id_),
        "zipCode": text(address.postal_code, id_),
        "country": text(address.country, id_),
    }


# What people write is kept as HTML by the editor and in mails, and as it is by what comes in through the API.


def is_html(text: str, id_: int) -> bool:
    """Whether this row's text is HTML; text with marks of its own always is, or it could not be told from markup."""
    return id_ % 3 == 1 or any(mark in text for mark in "<>&")


def written(text: str, id_: int) -> str:
    """The text as the API has it."""
    if not text or not is_html(text, id_):
        return text
    lines = escape(text, quote=False).split("\n")
    return f"<p>{'<br />'.join(lines)}</p>"
