"""The check behind an alert, on a real Postgres."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import psycopg
import pytest

from include.dag_factory.freshness import freshness_dag
from include.status.alert import NotFresh, check_freshness
from include.warehouse.connection import Connection, Warehouse
from tests.support.ledgers import HELD, PastRuns


@pytest.fixture
def connection(warehouse_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        yield connection


def check(connection: Connection, *sources: str, hours: float = 26) -> None:
    check_freshness(Warehouse(lambda: nullcontext(connection)), sources, lambda _: timedelta(hours=hours))


def test_it_passes_while_all_is_fresh_and_says_so(connection: Connection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    PastRuns(connection).run("scheduled__1", hours_ago=3)
    PastRuns(connection, "syncro").run("scheduled__1", hours_ago=40)  # not asked for
    check(connection, "connectwise")
    assert caplog.messages == ["All fresh: 1 PSA, 8 tables."]


def test_it_fails_with_what_is_not_fresh_since_when_and_where_to_look(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=25)
    PastRuns(connection).held("scheduled__2", "contacts", hours_ago=1)
    with pytest.raises(NotFresh, match=r"Not fresh: connectwise \(contacts\); syncro \(all tables\)\."):
        check(connection, "connectwise", "syncro")
    said = " ".join(line.strip() for line in caplog.messages)
    since = PastRuns(connection).at(25)
    assert f"connectwise, contacts: complete up to {since:%Y-%m-%d %H}:" in said
    assert f"{HELD} Log: contacts.load in psa_connectwise/scheduled__2." in said
    assert "syncro, company_statuses, companies," in said
    assert "ticket_priorities: never complete until now. No run has loaded it in time." in said


def test_the_age_that_setup_allows_decides(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=3)
    with pytest.raises(NotFresh):
        check(connection, "connectwise", hours=2)


def test_the_dag_is_none_of_the_syncs_and_calls_whom_the_file_names() -> None:
    dag = freshness_dag("connectwise", schedule="@hourly", on_failure_callback=print)
    assert (dag.dag_id, dag.tags, dag.on_failure_callback) == ("psa_freshness", set(), print)
    assert [task.task_id for task in dag.tasks] == ["check"]
