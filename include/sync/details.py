"""Details: columns that a PSA gives for one record at a time only, read after the rows are loaded.

What is read is merged in batches, so that a kill loses no more than one batch, and a further attempt goes on behind it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.errors import HeldBack, RightsError
from include.model.tables import BY_NAME
from include.model.wording import duration, log_sentence
from include.sync.detail_reader import DetailReader
from include.sync.detail_report import about_details
from include.sync.details_time import DetailsEnd, details_end
from include.sync.drift import DETAILS, Drift, log_drift
from include.sync.extract import prepare
from include.sync.failures import Attempt, logged_errors, reason_of
from include.sync.log_lines import log_unread
from include.sync.run import Sync
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import detail_ages, has_noted
from include.warehouse.detail_runs import DetailLedger, DetailRun
from include.warehouse.details import DetailQueue
from include.warehouse.emptied_details import EmptiedDetails
from include.warehouse.ledger import Ledger
from include.warehouse.schema import ensure_ledger
from include.warehouse.seen_shapes import SeenShapes

log = logging.getLogger(__name__)

SHORTEST_PAUSE_SECONDS = 60.0
"""A task that waits for the budget holds no worker meanwhile, and takes seconds to start again."""


@dataclass(frozen=True)
class DetailsResult:
    """What an attempt at a kind's details has come to."""

    nothing_to_do: str = ""
    """A sentence, if none were to be read."""
    go_on_in_seconds: float = 0.0
    """When the budget allows more, if that is before the time for details ends; 0 if the run reads no more."""


@dataclass(frozen=True)
class _Stop:
    """Why an attempt reads no more."""

    note: str
    go_on_in_seconds: float = 0.0

    @property
    def state(self) -> str:
        """As the ledger calls it."""
        return "waiting" if self.go_on_in_seconds else "ended"


def read_details(sync: Sync, kind: str) -> DetailsResult:
    """Read details of a kind's rows into its tables, for as long as the run may."""
    if kind not in sync.request.planned:
        return DetailsResult(f"{kind}: not asked for.")
    if sync.request.dry_run:
        return DetailsResult(f"{kind}: a dry run reads no details.")
    streams = [stream for stream in sync.connector.streams_of(kind) if stream.reads_details(sync.setup)]
    if not streams:
        return DetailsResult(f"{kind}: setup lets no details be read, or chooses no column that needs them.")
    ensure_ledger(sync.warehouse)
    if sync.request.is_quick and not _has_changed(sync, streams):
        return DetailsResult(f"{kind}: a quick run reads the details of records that changed, and none has changed.")
    with logged_errors(), sync.open_client() as client:
        prepare(client, sync, kind, asks_again=sync.is_retry)
        context = ReadContext(client, sync.setup, sync.scope)
        stops = [_read_table(sync, kind, stream, context) for stream in streams]
    return DetailsResult(go_on_in_seconds=max(stop.go_on_in_seconds for stop in stops))


def _has_changed(sync: Sync, streams: Iterable[Stream[PsaClient]]) -> bool:
    """Whether the run has inserted or updated rows of these tables, or noted that details may have changed."""
    tables = [stream.table for stream in streams]
    with sync.warehouse.session() as connection:
        entries = Ledger(connection, sync.run).entries()
        noted = has_noted(connection, sync.run, tables)
    loaded = [entries[table] for table in tables if table in entries]
    return noted or any(entry.inserted or entry.updated for entry in loaded)


def _read_table(sync: Sync, kind: str, stream: Stream[PsaClient], context: ReadContext[PsaClient]) -> _Stop:
    table, attempt = stream.table, Attempt()
    attempt.begin_listing(context.client, sync.run, table)
    # The session is inside, so that the ledger gets an error of Postgres in our words, which quote no row.
    with _recorded_failure(sync, table), sync.warehouse.session() as connection:
        ledger = DetailLedger(connection, sync.run)
        entry = ledger.begin(table)
        end = details_end(sync, stream, entry.began_at)
        reader = _reader(sync, kind, stream, context, entry, end, connection)
        try:
            reader.run()
        except RightsError as error:
            raise RightsError(f"{error.said} It needs the right: {sync.connector.rights[kind]}.") from None
        finally:
            log_unread(table, reader.unread, sync.setup)
        stop = _why_it_stopped(reader, end)
        with connection.transaction():
            Ledger(connection, sync.run).add_traffic(table, attempt.traffic)
            ages = detail_ages(connection, sync.run.source, BY_NAME[table], sync.scope.company)
            ledger.end(table, state=stop.state, note=stop.note, ages=ages)
            seen = SeenShapes(connection, sync.run)
            reader.drift.save_details(seen, were_complete=ledger.were_complete(table))
        log_sentence(log, logging.INFO, about_details(ledger.entries()[table]))
        log_drift(seen.news(), reader.drift.table)
    return stop


def _reader(
    sync: Sync,
    kind: str,
    stream: Stream[PsaClient],
    context: ReadContext[PsaClient],
    entry: DetailRun,
    end: DetailsEnd,
    connection: Connection,
) -> DetailReader:
    assert stream.details is not None  # noqa: S101 - it reads details
    table, most = BY_NAME[stream.table], sync.setup.details_per_night
    guard, name = sync.setup.deletion_guard, f"{stream.table}{DETAILS}"
    return DetailReader(
        sync,
        stream,
        stream.details,
        context,
        DetailQueue(
            connection,
            sync.run,
            table,
            sync.scope.company,
            since=entry.began_at,
            records_changes=sync.setup.changes_days > 0,
            only_written=sync.request.is_quick,
        ),
        DetailLedger(connection, sync.run),
        None if kind in sync.request.approved else EmptiedDetails(connection, sync.run.source, table, guard),
        ends_at=sync.clock() + (end.at - postgres_now(connection)).total_seconds(),
        drift=Drift(name, stream.details.columns, sync.setup, SeenShapes(connection, sync.run).known(name)),
        left=math.inf if most is None else most - entry.asked,
        read=entry.asked - entry.failed,
    )


def _why_it_stopped(reader: DetailReader, end: DetailsEnd) -> _Stop:
    """What ended it, and when it goes on."""
    if reader.limited:
        pause = max(reader.limited.retry_after_seconds, SHORTEST_PAUSE_SECONDS)
        if reader.sync.clock() + pause < reader.ends_at:
            return _Stop(f"{reader.limited.said} It goes on in {duration(pause)}.", pause)
        return _Stop(f"{reader.limited.said} The time for details ends before that ({end.why}).")
    if reader.gave_up:
        return _Stop("Too many records could not be read: the log has their keys.")
    if reader.is_out_of_time:
        return _Stop(f"The time for details has ended: {end.why}.")
    if reader.left < 1:
        return _Stop(f"details_per_night allows {reader.sync.setup.details_per_night:,} records of a table in a run.")
    return _Stop("The details of every record were asked for.")


@contextmanager
def _recorded_failure(sync: Sync, table: str) -> Iterator[None]:
    """If reading fails, the ledger gets the reason, so that the summary can show it. The rows stay loaded."""
    try:
        yield
    except BaseException as error:  # also the end of a task that a person, or a time limit, has ended
        state = "held" if isinstance(error, HeldBack) else "failed"
        try:
            with sync.warehouse.transaction() as connection:
                DetailLedger(connection, sync.run).end(table, state=state, note=reason_of(error))
        except Exception as second:
            log.warning("The failure could not be written to psa.detail_runs either: %s", reason_of(second))
        log.error("%s: the rows are loaded, and details that were merged stay; the others wait.", table)
        raise
