"""Staging tables: what is copied in, and when the tables go."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.model.counts import Counts
from include.model.run import Run
from include.model.tables import BY_NAME
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.staged_tables import KEPT_DAYS, drop_unneeded, table_name
from include.warehouse.staging import Staging
from tests.support.staged_runs import SOURCE, Row, asset, assets, at, begun, by_column, extracted, load


def tables(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'psa_staging'").fetchall()
    return {row[0] for row in rows}


def staged(staging: Staging) -> list[Row]:
    columns = "ordinal, source_id, name, is_deleted, deleted_at, fetched_at, kept, notes"
    rows = staging.connection.execute(f"SELECT {columns} FROM psa_staging.{staging.name} ORDER BY ordinal").fetchall()
    return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]


def test_each_run_source_and_table_has_a_staging_table_of_its_own(connection: Connection) -> None:
    names = [
        table_name(run, table)
        for run in (Run("a", "run 1"), Run("a", "run 2"), Run("b", "run 1"))
        for table in ("assets", "contacts")
    ]
    assert len(set(names)) == 6
    assert names[0] == Staging(connection, Run("a", "run 1"), BY_NAME["assets"]).name
    assert all(len(name) <= 63 for name in names)  # longer ones would be cut by Postgres


def test_pages_are_copied_in_the_order_they_come(connection: Connection) -> None:
    staging = begun(connection, "run")
    staging.copy(by_column([asset("2", is_deleted=True, deleted_at=at(-9)), asset("1", kept=["notes"])]), at(1))
    staging.copy(by_column([asset("1", "again")]), at(2))
    first, second, third = staged(staging)
    assert (first["source_id"], first["is_deleted"], first["deleted_at"], first["kept"]) == ("2", True, at(-9), None)
    assert (second["source_id"], second["is_deleted"], second["kept"], second["fetched_at"]) == (
        "1",
        False,
        ["notes"],
        at(1),
    )
    assert (third["name"], third["fetched_at"]) == ("again", at(2))
    assert staging.size() == 3


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=3, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_comes_back_as_it_was_copied(connection: Connection, texts: list[str]) -> None:
    name, key, inner = texts
    staging = begun(connection, "run")
    staging.copy(by_column([asset(f"k{key}", name, custom_fields={key: [inner]})]), at(0))
    found = connection.execute(f"SELECT source_id, name, custom_fields FROM psa_staging.{staging.name}").fetchone()
    assert found == (f"k{key}", name, {key: [inner]})


def test_values_keep_their_types_and_no_text_can_break_the_copy(connection: Connection) -> None:
    odd = "tab\there, \\N, \\., line\nfeed, quote \" ' and ünïcode"
    staging = begun(connection, "run")
    row = asset("1", odd, purchase_date=date(2024, 2, 29), custom_fields={"rack": odd, "list": [1, None]})
    staging.copy(by_column([row]), at(0))
    found = connection.execute(f"SELECT name, purchase_date, custom_fields, notes FROM psa_staging.{staging.name}")
    assert found.fetchall() == [(odd, date(2024, 2, 29), {"rack": odd, "list": [1, None]}, None)]


@pytest.mark.parametrize(
    "values",
    [
        {"name": ["\\N", None, "x"]},
        {"name": ["\\.", "\\", "\t", "\r\n", "\x0b\u2028", '"', "'", "{a,b}", "null"]},
        {"is_active": [True, None, False], "purchase_date": [None, date(1, 1, 1), date(9999, 12, 31)]},
        {"source_updated_at": [None, at(1), at(1), datetime(1, 1, 1, tzinfo=timezone.utc)]},
        {"custom_fields": [None, {}, {"\\": ["\n", "\\N", True, 1]}, {"a": {"b": None}}]},
    ],
)
def test_the_rows_of_a_page_are_staged_as_they_are(connection: Connection, values: dict[str, list[Any]]) -> None:
    (rows,) = {len(column) for column in values.values()}
    staging = begun(connection, "run")
    staging.copy({"source_id": [str(number) for number in range(rows)], **values}, at(0))
    names = ", ".join(values)
    found = connection.execute(f"SELECT {names} FROM psa_staging.{staging.name} ORDER BY ordinal").fetchall()
    assert found == list(zip(*values.values(), strict=True))


def test_another_attempt_begins_with_an_empty_staging_table(connection: Connection) -> None:
    staging = extracted(connection, "run", [asset("1")], company="1")
    staging.create()
    assert staging.size() == 0
    assert tables(connection) == {staging.name}


def test_without_a_staging_table_there_is_no_size_and_dropping_does_no_harm(connection: Connection) -> None:
    staging = Staging(connection, Run(SOURCE, "run"), BY_NAME["assets"])
    assert staging.size() is None
    staging.drop()


def test_what_a_company_is_missing_are_its_live_rows_that_are_not_staged(connection: Connection) -> None:
    load(extracted(connection, "earlier", [asset("0")], began=-5))
    load(extracted(connection, "first", [*assets(3), asset("4", company="2")]))  # 0 is marked deleted
    load(extracted(connection, "other", [asset("5")], source="other"))
    staging = extracted(connection, "one", [asset("1")], began=5, company="1", asked=False)
    assert staging.missing_of_company("1") == ["2", "3"]
    assert len(tables(connection)) == 2
    staging.drop()
    assert tables(connection) == set()


@pytest.mark.parametrize(
    ("age", "state", "dropped"), [(1, "extracted", True), (-1, "extracted", False), (-1, "loaded", True)]
)
def test_what_a_run_left_is_dropped_once_it_is_loaded_or_a_week_old(
    connection: Connection, age: int, state: str, dropped: bool
) -> None:
    run = extracted(connection, "run", [asset("1")], company="1")
    other = extracted(connection, "run", [asset("1")], source="other")
    if state == "loaded":
        load(run)
        run.create()  # as if it could not be dropped
    connection.execute(
        "UPDATE psa.sync_runs SET started_at = now() - make_interval(days => %s, mins => %s)", [KEPT_DAYS, age]
    )
    assert drop_unneeded(connection, SOURCE) == []
    assert tables(connection) == {other.name} | (set() if dropped else {run.name, table_name(run.run, "assets_asked")})
    assert set(Ledger(connection, run.run).entries()) == {"assets"}


def test_what_a_dry_run_compared_is_dropped_and_what_an_attempt_reads_again_is_not(connection: Connection) -> None:
    dry = extracted(connection, "dry", [asset("1")], dry_run=True)
    Ledger(connection, dry.run).mark_compared("assets", Counts(fetched=1, inserted=1), note=None)
    load(extracted(connection, "again", [asset("1")]))
    again = begun(connection, "again", began=5)
    drop_unneeded(connection, SOURCE)
    assert tables(connection) == {again.name}
