"""A time of day in a time zone, as a person writes it: `06:00`, which is UTC, or `06:00 Europe/Berlin`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

PATTERN = r"^([01][0-9]|2[0-3]):([0-5][0-9])( (UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+)+))?$"
"""As JSON schema and Python read it. Abbreviations such as CET are not allowed: some stand for several zones."""
EXAMPLE = "06:00 Europe/Berlin"


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day."""

    hour: int
    minute: int
    zone: str = "UTC"
    """The name of its time zone in the IANA database."""

    def next_after(self, moment: datetime) -> datetime:
        """When it is that time next, in its zone. A time that a change of the clocks skips is an hour later."""
        local = moment.astimezone(ZoneInfo(self.zone))
        today = local.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0, fold=0)
        return today if _utc(today) > _utc(local) else today + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02} {self.zone}"


def parse_time_of_day(text: str) -> TimeOfDay:
    """The time of day that was written; raises ValueError if there is no such time or no such zone."""
    written = re.fullmatch(PATTERN, text)
    zone = (written and written[4]) or "UTC"
    if written is None or zone not in _zones():
        raise ValueError(f"not a time of day: {text}")
    return TimeOfDay(int(written[1]), int(written[2]), zone)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _utc(moment: datetime) -> float:
    """As a number, since Python compares two times in one zone by their hands, not by their moments."""
    return moment.timestamp()
