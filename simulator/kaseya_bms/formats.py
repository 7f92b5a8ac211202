"""How Kaseya BMS writes timestamps, missing values and references: in a form that depends on the row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from simulator.entities import Address
from simulator.messages import Record

NO_DATE = "0001-01-01T00:00:00"
# .NET writes any number of digits of a second, and mostly no time zone; it is always UTC.
ENDINGS = ("", ".0", ".000Z", ".0000000")


def stamp(moment: datetime, id_: int) -> str:
    """A timestamp, in the form of this row."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{ENDINGS[id_ % len(ENDINGS)]}"


def day(value: date | None, id_: int) -> str | None:
    """A date as midnight of that day; a missing one is null or the first day of the calendar."""
    if value is None:
        return NO_DATE if id_ % 2 else None
    return f"{value.isoformat()}T00:00:00"


def text(value: str | None, id_: int) -> str | None:
    """Text; missing text is null or empty."""
    return value or ("" if id_ % 2 else None)


def optional_id(value: int | None, id_: int) -> int | None:
    """The id of another row; a missing one is null or 0."""
    return value or (0 if id_ % 2 else None)


def name_in_table(rows: Mapping[int, Any], id_: int | None) -> str | None:
    """The name of the row with this id; null if there is none, or if it was deleted."""
    row = rows.get(id_ or 0)
    return row.name if row else None


def address_lines(address: Address, id_: int) -> Record:
    """The fields of an address."""
    return {
        "address1": text(address.line1, id_),
        "address2": text(address.line2, id_),
        "city": text(address.city, id_),
        "state": text(address.state, id_),
        "zipCode": text(address.postal_code, id_),
        "country": text(address.country, id_),
    }


# Texts from the editor and from e-mails are HTML; texts that came through the API are plain.


def is_html(text: str, id_: int) -> bool:
    """Whether this row's text is HTML. Text with special characters always is, so that it is unambiguous."""
    return id_ % 3 == 1 or any(mark in text for mark in "<>&")


def text_or_html(text: str, id_: int) -> str:
    """The text, as HTML if this row's text is."""
    if not text or not is_html(text, id_):
        return text
    lines = escape(text, quote=False).split("\n")
    return f"<p>{'<br />'.join(lines)}</p>"
