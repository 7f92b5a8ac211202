"""The rules of a merge, with rows that were staged by hand."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from psycopg import sql

from include.model.counts import Counts
from include.model.errors import HeldBack, WarehouseError
from include.model.page import Reject
from include.model.setup import DeletionGuard
from include.model.strict_json import read_json
from include.model.traffic import Traffic
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.merge import compare, merge, missing_rows
from tests.support.staged_runs import Row, asset, assets, at, begun, by_column, extracted, live, load, places, stored


def test_new_rows_are_inserted_changed_ones_updated_and_missing_ones_marked_deleted(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2"), asset("3")]))
    counts, note = load(extracted(connection, "second", [asset("2"), asset("3", "Server"), asset("4")], began=10))
    assert counts == Counts(fetched=3, inserted=1, updated=1, unchanged=1, deleted=1)
    assert note is None
    rows = stored(connection)
    assert {key: row["run_id"] for key, row in rows.items()} == {
        "1": "second",
        "2": "first",
        "3": "second",
        "4": "second",
    }
    assert rows["3"]["name"] == "Server"
    assert rows["4"]["synced_at"] == at(10)
    assert {key: row["deleted_at"] for key, row in rows.items()} == {"1": at(10), "2": None, "3": None, "4": None}


def test_a_row_in_which_nothing_changed_is_not_written(connection: Connection) -> None:
    facts = {
        "custom_fields": {"rack": "A1"},
        "purchase_date": "2024-02-29",
        "source_updated_at": at(-60),
        "notes": None,
    }
    load(extracted(connection, "first", assets(3, **facts)))
    before = places(connection)
    counts, _ = load(extracted(connection, "second", assets(3, **facts), began=10))
    assert counts == Counts(fetched=3, unchanged=3)
    assert places(connection) == before


def test_rows_that_an_older_release_staged_keep_the_columns_that_it_did_not_know(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1", is_active=True)]))
    older = extracted(connection, "older", [asset("1", "renamed"), asset("2")], began=10)
    connection.execute(sql.SQL("ALTER TABLE {} DROP COLUMN is_active").format(older.identifier))
    counts, _ = load(older)
    assert counts == Counts(fetched=2, inserted=1, updated=1)
    found = {key: (row["name"], row["is_active"]) for key, row in stored(connection).items()}
    assert found == {"1": ("renamed", True), "2": ("Laptop", None)}


@pytest.mark.parametrize(
    ("was", "now"),
    [("1", "1.0"), ("10.5", "10.50"), ("1", "true"), ('"1"', "1"), ('"a"', '"A"'), ('"a"', '"a "'), ("null", '""')],
)
def test_a_custom_field_that_is_written_otherwise_has_changed(connection: Connection, was: str, now: str) -> None:
    def listed(run: str, value: str, began: float) -> Counts:
        custom = {"custom_fields": {"money": read_json(value), "other": read_json("0.30000000000000004")}}
        return load(extracted(connection, run, assets(1, **custom), began=began))[0]

    listed("first", was, 0)
    assert listed("second", now, 5) == Counts(fetched=1, updated=1)
    assert listed("third", now, 10) == Counts(fetched=1, unchanged=1)
    row = connection.execute("SELECT custom_fields -> 'money', custom_fields ->> 'other' FROM psa.assets").fetchone()
    assert row == (json.loads(now), "0.30000000000000004")


@pytest.mark.parametrize(("was", "now"), [("a", "A"), ("a", "a "), ("é", "e\u0301"), ("ß", "ss"), ("", None)])
def test_a_text_that_is_written_otherwise_has_changed(connection: Connection, was: str, now: str | None) -> None:
    load(extracted(connection, "first", [asset("1", was)]))
    assert load(extracted(connection, "second", [asset("1", now)], began=5))[0].updated == 1  # type: ignore[arg-type]
    assert stored(connection)["1"]["name"] == now


def test_a_time_of_the_last_change_that_is_empty_everywhere_holds_nothing_back(connection: Connection) -> None:
    load(extracted(connection, "first", assets(30, source_updated_at=at(0))))
    counts, _ = load(extracted(connection, "second", assets(30), began=5), guard=DeletionGuard(rows=0, share=0))
    assert counts.updated == 30


def test_the_newest_of_duplicates_is_used(connection: Connection) -> None:
    rows = [
        asset("1", "older", source_updated_at=at(-10)),
        asset("1", "newest", source_updated_at=at(-5)),
        asset("1", "undated"),
        asset("2", "read first"),
        asset("2", "read last"),
    ]
    counts, _ = load(extracted(connection, "first", rows))
    assert counts == Counts(fetched=5, inserted=2, duplicate=3)
    assert {key: row["name"] for key, row in stored(connection).items()} == {"1": "newest", "2": "read last"}


def test_an_older_copy_neither_overwrites_a_newer_one_nor_marks_it_deleted(connection: Connection) -> None:
    load(extracted(connection, "slow", [asset("1", "newer"), asset("2", "newer")], began=0, fetched=9))
    before = places(connection)
    older = extracted(connection, "quick", [asset("1", "older"), asset("3")], began=5)
    counts, note = load(older)
    assert counts == Counts(fetched=2, inserted=1, duplicate=1)
    assert note == "1 record not used, and counted as duplicate: another run has stored newer copies."
    assert places(connection)[:2] == before


def test_nothing_of_a_copy_is_used_when_a_run_that_began_later_is_merged_already(connection: Connection) -> None:
    older = extracted(connection, "older", [asset("1", "older"), asset("1", "older"), asset("3")], began=0)
    load(extracted(connection, "newer", [asset("1", "newer"), asset("2")], began=5))
    before = places(connection)
    counts, note = load(older)
    assert counts == Counts(fetched=3, duplicate=3)
    assert note == "newer began later and is merged already, so nothing of this older copy was used."
    assert places(connection) == before


def test_a_row_that_comes_back_is_live_again(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2")]))
    load(extracted(connection, "second", [asset("1")], began=5))
    assert live(connection) == {"1"}
    counts, _ = load(extracted(connection, "third", [asset("1"), asset("2")], began=10))
    assert counts == Counts(fetched=2, updated=1, unchanged=1)
    assert live(connection) == {"1", "2"}


def test_a_deletion_that_the_vendor_reports_has_the_vendors_date_else_that_of_the_copy(connection: Connection) -> None:
    reported = [
        asset("1", is_deleted=True, deleted_at=at(-30)),
        asset("2", is_deleted=True),
        asset("3", is_deleted=True),
    ]
    load(extracted(connection, "first", [asset("1"), asset("2")]))
    counts, _ = load(extracted(connection, "second", reported, began=5))
    assert counts == Counts(fetched=3, inserted=1, updated=2, deleted=2)
    assert [row["deleted_at"] for _, row in sorted(stored(connection).items())] == [at(-30), at(5), at(5)]
    before = places(connection)
    counts, _ = load(extracted(connection, "third", reported, began=10))
    assert counts == Counts(fetched=3, unchanged=3)
    assert places(connection) == before


def test_a_row_whose_record_was_rejected_is_left_as_it_is(connection: Connection) -> None:
    load(extracted(connection, "first", assets(3)))
    before = places(connection)
    counts, _ = load(extracted(connection, "second", [asset("1")], began=5, rejects=[Reject("2", "no name")]))
    assert counts == Counts(fetched=2, unchanged=1, rejected=1, deleted=1)
    assert live(connection) == {"1", "2"}
    assert places(connection)[:2] == before[:2]


def test_a_rejected_record_without_a_key_could_be_any_row_so_none_is_marked_deleted(connection: Connection) -> None:
    load(extracted(connection, "first", assets(3)))
    staging = extracted(connection, "second", [asset("1")], began=5, rejects=[Reject(None, "the record has no id")])
    assert missing_rows(staging) == ([], 0)
    counts, note = load(staging)
    assert counts == Counts(fetched=2, unchanged=1, rejected=1)
    assert note == "1 rejected record had no id, so no row was marked deleted: any could be meant."
    assert live(connection) == {"1", "2", "3"}


def status(source_id: str, board: str) -> Row:
    return {"source_id": source_id, "name": f"Status {source_id}", "board_source_id": board}


def test_the_rows_of_a_parent_that_could_not_be_read_are_left_as_they_are(connection: Connection) -> None:
    statuses = [status("1", "7"), status("2", "7"), status("3", "8"), status("4", "8")]
    load(extracted(connection, "first", statuses, table="ticket_statuses"))
    hidden = Reject(None, "board 7 may not be read", scope=("board_source_id", "7"))
    second = extracted(connection, "second", statuses[2:3], table="ticket_statuses", began=5, rejects=[hidden])
    counts, note = load(second)
    assert counts == Counts(fetched=2, unchanged=1, rejected=1, deleted=1)
    assert note is None
    assert live(connection, "ticket_statuses") == {"1", "2", "3"}


def test_a_run_of_one_company_touches_the_rows_of_that_company_only(connection: Connection) -> None:
    load(extracted(connection, "all", [asset("1"), asset("2"), asset("3", company="2"), asset("4", company="2")]))
    counts, _ = load(extracted(connection, "one", [asset("1", "Server")], began=5, company="1"))
    assert counts == Counts(fetched=1, updated=1, deleted=1)
    assert live(connection) == {"1", "3", "4"}
    assert {key for key, row in stored(connection).items() if row["run_id"] == "one"} == {"1", "2"}


def test_a_run_of_one_company_marks_only_rows_deleted_that_it_has_asked_for(connection: Connection) -> None:
    one = extracted(connection, "one", [asset("1")], began=5, company="1")
    older = extracted(connection, "older", [asset("1"), asset("2")], began=0)
    load(older)  # brings 2 into the company after the keys of its missing rows were taken
    counts, _ = load(one)
    assert counts.deleted == 0
    assert live(connection) == {"1", "2"}


def test_a_row_that_was_moved_to_another_company_meanwhile_is_left_to_that_one(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2")]))
    older = extracted(connection, "older", [asset("1"), asset("2", company="2")], began=3)
    one = extracted(connection, "one", [asset("1")], began=5, company="1")
    load(older)
    assert load(one)[0].deleted == 0
    assert live(connection) == {"1", "2"}


def test_an_older_run_of_all_changes_nothing_in_a_company_that_was_read_later(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2"), asset("5", company="2"), asset("6", company="2")]))
    of_all = [asset("1", "older"), asset("4"), asset("5", "older", "2"), asset("6", "moved")]
    older = extracted(connection, "all", of_all, began=5)
    one = [asset("1", "newer"), asset("3")]
    load(extracted(connection, "one", one, began=6, company="1", rejects=[Reject("2", "no name")]))
    counts, note = load(older)  # 2 and 3 are missing in it, 4 was not in the company any more, nor was 6
    assert counts == Counts(fetched=4, updated=1, duplicate=3)
    assert note == "3 records not used, and counted as duplicate: another run has stored newer copies."
    assert live(connection) == {"1", "2", "3", "5", "6"}
    names = {key: row["name"] for key, row in stored(connection).items()}
    assert names == {"1": "newer", "2": "Laptop", "3": "Laptop", "5": "older", "6": "Laptop"}


def test_a_run_of_all_that_began_after_a_run_of_one_company_changes_its_rows(connection: Connection) -> None:
    load(extracted(connection, "one", [asset("1"), asset("2")], began=5, company="1"))
    counts, _ = load(extracted(connection, "all", [asset("1", "Server"), asset("3")], began=6))
    assert counts == Counts(fetched=2, inserted=1, updated=1, deleted=1)


def test_rows_of_another_source_are_not_touched(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2")], source="other"))
    before = places(connection)
    counts, _ = load(extracted(connection, "second", [asset("3")], began=5))
    assert counts == Counts(fetched=1, inserted=1)
    assert places(connection)[:2] == before


def test_a_row_without_a_stamp_counts_as_older_than_any_copy(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1"), asset("2")], fetched=9))
    connection.execute("UPDATE psa.assets SET synced_at = NULL")
    counts, _ = load(extracted(connection, "second", [asset("1", "Server")], began=5))
    assert counts == Counts(fetched=1, updated=1, deleted=1)


def test_a_stamp_in_the_future_counts_as_older_than_any_copy(connection: Connection) -> None:
    load(extracted(connection, "first", assets(3)))
    connection.execute("UPDATE psa.assets SET synced_at = now() + interval '1 hour'")
    counts, note = load(extracted(connection, "second", [asset("1", "Server"), asset("2")], began=5))
    assert (counts, note) == (Counts(fetched=2, updated=1, unchanged=1, deleted=1), None)


def test_an_older_copy_that_is_the_same_as_the_stored_one_is_unchanged(connection: Connection) -> None:
    load(extracted(connection, "slow", assets(2), began=0, fetched=9))
    counts, note = load(extracted(connection, "quick", [asset("1"), asset("2", "older")], began=5))
    assert counts == Counts(fetched=2, unchanged=1, duplicate=1)
    assert note is not None


@pytest.mark.parametrize(
    ("other", "fetched", "stamp"),
    [
        ("extracted", 0, 8),
        ("extracted", 9, 9),  # the stored copy is the newest
        ("dry run", 0, 0),
        ("loaded", 0, 0),
        ("none", 0, 0),
    ],
)
def test_an_unchanged_row_is_stamped_only_while_a_run_is_under_way_that_may_hold_an_older_copy(
    connection: Connection, other: str, fetched: int, stamp: int
) -> None:
    load(extracted(connection, "first", [asset("1")], fetched=fetched))
    if other in ("extracted", "dry run"):
        extracted(connection, "other", [asset("1", "older")], began=5, dry_run=other == "dry run")
    if other == "loaded":
        load(extracted(connection, "other", [], began=5, company="2"))
    counts, _ = load(extracted(connection, "second", [asset("1")], began=4, fetched=8))
    assert counts == Counts(fetched=1, unchanged=1)
    row = stored(connection)["1"]
    assert (row["synced_at"], row["run_id"]) == (at(stamp), "first")


def test_columns_that_the_listing_does_not_include_keep_their_stored_value(connection: Connection) -> None:
    load(extracted(connection, "first", [asset("1", notes="from the details", serial_number="S1")]))
    listed = asset("1", serial_number=None, kept=["notes"])
    counts, _ = load(extracted(connection, "second", [listed, asset("2", kept=["notes"])], began=5))
    assert counts == Counts(fetched=2, inserted=1, updated=1)
    assert (stored(connection)["1"]["notes"], stored(connection)["1"]["serial_number"]) == ("from the details", None)
    assert stored(connection)["2"]["notes"] is None


def test_missing_rows_are_those_that_a_merge_would_mark_deleted(connection: Connection) -> None:
    load(extracted(connection, "first", assets(5)))
    second = begun(connection, "second", began=5)
    second.copy(by_column([asset("1"), asset("2")]), at(5))
    Ledger(connection, second.run).add_rejects("assets", [Reject("3", "no name")])
    assert missing_rows(second) == (["4", "5"], 5)


@pytest.mark.parametrize("guard", [None, DeletionGuard(rows=0, share=0.0)])
def test_a_dry_run_counts_what_a_merge_would_do_and_undoes_it(
    connection: Connection, guard: DeletionGuard | None
) -> None:
    load(extracted(connection, "first", assets(4)))
    before = places(connection)
    rows = [asset("1"), asset("2", "Server"), asset("2", "Server"), asset("5", kept=["notes"])]
    dry = extracted(connection, "dry", rows, began=5, dry_run=True)
    counts, note = compare(dry, guard=guard)
    assert counts == Counts(fetched=4, inserted=1, updated=1, unchanged=1, duplicate=1, deleted=2)
    assert (note is None) == (guard is None)
    assert note is None or note.startswith(
        "it would be held back. psa.assets: the PSA listed 4 records; 2 of the 4 live"
    )
    assert places(connection) == before
    assert dry.size() == 4
    assert connection.execute("SELECT count(*) FROM psa.detail_reads").fetchone() == (0,)


def test_a_listing_whose_end_was_not_proven_is_not_merged(connection: Connection) -> None:
    unfinished = begun(connection, "first")
    unfinished.copy(by_column([asset("1")]), at(0))
    with pytest.raises(WarehouseError, match=r"nothing complete to load into psa\.assets"):
        merge(unfinished, guard=None)


def test_rows_whose_staging_table_is_gone_are_not_merged(connection: Connection) -> None:
    gone = extracted(connection, "first", [asset("1")])
    gone.drop()
    with pytest.raises(WarehouseError, match=r"nothing complete to load into psa\.assets"):
        merge(gone, guard=None)


@pytest.mark.parametrize(
    ("counted", "message"),
    [(2, "Of 2 rows staged for psa.assets, 1 are left"), (0, "1 more than this attempt extracted")],
)
def test_a_staging_table_that_the_ledger_does_not_describe_is_not_merged(
    connection: Connection, counted: int, message: str
) -> None:
    staging = extracted(connection, "first", [asset("1")])
    Ledger(connection, staging.run).mark_extracted("assets", fetched=counted, rejected=0, traffic=Traffic())
    with pytest.raises(WarehouseError, match=message):
        merge(staging, guard=None)
    assert stored(connection) == {}


@pytest.mark.parametrize("guard", [None, DeletionGuard(rows=0, share=0.0)])
def test_the_settings_of_a_merge_end_with_it(connection: Connection, guard: DeletionGuard | None) -> None:
    def settings() -> list[Any]:
        return connection.execute("SELECT name, setting FROM pg_settings ORDER BY 1").fetchall()

    load(extracted(connection, "first", [asset("1")]))
    before = settings()
    with suppress(HeldBack):
        load(extracted(connection, "second", [], began=5), guard)
    assert settings() == before
