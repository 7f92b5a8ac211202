"""How single values look: dates without a zone, ids that mean nobody, text that is missing in one of three ways."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from simulator.entities import Address
from simulator.messages import Record

# The database behind the API writes an empty date as one of its zero days, an empty reference as one of these ids.
ZERO_DAYS = ("1900-01-01T00:00:00", "1899-12-30T00:00:00")
UNSET = (0, -1, -99)
FRACTIONS = ("", ".5", ".25", ".357")


def moment(value: datetime) -> str:
    """UTC without saying so, with up to three digits of the second."""
    return value.isoformat()[:19] + FRACTIONS[value.second % len(FRACTIONS)]


def day(value: date | None, row_id: int) -> str | None:
    """A date with a time of day nobody chose; an empty one is null or a zero day."""
    if value is None:
        return None if row_id % 3 == 0 else ZERO_DAYS[row_id % 2]
    return f"{value.isoformat()}T00:00:00{FRACTIONS[row_id % len(FRACTIONS)]}"


def key(id_: int | None, row_id: int) -> int:
    """A reference; one to nothing is an id that nobody has."""
    return UNSET[row_id % len(UNSET)] if id_ is None else id_


def shown(row_id: int, record: Mapping[str, Any]) -> Record:
    """The record as the row shows it: what is empty is null in some rows, empty text or absent in others."""
    if row_id % 3 == 2:
        return {name: value for name, value in record.items() if value is not None}
    gap = None if row_id % 3 == 0 else ""
    return {name: gap if value is None else value for name, value in record.items()}


def address(address: Address) -> Record:
    return {
        "id": 0,
        "line1": address.line1,
        "line2": address.line2,
        "line3": address.city,
        "line4": address.state,
        "postcode": address.postal_code,
    }


def as_html(text: str) -> str:
    """Text the way the web pages write it."""
    lines = html.escape(text).splitlines()
    return f"<p>{'<br>'.join(lines)}</p>"
