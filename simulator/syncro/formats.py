"""How this account writes things down: times, gaps, names, and which machines tell what about themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.world import START

TIME_ZONE = "America/New_York"
CLOCK = ZoneInfo(TIME_ZONE)
ACCOUNT_ID = 28_117


def stamp(moment: datetime) -> str:
    """A moment as the account's clock showed it, so winter and summer offsets stand side by side."""
    return moment.astimezone(CLOCK).isoformat(timespec="milliseconds")


def created(id_: int, updated_at: datetime) -> datetime:
    """When a row began, for rows the world knows only the last change of."""
    return min(updated_at, START - timedelta(days=id_ % 2000))


def gap(value: str | None, row_id: int) -> str | None:
    """Text, or how a gap looks: empty text on most rows, null on every third."""
    return value if value is not None or row_id % 3 == 0 else ""


def day(value: date, row_id: int) -> str:
    """A date as people type it; on every tenth row nobody can tell which day is meant."""
    return f"Q{(value.month + 2) // 3} {value.year}?" if row_id % 10 == 0 else value.strftime("%m/%d/%Y")
