"""What the status page reads of the ledger, on a real Postgres."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from include.model.page import Reject
from include.status.read import MOST_RUNS, no_ledger, read_ledger
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.recent_runs import RecentRuns
from tests.support.ledgers import PastRuns


def test_the_last_runs_of_each_table_are_read_and_no_more(connection: Connection) -> None:
    runs = PastRuns(connection)
    for number in range(MOST_RUNS + 3):
        runs.run(f"scheduled__{number:02}", hours_ago=100 - number, kinds=["assets"])
    PastRuns(connection, "other").run("scheduled__1", hours_ago=1)
    ledger = read_ledger(connection, ["connectwise"])
    assert ledger.runs.keys() == {("connectwise", "assets")}
    read = ledger.runs["connectwise", "assets"]
    assert [run.run_id[-2:] for run in read] == [f"{number:02}" for number in range(MOST_RUNS + 2, 2, -1)]
    assert ledger.complete_as_of.keys() == {("connectwise", "assets")}


def test_a_slow_loss_of_rows_shows_in_the_numbers_of_the_days(connection: Connection) -> None:
    runs = PastRuns(connection)
    for day, rows in ((5, 3), (4, 3), (3, 2), (2, 2), (1, 1)):
        connection.execute("DELETE FROM psa.assets")
        connection.execute(
            "INSERT INTO psa.assets (source, source_id) SELECT 'connectwise', n::text FROM generate_series(1, %s) n",
            [rows],
        )
        runs.run(f"scheduled__{day}", hours_ago=24 * day + 1, kinds=["assets"])
    found = read_ledger(connection, ["connectwise"]).rows["connectwise", "assets"]
    assert [one.live for one in found] == [3, 3, 2, 2, 1, 1]
    assert found[-1].at - found[0].at == timedelta(days=5)


def test_a_table_without_a_run_for_days_has_no_number_then(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=24 * 20, kinds=["assets"])
    found = read_ledger(connection, ["connectwise"]).rows["connectwise", "assets"]
    assert len(found) == 3


def test_rejected_records_come_with_key_and_reason_and_their_number(connection: Connection) -> None:
    rejects = [Reject("1", "no name"), Reject(None, "no id"), Reject("3", "a date of the year 0")]
    PastRuns(connection).rejecting("scheduled__1", "assets", hours_ago=1, rejects=rejects)
    recent = RecentRuns(connection)
    (run,) = recent.runs(["connectwise"], most=1, tables=["assets"])
    found = recent.rejects(run, most=2)
    assert [(one.source_id, one.reason, one.rejected) for one in found] == [
        ("1", "no name", 3),
        ("3", "a date of the year 0", 3),
    ]


def test_a_ledger_of_an_older_release_is_read_without_its_missing_columns(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=1)
    connection.execute("ALTER TABLE psa.sync_runs DROP COLUMN live, DROP COLUMN queued_seconds")
    connection.execute("DROP TABLE psa.detail_runs")
    ledger = read_ledger(connection, ["connectwise"])
    assert {run.live for runs in ledger.runs.values() for run in runs} == {None}
    assert (ledger.rows, ledger.details) == ({}, {})


def test_before_the_first_run_there_is_no_ledger(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn) as connection:
        assert read_ledger(connection, ["connectwise"]) == no_ledger(
            pytest.approx(postgres_now(connection), abs=timedelta(minutes=1))  # type: ignore[arg-type]
        )
