"""How HaloPSA writes values: dates without a time zone, ids that refer to nothing, three forms of missing text."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from simulator.entities import Address
from simulator.messages import Record

# Instead of null, some records have one of these dates or ids.
EMPTY_DATES = ("1900-01-01T00:00:00", "1899-12-30T00:00:00")
EMPTY_REFERENCES = (0, -1, -99)
FRACTIONS = ("", ".5", ".25", ".357")


def moment(value: datetime) -> str:
    """A timestamp: in UTC but without a time zone, with up to three digits of the second."""
    return value.isoformat()[:19] + FRACTIONS[value.second % len(FRACTIONS)]


def day(value: date | None, row_id: int) -> str | None:
    """A date with a meaningless time of day. An empty one is null or a placeholder."""
    if value is None:
        return None if row_id % 3 == 0 else EMPTY_DATES[row_id % 2]
    return f"{value.isoformat()}T00:00:00{FRACTIONS[row_id % len(FRACTIONS)]}"


def reference_id(id_: int | None, row_id: int) -> int:
    """The id of another row. An empty one is an id that no row has."""
    return EMPTY_REFERENCES[row_id % len(EMPTY_REFERENCES)] if id_ is None else id_


def with_gaps(row_id: int, record: Mapping[str, Any]) -> Record:
    """The record with its missing values, which are null in some rows, "" or absent in others."""
    if row_id % 3 == 2:
        return {name: value for name, value in record.items() if value is not None}
    gap = None if row_id % 3 == 0 else ""
    return {name: gap if value is None else value for name, value in record.items()}


def address(address: Address) -> Record:
    """An address as single records have it."""
    return {
        "id": 0,
        "line1": address.line1,
        "line2": address.line2,
        "line3": address.city,
        "line4": address.state,
        "postcode": address.postal_code,
    }


def as_html(text: str) -> str:
    """Text in the HTML form of the web application."""
    lines = html.escape(text).splitlines()
    return f"<p>{'<br>'.join(lines)}</p>"
