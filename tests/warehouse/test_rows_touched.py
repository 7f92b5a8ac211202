"""How many rows Postgres touches: as many as there are, several times over, but never each for each other one.

Before autovacuum has analysed a table, Postgres expects one row where there are thousands, and a plan that is right for
one row takes hours. What counts here is rows, not seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from include.model.counts import Counts
from include.model.page import Reject
from include.model.setup import DeletionGuard
from include.model.tables import BY_NAME
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import Answer
from include.warehouse.emptied_details import EmptiedDetails
from include.warehouse.merge import merge, missing_rows
from tests.support.staged_runs import SOURCE, Row, asset, at, begun, by_column, extracted, load, queue_of

ROWS = 2000
TIMES = 60
"""How often a row may be touched: each statement reads it once or twice."""
GENEROUS = DeletionGuard(share=1.0, rows=ROWS)


def rows(number: int = ROWS, **facts: Any) -> list[Row]:
    return [asset(str(id_), company=str(id_ % 3), **facts) for id_ in range(number)]


def touched(connection: Connection) -> int:
    """The rows that statements of this transaction have read so far, by any kind of scan."""
    row = connection.execute(
        """SELECT sum(COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
           WHERE schemaname IN ('psa', 'psa_staging')"""
    ).fetchone()
    return int(row[0]) if row else 0


def never_analysed(connection: Connection) -> None:
    """After the first load."""
    load(extracted(connection, "first", rows()))


def analysed_before(connection: Connection) -> None:
    """A second PSA in a table that was analysed when only the first one was in it."""
    load(extracted(connection, "other", rows(100), source="other"))
    connection.execute("ANALYZE psa.assets, psa.sync_rejects, psa.detail_reads")
    load(extracted(connection, "first", rows()))


def analysed_empty(connection: Connection) -> None:
    """Autovacuum was quicker than the first load."""
    connection.execute("ANALYZE psa.assets")
    load(extracted(connection, "first", rows()))


State = Callable[[Connection], None]
states = pytest.mark.parametrize("state", [never_analysed, analysed_before, analysed_empty])


@states
@pytest.mark.parametrize("guard", [None, GENEROUS])
def test_a_second_run_of_all(connection: Connection, state: State, guard: DeletionGuard | None) -> None:
    state(connection)
    second = extracted(connection, "second", rows(ROWS - 10), began=10)
    before = touched(connection)
    counts, _ = merge(second, guard=guard)
    assert counts == Counts(fetched=ROWS - 10, unchanged=ROWS - 10, deleted=10)
    assert touched(connection) - before < TIMES * ROWS


@states
def test_a_run_with_many_rejected_records(connection: Connection, state: State) -> None:
    state(connection)
    for number in range(3):  # what earlier runs have rejected is in the same table
        rejects = [Reject(str(id_), "no name") for id_ in range(ROWS - 500, ROWS)]
        rejects += [Reject(None, "not allowed", scope=("company_source_id", str(id_))) for id_ in range(100, 200)]
        run = extracted(connection, f"run {number}", rows(ROWS - 500), began=10 * number + 10, rejects=rejects)
        before = touched(connection)
        counts, _ = load(run, GENEROUS)
        assert counts.deleted == 0
        assert touched(connection) - before < TIMES * ROWS


@states
def test_a_run_that_reads_details(connection: Connection, state: State) -> None:
    state(connection)
    before = touched(connection)
    for began in (10, 20):
        load(extracted(connection, f"run {began}", rows(kept=["notes"]), began=began))
    queue = queue_of(connection, "details", since=at(30))
    read = 0
    while keys := [key for key, _ in queue.next()]:
        claimed = sorted(queue.claim(keys))
        emptied = EmptiedDetails(connection, SOURCE, BY_NAME["assets"], GENEROUS)
        answers = [Answer(key, at(31), {"notes": "read"}) for key in claimed]
        read += queue.merge(answers, always={"notes"}, emptied=emptied).updated
        queue.merged(answers)
    assert read == ROWS
    assert touched(connection) - before < TIMES * ROWS


@states
def test_the_search_for_missing_rows(connection: Connection, state: State) -> None:
    state(connection)
    of_all, of_one = (begun(connection, name, began=10) for name in ("all", "one"))
    of_all.copy(by_column(rows(ROWS - 3)), at(11))
    of_one.copy(by_column([row for row in rows(ROWS - 3) if row["company_source_id"] == "1"]), at(11))
    before = touched(connection)
    assert missing_rows(of_all) == ([str(ROWS - 3), str(ROWS - 2), str(ROWS - 1)], ROWS)
    assert len(of_one.missing_of_company("1")) == 1
    assert touched(connection) - before < TIMES * ROWS
