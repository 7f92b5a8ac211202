"""The pipeline in plain Python: preflight, then per kind extract and load, then the summary of the run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from include.connectors.base import Connector, Stream, rows_and_rejects
from include.errors import (
    ConfigError,
    HeldBack,
    NotFound,
    PsaError,
    RequestRefused,
    RightsError,
    ServerError,
    ShapeError,
    WarehouseError,
)
from include.http.client import Traffic
from include.http.paging import Page
from include.kinds import KINDS
from include.progress import Progress
from include.settings import Settings
from include.warehouse import ledger, stage
from include.warehouse.connection import Warehouse
from include.warehouse.ledger import Books, Run
from include.warehouse.merge import merge
from include.warehouse.schema import ensure_schema
from include.warehouse.tables import BY_NAME, COUNTS, SCHEMA
from include.words import counted, wrapped

log = logging.getLogger(__name__)

SHOWN_REJECTS = 5
ENOUGH_TO_JUDGE = 20  # records from which on a key that none of them has is taken for renamed


@dataclass(frozen=True)
class Sync:
    """One run of one PSA's sync. `open_account(kind)` logs in with the kind's share of the vendor's limits."""

    connector: Connector
    run: Run
    settings: Settings
    warehouse: Warehouse
    open_account: Callable[[str], Any]
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    clock: Callable[[], float] = time.monotonic


def preflight(sync: Sync) -> None:
    """Raise, in plain words, what would make every kind fail; warn about what will make one fail."""
    with _told():
        ensure_schema(sync.warehouse)
        with sync.warehouse.transaction() as connection:
            stage.drop_old(connection, sync.run.source)
            server = connection.info
            place = f"{server.dbname} on {server.host}, PostgreSQL {server.server_version // 10000}"
        log.info("Warehouse: %s; schema %s is complete.", place, SCHEMA)
        account = sync.open_account("preflight")
        refused = [error for kind in KINDS if (error := _probe(sync, account, kind))]
        if len(refused) == len(KINDS):
            raise refused[0]
        problems = sync.connector.check_settings(account, sync.settings)
        if problems:
            raise ConfigError(f"Airflow Variable 'psa_{sync.run.source}': " + " ".join(problems))
        log.info("Setup is in order.")


def _probe(sync: Sync, account: Any, kind: str) -> PsaError | None:
    """Why a kind cannot be read now, if so; what concerns the whole account is raised."""
    try:
        count = sync.connector.probe(account, kind)
    except (RightsError, NotFound, RequestRefused, ServerError, ShapeError) as error:
        for line in wrapped(f"{kind} will fail: {error.said}"):
            log.warning("%s", line)
        return error
    log.info("%s: may be read%s.", kind, "" if count is None else f", {counted(count, 'record')}")
    return None


def extract(sync: Sync, kind: str) -> None:
    """Copy a kind's records from the PSA into this run's staging; complete or failed, nothing in between."""
    with _noted(sync, kind) as attempt:
        account = sync.open_account(kind)
        for stream in sync.connector.streams_of(kind):
            attempt.account, attempt.before = account, replace(account.traffic)
            _extract(sync, attempt, stream)


def load(sync: Sync, kind: str, *, approved: bool = False) -> dict[str, Books]:
    """Merge a kind's staging into its tables, all of them or none; what an attempt before this did is not repeated."""
    results: dict[str, tuple[Books, str | None]] = {}
    with _noted(sync, kind), sync.warehouse.transaction() as connection:
        entries = ledger.entries(connection, sync.run)
        if _loaded_before(entries, kind):
            log.info("An earlier attempt has merged %s already; nothing is left to do.", kind)
            return {}
        for table in KINDS[kind]:
            books, note = merge(connection, sync.run, BY_NAME[table], brake=sync.settings.brake, approved=approved)
            watermark = entries[table].started_at - sync.connector.overlap  # merge has insisted on the entry
            ledger.loaded(connection, sync.run, table, books, watermark=watermark, note=note)
            stage.drop(connection, sync.run, table)
            results[table] = books, note
    for table, (books, note) in results.items():
        _tell_books(sync, table, books, note)
    return {table: books for table, (books, _) in results.items()}


def _extract(sync: Sync, attempt: _Attempt, stream: Stream) -> None:
    table = BY_NAME[stream.table]
    progress = Progress(stream.table, sync.clock)
    fetched = rejected = 0
    lacking = set(stream.essential)
    with sync.warehouse.session() as connection:
        with connection.transaction():
            ledger.begin(connection, sync.run, table.name, sync.now())
            stage.create(connection, sync.run, table)
        asked_at = sync.now()
        for page in stream.read(attempt.account, sync.settings):
            rows, rejects = rows_and_rejects(stream, page, sync.settings)
            with connection.transaction():
                stage.copy(connection, sync.run, table, rows, asked_at)
                ledger.reject(connection, sync.run, table.name, rejects)
            fetched += len(rows) + len(rejects)
            rejected += len(rejects)
            _note_keys(lacking, page)
            progress.tell(page, fetched)
            asked_at = sync.now()
        if lacking and fetched >= ENOUGH_TO_JUDGE:
            raise ShapeError(
                f"{sync.connector.title}: none of {fetched:,} records for {table.name} has "
                f"{' or '.join(sorted(lacking))}: the API seems to have renamed it."
            )
        with connection.transaction():
            ledger.extracted(
                connection, sync.run, table.name, fetched=fetched, rejected=rejected, traffic=attempt.spent
            )
            shown = ledger.first_rejects(connection, sync.run, table.name, SHOWN_REJECTS)
    progress.finish(fetched, attempt.spent)
    _tell_rejects(rejected, shown)


@contextmanager
def _noted(sync: Sync, kind: str) -> Iterator[_Attempt]:
    """Write a failure into the books as well, so that the summary can tell it."""
    attempt = _Attempt()
    with _told():
        try:
            yield attempt
        except PsaError as error:
            state = "held" if isinstance(error, HeldBack) else "failed"
            try:
                with sync.warehouse.transaction() as connection:
                    ledger.failed(
                        connection, sync.run, KINDS[kind], state=state, note=str(error), traffic=attempt.spent
                    )
            except WarehouseError as second:
                log.warning("The failure could not be noted in psa.sync_runs either: %s", second)
            log.error("%s: nothing was merged, every row is as it was.", kind)
            raise


@dataclass
class _Attempt:
    """The listing in progress: the login it uses, and what that login had asked for before."""

    account: Any = None
    before: Traffic = field(default_factory=Traffic)

    @property
    def spent(self) -> Traffic:
        """What this listing has cost so far."""
        now = self.account.traffic if self.account else self.before
        return Traffic(
            requests=now.requests - self.before.requests,
            retries=now.retries - self.before.retries,
            waited_seconds=now.waited_seconds - self.before.waited_seconds,
        )


@contextmanager
def _told() -> Iterator[None]:
    """An error in lines that the log shows whole; Airflow prints it on one, below its traceback."""
    try:
        yield
    except PsaError as error:
        for line in wrapped(str(error)):
            log.error("%s", line)
        raise


def _loaded_before(entries: dict[str, ledger.Entry], kind: str) -> bool:
    return all(table in entries and entries[table].state == "loaded" for table in KINDS[kind])


def _note_keys(lacking: set[str], page: Page) -> None:
    for record in page.records:
        if not lacking:
            return
        if isinstance(record, dict):
            lacking.difference_update(record)


def _tell_books(sync: Sync, table: str, books: Books, note: str | None) -> None:
    parts = " + ".join(f"{getattr(books, name):,} {name}" for name in COUNTS[1:])
    for line in wrapped(f"{SCHEMA}.{table}: {books.fetched:,} fetched = {parts}; {books.deleted:,} marked deleted."):
        log.info("%s", line)
    if note:
        log.warning("%s.%s: %s", SCHEMA, table, note)
    if books.rejected:
        with sync.warehouse.transaction() as connection:
            shown = ledger.first_rejects(connection, sync.run, table, SHOWN_REJECTS)
        _tell_rejects(books.rejected, shown)


def _tell_rejects(rejected: int, shown: Collection[tuple[str | None, str]]) -> None:
    if not rejected:
        return
    log.warning("%s rejected; the first of them, all are in %s.sync_rejects:", f"{rejected:,}", SCHEMA)
    for source_id, reason in shown:
        for line in wrapped(f"    id {source_id or 'unknown'}: {reason}"):
            log.warning("%s", line)
