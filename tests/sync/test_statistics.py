"""A load of many new rows ends with statistics of their keys."""

from __future__ import annotations

import psycopg
import pytest

from include.warehouse.schema import ensure_schema
from include.warehouse.statistics import MANY
from tests.support.rig import rig
from tests.support.worlds import new_world


@pytest.mark.parametrize(("rows", "analysed"), [(MANY, ["source_id"]), (MANY - 1, [])])
def test_a_load_of_many_new_rows_ends_with_statistics_of_their_keys(
    empty_dsn: str, rows: int, analysed: list[str]
) -> None:
    world = new_world(companies=5, sites=5, contacts=rows, assets=0)
    with rig(empty_dsn, world) as running, psycopg.connect(empty_dsn, autocommit=True) as connection:
        ensure_schema(running.warehouse)
        connection.execute("ALTER TABLE psa.contacts SET (autovacuum_enabled = false)")  # which analyses as well
        counts = running.run("contacts")["contacts"]
        assert counts.inserted == rows
        found = connection.execute(
            "SELECT attname FROM pg_stats WHERE schemaname = 'psa' AND tablename = 'contacts' ORDER BY attname"
        ).fetchall()
    assert [name for (name,) in found] == analysed
