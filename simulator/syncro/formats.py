"""How Syncro writes timestamps, dates and missing text."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.world import START

TIME_ZONE = "America/New_York"
ZONE = ZoneInfo(TIME_ZONE)
ACCOUNT_ID = 28_117


def stamp(moment: datetime) -> str:
    """A timestamp in the account's time zone, with its summer or winter offset."""
    return moment.astimezone(ZONE).isoformat(timespec="milliseconds")


def created(id_: int, updated_at: datetime) -> datetime:
    """The time of creation, for rows of which the world has only the last update."""
    return min(updated_at, START - timedelta(days=id_ % 2000))


def gap(value: str | None, row_id: int) -> str | None:
    """Text; missing text is null in every third row, and "" in others."""
    return value if value is not None or row_id % 3 == 0 else ""


def day(value: date, row_id: int) -> str:
    """A date as users type it. In every tenth row it cannot be read as a date."""
    return f"Q{(value.month + 2) // 3} {value.year}?" if row_id % 10 == 0 else value.strftime("%m/%d/%Y")
