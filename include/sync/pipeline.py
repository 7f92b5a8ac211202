"""The pipeline in plain Python: per kind, extract and then load. `preflight` comes before them, `summary` after."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from include.connectors.common.mapping import map_page
from include.connectors.contract import Connector, PsaClient, ReadContext, Stream
from include.model.company import Company
from include.model.counts import COUNTS, Counts
from include.model.errors import FormError, HeldBack, PsaError, ShapeError, WarehouseError
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.run import Run
from include.model.scope import Scope
from include.model.setup import Setup
from include.model.tables import BY_NAME, SCHEMA
from include.model.traffic import Traffic
from include.model.wording import counted, wrapped
from include.sync.details import read_details
from include.sync.missing import find_missing
from include.sync.progress import Progress
from include.warehouse.connection import Warehouse
from include.warehouse.ledger import Ledger, LedgerEntry
from include.warehouse.merge import compare, merge
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)

SHOWN_REJECTS = 5
CLOCKS_DIFFER = timedelta(seconds=5)  # between the machines that write down when a run was asked for and began
ENOUGH_TO_JUDGE = 20  # records from which on a key that none of them has is taken for renamed


@dataclass(frozen=True)
class Sync:
    """One run of one PSA's sync. `open_account()` logs in, for as long as its block lasts.

    `company` is the one that preflight found for the request; `asked_at` when the run was asked for: what another run
    began to list after that is what this one would list.
    """

    connector: Connector[PsaClient]
    run: Run
    setup: Setup
    warehouse: Warehouse
    open_client: Callable[[], AbstractContextManager[Any]]
    request: Request = field(default_factory=Request)
    company: Company | None = None
    asked_at: datetime | None = None
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    clock: Callable[[], float] = time.monotonic

    @property
    def company_id(self) -> str | None:
        """The key of the one company, when only one is synced."""
        return self.company.id if self.company else None


def extract(sync: Sync, kind: str) -> str | None:
    """Copy a kind's records from the PSA into this run's staging; complete or failed, nothing in between.

    A sentence instead when another run has merged all that this one could find, and nothing was read.
    """
    if kind not in sync.request.planned:
        return f"{kind}: not asked for."
    with _noted(sync, kind) as attempt:
        if sync.request.company and sync.company is None:
            raise FormError(f"Nobody has looked up the company '{sync.request.company}': preflight did not succeed.")
        if done := _done_by_another(sync, kind):
            return done
        with sync.open_client() as client:
            for stream in sync.connector.streams_of(kind):
                attempt.begin(client)
                _extract(sync, attempt, stream)
    return None


def load(sync: Sync, kind: str) -> dict[str, Counts]:
    """Merge a kind's staging into its tables, all of them or none; what an attempt before this did is not repeated."""
    results: dict[str, tuple[Counts, str | None]] = {}
    with _noted(sync, kind), sync.warehouse.transaction() as connection:
        ledger = Ledger(connection, sync.run)
        entries = ledger.entries()
        if _done_before(entries, kind):
            log.info("An earlier attempt has done %s already; nothing is left to do.", kind)
            return {}
        guard = None if kind in sync.request.approved else sync.setup.deletion_guard
        for table in KINDS[kind]:
            staging = Staging(connection, sync.run, BY_NAME[table])
            if sync.request.dry_run:
                counts, note = compare(staging, guard=guard)
                ledger.mark_compared(table, counts, note=note)
            else:
                counts, note = merge(staging, guard=guard)
                watermark = entries[table].started_at - sync.connector.overlap  # merge has insisted on the entry
                ledger.mark_loaded(table, counts, watermark=watermark, note=note)
            staging.drop()
            results[table] = counts, note
    for table, (counts, note) in results.items():
        _tell_books(sync, table, counts, note)
    return {table: counts for table, (counts, _) in results.items()}


def _done_by_another(sync: Sync, kind: str) -> str | None:
    """Close the books on what a run begun after this one was asked for has merged: listing it again finds the same."""
    if sync.asked_at is None or sync.request.dry_run:
        return None
    with sync.warehouse.transaction() as connection:
        after = sync.asked_at + CLOCKS_DIFFER
        ledger = Ledger(connection, sync.run)
        other = ledger.already_synced_by(KINDS[kind], sync.company_id, after)
        if other is None:
            return None
        note = f"{other} began to list it after this run was asked for, and has merged it: nothing was left to do."
        for table in KINDS[kind]:
            ledger.copy_result(table, other, sync.company_id, note=note)
            Staging(connection, sync.run, BY_NAME[table]).drop()  # what an earlier attempt of this run has left
    return f"{kind}: {note}"


def _extract(sync: Sync, attempt: _Attempt, stream: Stream[PsaClient]) -> None:
    table = BY_NAME[stream.table]
    progress = Progress(stream.table, sync.clock)
    fetched = rejected = 0
    unread: Counter[str] = Counter()
    lacking = set(stream.essential)
    with sync.warehouse.session() as connection:
        ledger, staging = Ledger(connection, sync.run), Staging(connection, sync.run, table)
        with connection.transaction():
            ledger.begin(table.name, sync.now(), company=sync.company_id, dry_run=sync.request.dry_run)
            staging.create()
        asked_at = sync.now()
        for page in _pages(sync, attempt, stream, staging):
            mapped = map_page(stream, page, sync.setup)
            with connection.transaction():
                staging.copy(mapped.rows, asked_at)
                ledger.add_rejects(table.name, mapped.rejects)
            fetched += len(mapped.rows) + len(mapped.rejects)
            rejected += len(mapped.rejects)
            unread += mapped.unread
            _note_keys(lacking, page)
            progress.tell(page, fetched)
            asked_at = sync.now()
        if lacking and fetched >= ENOUGH_TO_JUDGE:
            raise ShapeError(
                f"{sync.connector.title}: none of {fetched:,} records for {table.name} has "
                f"{' or '.join(sorted(lacking))}: the API seems to have renamed it."
            )
        unread += read_details(staging, stream, sync.connector, ReadContext(attempt.client, sync.setup), sync.now)
        with connection.transaction():
            ledger.mark_extracted(table.name, fetched=fetched, rejected=rejected, traffic=attempt.spent)
            shown = ledger.first_rejects(table.name, SHOWN_REJECTS)
    progress.finish(fetched, attempt.spent)
    _tell_rejects(rejected, shown)
    _tell_unread(table.name, unread, sync.setup)


def _pages(sync: Sync, attempt: _Attempt, stream: Stream[PsaClient], staging: Staging) -> Iterator[Page]:
    """The listing; of one company, then also the records that it had and has no more, wherever they are now.

    Where no count can be trusted, what the listing lacks is asked for by key.
    """
    context = ReadContext(attempt.client, sync.setup, Scope(sync.company_id))
    if sync.company is None:
        yield from sync.connector.call(stream.read, context)
        approved = any(stream.table in KINDS[kind] for kind in sync.request.approved)
        if stream.find and not stream.is_counted and not approved:
            yield from find_missing(staging, stream, sync.connector, context)
        return
    yield from sync.connector.call(stream.read, context)
    missing = staging.missing_of_company(sync.company.id)
    if stream.find:
        yield from sync.connector.call(stream.find, ReadContext(attempt.client, sync.setup), missing)


@contextmanager
def _noted(sync: Sync, kind: str) -> Iterator[_Attempt]:
    """Write a failure into the books as well, so that the summary can tell it."""
    attempt = _Attempt()
    with log_errors():
        try:
            yield attempt
        except PsaError as error:
            state = "held" if isinstance(error, HeldBack) else "failed"
            try:
                with sync.warehouse.transaction() as connection:
                    ledger = Ledger(connection, sync.run)
                    ledger.mark_failed(KINDS[kind], state=state, note=str(error), traffic=attempt.spent)
            except WarehouseError as second:
                log.warning("The failure could not be noted in psa.sync_runs either: %s", second)
            log.error("%s: nothing was merged, every row is as it was.", kind)
            raise


@dataclass
class _Attempt:
    """The listing in progress: the login it uses, and what that login had asked for before."""

    client: Any = None
    before: Traffic = field(default_factory=Traffic)

    def begin(self, client: Any) -> None:
        """Another listing with this login."""
        self.client, self.before = client, client.http.traffic.copy()

    @property
    def spent(self) -> Traffic:
        """What this listing has cost so far."""
        return self.client.http.traffic - self.before if self.client else Traffic()


@contextmanager
def log_errors() -> Iterator[None]:
    """An error in lines that the log shows whole; Airflow prints it on one, below its traceback."""
    try:
        yield
    except PsaError as error:
        for line in wrapped(str(error)):
            log.error("%s", line)
        raise


def _done_before(entries: dict[str, LedgerEntry], kind: str) -> bool:
    return all(table in entries and entries[table].settled for table in KINDS[kind])


def _note_keys(lacking: set[str], page: Page) -> None:
    for record in page.records:
        if not lacking:
            return
        if isinstance(record, dict):
            lacking.difference_update(record)


def _tell_books(sync: Sync, table: str, counts: Counts, note: str | None) -> None:
    parts = " + ".join(f"{getattr(counts, name):,} {name}" for name in COUNTS[1:])
    for line in wrapped(f"{SCHEMA}.{table}: {counts.fetched:,} fetched = {parts}; {counts.deleted:,} marked deleted."):
        log.info("%s", line)
    if note:
        for line in wrapped(f"{SCHEMA}.{table}: {note}"):
            log.warning("%s", line)
    if counts.rejected:
        with sync.warehouse.transaction() as connection:
            shown = Ledger(connection, sync.run).first_rejects(table, SHOWN_REJECTS)
        _tell_rejects(counts.rejected, shown)


def _tell_unread(table: str, unread: Counter[str], setup: Setup) -> None:
    for column, count in unread.items():
        mapped = setup.field_map_of(table)[column]
        wanted = f"a date like {mapped.format}" if mapped.format else "a date; field_map can give its format"
        for line in wrapped(
            f"{SCHEMA}.{table}.{column}: in {counted(count, 'record')} the custom field {mapped.field} is not "
            f"{wanted}. The column was left as the PSA has it."
        ):
            log.warning("%s", line)


def _tell_rejects(rejected: int, shown: Collection[tuple[str | None, str]]) -> None:
    if not rejected:
        return
    log.warning("%s rejected; the first of them, all are in %s.sync_rejects:", f"{rejected:,}", SCHEMA)
    for source_id, reason in shown:
        for line in wrapped(f"    id {source_id or 'unknown'}: {reason}"):
            log.warning("%s", line)
