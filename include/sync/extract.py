"""Extract: list the records of a kind in the PSA, and copy them into this run's staging."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

from include.connectors.common.mapping import map_page
from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.errors import FormError, ShapeError
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.tables import BY_NAME
from include.sync.clocks import check_clock
from include.sync.details import moment_of, read_details
from include.sync.failures import Attempt, recorded_failure
from include.sync.log_lines import SHOWN_REJECTS, log_rejects, log_unread
from include.sync.missing import find_missing
from include.sync.progress import Progress
from include.sync.run import Sync
from include.warehouse.clock import postgres_now
from include.warehouse.ledger import Ledger
from include.warehouse.staged_tables import drop_unneeded
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)

ENOUGH_TO_JUDGE = 20
"""Records from which on a key that none of them has counts as renamed."""


def extract(sync: Sync, kind: str) -> str | None:
    """Copy a kind's records from the PSA into this run's staging: completely, or not at all.

    Returns a sentence instead when nothing had to be read, because another run has already synced the kind.
    """
    if kind not in sync.request.planned:
        return f"{kind}: not asked for."
    with recorded_failure(sync.warehouse, sync.run, kind) as attempt:
        if sync.request.company and sync.company is None:
            raise FormError(
                f"The company '{sync.request.company}' was not looked up, because preflight did not succeed."
            )
        if already := _already_synced(sync, kind):
            return already
        with sync.open_client() as client:
            client.http.at_once = sync.setup.requests_in_flight
            context = ReadContext(client, sync.setup, sync.scope)
            for stream in sync.connector.streams_of(kind):
                attempt.begin_listing(client)
                _extract_table(sync, attempt, stream, context)
    return None


def _already_synced(sync: Sync, kind: str) -> str | None:
    """Copy the result of another run that began after this one was asked for: listing again would find the same."""
    if sync.asked_at is None or sync.request.dry_run:
        return None
    with sync.warehouse.session() as connection:
        with connection.transaction():
            ledger = Ledger(connection, sync.run)
            other = ledger.already_synced_by(KINDS[kind], sync.scope.company, sync.asked_at)
            if other is None:
                return None
            note = f"{other} began to list it after this run was asked for, and has merged it: nothing was left to do."
            for table in KINDS[kind]:
                ledger.copy_result(table, other, sync.scope.company, note=note)
        drop_unneeded(connection, sync.run.source)  # what an earlier attempt of this run has left
    return f"{kind}: {note}"


def _extract_table(sync: Sync, attempt: Attempt, stream: Stream[PsaClient], context: ReadContext[PsaClient]) -> None:
    table = BY_NAME[stream.table]
    progress = Progress(stream.table, sync.clock)
    rejected, unread, absent_keys = 0, Counter[str](), set(stream.essential)
    with sync.warehouse.session() as connection:
        ledger, staging = Ledger(connection, sync.run), Staging(connection, sync.run, table)
        check_clock(connection, sync.run, sync.worker, sync.now)
        with connection.transaction():
            began_at = postgres_now(connection)
            ledger.begin(table.name, began_at, company=sync.scope.company, dry_run=sync.request.dry_run)
            staging.create()
        asked_at = postgres_now(connection)
        for page in _pages(sync, stream, context, staging):
            mapped = map_page(stream, page, sync.setup)
            if page.asked_at is not None:
                asked_at = moment_of(page.asked_at, postgres_now(connection))
            with connection.transaction():
                staging.copy(mapped.rows, asked_at)
                ledger.add_rejects(table.name, mapped.rejects)
            rejected += len(mapped.rejects)
            unread += mapped.unread
            _remove_present_keys(absent_keys, page)
            progress.add_page(page, records=len(mapped.rows) + len(mapped.rejects))
            asked_at = postgres_now(connection)
        if absent_keys and progress.records >= ENOUGH_TO_JUDGE:
            raise ShapeError(
                f"{sync.connector.title}: none of {progress.records:,} records for {table.name} has "
                f"{' or '.join(sorted(absent_keys))}: the API seems to have renamed it."
            )
        unread += read_details(staging, stream, context)
        with connection.transaction():
            ledger.mark_extracted(table.name, fetched=progress.records, rejected=rejected, traffic=attempt.traffic)
            shown = ledger.first_rejects(table.name, SHOWN_REJECTS)
    progress.finish(attempt.traffic)
    log_rejects(rejected, shown)
    log_unread(table.name, unread, sync.setup)


def _pages(sync: Sync, stream: Stream[PsaClient], context: ReadContext[PsaClient], staging: Staging) -> Iterator[Page]:
    """Every page of the listing; then the records that it did not contain although we have them, asked for by key.

    In a run of one company these may have moved to another company. In a full run they are asked for where no count
    proves that the listing was complete.
    """
    yield from stream.read(context)
    if sync.scope.company is not None:
        missing = staging.missing_of_company(sync.scope.company)
        if stream.find:
            yield from stream.find(ReadContext(context.client, sync.setup), missing)
    elif not stream.is_counted and not any(stream.table in KINDS[kind] for kind in sync.request.approved):
        yield from find_missing(staging, stream, context, title=sync.connector.title)


def _remove_present_keys(absent: set[str], page: Page) -> None:
    for record in page.records:
        if not absent:
            return
        if isinstance(record, dict):
            absent.difference_update(record)
