"""The staged rows of one table before and after they are compared with the stored ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# The deletion that a record states itself: the vendor's date, else the stored one, else when it was fetched.
DELETED_AT: LiteralString = "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, t.deleted_at, s.fetched_at) END"
# Whether a staged row s differs from the stored row t of its record, and is not the older copy; with the parts `stored`
# and `staged`.
IS_CHANGED: LiteralString = f"""
    t.source = %(source)s AND t.source_id = s.source_id AND {{stored_copy_at}} <= s.fetched_at
    AND NOT {{s_company_synced_later}} AND ({{stored}}, t.deleted_at) IS DISTINCT FROM ({{staged}}, {DELETED_AT})"""
# The same for a record that is not stored yet.
NEW_DELETED_AT: LiteralString = "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, s.fetched_at) END"
# Whether a staged row s has no stored row.
IS_NEW: LiteralString = """
    NOT EXISTS (SELECT 1 FROM {target} t WHERE t.source = %(source)s AND t.source_id = s.source_id)
    AND NOT {s_company_synced_later}"""


@dataclass(frozen=True)
class StagedRows:
    """How many of the staged rows have something that most do not have."""

    kept: int
    """Columns that the listing does not include."""
    deleted: int
    """A deletion that the vendor reports."""


def staged_of(pair: TablePair) -> StagedRows:
    """Count them."""
    looked_for = "count(kept), count(*) FILTER (WHERE is_deleted)"
    return StagedRows(*pair.row("SELECT " + looked_for + " FROM {staging}"))


def drop_duplicates(pair: TablePair) -> int:
    """Keep the newest copy of each record; returns how many others there were."""
    twice = pair.number("SELECT count(*) FROM (SELECT FROM {staging} GROUP BY source_id HAVING count(*) > 1) twice")
    if not twice:
        return 0
    return pair.execute(
        """DELETE FROM {staging} WHERE ordinal IN (
             SELECT ordinal FROM (
               SELECT ordinal, row_number() OVER (
                 PARTITION BY source_id ORDER BY source_updated_at DESC NULLS LAST, ordinal DESC) AS place
               FROM {staging}) ranked WHERE place > 1)"""
    )


def keep_unlisted_columns(pair: TablePair) -> None:
    """Columns that the listing does not include keep their stored value until their details are read."""
    pair.execute(
        "UPDATE {staging} s SET {columns} FROM {target} t "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id AND s.kept IS NOT NULL",
        columns=pair.each_fact("{0} = CASE WHEN {1} = ANY(s.kept) THEN t.{0} ELSE s.{0} END"),
    )
