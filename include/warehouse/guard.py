"""The brake: a listing that looks complete and is not plausible is not merged until a person approves."""

from __future__ import annotations

from psycopg import sql

from include.model.errors import HeldBack
from include.model.setup import DeletionGuard
from include.model.tables import SCHEMA
from include.model.wording import counted
from include.warehouse.staged import Staged


def check(staged: Staged, guard: DeletionGuard, *, rows: int, vanishing: int) -> None:
    """Raise HeldBack when more was rejected, would vanish, or has lost a column than the brake allows.

    `rows` are staged, without duplicates; `vanishing` of the table's would be marked deleted.
    """
    fetched = staged.entry.fetched or 0
    _check_rejects(staged, guard, fetched)
    _check_vanishing(staged, guard, fetched, vanishing)
    if rows:
        _check_emptied(staged, guard, rows)


def _check_rejects(staged: Staged, guard: DeletionGuard, fetched: int) -> None:
    odd = (staged.entry.rejected or 0) - staged.number(
        """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
           AND table_name = %(table)s AND scope_column IS NOT NULL"""
    )  # a board that may not be read is no odd record
    if not guard.allows(odd, fetched):
        raise _held(
            staged,
            guard,
            f"{odd:,} of {fetched:,} records had to be rejected, as if the API had changed; psa.sync_rejects has key "
            "and reason of each.",
        )


def _check_vanishing(staged: Staged, guard: DeletionGuard, fetched: int, vanishing: int) -> None:
    living = staged.number(
        "SELECT count(*) FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL"
    )
    if vanishing and (not fetched or not guard.allows(vanishing, living)):
        company = staged.entry.company_source_id
        whose = f" of company {company}" if company else ""
        raise _held(
            staged,
            guard,
            f"the PSA listed {fetched:,} records; {vanishing:,} of the {living:,} rows that live here{whose} would be "
            "marked deleted.",
        )


def _check_emptied(staged: Staged, guard: DeletionGuard, rows: int) -> None:
    """A renamed key or a lost right can blank a column in every row of a listing that looks complete."""
    judged: dict[str, sql.Composable] = {
        fact: sql.Identifier(fact) for fact in staged.table.facts if fact != "custom_fields"
    }
    for name in _chosen_fields(staged):  # a percent sign would be taken for a parameter
        judged[f"custom field {name}"] = sql.SQL("custom_fields ->> {}").format(name.replace("%", "%%"))
    filled = sql.SQL(", ").join(sql.SQL("count({})").format(value) for value in judged.values())
    before = staged.row(
        "SELECT {filled} FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL",
        filled=filled,
    )
    after = staged.row("SELECT {filled} FROM {stage}", filled=filled)
    # Rows without details keep what is known, which would hide a key that is renamed there.
    of_details = "detailed_at IS NOT NULL AND kept IS NULL"
    before_details = staged.row(
        "SELECT {filled} FROM {target} t WHERE source = %(source)s AND source_id IN ("
        "SELECT source_id FROM {stage} WHERE " + of_details + ")",
        filled=filled,
    )
    after_details = staged.row("SELECT {filled} FROM {stage} WHERE " + of_details, filled=filled)
    columns_filled = (
        *zip(judged, before, after, strict=True),
        *zip(judged, before_details, after_details, strict=True),
    )
    for fact, had, has in columns_filled:
        if not has and had > guard.rows:
            raise _held(
                staged,
                guard,
                f"'{fact}' is filled in {had:,} rows here, and in none of the {rows:,} that the PSA listed now, as if "
                "it had been renamed or hidden.",
            )


def _chosen_fields(staged: Staged) -> list[str]:
    """Custom fields that setup chooses now; one that it chooses no more may go."""
    if "custom_fields" not in staged.table.facts:
        return []
    row = staged.first("SELECT custom_fields FROM {stage} WHERE custom_fields IS NOT NULL LIMIT 1")
    return list(row[0]) if row else []


def _held(staged: Staged, guard: DeletionGuard, what: str) -> HeldBack:
    company = staged.entry.company_source_id
    again = f" and company {company} again" if company else ""
    return HeldBack(
        f"{SCHEMA}.{staged.table.name}: {what} The brake allows {counted(guard.rows, 'row')}, or {guard.share:.0%}. "
        "Look at the PSA and at the rights of the API account. If it is right, trigger this DAG with "
        f"'Approve deletions' for this kind{again}."
    )
