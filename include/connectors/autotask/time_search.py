"""Interpolation search for a start time: the tickets since then fill a page, but are not too many for one answer.

Only Autotask needs it: its API can filter tickets by their last activity, but not sort them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

NO_TIME, SECOND = timedelta(), timedelta(seconds=1)  # the API cannot be asked for finer times
SHRINKAGE = 4  # of more than 500 evenly spread tickets, a quarter still fills a page


@dataclass(frozen=True)
class StartSearch:
    """What earlier answers have shown about start times, and the next one to try."""

    too_few: datetime
    """Since then there are fewer tickets than a page."""
    too_many: datetime | None = None
    """Since then there are more tickets than one answer holds."""
    enough: datetime | None = None
    """Since then there is at least a page of tickets."""
    dense: timedelta | None = None
    """Set when the tickets are not evenly spread: most are expected within this time after `enough`."""

    def with_too_few(self, start: datetime) -> StartSearch:
        """There are too few tickets since `start`; also where there were enough before, because tickets change."""
        if self.enough is None or self.enough >= start:
            return StartSearch(start)
        return StartSearch(start, self.too_many, self.enough, self.dense or NO_TIME)

    def with_too_many(self, start: datetime, enough: datetime) -> StartSearch:
        """There are too many tickets since `start`; those that were read fill a page since `enough`."""
        dense = None if self.dense is None or self.enough is None else max(start - self.enough, SECOND)
        return StartSearch(self.too_few, start, max(start, enough), dense)

    def next_start(self) -> datetime | None:
        """The next start time to try; None when nothing is known yet.

        Evenly spread tickets are divided by time. In a burst the interval is divided by its order of magnitude instead
        of by halves: the burst may have lasted seconds within years.
        """
        if self.too_many is None or self.enough is None:
            return None
        if self.dense is None:
            quarter = (self.too_few - (self.too_few - self.too_many) / SHRINKAGE).replace(microsecond=0)
            return max(self.enough, quarter)
        length = max(self.too_few - self.enough, SECOND)
        return (self.enough + min(sqrt(self.dense / length), 0.5) * length).replace(microsecond=0)
