"""The staged rows of one table before and after they are compared with the stored ones."""

from __future__ import annotations

from dataclasses import dataclass

from include.warehouse.table_pair import TablePair


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
