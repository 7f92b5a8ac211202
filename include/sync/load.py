"""Load: merge a run's staging into the tables."""

from __future__ import annotations

import logging

from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.tables import BY_NAME
from include.model.wording import log_sentence
from include.sync.change_lines import SHOWN_CHANGES, log_changes
from include.sync.clocks import check_clock
from include.sync.failures import recorded_failure
from include.sync.log_lines import SHOWN_REJECTS, log_counts
from include.sync.quick import is_dated, with_extent
from include.sync.run import Sync
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.merge import compare, merge
from include.warehouse.old_changes import PORTION, delete_old_changes
from include.warehouse.recorded_changes import RecordedChange, first_dry_run_changes
from include.warehouse.schema import STAGING_SCHEMA, ensure_ledger
from include.warehouse.staged_tables import drop_unneeded
from include.warehouse.staging import Staging
from include.warehouse.statistics import renew_statistics

log = logging.getLogger(__name__)


Results = dict[str, tuple[Counts, str | None]]
"""The counts of each table, and what a person should know about them."""


def load(sync: Sync, kind: str) -> dict[str, Counts]:
    """Merge a kind's staging into its tables, all of them or none; returns the counts by table.

    Returns nothing when an earlier attempt of this run has already merged the kind.
    """
    ensure_ledger(sync.warehouse)
    with recorded_failure(sync.warehouse, sync.run, kind), sync.warehouse.session() as connection:
        check_clock(connection, sync.run, sync.worker, sync.now)
        with connection.transaction():
            results = _merge_tables(sync, kind, connection)
        for name in drop_unneeded(connection, sync.run.source):
            log.info("Another session reads %s.%s, so a later run drops it.", STAGING_SCHEMA, name)
        ledger = Ledger(connection, sync.run)
        rejects = {table: ledger.first_rejects(table, SHOWN_REJECTS) for table in results}
        changes = _dry_run_changes(sync, connection, results)
        for table, (counts, _) in results.items() if not sync.request.dry_run else ():
            renew_statistics(connection, table, inserted=counts.inserted)
        _delete_old_changes(sync, connection, results)
    if not results:
        log.info("An earlier attempt of this run has already loaded %s; nothing is left to do.", kind)
    for table, (counts, note) in results.items():
        log_counts(table, counts, note, rejects[table])
        log_changes(sync.run, table, changes.get(table, []), sync.setup)
    return {table: counts for table, (counts, _) in results.items()}


def _merge_tables(sync: Sync, kind: str, connection: Connection) -> Results:
    ledger, results = Ledger(connection, sync.run), Results()
    entries = ledger.entries()
    if all(table in entries and entries[table].settled for table in KINDS[kind]):
        return results
    guard = None if kind in sync.request.approved else sync.setup.deletion_guard
    for table in KINDS[kind]:
        staging = Staging(connection, sync.run, BY_NAME[table])
        if sync.request.dry_run:
            counts, note = compare(staging, guard=guard)
            ledger.mark_compared(table, counts, note=with_extent(sync, entries[table], note))
        else:
            counts, note = merge(staging, guard=guard, records_changes=sync.setup.changes_days > 0)
            entry = entries[table]  # which merge requires
            watermark = entry.started_at - sync.connector.overlap
            dated, said = is_dated(sync.connector.stream_of(table)), with_extent(sync, entry, note)
            ledger.mark_loaded(table, counts, watermark=watermark, note=said, is_dated=dated)
        results[table] = counts, note
    return results


def _dry_run_changes(sync: Sync, connection: Connection, results: Results) -> dict[str, list[RecordedChange]]:
    """The first changes of each table that a dry run would make."""
    if not sync.request.dry_run:
        return {}
    return {table: first_dry_run_changes(connection, sync.run, table, SHOWN_CHANGES) for table in results}


def _delete_old_changes(sync: Sync, connection: Connection, results: Results) -> None:
    """At least twice as many as this load has recorded, so that no backlog grows."""
    recorded = sum(counts.inserted + counts.updated + counts.deleted for counts, _ in results.values())
    portion = max(PORTION, 2 * recorded)
    if problem := delete_old_changes(connection, sync.run.source, days=sync.setup.changes_days, portion=portion):
        log_sentence(log, logging.WARNING, problem)
