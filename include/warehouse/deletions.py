"""Rows that a merge marks deleted: which are missing from a listing, how many, and when none may be marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.model.wording import counted
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Live rows that the listing did not contain. Left out are:
# - rows that another run fetched after this extraction began;
# - rows of a company that a later run of only that company has read;
# - in a run of one company and in a quick run, rows whose keys it did not look for: an older run merged them after it
#   had looked, or their records did not change;
# - rows whose record was rejected, and rows below a parent that could not be read.
_LIVE: LiteralString = "t.source = %(source)s AND {in_scope} AND t.deleted_at IS NULL "
_KNOWN_TO_BE_MISSING: LiteralString = """
    {stored_copy_at} < %(started_at)s AND NOT {t_company_synced_later} AND {asked_by_key} AND NOT {t_rejected}
"""
MISSING: LiteralString = f"""
    {_LIVE} AND {_KNOWN_TO_BE_MISSING} AND NOT EXISTS (SELECT 1 FROM {{staging}} s WHERE s.source_id = t.source_id)
"""

# Live rows that the vendor reports as deleted.
REPORTED: LiteralString = """
    FROM {target} t JOIN {staging} s USING (source_id)
    WHERE t.source = %(source)s AND t.deleted_at IS NULL AND s.is_deleted
      AND {stored_copy_at} <= s.fetched_at AND NOT {s_company_synced_later}
"""
# The rows of psa.held_deletions that this run has held for a person to decide.
HELD: LiteralString = "h.source = %(source)s AND h.run_id = %(run_id)s AND h.table_name = %(table)s "
# Those that other runs have held, and that were not marked deleted since.
HELD_BY_OTHERS: LiteralString = """
    h.source = %(source)s AND h.table_name = %(table)s AND h.run_id <> %(run_id)s
    AND h.outcome IS DISTINCT FROM 'deleted' """
# Live rows among those of this run that no run has seen since: neither in a listing, nor when it read their details.
APPROVED: LiteralString = f"""
    {HELD} AND h.outcome IS NULL AND t.source = h.source AND t.source_id = h.source_id AND t.deleted_at IS NULL
    AND CASE WHEN h.is_reported THEN {{stored_copy_at}} <= h.as_of
             ELSE {{stored_copy_at}} < h.as_of AND NOT EXISTS (
                SELECT FROM psa.detail_reads d WHERE d.source = h.source AND d.table_name = h.table_name
                AND d.source_id = h.source_id AND d.read_at > h.as_of AND d.read_at <= clock_timestamp()) END
    AND NOT {{t_company_synced_later}}
"""


def why_nothing_is_missing(pair: TablePair) -> str | None:
    """Why this run can mark no missing row deleted, or None: a rejected record without a key could be any row."""
    without_key = pair.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND source_id IS NULL AND scope_column IS NULL"""
    )
    if not without_key:
        return None
    return f"{counted(without_key, 'rejected record')} had no id, so no row was marked deleted: any could be meant."


def count_missing(pair: TablePair, *, may_be_marked: bool) -> tuple[int, int]:
    """How many rows are live, and how many of them are missing; none where they may not be marked."""
    live, missing = pair.row(
        "SELECT count(*), count(*) FILTER (WHERE s.source_id IS NULL AND" + _KNOWN_TO_BE_MISSING + ") "
        "FROM {target} t LEFT JOIN {staging} s ON s.source_id = t.source_id WHERE " + _LIVE
    )
    return live, missing if may_be_marked else 0


def count_reported_deleted(pair: TablePair) -> int:
    """How many live rows the vendor reports as deleted."""
    return pair.number("SELECT count(*) " + REPORTED)


def mark_missing_deleted(pair: TablePair) -> None:
    """Mark the missing rows deleted, as of the begin of the listing.

    A quick run has looked for them until the end of its extraction: copies that other runs fetched by then are older.
    """
    pair.execute(
        "UPDATE {target} t SET deleted_at = %(started_at)s, changed_at = now(), run_id = %(run_id)s, "
        "synced_at = CASE WHEN %(since)s::timestamptz IS NULL THEN %(started_at)s ELSE %(looked_until)s END WHERE "
        + MISSING
    )
