"""Until when a run reads details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from include.connectors.contract import PsaClient, Stream
from include.model.time_of_day import parse_time_of_day
from include.model.wording import duration
from include.sync.run import Sync

FORCED = timedelta(minutes=15)
"""How long a forced run reads details of a table: someone is waiting, and the next nightly run goes on."""


@dataclass(frozen=True)
class DetailsEnd:
    """When a run's time for the details of a table ends, and why then."""

    at: datetime
    why: str
    """The rule, as in 'details_until is 06:00 UTC'."""


def details_end(sync: Sync, stream: Stream[PsaClient], began_at: datetime) -> DetailsEnd:
    """The end for this run, which neither a retry nor clearing the task moves; the earlier one, if setup has two.

    A nightly run's time counts from when it was due, so that a late run does not read into the day. A forced run's
    counts from when it began to read the table's details.
    """
    if sync.is_forced or sync.request.is_quick:
        return DetailsEnd(
            began_at + FORCED,
            f"a {'quick' if sync.request.is_quick else 'forced'} run reads details of a table for {_said(FORCED)}",
        )
    setup, due_at, ends = sync.setup, sync.due_at or began_at, list[DetailsEnd]()
    if setup.details_until:
        until = parse_time_of_day(setup.details_until)
        ends.append(DetailsEnd(until.next_after(due_at), f"details_until is {until}"))
    hours = setup.details_hours
    if hours is None and not ends:
        hours = stream.details.usual_hours if stream.details else 0.0
    if hours is not None:
        share = timedelta(hours=hours)
        ends.append(DetailsEnd(due_at + share, f"details are read for {_said(share)} after the run was due"))
    return min(ends, key=lambda end: end.at)


def _said(share: timedelta) -> str:
    return duration(share.total_seconds())
