"""How ConnectWise writes timestamps, dates, the `_info` of a record and missing values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

# Fields that can also be "" when they are empty.
BLANKABLE = frozenset(
    {"addressLine2", "phoneNumber", "faxNumber", "website", "title", "notes", "serialNumber", "state"}
)


def stamp(moment: datetime | None) -> str | None:
    """A timestamp: UTC, whole seconds, Z."""
    return f"{moment.isoformat()[:19]}Z" if moment else None


def day(value: date | None) -> str | None:
    """A date, which the API writes as midnight of that day."""
    return f"{value.isoformat()}T00:00:00Z" if value else None


def info(updated_at: datetime, **more: str | None) -> dict[str, str | None]:
    """The `_info` of a record."""
    return {"lastUpdated": stamp(updated_at), "updatedBy": "jdoe", **more}


def gap(name: str, row_id: int) -> dict[str, Any]:
    """An empty field: missing in most records, null or "" in some."""
    if row_id % 13 == 0:
        return {name: None}
    return {name: ""} if row_id % 13 < 3 and name in BLANKABLE else {}
