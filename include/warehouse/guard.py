"""The deletion guard: what a listing that is complete but not plausible may not do until a person approves it."""

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


def check_plausible(pair: TablePair, guard: DeletionGuard, *, rows: int, live: int, deletions: int) -> str | None:
    """Why the deletions have to wait for a person, while the rows may be merged; None if they need not.

    Raises HeldBack when the rows cannot be trusted either. `rows` is how many are staged, without duplicates;
    `deletions` how many of the `live` rows would be marked deleted.
    """
    fetched, keys = pair.entry.fetched or 0, pair.entry.keys_listed
    _check_rejects(pair, guard, fetched)
    listed = fetched if keys is None else keys
    too_many = _too_many(pair, guard, listed, live, deletions)
    if too_many and not listed:
        raise held_back(pair, too_many)
    if rows:
        _check_emptied(pair, guard, rows, would_vanish=bool(too_many))
    if too_many:
        _check_known(pair, guard, too_many, rows=rows, live=live, deletions=deletions)
    return too_many


def _check_rejects(pair: TablePair, guard: DeletionGuard, fetched: int) -> None:
    """Parents that may not be read, such as a board, are no invalid records."""
    invalid = (pair.entry.rejected or 0) - pair.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND scope_column IS NOT NULL"""
    )
    if not guard.allows(invalid, fetched):
        raise held_back(
            pair,
            f"{invalid:,} of {fetched:,} records had to be rejected, as if the API had changed; psa.sync_rejects has "
            f"key and reason of each. {_allowed(guard)}",
        )


def _too_many(pair: TablePair, guard: DeletionGuard, fetched: int, live: int, deletions: int) -> str | None:
    """How many rows would be marked deleted, in a sentence, if these are more than the guard allows."""
    if not deletions or (fetched and guard.allows(deletions, live)):
        return None
    company = pair.entry.company_source_id
    whose = f" of company {company}" if company else ""
    return (
        f"the PSA listed {fetched:,} records; {deletions:,} of the {live:,} live rows{whose} would be marked deleted. "
        f"{_allowed(guard)}"
    )


def _check_known(pair: TablePair, guard: DeletionGuard, too_many: str, *, rows: int, live: int, deletions: int) -> None:
    """Where many rows vanish and most of the others are new or changed, the records may be those of someone else.

    A quick run knows how many records the PSA has by their keys, unless it reports each deletion.
    """
    listed = rows if pair.entry.since is None else pair.entry.keys_listed
    if listed is None:
        return
    others = pair.number(
        "SELECT count(*) FROM {staging} s LEFT JOIN {target} t ON t.source = %(source)s AND t.source_id = s.source_id "
        "WHERE t.source_id IS NULL OR ({stored}) IS DISTINCT FROM ({staged})",
        stored=pair.compared("t"),
        staged=pair.compared("s"),
    )
    others = max(others, listed - (live - deletions))
    if others > max(guard.rows, listed / 2):
        raise held_back(
            pair,
            f"{too_many} Of the {listed:,} records, {others:,} are new or differ from what is stored, as if they were "
            "those of another PSA account.",
        )


def _check_emptied(pair: TablePair, guard: DeletionGuard, rows: int, *, would_vanish: bool) -> None:
    """A renamed key or a lost right can empty a column in every row of a listing that looks complete.

    Where too many rows would vanish, only the others can lose a value: the first ones are left as they are. In a quick
    run, only the listed ones can.
    """
    live: LiteralString = "FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL"
    if would_vanish or pair.entry.since is not None:
        live += " AND EXISTS (SELECT FROM {staging} s WHERE s.source_id = t.source_id)"
    for column, had in _emptied(pair, _checked_columns(pair), "FROM {staging}", live):
        if had > guard.rows:
            raise held_back(
                pair,
                f"'{column}' is filled in {had:,} stored rows, and in none of the {rows:,} records that the PSA "
                f"listed now, as if it had been renamed or hidden. {_allowed(guard)}",
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


def held_back(pair: TablePair, what: str) -> HeldBack:
    """The error for a listing of which nothing is merged, with what to do about it."""
    return HeldBack(f"{SCHEMA}.{pair.table.name}: {what} {how_to_approve(pair.entry.company_source_id)}")


def _allowed(guard: DeletionGuard) -> str:
    return f"The deletion guard allows {counted(guard.rows, 'row')}, or {guard.share:.0%}."


def how_to_approve(company: str | None) -> str:
    """How a person approves deletions in the trigger form, for all companies or for one."""
    again = f" and company {company} again" if company else ""
    return (
        "Look at the PSA and at the rights of the API account. If it is right, trigger this DAG with 'Approve "
        f"deletions' for this kind{again}."
    )
