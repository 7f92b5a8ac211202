"""From the staging table to the table, in one short transaction: the newest row per key, and only what differs."""

from __future__ import annotations

from include.model.counts import Counts
from include.model.errors import HeldBack, WarehouseError
from include.model.setup import DeletionGuard
from include.model.tables import SCHEMA
from include.model.wording import counted
from include.warehouse.clock import lock_merges
from include.warehouse.guard import check_plausible
from include.warehouse.ledger import Ledger, LedgerEntry
from include.warehouse.staging import Staging
from include.warehouse.table_pair import TablePair

# The deletion that a record states itself: the vendor's date, else the stored one, else when it was fetched.
_DELETED_AT = "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, t.deleted_at, s.fetched_at) END"

# Live rows that the listing did not contain. Left out are:
# - rows that another run fetched after this extraction began;
# - rows of a company that a later run of only that company has read;
# - in a run of one company, rows whose keys it did not ask for: an older run merged them after it had asked;
# - rows whose record was rejected, and rows below a parent that could not be read.
_MISSING = """
    t.source = %(source)s AND {in_scope} AND t.deleted_at IS NULL AND {stored_copy_at} < %(started_at)s
    AND NOT {t_company_synced_later} AND {asked_by_key}
    AND NOT EXISTS (SELECT 1 FROM {staging} s WHERE s.source_id = t.source_id)
    AND NOT {t_rejected}
"""


def merge(staging: Staging, *, guard: DeletionGuard | None) -> tuple[Counts, str | None]:
    """Merge one table and mark its missing rows deleted; the counts, and a note when something had to be left out.

    Without a `guard` everything passes: a person has approved it for this run. Raises HeldBack when the guard does not
    allow the merge, WarehouseError when the staging table is not what the ledger says was extracted.
    """
    pair = TablePair(staging, _extracted_entry(staging))
    lock_merges(staging.connection, staging.table.name)
    fetched, rejected = pair.entry.fetched or 0, pair.entry.rejected or 0
    duplicate = _drop_duplicates(pair)
    rows = fetched - rejected - duplicate
    if newer := _newer_run(pair):
        note = f"{newer} began later and is merged already, so nothing of this older copy was used."
        return Counts(fetched=fetched, duplicate=duplicate + rows, rejected=rejected), note
    _keep_unlisted_columns(pair)
    left_out = _why_nothing_is_missing(pair)
    deleted = _count_deletions(pair, with_missing=left_out is None)
    if guard:
        check_plausible(pair, guard, rows=rows, deletions=deleted)
    updated = _update(pair)
    _refresh_synced_at(pair)
    inserted = _insert(pair)
    superseded = _count_superseded(pair)
    if left_out is None:
        _mark_missing_deleted(pair)
    _record_detail_reads(pair)
    unchanged = rows - inserted - updated - superseded
    counts = Counts(fetched, inserted, updated, unchanged, duplicate + superseded, rejected, deleted)
    notes = [note for note in (left_out, _about_superseded(superseded)) if note]
    return counts, " ".join(notes) or None


def compare(staging: Staging, *, guard: DeletionGuard | None) -> tuple[Counts, str | None]:
    """The counts of a merge that is done and rolled back; when the guard would hold it back, the note says so."""
    try:
        with staging.connection.transaction(force_rollback=True):
            return merge(staging, guard=guard)
    except HeldBack as held:
        with staging.connection.transaction(force_rollback=True):
            counts, _ = merge(staging, guard=None)
        return counts, f"it would be held back. {held}"


def missing_rows(staging: Staging) -> tuple[list[str], int]:
    """Keys of the live rows that the listing did not contain, and how many rows are live.

    For use before the end of the listing is proven. There are no such keys when a merge could not mark them deleted.
    """
    entry = Ledger(staging.connection, staging.run).entries()[staging.table.name]
    pair = TablePair(staging, entry)
    staging.index_keys()
    if _why_nothing_is_missing(pair):
        return [], 0
    keys, live = pair.row(
        "SELECT ARRAY(SELECT t.source_id FROM {target} t WHERE " + _MISSING + "ORDER BY t.source_id), "
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


def _drop_duplicates(pair: TablePair) -> int:
    duplicate = pair.execute(
        """DELETE FROM {staging} WHERE ordinal IN (
             SELECT ordinal FROM (
               SELECT ordinal, row_number() OVER (
                 PARTITION BY source_id ORDER BY source_updated_at DESC NULLS LAST, ordinal DESC) AS place
               FROM {staging}) ranked WHERE place > 1)"""
    )
    pair.staging.index_keys()
    return duplicate


def _newer_run(pair: TablePair) -> str | None:
    """Another run that began to list the same later and is merged already: it knows all that this one knows."""
    row = pair.first(
        """SELECT run_id FROM psa.sync_runs WHERE source = %(source)s AND table_name = %(table)s
           AND merged_as_of > %(started_at)s AND merged_as_of <= clock_timestamp() AND run_id <> %(run_id)s
           AND (company_source_id IS NULL OR company_source_id = %(company)s) LIMIT 1"""
    )
    return str(row[0]) if row else None


def _keep_unlisted_columns(pair: TablePair) -> None:
    """Columns that the listing does not include keep their stored value until their details are read."""
    pair.execute(
        "UPDATE {staging} s SET {columns} FROM {target} t "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id AND s.kept IS NOT NULL",
        columns=pair.each_fact("{0} = CASE WHEN {1} = ANY(s.kept) THEN t.{0} ELSE s.{0} END"),
    )


def _why_nothing_is_missing(pair: TablePair) -> str | None:
    """Why this run can mark no missing row deleted, or None: a rejected record without a key could be any row."""
    without_key = pair.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND source_id IS NULL AND scope_column IS NULL"""
    )
    if not without_key:
        return None
    return f"{counted(without_key, 'rejected record')} had no id, so no row was marked deleted: any could be meant."


def _count_deletions(pair: TablePair, *, with_missing: bool) -> int:
    """How many live rows would be marked deleted: reported as deleted by the vendor, and missing ones where wanted."""
    by_vendor = pair.number(
        """SELECT count(*) FROM {target} t JOIN {staging} s USING (source_id)
           WHERE t.source = %(source)s AND t.deleted_at IS NULL AND s.is_deleted
             AND {stored_copy_at} <= s.fetched_at AND NOT {s_company_synced_later}"""
    )
    return by_vendor + (pair.number("SELECT count(*) FROM {target} t WHERE " + _MISSING) if with_missing else 0)


def _update(pair: TablePair) -> int:
    """Write the rows that differ, unless the stored copy is the newer one."""
    return pair.execute(
        "UPDATE {target} t SET {assignments}, deleted_at = "
        + _DELETED_AT
        + ", synced_at = s.fetched_at, changed_at = now(), run_id = %(run_id)s FROM {staging} s "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id AND {stored_copy_at} <= s.fetched_at "
        "AND NOT {s_company_synced_later} "
        "AND ({stored}, t.deleted_at) IS DISTINCT FROM ({staged}, " + _DELETED_AT + ")",
        assignments=pair.each_fact("{0} = s.{0}"),
        stored=pair.compared("t"),
        staged=pair.compared("s"),
    )


def _refresh_synced_at(pair: TablePair) -> None:
    """Move synced_at of unchanged rows while another run is under way that may hold older copies of them.

    Without such a run unchanged rows are not written: a run that begins later has only newer copies.
    """
    pair.execute(
        """UPDATE {target} t SET synced_at = s.fetched_at FROM {staging} s
           WHERE t.source = %(source)s AND t.source_id = s.source_id AND {stored_copy_at} < s.fetched_at
             AND NOT {s_company_synced_later} AND EXISTS (
               SELECT 1 FROM psa.sync_runs r
               WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.run_id <> %(run_id)s
                 AND r.state <> 'loaded' AND r.dry_run IS NOT TRUE AND r.started_at > (
                   SELECT COALESCE(max(CASE WHEN m.run_id = %(run_id)s THEN m.started_at ELSE m.merged_as_of END),
                                   '-infinity')
                   FROM psa.sync_runs m
                   WHERE m.source = %(source)s AND m.table_name = %(table)s AND m.company_source_id IS NULL
                     AND (m.run_id = %(run_id)s OR m.merged_as_of <= clock_timestamp())))"""
    )


def _insert(pair: TablePair) -> int:
    return pair.execute(
        "INSERT INTO {target} (source, source_id, {names}, synced_at, changed_at, deleted_at, run_id) "
        "SELECT %(source)s, s.source_id, {values}, s.fetched_at, now(), "
        "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, s.fetched_at) END, %(run_id)s FROM {staging} s "
        "WHERE NOT EXISTS (SELECT 1 FROM {target} t WHERE t.source = %(source)s AND t.source_id = s.source_id) "
        "AND NOT {s_company_synced_later}",
        names=pair.each_fact("{}"),
        values=pair.each_fact("s.{}"),
    )


def _count_superseded(pair: TablePair) -> int:
    """How many staged records are not what is stored now: another run has stored newer copies of them."""
    return pair.number(
        "SELECT count(*) FROM {staging} s LEFT JOIN {target} t ON t.source = %(source)s AND t.source_id = s.source_id "
        "WHERE t.source_id IS NULL OR ({stored}, t.deleted_at) IS DISTINCT FROM ({staged}, " + _DELETED_AT + ")",
        stored=pair.each_fact("t.{}"),
        staged=pair.each_fact("s.{}"),
    )


def _about_superseded(records: int) -> str | None:
    if not records:
        return None
    return f"{counted(records, 'record')} not used, and counted as duplicate: another run has stored newer copies."


def _mark_missing_deleted(pair: TablePair) -> None:
    pair.execute(
        "UPDATE {target} t SET deleted_at = %(started_at)s, synced_at = %(started_at)s, changed_at = now(), "
        "run_id = %(run_id)s WHERE " + _MISSING
    )


def _record_detail_reads(pair: TablePair) -> None:
    pair.execute(
        """INSERT INTO psa.detail_reads (source, table_name, source_id, read_at)
           SELECT %(source)s, %(table)s, s.source_id, s.detailed_at FROM {staging} s WHERE s.detailed_at IS NOT NULL
           ON CONFLICT (source, table_name, source_id) DO UPDATE SET read_at = excluded.read_at
           WHERE detail_reads.read_at < excluded.read_at"""
    )
