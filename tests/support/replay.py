"""Replays psa.changes over a snapshot of the tables, without the package's own statements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import psycopg

from include.model.tables import CUSTOM_FIELDS, TABLES

NOT_REPLAYED = ("synced_at",)
"""When an unchanged row was last fetched: no change of the row."""
Key = tuple[str, str, str]
"""Table, source and key."""
Values = dict[str, Any]
ROWS = " UNION ALL ".join(
    f"SELECT '{table.name}', source, source_id, to_jsonb(t)::text FROM psa.{table.name} t" for table in TABLES
)
CHANGES = """
    SELECT table_name, source, source_id, change, before::text, after::text, run_id, to_jsonb(changed_at)::text
    FROM psa.changes WHERE change_id > %s ORDER BY change_id
"""


class Snapshot:
    """The tables at one moment, and the number of the last change before it."""

    def __init__(self, dsn: str) -> None:
        self.rows = rows(dsn)
        with psycopg.connect(dsn) as connection:
            last = connection.execute("SELECT COALESCE(max(change_id), 0) FROM psa.changes").fetchone()
        self.last_change = last[0] if last else 0

    def replayed(self, dsn: str) -> Mapping[Key, Values]:
        """The tables as the changes since then make them of it."""
        replayed = {key: dict(row) for key, row in self.rows.items()}
        with psycopg.connect(dsn) as connection:
            for table, source, source_id, change, before, after, run_id, changed_at in connection.execute(
                CHANGES, [self.last_change]
            ):
                _apply(replayed, (table, source, source_id), change, _parsed(before), _parsed(after))
                replayed[table, source, source_id] |= {"run_id": run_id, "changed_at": _parsed(changed_at)}
        return replayed


def rows(dsn: str) -> Mapping[Key, Values]:
    """What every table holds."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(ROWS).fetchall()
    return {
        (table, source, source_id): {name: value for name, value in _parsed(row).items() if name not in NOT_REPLAYED}
        for table, source, source_id, row in found
    }


def _apply(rows: dict[Key, Values], key: Key, change: str, before: Values, after: Values) -> None:
    if change == "new":
        assert key not in rows, f"{key} is new twice"
        columns = next(table for table in TABLES if table.name == key[0]).columns
        rows[key] = {column.name: None for column in columns if column.name not in NOT_REPLAYED}
        rows[key] |= {"source": key[1], "source_id": key[2], **after}
        return
    row = rows[key]
    assert (row["deleted_at"] is None, after.get("deleted_at", row["deleted_at"]) is None) in {
        "changed": ((True, True), (False, False)),
        "deleted": ((True, False),),
        "returned": ((False, True),),
    }[change], f"{key} is {change}"
    assert {name: row[name] for name in before if name != CUSTOM_FIELDS} == {
        name: value for name, value in before.items() if name != CUSTOM_FIELDS
    }, f"{key} was otherwise"
    rows[key] = row | after | _custom_fields(row, before, after)


def _custom_fields(row: Values, before: Values, after: Values) -> Values:
    """Of two objects only the fields are recorded that differ."""
    was, fields_before, fields_after = (values.get(CUSTOM_FIELDS) for values in (row, before, after))
    if not (isinstance(was, dict) and isinstance(fields_before, dict) and isinstance(fields_after, dict)):
        return {}
    return {CUSTOM_FIELDS: {name: value for name, value in was.items() if name not in fields_before} | fields_after}


def _parsed(text: str | None) -> Any:
    """With numbers as they are written."""
    return json.loads(text, parse_float=str) if text else {}
