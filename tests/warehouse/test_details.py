"""Details: which records come next, who may ask for them, and what of an answer is written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from include.model.counts import DetailCounts
from include.model.errors import HeldBack
from include.model.run import Run
from include.model.setup import DeletionGuard
from include.model.tables import BY_NAME
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import Answer, detail_ages
from include.warehouse.detail_runs import DetailLedger
from include.warehouse.details import DetailQueue
from include.warehouse.emptied_details import EmptiedDetails
from tests.support.staged_runs import SOURCE, Row, asset, assets, at, extracted, load, places, queue_of, stored

ALWAYS = {"notes"}
"""The columns that no listing of these tests fills."""


def loaded(connection: Connection, rows: list[Row], *, began: float = 0) -> None:
    load(extracted(connection, f"load {began}", rows, began=began))


def merge(queue: DetailQueue, *answers: Answer, guard: DeletionGuard | None = None) -> DetailCounts:
    """Merge answers of records that were claimed."""
    emptied = EmptiedDetails(queue.connection, SOURCE, queue.table, guard) if guard else None
    counts = queue.merge(answers, always=ALWAYS, emptied=emptied)
    queue.merged(answers)
    return counts


def read(queue: DetailQueue, key: str, minute: float, **columns: Any) -> DetailCounts:
    queue.claim([key])
    return merge(queue, Answer(key, at(minute), columns))


def keys(queue: DetailQueue) -> list[str]:
    return [key for key, _ in queue.next()]


def test_records_never_asked_for_come_first_and_then_those_asked_for_longest_ago(connection: Connection) -> None:
    loaded(connection, assets(4, kept=["notes"]))
    first = queue_of(connection, "first", since=at(1))
    read(first, "1", 3, notes="x")
    read(first, "2", 2, notes="x")
    assert first.next() == [("3", "1"), ("4", "1")]
    assert queue_of(connection, "second", since=at(5)).next() == [("3", "1"), ("4", "1"), ("2", "1"), ("1", "1")]


def test_a_record_whose_details_could_not_be_read_is_asked_for_behind_the_others(connection: Connection) -> None:
    loaded(connection, assets(2, kept=["notes"]))
    queue = queue_of(connection, "run", since=at(1))
    queue.claim(["1"])
    assert merge(queue, Answer("1", at(2), problem="403")) == DetailCounts(asked=1, failed=1)
    assert keys(queue) == ["2"]
    row = connection.execute("SELECT read_at, asked_at, problem FROM psa.detail_reads WHERE source_id = '1'").fetchone()
    assert row == (None, at(2), "403")
    assert keys(queue_of(connection, "next", since=at(5))) == ["2", "1"]


def test_rows_of_other_sources_deleted_ones_and_those_of_other_companies_are_not_read(connection: Connection) -> None:
    load(extracted(connection, "other", [asset("9")], source="other"))
    loaded(connection, [asset("0"), asset("1"), asset("2", company="2")])
    loaded(connection, [asset("1"), asset("2", company="2")], began=5)
    assert keys(queue_of(connection, "all", since=at(9))) == ["1", "2"]
    assert queue_of(connection, "one", since=at(9), company="2").next() == [("2", "2")]


def test_the_company_of_a_company_is_itself(connection: Connection) -> None:
    load(extracted(connection, "run", [{"source_id": "1", "name": "A"}], table="companies"))
    assert queue_of(connection, "run", since=at(9), table="companies").next() == [("1", "1")]


def test_two_runs_do_not_ask_for_the_same_records(connection: Connection) -> None:
    loaded(connection, assets(3))
    nightly, forced = (queue_of(connection, name, since=at(9)) for name in ("nightly", "forced"))
    assert nightly.claim(["1", "2"]) == {"1", "2"}
    assert keys(forced) == ["3"]
    assert forced.claim(["1", "2", "3"]) == {"3"}
    nightly.release()
    assert keys(forced) == ["1", "2"]


def test_what_another_run_has_asked_for_meanwhile_is_not_asked_for_again(connection: Connection) -> None:
    loaded(connection, assets(2))
    nightly, forced = (queue_of(connection, name, since=at(9)) for name in ("nightly", "forced"))
    found = keys(nightly)
    read(forced, "1", 10, notes="x")
    assert nightly.claim(found) == {"2"}


def test_another_attempt_of_a_killed_run_asks_for_what_that_had_claimed(connection: Connection) -> None:
    loaded(connection, assets(2))
    queue_of(connection, "run", since=at(9)).claim(["1"])
    assert keys(queue_of(connection, "run", since=at(9))) == ["1", "2"]
    assert keys(queue_of(connection, "other", since=at(9))) == ["2"]


def test_what_a_dead_run_has_claimed_is_free_after_a_while(connection: Connection) -> None:
    loaded(connection, assets(1))
    queue_of(connection, "dead", since=at(9)).claim(["1"])
    connection.execute("UPDATE psa.detail_reads SET claimed_until = clock_timestamp() - interval '1 second'")
    assert queue_of(connection, "other", since=at(9)).claim(keys(queue_of(connection, "other", since=at(9)))) == {"1"}


def test_details_are_written_and_their_columns_alone(connection: Connection) -> None:
    loaded(connection, [asset("1", serial_number="S1", kept=["notes"])])
    before = stored(connection)["1"]
    counts = read(queue_of(connection, "run", since=at(9)), "1", 10, notes="read", unknown="column")
    assert counts == DetailCounts(asked=1, updated=1)
    after = stored(connection)["1"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"notes", "changed_at", "run_id"}
    assert (after["notes"], after["run_id"]) == ("read", "run")


def test_the_same_details_write_no_row(connection: Connection) -> None:
    loaded(connection, [asset("1", kept=["notes"])])
    read(queue_of(connection, "first", since=at(9)), "1", 10, notes="read")
    before = places(connection)
    counts = read(queue_of(connection, "second", since=at(19)), "1", 20, notes="read")
    assert counts == DetailCounts(asked=1, unchanged=1)
    assert places(connection) == before


def test_an_older_answer_does_not_replace_a_newer_one(connection: Connection) -> None:
    loaded(connection, [asset("1", kept=["notes"])])
    read(queue_of(connection, "newer", since=at(9)), "1", 20, notes="new")
    older = queue_of(connection, "older", since=at(1))
    assert merge(older, Answer("1", at(10), {"notes": "old"})) == DetailCounts(asked=1, duplicate=1)
    assert merge(older, Answer("1", at(10), problem="500")) == DetailCounts(asked=1, failed=1)
    assert stored(connection)["1"]["notes"] == "new"
    row = connection.execute("SELECT read_at, asked_at, problem FROM psa.detail_reads").fetchone()
    assert row == (at(20), at(20), None)


def test_a_time_that_is_later_than_now_keeps_no_details_away(connection: Connection) -> None:
    loaded(connection, [asset("1", kept=["notes"])])
    now = postgres_now(connection)
    queue = queue_of(connection, "ahead", since=now)
    merge(queue, Answer("1", now + timedelta(days=1), {"notes": "from a clock that was ahead"}))
    assert keys(queue) == ["1"]
    assert merge(queue, Answer("1", now, {"notes": "right"})) == DetailCounts(asked=1, updated=1)
    assert keys(queue) == ["1"] or stored(connection)["1"]["notes"] == "right"


def test_details_fill_what_the_last_listing_left_to_them(connection: Connection) -> None:
    loaded(
        connection, [asset("1", serial_number="listed", kept=["notes"]), asset("2", kept=["notes", "serial_number"])]
    )
    queue = queue_of(connection, "run", since=at(9))
    for key in ("1", "2"):
        read(queue, key, 10, notes="x", serial_number="of the details")
    assert [row["serial_number"] for _, row in sorted(stored(connection).items())] == ["listed", "of the details"]
    loaded(
        connection,
        [
            asset("1", serial_number="listed", kept=["notes"]),
            asset("2", "B", serial_number="now listed", kept=["notes"]),
        ],
        began=20,
    )
    read(queue_of(connection, "next", since=at(29)), "2", 30, notes="x", serial_number="of the details")
    assert stored(connection)["2"]["serial_number"] == "now listed"


def test_what_an_older_listing_left_to_the_details_does_not_count(connection: Connection) -> None:
    older = extracted(connection, "older", [asset("1", "A", kept=["notes", "serial_number"])], began=10)
    load(extracted(connection, "first", [asset("1", serial_number="listed", kept=["notes"])], began=0))
    load(extracted(connection, "newer", [asset("1", "B", serial_number="listed", kept=["notes"])], began=5, fetched=20))
    load(older)
    read(queue_of(connection, "run", since=at(29)), "1", 30, notes="x", serial_number="of the details")
    assert stored(connection)["1"]["serial_number"] == "listed"


def test_values_of_every_type_are_compared_and_stored(connection: Connection) -> None:
    loaded(connection, [asset("1", kept=["notes", "purchase_date", "custom_fields"])])
    columns = {"purchase_date": date(2024, 2, 29), "custom_fields": {"rack": "10.50", "none": None}, "notes": None}
    for number, expected in enumerate((DetailCounts(1, updated=1), DetailCounts(1, unchanged=1))):
        queue = queue_of(connection, f"run {number}", since=at(10 * number + 9))
        assert read(queue, "1", 10 * number + 10, **columns) == expected
    row = stored(connection)["1"]
    assert {name: row[name] for name in columns} == columns


def test_a_listing_keeps_details_that_were_read_while_it_was_under_way(connection: Connection) -> None:
    loaded(connection, [asset("1", kept=["notes"])])
    under_way = extracted(connection, "under way", [asset("1", "Renamed", kept=["notes"])], began=5)
    read(queue_of(connection, "run", since=at(6)), "1", 7, notes="read")
    load(under_way)
    assert (stored(connection)["1"]["name"], stored(connection)["1"]["notes"]) == ("Renamed", "read")


def test_a_column_that_is_empty_in_all_details_is_held_back_over_several_batches(connection: Connection) -> None:
    loaded(connection, assets(6, notes="known", kept=["notes"]))
    queue = queue_of(connection, "run", since=at(9))
    emptied = EmptiedDetails(connection, SOURCE, BY_NAME["assets"], DeletionGuard(rows=3))
    for first in (1, 3):
        batch = [Answer(str(key), at(10), {"notes": None}) for key in (first, first + 1)]
        if first == 1:
            assert queue.merge(batch, always=ALWAYS, emptied=emptied).updated == 2
            continue
        with pytest.raises(
            HeldBack, match="'notes' is filled in 4 stored rows, and in none of the details of 4 records"
        ):
            queue.merge(batch, always=ALWAYS, emptied=emptied)
    assert [row["notes"] for _, row in sorted(stored(connection).items())] == [None] * 2 + ["known"] * 4


@pytest.mark.parametrize("value", ["yes", None])
def test_a_custom_field_that_is_empty_in_all_details_is_held_back(connection: Connection, value: str | None) -> None:
    loaded(connection, assets(4, custom_fields={"100 %": "yes"}, kept=["custom_fields"]))
    queue = queue_of(connection, "run", since=at(9))
    answers = [Answer(str(key), at(10), {"custom_fields": {"100 %": value}}) for key in range(1, 5)]
    if value:
        assert merge(queue, *answers, guard=DeletionGuard(rows=3)).unchanged == 4
        return
    with pytest.raises(HeldBack, match="'custom field 100 %' is filled in 4 stored rows"):
        merge(queue, *answers, guard=DeletionGuard(rows=3))


def test_the_ages_say_what_is_left_and_when_all_will_be_known(connection: Connection) -> None:
    loaded(connection, assets(4, kept=["notes"]))
    table, now = BY_NAME["assets"], postgres_now(connection)
    assert detail_ages(connection, SOURCE, table, None).known_by is None
    queue = queue_of(connection, "run", since=now)
    merge(queue, Answer("1", now, {"notes": "x"}), Answer("2", now - timedelta(days=3), {"notes": "x"}))
    ages = detail_ages(connection, SOURCE, table, None)
    assert (ages.rows, ages.unread, ages.oldest_read_at, ages.of_last_day) == (4, 2, now - timedelta(days=3), 1)
    assert ages.known_by is not None
    assert timedelta(days=2) <= ages.known_by - now < timedelta(days=2, minutes=1)
    assert detail_ages(connection, SOURCE, table, "nowhere").rows == 0


def test_the_ledger_of_details_adds_up_over_the_attempts_of_a_run(connection: Connection) -> None:
    ledger = DetailLedger(connection, Run(SOURCE, "run"))
    began_at = ledger.begin("assets").began_at
    ledger.add("assets", DetailCounts(3, updated=1, unchanged=1, failed=1))
    ledger.end("assets", state="failed", note="a worker died")
    entry = ledger.begin("assets")
    assert (entry.began_at, entry.state, entry.note, entry.ended_at, entry.asked) == (
        began_at,
        "reading",
        None,
        None,
        3,
    )
    ledger.add("assets", DetailCounts(1, duplicate=1))
    ledger.end("assets", state="ended", note="all were read")
    entry = ledger.entries()["assets"]
    counts = (entry.asked, entry.updated, entry.unchanged, entry.duplicate, entry.failed)
    assert (entry.state, counts) == ("ended", (4, 1, 1, 1, 1))
