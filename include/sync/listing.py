"""Copies the listing of one table into staging, from where an earlier attempt stopped."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

from include.connectors.common.mapping import map_columns
from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.errors import FilterIgnored, PsaError, RequestRefused, ShapeError, TransientError, WarehouseError
from include.model.kinds import KINDS
from include.model.page import START, Page, Position, PositionLost
from include.model.scope import EVERYTHING
from include.model.tables import BY_NAME
from include.model.wording import counted, log_sentence
from include.sync.checkpoints import Checkpoint, Checkpoints
from include.sync.clocks import check_clock
from include.sync.drift import Drift, log_drift
from include.sync.failures import Attempt
from include.sync.log_lines import SHOWN_REJECTS, log_rejects, log_unread
from include.sync.missing import find_missing
from include.sync.progress import Progress
from include.sync.quick import ListEverything, about_extent, extent_of, scope_of
from include.sync.quick_missing import quick_missing
from include.sync.run import Sync
from include.warehouse.checkpoints import LedgerCheckpoint
from include.warehouse.clock import postgres_now, read_clock
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import Extent
from include.warehouse.seen_shapes import News, SeenShapes
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)

ENOUGH_TO_JUDGE = 20
"""Records from which on a key that none of them has counts as renamed."""


def stage_listing(sync: Sync, attempt: Attempt, stream: Stream[PsaClient], context: ReadContext[PsaClient]) -> None:
    """Stage every record of a listing and prove its end, or raise."""
    with sync.warehouse.session() as connection:
        check_clock(connection, sync.run, sync.worker, sync.now)
        extent = extent_of(sync, stream, connection)
        try:
            listing = _staged(sync, stream, context, connection, extent)
        except ListEverything as reason:
            full = replace(extent, since=None, why_full=str(reason))
            listing = _staged(sync, stream, context, connection, full)
        listing.finish(attempt)


def _staged(
    sync: Sync, stream: Stream[PsaClient], context: ReadContext[PsaClient], connection: Connection, extent: Extent
) -> Listing:
    """The listing of everything, or of changes, once it is staged; raises ListEverything if changes cannot be used."""
    if said := about_extent(extent):
        log_sentence(log, logging.INFO, f"{stream.table}: {said}")
    try:
        return _staged_of(sync, stream, context, connection, extent)
    except (FilterIgnored, RequestRefused) as error:  # what is refused may be the filter
        if extent.since is None:
            raise
        raise ListEverything(error.said) from None


def _staged_of(
    sync: Sync, stream: Stream[PsaClient], context: ReadContext[PsaClient], connection: Connection, extent: Extent
) -> Listing:
    table = BY_NAME[stream.table]
    scoped = replace(context, scope=scope_of(sync, stream, extent, context))
    ledger, staging = Ledger(connection, sync.run), Staging(connection, sync.run, table)
    checkpoints = Checkpoints(sync, scoped.scope, LedgerCheckpoint(connection, sync.run, table.name), staging)
    earlier = checkpoints.find() if sync.scope.company is None else None
    parts = (sync, stream, scoped, extent, connection, ledger, staging, checkpoints)
    listing = Listing(*parts)
    try:
        listing.stage(earlier)
    except PositionLost as reason:
        log_sentence(log, logging.WARNING, f"{table.name}: the listing begins again: {reason}.")
        listing = Listing(*parts)
        listing.stage(None)
    return listing


@dataclass
class Listing:
    """One table's listing on its way into staging."""

    sync: Sync
    stream: Stream[PsaClient]
    context: ReadContext[PsaClient]
    extent: Extent
    connection: Connection
    ledger: Ledger
    staging: Staging
    checkpoints: Checkpoints
    progress: Progress = field(init=False)
    rejected: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    """By column, how many values could not be used."""
    absent_keys: set[str] = field(default_factory=set)
    """Essential keys that no record has had so far."""
    drift: Drift = field(init=False)
    is_whole: bool = True
    """Whether the listing was read from its beginning, by this attempt alone."""

    def __post_init__(self) -> None:
        http = self.context.client.http
        self.progress = Progress(self.stream.table, self.sync.clock, lambda: http.in_flight, self.sync.show)
        seen = SeenShapes(self.connection, self.sync.run)
        known = seen.known(self.stream.table)
        self.drift = Drift(self.stream.table, self.stream.columns, self.sync.setup, known)

    def stage(self, earlier: Checkpoint | None) -> None:
        """Stage what an earlier attempt has not; raises PositionLost if the listing has to begin again."""
        self._begin(earlier)
        try:
            if not (earlier and earlier.is_complete):
                position = self._stage_pages(earlier.position if earlier else START)
                for _ in self._staged(self._missing()):
                    pass
                self._check_keys()
                self.checkpoints.save(self._checkpoint(position, is_complete=True))
        except (TransientError, WarehouseError):
            raise
        except PsaError:  # what was listed may be wrong
            self.checkpoints.discard()
            raise

    def _stage_pages(self, position: Position) -> Position:
        """Stage the listing itself, and save how far it came, where it can go on from there; returns where it ended."""
        resume = position if self.sync.scope.company is None else None
        read = self.stream.changed if self.extent.since else None
        for page in self._staged((read or self.stream.read)(replace(self.context, resume=resume))):
            self.drift.add_records(page.records)
            if page.position:
                position = page.position
                self.checkpoints.add_page(self._checkpoint(position))
        return position

    def _checkpoint(self, position: Position, *, is_complete: bool = False) -> Checkpoint:
        staged = self.progress.records - self.rejected
        return Checkpoint(position, is_complete, frozenset(self.absent_keys), staged, self.rejected)

    def finish(self, attempt: Attempt) -> None:
        """Close the table's entry in the ledger, and log what was read."""
        with self.connection.transaction():
            self.ledger.mark_extracted(
                self.stream.table, fetched=self.progress.records, rejected=self.rejected, traffic=attempt.traffic
            )
            shown = self.ledger.first_rejects(self.stream.table, SHOWN_REJECTS)
            news = self._save_drift()
        self.progress.finish(attempt.traffic)
        log_rejects(self.rejected, shown)
        log_unread(self.stream.table, self.unread, self.sync.setup)
        log_drift(news, self.stream.table)

    def _save_drift(self) -> list[News]:
        """Save what the listing has shown; a dry run only says what is new in it."""
        seen = SeenShapes(self.connection, self.sync.run)
        with self.connection.transaction(force_rollback=self.sync.request.dry_run):
            self.drift.save_listing(seen, is_full=self.is_whole and self.context.scope == EVERYTHING)
            return seen.news()

    def _begin(self, earlier: Checkpoint | None) -> None:
        with self.connection.transaction():
            if earlier is None:
                began_at, company = postgres_now(self.connection), self.sync.scope.company
                table, dry_run = self.stream.table, self.sync.request.dry_run
                self.ledger.begin(table, began_at, company=company, dry_run=dry_run, extent=self.extent)
                self.staging.create()
                self.absent_keys = set(self.stream.essential)
                return
            self.checkpoints.reopen(earlier)
        self.is_whole = False
        self.rejected, self.absent_keys = earlier.rejected, set(earlier.absent_keys)
        self.progress.records = earlier.staged + earlier.rejected
        records = counted(self.progress.records, "record")
        log_sentence(log, logging.INFO, f"{self.stream.table}: goes on behind {records} of an earlier attempt.")

    def _staged(self, pages: Iterator[Page]) -> Iterator[Page]:
        """The pages, once their records are staged."""
        reading = read_clock(self.connection)
        for page in pages:
            self._stage_page(page, reading.at if page.asked_at is None else reading.moment_of(page.asked_at))
            yield page
            reading = read_clock(self.connection)

    def _stage_page(self, page: Page, asked_at: datetime) -> None:
        mapped = map_columns(self.stream, page, self.sync.setup)
        with self.connection.transaction() if mapped.rejects else nullcontext():
            self.staging.copy(mapped.columns, asked_at)
            self.ledger.add_rejects(self.stream.table, mapped.rejects)
        self.rejected += len(mapped.rejects)
        self.unread += mapped.unread
        self.drift.add_rows(mapped.columns)
        for record in page.records if self.absent_keys else ():
            if isinstance(record, dict):
                self.absent_keys.difference_update(record)
        self.progress.add_page(page, records=mapped.rows + len(mapped.rejects))

    def _missing(self) -> Iterator[Page]:
        """The records that the listing did not contain although we have them, asked for by key.

        In a run of one company these may have moved to another company. In a full run they are asked for where no count
        proves that the listing was complete. A quick run looks for rows without a record, and records without a row.
        """
        sync, stream = self.sync, self.stream
        if sync.scope.company is not None:
            missing = self.staging.missing_of_company(sync.scope.company)
            if stream.find:
                yield from stream.find(ReadContext(self.context.client, sync.setup), missing)
        elif self.extent.since is not None:
            yield from quick_missing(self.staging, self.ledger, stream, self.context)
        elif not stream.is_counted and not any(stream.table in KINDS[kind] for kind in sync.request.approved):
            yield from find_missing(self.staging, stream, self.context, title=sync.connector.title)

    def _check_keys(self) -> None:
        if self.absent_keys and self.progress.records >= ENOUGH_TO_JUDGE:
            raise ShapeError(
                f"{self.sync.connector.title}: none of {self.progress.records:,} records for {self.stream.table} has "
                f"{' or '.join(sorted(self.absent_keys))}: the API seems to have renamed it."
            )
