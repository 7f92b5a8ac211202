"""Where to begin a stretch of time that holds a page of tickets, between a moment too early and one too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

NO_TIME, SECOND = timedelta(), timedelta(seconds=1)  # finer moments cannot be asked for
SHRINKAGE = 4  # of more than 500 tickets, evenly spread, a quarter is still more than a page


@dataclass(frozen=True)
class Gap:
    """Since `few` there is less than a page. Since `cut` there are too many, since `filled` at least a page.

    `full` is set in a burst, where evenly spread tickets were expected and not found: for so long after `filled` there
    is thought to be something.
    """

    few: datetime
    cut: datetime | None = None
    filled: datetime | None = None
    full: timedelta | None = None

    def too_few_since(self, start: datetime) -> Gap:
        """Also where there were enough a moment ago: tickets move."""
        if self.filled is None or self.filled >= start:
            return Gap(start)
        return Gap(start, self.cut, self.filled, self.full or NO_TIME)

    def too_many_since(self, start: datetime, filled: datetime) -> Gap:
        """`filled` by those alone that were read."""
        full = None if self.full is None or self.filled is None else max(start - self.filled, SECOND)
        return Gap(self.few, start, max(start, filled), full)

    def beginning(self) -> datetime | None:
        """The next one to try. In a burst by digits rather than by halves: it may be seconds within years."""
        if self.cut is None or self.filled is None:
            return None
        if self.full is None:
            return max(self.filled, (self.few - (self.few - self.cut) / SHRINKAGE).replace(microsecond=0))
        length = max(self.few - self.filled, SECOND)
        return (self.filled + min(sqrt(self.full / length), 0.5) * length).replace(microsecond=0)
