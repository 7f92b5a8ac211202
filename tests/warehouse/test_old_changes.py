"""How long changes are kept."""

from __future__ import annotations

import psycopg
import pytest

from include.warehouse.connection import Connection
from include.warehouse.old_changes import delete_old_changes
from tests.support.staged_runs import SOURCE

RECORDED = """
    INSERT INTO psa.{} (source, table_name, source_id, change, after, changed_at, run_id)
    SELECT %s, 'assets', n::text, 'new', '{{}}', now() - n * interval '1 day' - interval '1 hour', 'run'
    FROM generate_series(0, %s) n
"""


def recorded(connection: Connection, days: int, source: str = SOURCE, table: str = "changes") -> None:
    """A change of an hour ago, and one for each day before."""
    connection.execute(RECORDED.format(table).encode(), [source, days])


def ages(connection: Connection, source: str = SOURCE, table: str = "changes") -> list[int]:
    query = f"SELECT source_id::int FROM psa.{table} WHERE source = %s ORDER BY 1"
    return [row[0] for row in connection.execute(query, [source]).fetchall()]


def test_what_is_older_than_setup_says_is_deleted_for_this_source_only(connection: Connection) -> None:
    recorded(connection, 5)
    recorded(connection, 5, source="other")
    assert delete_old_changes(connection, SOURCE, days=3) == ""
    assert ages(connection) == [0, 1, 2]
    assert ages(connection, "other") == [0, 1, 2, 3, 4, 5]


def test_the_oldest_go_first_and_no_more_than_a_portion_at_once(connection: Connection) -> None:
    recorded(connection, 5)
    for left in ([0, 1, 2, 3], [0, 1], []):
        delete_old_changes(connection, SOURCE, days=0, portion=2)
        assert ages(connection) == left


def test_dry_runs_are_kept_for_a_week(connection: Connection) -> None:
    recorded(connection, 9, table="dry_run_changes")
    delete_old_changes(connection, SOURCE, days=90)
    assert ages(connection, table="dry_run_changes") == list(range(7))


def test_two_loads_do_not_wait_for_each_other(warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as busy, psycopg.connect(warehouse_dsn, autocommit=True) as other:
        recorded(other, 5)
        busy.execute("SELECT 1")  # begins a transaction
        delete_old_changes(busy, SOURCE, days=3)
        other.execute("SET lock_timeout = '100ms'")
        assert delete_old_changes(other, SOURCE, days=3) == ""
        assert ages(other) == [0, 1, 2, 3, 4, 5]
        busy.commit()
        assert ages(other) == [0, 1, 2]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("SET default_transaction_read_only = on", "cannot execute DELETE in a read-only transaction"),
        ("SET ROLE pg_read_all_data", "permission denied for table changes"),
    ],
)
def test_a_failure_is_a_sentence(warehouse_dsn: str, statement: str, why: str) -> None:
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        connection.execute(statement.encode())
        said = delete_old_changes(connection, SOURCE, days=90)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert said == (
        f"Old changes in psa.changes and psa.dry_run_changes could not be deleted: {why}. The next run tries again."
    )


def test_a_lock_on_the_table_is_not_waited_for(warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as busy, psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        busy.execute("LOCK TABLE psa.changes IN SHARE MODE")
        assert "canceling statement due to lock timeout" in delete_old_changes(connection, SOURCE, days=90)


@pytest.mark.parametrize("is_analysed", [False, True])
def test_the_oldest_are_found_without_reading_the_others(connection: Connection, is_analysed: bool) -> None:
    recorded(connection, 5000)
    connection.execute("UPDATE psa.changes SET changed_at = now()")
    if is_analysed:
        connection.execute("ANALYZE psa.changes")
    before = reads(connection)
    delete_old_changes(connection, SOURCE, days=90)
    assert reads(connection) - before == 0


def reads(connection: Connection) -> int:
    """How many rows of the table were read one after the other so far, in this transaction too."""
    row = connection.execute(
        "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'changes' AND schemaname = 'psa'"
    ).fetchone()
    assert row is not None
    return int(row[0])
