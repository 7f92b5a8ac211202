"""From staging to the table, in one short transaction: newest row per key, only what differs, deletes with a brake."""

from __future__ import annotations

from include.model.counts import Counts
from include.model.errors import HeldBack, WarehouseError
from include.model.run import Run
from include.model.setup import DeletionGuard
from include.model.tables import SCHEMA, Table
from include.model.wording import counted
from include.warehouse import staging
from include.warehouse.connection import Connection
from include.warehouse.guard import check
from include.warehouse.ledger import Ledger, LedgerEntry
from include.warehouse.staged import Staged

# The deletion a row asserts about itself: the vendor's date, else the one known, else when it was seen.
_DELETED = "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, t.deleted_at, s.fetched_at) END"

# Live rows that the listing did not have. Rows that were refused are not gone; nor are those that another run fetched
# after this extraction began, that belong to a company whose records another run knows better, or that an older run
# brought into the one company of this run after this one had asked what became of those that it missed there.
_GONE = """
    t.source = %(source)s AND {in_scope} AND t.deleted_at IS NULL AND {held_since} < %(started_at)s AND NOT {t_known}
    AND {asked_for}
    AND NOT EXISTS (SELECT 1 FROM {stage} s WHERE s.source_id = t.source_id)
    AND NOT EXISTS (
        SELECT 1 FROM psa.sync_rejects r
        WHERE r.source = %(source)s AND r.run_id = %(run_id)s AND r.table_name = %(table)s
          AND (r.source_id = t.source_id OR to_jsonb(t) ->> r.scope_column = r.scope_value))
"""


def merge(connection: Connection, run: Run, table: Table, *, guard: DeletionGuard | None) -> tuple[Counts, str | None]:
    """Merge and sweep one table; the books, and a note when deletions could not be judged.

    No `brake` means that a person has released it for this run. Raises HeldBack, or WarehouseError when the stage is
    not what the ledger says was extracted.
    """
    entry = _extracted(connection, run, table.name)
    fetched, rejected = entry.fetched or 0, entry.rejected or 0
    staged = Staged(connection, run, table, entry)
    staged.execute("SELECT pg_advisory_xact_lock(hashtextextended('psa.' || %(table)s, 0))")
    duplicate = _drop_duplicates(staged)
    rows = fetched - rejected - duplicate
    newer = _newer_run(staged)
    if newer:
        superseded = f"{newer} began later and is merged already, so nothing of this older copy was used."
        return Counts(fetched, 0, 0, rows, duplicate, rejected, 0), superseded
    _keep(staged)
    note = _unjudged(staged)
    vanishing = _vanishing(staged, sweep=note is None)
    if guard:
        check(staged, guard, rows=rows, vanishing=vanishing)
    updated = _update(staged)
    _confirm(staged)
    inserted = _insert(staged)
    if note is None:
        _sweep(staged)
    _note_details(staged)
    return Counts(fetched, inserted, updated, rows - inserted - updated, duplicate, rejected, vanishing), note


def lacking(connection: Connection, run: Run, table: Table) -> tuple[list[str], int]:
    """Keys of the rows that a merge would mark deleted for being absent, before the end of the listing is proven.

    And how many rows live.
    """
    staged = Staged(connection, run, table, Ledger(connection, run).entries()[table.name])
    if _unjudged(staged):
        return [], 0
    keys, living = staged.row(
        "SELECT ARRAY(SELECT t.source_id FROM {target} t WHERE " + _GONE + "ORDER BY t.source_id), "
        "(SELECT count(*) FROM {target} t WHERE t.source = %(source)s AND t.deleted_at IS NULL)"
    )
    return keys, living


def compare(
    connection: Connection, run: Run, table: Table, *, guard: DeletionGuard | None
) -> tuple[Counts, str | None]:
    """What `merge` would have done, told by doing it and undoing it; what it would have held back is a note."""
    try:
        with connection.transaction(force_rollback=True):
            return merge(connection, run, table, guard=guard)
    except HeldBack as held:
        with connection.transaction(force_rollback=True):
            counts, _ = merge(connection, run, table, guard=None)
        return counts, f"it would be held back. {held}"


def _extracted(connection: Connection, run: Run, table: str) -> LedgerEntry:
    entry = Ledger(connection, run).entries().get(table)
    staged = staging.size(connection, run, table)
    if entry is None or entry.extracted_at is None or staged is None:
        raise WarehouseError(
            f"There is nothing complete to load into {SCHEMA}.{table}: the extraction of this run did not end. "
            "Clear the task 'extract' of this group; 'load' follows it."
        )
    expected = (entry.fetched or 0) - (entry.rejected or 0)
    if staged > expected:
        raise WarehouseError(
            f"{staged:,} rows are staged for {SCHEMA}.{table}, {staged - expected:,} more than this attempt extracted: "
            "another attempt of the same task was still at work. Clear the task 'extract' of this group."
        )
    if staged < expected:
        raise WarehouseError(
            f"Of {expected:,} rows staged for {SCHEMA}.{table}, {staged:,} are left (Postgres empties staging when it "
            "crashes). Nothing was merged. Clear the task 'extract' of this group."
        )
    return entry


def _drop_duplicates(staged: Staged) -> int:
    duplicate = staged.execute(
        """DELETE FROM {stage} WHERE ordinal IN (
             SELECT ordinal FROM (
               SELECT ordinal, row_number() OVER (
                 PARTITION BY source_id ORDER BY source_updated_at DESC NULLS LAST, ordinal DESC) AS place
               FROM {stage}) ranked WHERE place > 1)"""
    )
    staged.execute("ANALYZE {stage} (source_id)")
    return duplicate


def _keep(staged: Staged) -> None:
    """Where the listing does not tell a column and no details were read, what is known of it stays."""
    staged.execute(
        "UPDATE {stage} s SET {kept} FROM {target} t "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id AND s.kept IS NOT NULL",
        kept=staged.each_fact("{0} = CASE WHEN {1} = ANY(s.kept) THEN t.{0} ELSE s.{0} END"),
    )


def _note_details(staged: Staged) -> None:
    staged.execute(
        """INSERT INTO psa.detail_reads (source, table_name, source_id, read_at)
           SELECT %(source)s, %(table)s, s.source_id, s.detailed_at FROM {stage} s WHERE s.detailed_at IS NOT NULL
           ON CONFLICT (source, table_name, source_id) DO UPDATE SET read_at = excluded.read_at
           WHERE detail_reads.read_at < excluded.read_at"""
    )


def _newer_run(staged: Staged) -> str | None:
    """A complete listing that was begun after this one knows all that this one knows, and later."""
    row = staged.first(
        """SELECT run_id FROM psa.sync_runs WHERE source = %(source)s AND table_name = %(table)s
           AND merged_as_of > %(started_at)s AND merged_as_of <= clock_timestamp() AND run_id <> %(run_id)s
           AND (company_source_id IS NULL OR company_source_id = %(company)s) LIMIT 1"""
    )
    return str(row[0]) if row else None


def _unjudged(staged: Staged) -> str | None:
    """Why absence proves nothing in this run, if so: a rejected record without a key could be any row."""
    nameless = staged.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND source_id IS NULL AND scope_column IS NULL"""
    )
    if not nameless:
        return None
    return f"{counted(nameless, 'rejected record')} had no id, so no row was marked deleted: any could be meant."


def _vanishing(staged: Staged, *, sweep: bool) -> int:
    by_vendor = staged.number(
        """SELECT count(*) FROM {target} t JOIN {stage} s USING (source_id)
           WHERE t.source = %(source)s AND t.deleted_at IS NULL AND s.is_deleted
             AND {held_since} <= s.fetched_at AND NOT {s_known}"""
    )
    gone = staged.number("SELECT count(*) FROM {target} t WHERE " + _GONE) if sweep else 0
    return by_vendor + gone


def _update(staged: Staged) -> int:
    return staged.execute(
        "UPDATE {target} t SET {assignments}, deleted_at = "
        + _DELETED
        + ", synced_at = s.fetched_at, changed_at = now(), run_id = %(run_id)s FROM {stage} s "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id AND {held_since} <= s.fetched_at "
        "AND NOT {s_known} AND ({ours}, t.deleted_at) IS DISTINCT FROM ({theirs}, " + _DELETED + ")",
        assignments=staged.each_fact("{0} = s.{0}"),
        ours=staged.each_fact("t.{}"),
        theirs=staged.each_fact("s.{}"),
    )


def _confirm(staged: Staged) -> None:
    """Stamp the rows that were found unchanged while a run is under way that may hold older copies of them.

    Otherwise they are not written: a run that begins from now on has none.
    """
    staged.execute(
        """UPDATE {target} t SET synced_at = s.fetched_at FROM {stage} s
           WHERE t.source = %(source)s AND t.source_id = s.source_id AND {held_since} < s.fetched_at
             AND NOT {s_known} AND EXISTS (
               SELECT 1 FROM psa.sync_runs r
               WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.run_id <> %(run_id)s
                 AND r.state <> 'loaded' AND r.dry_run IS NOT TRUE AND r.started_at > (
                   SELECT COALESCE(max(CASE WHEN m.run_id = %(run_id)s THEN m.started_at ELSE m.merged_as_of END),
                                   '-infinity')
                   FROM psa.sync_runs m
                   WHERE m.source = %(source)s AND m.table_name = %(table)s AND m.company_source_id IS NULL
                     AND (m.run_id = %(run_id)s OR m.merged_as_of <= clock_timestamp())))"""
    )


def _insert(staged: Staged) -> int:
    return staged.execute(
        "INSERT INTO {target} (source, source_id, {names}, synced_at, changed_at, deleted_at, run_id) "
        "SELECT %(source)s, s.source_id, {values}, s.fetched_at, now(), "
        "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, s.fetched_at) END, %(run_id)s FROM {stage} s "
        "WHERE NOT EXISTS (SELECT 1 FROM {target} t WHERE t.source = %(source)s AND t.source_id = s.source_id) "
        "AND NOT {s_known}",
        names=staged.each_fact("{}"),
        values=staged.each_fact("s.{}"),
    )


def _sweep(staged: Staged) -> int:
    return staged.execute(
        "UPDATE {target} t SET deleted_at = %(started_at)s, synced_at = %(started_at)s, changed_at = now(), "
        "run_id = %(run_id)s WHERE " + _GONE
    )
