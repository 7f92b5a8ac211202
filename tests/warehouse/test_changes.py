"""psa.changes, with rows that were staged by hand."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from psycopg.rows import dict_row

from include.model.strict_json import read_json
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import Answer
from include.warehouse.merge import compare, merge
from tests.support.staged_runs import Row, asset, assets, at, extracted, load, queue_of, stored


def changes(connection: Connection, run: str = "second", table: str = "changes") -> list[Row]:
    """What a run has recorded, by key."""
    with connection.cursor(row_factory=dict_row) as cursor:
        query = f"SELECT * FROM psa.{table} WHERE run_id = %s ORDER BY source_id, change_id"
        rows: list[Row] = cursor.execute(query, [run]).fetchall()
    return rows


def kinds(connection: Connection, run: str = "second", table: str = "changes") -> dict[str, str]:
    return {row["source_id"]: row["change"] for row in changes(connection, run, table)}


def test_each_row_that_a_merge_writes_is_recorded_with_what_differs(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2", notes="old"), asset("3")]))
    rows = [asset("2", "Server", company="2", notes=None), asset("3"), asset("4", purchase_date="2024-02-29")]
    load(extracted(connection, "second", rows, began=10))
    vanished, changed, new = changes(connection)
    assert (vanished["source_id"], vanished["change"], vanished["columns"]) == ("1", "deleted", ["deleted_at"])
    assert (vanished["before"], vanished["after"]) == (
        {"deleted_at": None},
        {"deleted_at": "2026-11-22T01:10:00+00:00"},
    )
    assert (changed["source_id"], changed["change"]) == ("2", "changed")
    assert changed["columns"] == ["name", "notes", "company_source_id"]
    assert changed["before"] == {"name": "Laptop", "notes": "old", "company_source_id": "1"}
    assert changed["after"] == {"name": "Server", "notes": None, "company_source_id": "2"}
    assert (new["source_id"], new["change"], new["columns"], new["before"]) == ("4", "new", None, None)
    assert new["after"] == {"name": "Laptop", "purchase_date": "2024-02-29", "company_source_id": "1"}
    written = stored(connection)
    for row in (vanished, changed, new):
        assert (row["source"], row["table_name"], row["run_kind"]) == ("acme", "assets", "Nightly sync")
        assert row["changed_at"] == written[row["source_id"]]["changed_at"]


def test_a_row_that_was_deleted_and_is_listed_again_has_returned(connection: Connection) -> None:
    load(extracted(connection, "first", assets(2)))
    load(extracted(connection, "second", [asset("1")], began=5))
    load(extracted(connection, "third", [asset("1"), asset("2", "Server")], began=10))
    (returned,) = changes(connection, "third")
    assert (returned["change"], returned["columns"]) == ("returned", ["name", "deleted_at"])
    assert returned["before"] == {"name": "Laptop", "deleted_at": "2026-11-22T01:05:00+00:00"}
    assert returned["after"] == {"name": "Server", "deleted_at": None}


def test_a_deletion_that_the_vendor_reports_is_one_and_its_later_date_is_a_change(connection: Connection) -> None:
    load(extracted(connection, "first", assets(2)))
    reported = [asset("1", is_deleted=True), asset("2"), asset("3", is_deleted=True, deleted_at=at(-30))]
    load(extracted(connection, "second", reported, began=5))
    assert kinds(connection) == {"1": "deleted", "3": "new"}
    assert changes(connection)[1]["after"]["deleted_at"] == "2026-11-22T00:30:00+00:00"
    reported[0] |= {"deleted_at": at(-10)}
    load(extracted(connection, "third", reported, began=10))
    assert kinds(connection, "third") == {"1": "changed"}


def test_a_first_load_is_one_line_whatever_is_read_of_single_companies_before(connection: Connection) -> None:
    load(extracted(connection, "one", assets(2), company="1"))
    load(extracted(connection, "first", assets(5), began=5))
    load(extracted(connection, "second", assets(6), began=10))
    for run, rows in (("one", 2), ("first", 3)):
        (line,) = changes(connection, run)
        assert (line["change"], line["source_id"], line["after"]) == ("first load", None, {"rows": rows})
    assert kinds(connection) == {"6": "new"}


def test_the_first_row_of_a_table_that_was_empty_is_new(connection: Connection) -> None:
    load(extracted(connection, "first", []))
    load(extracted(connection, "second", assets(1), began=5))
    assert kinds(connection) == {"1": "new"}


def test_nothing_is_recorded_when_nothing_changed_or_when_setup_keeps_no_changes(connection: Connection) -> None:
    load(extracted(connection, "first", assets(3)))
    load(extracted(connection, "second", assets(3), began=5))
    merge(extracted(connection, "third", assets(1, notes="new"), began=10), guard=None, records_changes=False)
    assert changes(connection) == changes(connection, "third") == []


def test_a_merge_that_changes_nothing_does_not_even_look_at_the_changes(warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as busy, psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        load(extracted(connection, "first", assets(3)))
        busy.execute("LOCK TABLE psa.changes IN ACCESS EXCLUSIVE MODE")
        connection.execute("SET lock_timeout = '100ms'")
        assert load(extracted(connection, "second", assets(3), began=5))[0].unchanged == 3
        with pytest.raises(psycopg.errors.LockNotAvailable):
            load(extracted(connection, "third", assets(2), began=10))


@pytest.mark.parametrize(
    ("before", "after", "was", "now"),
    [
        ('{"a": 1, "b": "x"}', '{"a": 2, "b": "x"}', '{"a": 1}', '{"a": 2}'),
        ('{"a": 10.5, "b": 1}', '{"a": 10.50, "b": 1}', '{"a": 10.5}', '{"a": 10.50}'),
        ('{"a": 1}', '{"a": 1, "b": null}', "{}", '{"b": null}'),
        ('{"a": 1, "b": null}', '{"a": 1}', '{"b": null}', "{}"),
        ('{"a": {"b": [1, "\\u00e9\\""]}}', '{"a": {"b": []}}', '{"a": {"b": [1, "é\\""]}}', '{"a": {"b": []}}'),
        ("null", '{"a": 1}', "null", '{"a": 1}'),
        ('{"a": 1}', "null", '{"a": 1}', "null"),
    ],
)
def test_of_custom_fields_only_those_are_recorded_that_differ(
    connection: Connection, before: str, after: str, was: str, now: str
) -> None:
    load(extracted(connection, "first", [asset("1", custom_fields=read_json(before))]))
    load(extracted(connection, "second", [asset("1", custom_fields=read_json(after))], began=5))
    (row,) = changes(connection)
    assert row["columns"] == ["custom_fields"]
    found = connection.execute(
        """SELECT (before -> 'custom_fields')::text, (after -> 'custom_fields')::text, %s::jsonb::text, %s::jsonb::text
           FROM psa.changes WHERE run_id = 'second'""",
        [was, now],
    ).fetchone()
    assert found is not None
    assert found[:2] == found[2:]


@pytest.mark.parametrize("name", ['"', "\\", "a\nb\tc", "{}%s", "'; --", "é\u2028", "\x01", "null", ""])
def test_hostile_text_is_recorded_as_it_is(connection: Connection, name: str) -> None:
    load(extracted(connection, "first", [asset("1", custom_fields={name: name})]))
    load(extracted(connection, "second", [asset("1", name, custom_fields={name: "x"})], began=5))
    (row,) = changes(connection)
    assert row["after"] == {"name": name, "custom_fields": {name: "x"}}
    assert row["before"]["custom_fields"] == {name: name}


def test_an_older_copy_that_is_not_used_is_not_recorded(connection: Connection) -> None:
    load(extracted(connection, "zero", []))
    load(extracted(connection, "slow", [asset("1", "newer"), asset("2", "newer")], began=1, fetched=9))
    load(extracted(connection, "second", [asset("1", "older"), asset("3")], began=5))
    assert kinds(connection) == {"3": "new"}


def test_a_dry_run_records_apart_what_it_would_change_once_and_changes_nothing(connection: Connection) -> None:
    load(extracted(connection, "first", assets(3)))
    before = changes(connection, "first"), stored(connection)
    for began in (5, 6):
        rows = [asset("1", "Server"), asset("1", "Server"), asset("2", kept=["notes"]), asset("4")]
        dry = extracted(connection, "second", rows, began=began, dry_run=True)
        compare(dry, guard=None)
    assert changes(connection) == []
    assert kinds(connection, table="dry_run_changes") == {"1": "changed", "3": "deleted", "4": "new"}
    assert len(changes(connection, table="dry_run_changes")) == 3
    assert (changes(connection, "first"), stored(connection)) == before


def test_a_change_says_which_kind_of_run_made_it(connection: Connection) -> None:
    load(extracted(connection, "first", assets(1)))
    staging = extracted(connection, "second", assets(2), began=5)
    merge(replace(staging, run=replace(staging.run, kind="Force Sync")), guard=None)
    assert [row["run_kind"] for row in changes(connection)] == ["Force Sync"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_details_change_is_recorded_like_any_other_change(connection: Connection, is_kept: bool) -> None:
    rows = [asset("1", notes="old", custom_fields={"a": 1, "b": 1}), asset("2", notes="same")]
    load(extracted(connection, "first", [row | {"kept": ["notes", "custom_fields"]} for row in rows]))
    queue = replace(queue_of(connection, "second", since=at(1)), records_changes=is_kept)
    queue.claim(["1", "2"])
    answers = [
        Answer("1", at(2), {"notes": None, "custom_fields": {"a": 1, "b": 2}}),
        Answer("2", at(2), {"notes": "same", "custom_fields": None}),
    ]
    assert queue.merge(answers, always=(), emptied=None).updated == 1
    if is_kept:
        (row,) = changes(connection)
        assert (row["source_id"], row["change"], row["columns"]) == ("1", "changed", ["notes", "custom_fields"])
        assert row["before"] == {"notes": "old", "custom_fields": {"b": 1}}
        assert row["after"] == {"notes": None, "custom_fields": {"b": 2}}
        assert row["changed_at"] == stored(connection)["1"]["changed_at"]
    else:
        assert changes(connection) == []
