"""The deletion guard: a listing that is complete but not plausible is not merged until a person approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.model.errors import HeldBack
from include.model.setup import DeletionGuard
from include.model.tables import SCHEMA
from include.model.wording import counted
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString


def check_plausible(pair: TablePair, guard: DeletionGuard, *, rows: int, live: int, deletions: int) -> None:
    """Raise HeldBack when more is rejected, would be deleted, or has become empty than the guard allows.

    `rows` is how many are staged, without duplicates; `deletions` how many of the `live` rows would be marked deleted.
    """
    fetched = pair.entry.fetched or 0
    _check_rejects(pair, guard, fetched)
    _check_deletions(pair, guard, fetched, live, deletions)
    if rows:
        _check_emptied(pair, guard, rows)


def _check_rejects(pair: TablePair, guard: DeletionGuard, fetched: int) -> None:
    """Parents that may not be read, such as a board, are no invalid records."""
    invalid = (pair.entry.rejected or 0) - pair.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND scope_column IS NOT NULL"""
    )
    if not guard.allows(invalid, fetched):
        raise _held(
            pair,
            guard,
            f"{invalid:,} of {fetched:,} records had to be rejected, as if the API had changed; psa.sync_rejects has "
            "key and reason of each.",
        )


def _check_deletions(pair: TablePair, guard: DeletionGuard, fetched: int, live: int, deletions: int) -> None:
    if deletions and (not fetched or not guard.allows(deletions, live)):
        company = pair.entry.company_source_id
        whose = f" of company {company}" if company else ""
        raise _held(
            pair,
            guard,
            f"the PSA listed {fetched:,} records; {deletions:,} of the {live:,} live rows{whose} would be marked "
            "deleted.",
        )


def _check_emptied(pair: TablePair, guard: DeletionGuard, rows: int) -> None:
    """A renamed key or a lost right can empty a column in every row of a listing that looks complete."""
    live = "FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL"
    for column, had in _emptied(pair, _checked_columns(pair), "FROM {staging}", live):
        if had > guard.rows:
            raise _held(
                pair,
                guard,
                f"'{column}' is filled in {had:,} stored rows, and in none of the {rows:,} records that the PSA "
                "listed now, as if it had been renamed or hidden.",
            )


def _checked_columns(pair: TablePair) -> dict[str, sql.Composable]:
    """The vendor's columns and each chosen custom field, by the name that a message calls it.

    What only serves bookkeeping holds nothing back: other columns show whether the records are what they were.
    """
    columns: dict[str, sql.Composable] = {
        fact: sql.Identifier(fact) for fact in pair.table.facts if fact not in ("custom_fields", "source_updated_at")
    }
    for name in _chosen_fields(pair):  # a percent sign would be taken for a parameter
        columns[f"custom field {name}"] = sql.SQL("custom_fields ->> {}").format(name.replace("%", "%%"))
    return columns


def _chosen_fields(pair: TablePair) -> list[str]:
    """Custom fields that setup chooses now; one that it no longer chooses may become empty."""
    if "custom_fields" not in pair.table.facts:
        return []
    row = pair.first("SELECT custom_fields FROM {staging} WHERE custom_fields IS NOT NULL LIMIT 1")
    return list(row[0]) if row else []


def _emptied(
    pair: TablePair, columns: dict[str, sql.Composable], staged: LiteralString, stored: LiteralString
) -> list[tuple[str, int]]:
    """The columns that no staged row has filled, and in how many stored rows they are: only these are counted there."""
    filled = _filled(pair, columns, staged)
    empty = {name: column for (name, column), rows in zip(columns.items(), filled, strict=True) if not rows}
    return list(zip(empty, _filled(pair, empty, stored), strict=True)) if empty else []


def _filled(pair: TablePair, columns: dict[str, sql.Composable], rows: LiteralString) -> tuple[Any, ...]:
    """In how many of these rows each column is filled."""
    filled = sql.SQL(", ").join(sql.SQL("count({})").format(column) for column in columns.values())
    return pair.row("SELECT {filled} " + rows, filled=filled)


def _held(pair: TablePair, guard: DeletionGuard, what: str) -> HeldBack:
    company = pair.entry.company_source_id
    again = f" and company {company} again" if company else ""
    return HeldBack(
        f"{SCHEMA}.{pair.table.name}: {what} The deletion guard allows {counted(guard.rows, 'row')}, or "
        f"{guard.share:.0%}. Look at the PSA and at the rights of the API account. If it is right, trigger this DAG "
        f"with 'Approve deletions' for this kind{again}."
    )
