"""The requests of an account in the vendor's window: a row of psa.request_budget, counted by Postgres' clock.

The row holds a running total for the end of each slice of time, so that the requests of a window are one subtraction.
A request counts from its turn on, for the window and one slice more. One that takes longer than that slice is counted
again when it is answered, in place of its turn. So no window of the vendor's holds more requests than ours, whenever
between turn and answer the vendor counts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import RawCursor

from include.model.limits import Lane
from include.model.run import Run
from include.warehouse.connection import Connection

SLICES = 60  # in a window
TOTALS = SLICES + 3  # before the window, of its slices, of one slice for requests under way, and of the current one
NONE = (None, None, None, None)  # of no row
FLOOR = 10  # one of so many turns is a nightly run's, while it waits for one
GRACE_SECONDS = 2.0  # a lane that had to wait goes first until it has asked for no turn for so long

# A row with another number of totals, or without, was left by another release.
_CREATE = f"""
    INSERT INTO psa.request_budget AS b (account, endpoint, totals, as_of, paused_until, waits_until, passed_over)
    VALUES (%(account)s, %(endpoint)s, array_fill(0, ARRAY[{TOTALS}]), COALESCE(%(now)s, clock_timestamp()),
            '-infinity', array_fill(timestamptz '-infinity', ARRAY[{len(Lane)}]), 0)
    ON CONFLICT (account, endpoint) DO UPDATE SET (totals, as_of, waits_until, passed_over) =
        (excluded.totals, excluded.as_of, excluded.waits_until, excluded.passed_over)
    WHERE cardinality(b.totals) IS DISTINCT FROM {TOTALS}
"""

# The row `b` at this moment. If the server's clock was set back, no time has passed since the row was written.
# OFFSET 0 makes Postgres compute an expression once instead of at each place that uses it.
_AT_THIS_MOMENT = f"""
    SELECT now, epoch, slice, paused_until, waits_until,
           CASE later WHEN 0 THEN totals ELSE (totals || array_fill(totals[{TOTALS}], ARRAY[later]))[later + 1 :] END
           AS totals
    FROM (
        SELECT now, epoch, slice, b.totals, b.paused_until + LEAST(now - b.as_of, interval '0') AS paused_until,
               CASE WHEN now < b.as_of THEN array_fill(timestamptz '-infinity', ARRAY[{len(Lane)}])
                    ELSE b.waits_until END AS waits_until,
               LEAST({TOTALS}, GREATEST(0, slice - floor(
                   EXTRACT(EPOCH FROM b.as_of)::double precision / %(slice_seconds)s)))::integer AS later
        FROM (
            SELECT now, EXTRACT(EPOCH FROM now)::double precision AS epoch,
                   floor(EXTRACT(EPOCH FROM now)::double precision / %(slice_seconds)s) AS slice
            FROM (SELECT COALESCE(%(now)s, clock_timestamp()) AS now OFFSET 0) AS clock
            OFFSET 0
        ) AS clock
        OFFSET 0
    ) AS moved
    OFFSET 0
"""

# How long the lane has to wait; 0 if it may have a turn. Decided in this order: a pause that the PSA asked for; turns
# that are owed to nightly runs; lanes that go first; the limit, less what is owed. The wait for the limit is exact: it
# ends when so many of the oldest slices have left the window that there is room.
_WAIT = f"""
    CASE
        WHEN paused_until > now THEN EXTRACT(EPOCH FROM paused_until - now)::double precision
        WHEN %(lane)s = {Lane.NIGHTLY} AND owed > 0 AND used < %(most_of_all)s THEN 0
        WHEN others_until > now THEN
            LEAST((slice + 1) * %(slice_seconds)s - epoch, EXTRACT(EPOCH FROM others_until - now)::double precision)
        WHEN used + CASE %(lane)s WHEN {Lane.NIGHTLY} THEN 0 ELSE owed END < %(most)s THEN 0
        ELSE (slice - 1 + (SELECT min(number) FROM unnest(totals) WITH ORDINALITY AS past (total, number)
                           WHERE number > 1 AND totals[{TOTALS}] - total < %(most)s)) * %(slice_seconds)s - epoch
    END
"""

# Gives a turn, or says how long to wait for one. The update locks the row, so that tasks do this one after the other.
_TURN = f"""
        UPDATE psa.request_budget AS b
        SET (totals, as_of, paused_until, waits_until, passed_over, wait_seconds) = (
            SELECT CASE wait WHEN 0 THEN totals[: {TOTALS - 1}] || totals[{TOTALS}] + 1 ELSE totals END,
                   now, paused_until,
                   CASE WHEN wait <= %(patience_seconds)s AND (wait > 0 OR waits_until[%(lane)s + 1] > now)
                        THEN waits_until[: %(lane)s]
                             || GREATEST(waits_until[%(lane)s + 1], now + make_interval(secs => wait + {GRACE_SECONDS}))
                             || waits_until[%(lane)s + 2 :]
                        ELSE waits_until END,
                   CASE WHEN wait > 0 THEN b.passed_over
                        WHEN %(lane)s = {Lane.NIGHTLY} THEN GREATEST(b.passed_over - {FLOOR - 1}, 0)
                        WHEN nightly_waits THEN b.passed_over + 1
                        ELSE 0 END,
                   wait
            FROM (
                SELECT *, {_WAIT} AS wait
                FROM (
                    SELECT *, totals[{TOTALS}] - totals[1] AS used,
                           waits_until[{Lane.NIGHTLY + 1}] > now AS nightly_waits,
                           CASE WHEN waits_until[{Lane.NIGHTLY + 1}] > now
                                THEN b.passed_over / {FLOOR - 1} ELSE 0 END AS owed,
                           CASE %(lane)s WHEN {Lane.NIGHTLY} THEN GREATEST(waits_until[1], waits_until[2])
                                         WHEN {Lane.FORCED} THEN waits_until[1] END AS others_until
                    FROM ({_AT_THIS_MOMENT}) AS at_this_moment
                ) AS counted
                OFFSET 0
            ) AS judged
        )
        WHERE account = %(account)s AND endpoint = %(endpoint)s AND cardinality(totals) = {TOTALS}
        RETURNING wait_seconds, floor(EXTRACT(EPOCH FROM as_of)::double precision / %(slice_seconds)s) AS slice
"""

# The turn is counted in the run's ledger at once, so that the requests of a worker that dies are known.
_TAKE = f"""
    WITH turn AS ({_TURN}), counted AS (
        UPDATE psa.sync_runs
        SET requests = requests + 1, queued_seconds = COALESCE(queued_seconds, 0) + %(waited_seconds)s,
            endpoints = COALESCE(endpoints, '{{}}') || jsonb_build_object(
                %(asked)s::text, COALESCE((endpoints ->> %(asked)s::text)::bigint, 0) + 1)
        FROM turn
        WHERE wait_seconds = 0 AND source = %(source)s AND run_id = %(run_id)s AND table_name = %(table_name)s
    )
    SELECT wait_seconds, slice FROM turn
"""

# Gives a turn of one row, and only then one of another; and a lock, if it is free, with both turns.
_TAKE_BOTH = f"""
    WITH first AS ({_TURN.replace("%(endpoint)s", "%(first_endpoint)s").replace("%(most)s", "%(first_most)s")}),
    turn AS ({_TURN.replace("cardinality(totals)", "(SELECT wait_seconds FROM first) = 0 AND cardinality(totals)")})
    SELECT first.wait_seconds, turn.wait_seconds, turn.slice,
           CASE WHEN turn.wait_seconds = 0 THEN pg_try_advisory_lock(hashtextextended(%(lock)s, 0)) END
    FROM first LEFT JOIN turn ON true
"""

# With numbered parameters, since psycopg looks for named ones in so long a text at each execution.
_NAMES = tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", _TAKE_BOTH)))
_TAKE_BOTH_BY_NUMBER = re.sub(r"%\((\w+)\)s", lambda found: f"${_NAMES.index(found[1]) + 1}", _TAKE_BOTH)

# Counts a request in the current slice instead of that of its turn.
_COUNT_AGAIN = f"""
    UPDATE psa.request_budget AS b
    SET (totals, as_of, paused_until, waits_until) = (
        SELECT ARRAY(SELECT total - (number BETWEEN {TOTALS} - (slice - %(slice)s) AND {TOTALS - 1})::integer
                     FROM unnest(totals) WITH ORDINALITY AS past (total, number) ORDER BY number),
               now, paused_until, waits_until
        FROM ({_AT_THIS_MOMENT}) AS at_this_moment
    )
    WHERE account = %(account)s AND endpoint = %(endpoint)s AND cardinality(totals) = {TOTALS}
"""

_PAUSE = """
    UPDATE psa.request_budget SET paused_until = GREATEST(
        paused_until, COALESCE(%(now)s, clock_timestamp()) + make_interval(secs => %(seconds)s))
    WHERE account = %(account)s AND endpoint = %(endpoint)s
"""


@dataclass(frozen=True)
class Counted:
    """A request as the ledger counts it."""

    run: Run
    table: str
    """The table of the schema psa that is being listed."""
    endpoint: str
    waited_seconds: float
    """How long it waited for its turn."""


@dataclass(frozen=True)
class Both:
    """What was taken of two windows."""

    first: bool
    """Whether a turn of the first one was taken."""
    slice_number: int | None
    """In which slice the turn of the second one is counted; None where none was taken."""
    is_locked: bool
    """Whether the lock was taken with them."""


@dataclass(frozen=True)
class Window:
    """The window of an account, or of one of its endpoints."""

    connection: Connection
    """In autocommit."""
    account: str
    """The PSA account that the limit belongs to."""
    endpoint: str
    """The endpoint that it is for; empty for the whole account."""
    seconds: float
    """The vendor's window."""
    now: Callable[[], datetime] | None = None
    """The time in tests; without it Postgres' clock is used, which all workers share."""

    @property
    def slice_seconds(self) -> float:
        """How long a slice is."""
        return self.seconds / SLICES

    def take(
        self, lane: Lane, *, most: int, most_of_all: int, patience_seconds: float, counted: Counted | None = None
    ) -> tuple[float, int]:
        """Take a turn if there are fewer than `most` requests in the window; how long to wait for it, and its slice.

        The wait is 0 if the turn was taken. A wait that is longer than `patience_seconds` holds back no other lane.
        """
        values = self._values(
            lane=int(lane),
            most=most,
            most_of_all=most_of_all,
            patience_seconds=patience_seconds,
            source=counted and counted.run.source,
            run_id=counted and counted.run.run_id,
            table_name=counted and counted.table,
            asked=counted and counted.endpoint,
            waited_seconds=counted.waited_seconds if counted else 0.0,
        )
        while (row := self.connection.execute(_TAKE, values).fetchone()) is None:
            self.connection.execute(_CREATE, values)
        return float(row[0]), int(row[1])

    def take_both(
        self, first: Window, *, first_most: int, most: int, patience_seconds: float, lock: str | None
    ) -> Both:
        """For the live lane: a turn of the window `first`, then one of this window, and with both the lock `lock`."""
        values = self._values(
            lane=int(Lane.LIVE),
            most=most,
            most_of_all=most,
            patience_seconds=patience_seconds,
            first_endpoint=first.endpoint,
            first_most=first_most,
            lock=lock,
        )
        cursor = RawCursor(self.connection).execute(_TAKE_BOTH_BY_NUMBER, [values[name] for name in _NAMES])
        wait_for_first, wait, slice_number, is_locked = cursor.fetchone() or NONE
        return Both(wait_for_first == 0, int(slice_number or 0) if wait == 0 else None, bool(is_locked))

    def count_again(self, slice_number: int) -> None:
        """Count a request that was answered just now, instead of the turn that it took in that slice."""
        self.connection.execute(_COUNT_AGAIN, self._values(slice=slice_number))

    def pause(self, seconds: float) -> None:
        """Give no turn for so many seconds."""
        self.connection.execute(_PAUSE, self._values(seconds=seconds))

    def _values(self, **more: Any) -> dict[str, Any]:
        place = {"account": self.account, "endpoint": self.endpoint, "slice_seconds": self.slice_seconds}
        return {**place, "now": self.now and self.now(), **more}
