"""From the staging table to the table, in one short transaction: the newest row per key, and only what differs."""

from __future__ import annotations

from include.model.counts import Counts
from include.model.errors import HeldBack, WarehouseError
from include.model.setup import DeletionGuard
from include.model.tables import SCHEMA
from include.model.wording import counted
from include.warehouse.changes import Changes
from include.warehouse.clock import lock_merges
from include.warehouse.deletions import (
    MISSING,
    count_missing,
    count_reported_deleted,
    mark_missing_deleted,
    why_nothing_is_missing,
)
from include.warehouse.detail_reads import note_changed, save_unlisted
from include.warehouse.guard import check_plausible
from include.warehouse.held import hold_deletions, leave_to_earlier_questions
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import LedgerEntry
from include.warehouse.missed import about_missed
from include.warehouse.newer_runs import newer_run
from include.warehouse.session import whole_tables
from include.warehouse.staged_rows import (
    DELETED_AT,
    IS_CHANGED,
    IS_NEW,
    NEW_DELETED_AT,
    drop_duplicates,
    keep_unlisted_columns,
    staged_of,
)
from include.warehouse.staging import Staging
from include.warehouse.table_pair import TablePair


def merge(staging: Staging, *, guard: DeletionGuard | None, records_changes: bool = True) -> tuple[Counts, str | None]:
    """Merge one table and mark its missing rows deleted; the counts, and a note when something had to be left out.

    Without a `guard` everything passes: a person has approved it for this run. With it, deletions may be held until a
    person decides. Raises HeldBack when the guard does not allow the merge at all, WarehouseError when the staging
    table is not what the ledger says was extracted.
    """
    pair = TablePair(staging, _extracted_entry(staging))
    lock_merges(staging.connection, staging.table.name)
    changes = Changes(pair, is_on=records_changes)
    if pair.entry.company_source_id is not None or pair.entry.since is not None:
        staging.index_keys()
        return _merge(pair, guard, changes)
    with whole_tables(staging.connection):
        return _merge(pair, guard, changes)


def _merge(pair: TablePair, guard: DeletionGuard | None, changes: Changes) -> tuple[Counts, str | None]:
    fetched, rejected = pair.entry.fetched or 0, pair.entry.rejected or 0
    duplicate = drop_duplicates(pair)
    rows = fetched - rejected - duplicate
    if newer := newer_run(pair):
        note = f"{newer} began later and is merged already, so nothing of this older copy was used."
        return Counts(fetched=fetched, duplicate=duplicate + rows, rejected=rejected), note
    left = leave_to_earlier_questions(pair)
    staged, left_out = staged_of(pair), why_nothing_is_missing(pair)
    if staged.kept:
        keep_unlisted_columns(pair)
    live, missing = count_missing(pair, may_be_marked=left_out is None)
    deleted = missing + (count_reported_deleted(pair) if staged.deleted else 0)
    doubts = check_plausible(pair, guard, rows=rows, live=live, deletions=deleted) if guard else None
    held = 0
    if hold_deletions(pair, doubts, missing=missing):
        missing, deleted, held = 0, 0, deleted
    inserted, updated, superseded = _compare_rows(pair)
    missed = about_missed(pair) if inserted or updated else None
    changes.record(new=inserted, changed=updated, missing=missing)
    if not pair.entry.dry_run:
        inserted, updated = _write(pair, new=inserted, changed=updated, missing=missing)
        if staged.kept:
            save_unlisted(pair)
            note_changed(pair)
    unchanged = rows - inserted - updated - superseded
    counts = Counts(fetched, inserted, updated, unchanged, duplicate + superseded, rejected, deleted, held)
    return counts, _joined(_about_doubts(doubts, pair), left, left_out, missed, _about_superseded(superseded))


def _write(pair: TablePair, *, new: int, changed: int, missing: int) -> tuple[int, int]:
    """Write what is new, differs or is missing; how many rows were inserted, and how many updated."""
    updated = _update(pair) if changed else 0
    if _is_another_run_under_way(pair):
        _refresh_synced_at(pair)
    inserted = _insert(pair) if new else 0
    if missing:
        mark_missing_deleted(pair)
    return inserted, updated


def compare(staging: Staging, *, guard: DeletionGuard | None) -> tuple[Counts, str | None]:
    """What a merge would do, for a dry run: its changes are recorded, and none is made.

    The counts, and a note; when the guard would hold the merge back, the note says so.
    """
    try:
        return _compare(staging, guard)
    except HeldBack as held:
        counts, _ = _compare(staging, None)
        return counts, f"it would be held back. {held}"


def _compare(staging: Staging, guard: DeletionGuard | None) -> tuple[Counts, str | None]:
    with staging.connection.transaction(), staging.copied() as copy:
        return merge(copy, guard=guard)


def missing_rows(staging: Staging) -> tuple[list[str], int]:
    """Keys of the live rows that the listing did not contain, and how many rows are live.

    For use before the end of the listing is proven. There are no such keys when a merge could not mark them deleted.
    """
    entry = Ledger(staging.connection, staging.run).entries()[staging.table.name]
    pair = TablePair(staging, entry)
    staging.index_keys()
    if why_nothing_is_missing(pair):
        return [], 0
    keys, live = pair.row(
        "SELECT ARRAY(SELECT t.source_id FROM {target} t WHERE " + MISSING + "ORDER BY t.source_id), "
        "(SELECT count(*) FROM {target} t WHERE t.source = %(source)s AND t.deleted_at IS NULL)"
    )
    return keys, live


def _extracted_entry(staging: Staging) -> LedgerEntry:
    """The ledger entry of a complete extraction whose rows are all still staged."""
    table = f"{SCHEMA}.{staging.table.name}"
    entry = Ledger(staging.connection, staging.run).entries().get(staging.table.name)
    staged = staging.size()
    if entry is None or entry.extracted_at is None or staged is None:
        raise WarehouseError(
            f"There is nothing complete to load into {table}: the extraction of this run did not end. "
            "Clear the task 'extract' of this group; 'load' follows it."
        )
    expected = (entry.fetched or 0) - (entry.rejected or 0)
    if staged > expected:
        raise WarehouseError(
            f"{staged:,} rows are staged for {table}, {staged - expected:,} more than this attempt extracted: "
            "another attempt of the same task was still at work. Clear the task 'extract' of this group."
        )
    if staged < expected:
        raise WarehouseError(
            f"Of {expected:,} rows staged for {table}, {staged:,} are left (Postgres empties staging when it "
            "crashes). Nothing was merged. Clear the task 'extract' of this group."
        )
    staging.add_new_columns()
    return entry


def _compare_rows(pair: TablePair) -> tuple[int, int, int]:
    """How many staged rows are new, differ from the stored ones, and are superseded by newer copies of another run."""
    new, changed, superseded = pair.row(
        "SELECT count(*) FILTER (WHERE is_new AND is_newest), count(*) FILTER (WHERE NOT is_new AND is_newest), "
        "count(*) FILTER (WHERE NOT is_newest) FROM (SELECT t.source_id IS NULL AS is_new, "
        "(t.source_id IS NULL OR {stored_copy_at} <= s.fetched_at) AND NOT {s_company_synced_later} AS is_newest "
        "FROM {staging} s LEFT JOIN {target} t ON t.source = %(source)s AND t.source_id = s.source_id "
        "WHERE t.source_id IS NULL OR ({stored}, t.deleted_at) IS DISTINCT FROM ({staged}, " + DELETED_AT + ")) differ",
        stored=pair.compared("t"),
        staged=pair.compared("s"),
    )
    return new, changed, superseded


def _update(pair: TablePair) -> int:
    """Write the rows that differ, unless the stored copy is the newer one."""
    return pair.execute(
        "UPDATE {target} t SET {assignments}, deleted_at = "
        + DELETED_AT
        + ", synced_at = s.fetched_at, changed_at = now(), run_id = %(run_id)s FROM {staging} s WHERE "
        + IS_CHANGED,
        assignments=pair.each_fact("{0} = s.{0}"),
        stored=pair.compared("t"),
        staged=pair.compared("s"),
    )


def _is_another_run_under_way(pair: TablePair) -> bool:
    """Whether another run may hold older copies of the rows. Otherwise unchanged rows are not written."""
    (is_under_way,) = pair.row(
        """SELECT EXISTS (
             SELECT 1 FROM psa.sync_runs r
             WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.run_id <> %(run_id)s
               AND r.state <> 'loaded' AND r.dry_run IS NOT TRUE AND r.started_at > (
                 SELECT COALESCE(max(CASE WHEN m.run_id = %(run_id)s AND m.since IS NULL
                                          THEN m.started_at ELSE m.merged_as_of END), '-infinity')
                 FROM psa.sync_runs m
                 WHERE m.source = %(source)s AND m.table_name = %(table)s AND m.company_source_id IS NULL
                   AND ((m.run_id = %(run_id)s AND m.since IS NULL)
                        OR (m.merged_since IS NULL AND m.merged_as_of <= clock_timestamp()))))"""
    )
    return bool(is_under_way)


def _refresh_synced_at(pair: TablePair) -> None:
    """Move synced_at of unchanged rows, so that an older copy of another run is known to be older."""
    pair.execute(
        """UPDATE {target} t SET synced_at = s.fetched_at FROM {staging} s
           WHERE t.source = %(source)s AND t.source_id = s.source_id AND {stored_copy_at} < s.fetched_at
             AND NOT {s_company_synced_later}"""
    )


def _insert(pair: TablePair) -> int:
    return pair.execute(
        "INSERT INTO {target} (source, source_id, {names}, synced_at, changed_at, deleted_at, run_id) "
        "SELECT %(source)s, s.source_id, {values}, s.fetched_at, now(), "
        + NEW_DELETED_AT
        + ", %(run_id)s FROM {staging} s WHERE "
        + IS_NEW,
        names=pair.each_fact("{}"),
        values=pair.each_fact("s.{}"),
    )


def _joined(*sentences: str | None) -> str | None:
    return " ".join(filter(None, sentences)) or None


def _about_doubts(doubts: str | None, pair: TablePair) -> str | None:
    return f"its deletions would be held back: {doubts}" if doubts and pair.entry.dry_run else doubts


def _about_superseded(records: int) -> str:
    newer = f"{counted(records, 'record')} not used, and counted as duplicate: another run has stored newer copies."
    return newer if records else ""
