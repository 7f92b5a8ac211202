"""Deletions that the guard holds: the rows are loaded meanwhile, and an approval deletes those that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from include.model.counts import Counts
from include.model.run import Run
from include.model.setup import DeletionGuard
from include.warehouse.connection import Connection
from include.warehouse.held import HeldDeletions, HeldTable, Settled
from include.warehouse.ledger import Ledger
from tests.support.staged_runs import SOURCE, Row, asset, assets, at, extracted, live, load, stored

GUARD = DeletionGuard(rows=2, share=0.1)


def held_by(connection: Connection, name: str = "second", listed: Sequence[Row] | None = None) -> HeldDeletions:
    """What a run has held that listed 6 of 10 assets, after one that had loaded all of them."""
    load(extracted(connection, "first", assets(10)))
    load(extracted(connection, name, assets(6) if listed is None else listed, began=5), GUARD)
    return held(connection, name)


def held(connection: Connection, name: str) -> HeldDeletions:
    return HeldDeletions(connection, Run(SOURCE, name), ("assets",))


def outcomes(connection: Connection) -> dict[str, str | None]:
    rows = connection.execute("SELECT source_id, outcome FROM psa.held_deletions").fetchall()
    return dict(rows)


def test_what_is_new_and_changed_is_loaded_and_nothing_is_marked_deleted(connection: Connection) -> None:
    listed = [*assets(4), asset("5", name="Server"), asset("11")]
    load(extracted(connection, "first", assets(10)))
    counts, note = load(extracted(connection, "second", listed, began=5), GUARD)
    assert counts == Counts(fetched=6, inserted=1, updated=1, unchanged=4, deleted=0, held=5)
    assert note is not None
    assert note.startswith("the PSA listed 6 records; 5 of the 10 live rows would be marked deleted.")
    assert live(connection) == {str(number) for number in range(1, 12)}
    assert stored(connection)["5"]["name"] == "Server"
    assert held(connection, "second").waiting(20) == [HeldTable("assets", 5, ("Laptop",) * 5)]
    entry = Ledger(connection, Run(SOURCE, "second")).entries()["assets"]
    assert (entry.state, entry.deleted) == ("loaded", 0)


def test_the_watermark_moves_because_every_row_that_was_listed_is_in(connection: Connection) -> None:
    held_by(connection)
    assert Ledger(connection, Run(SOURCE, "second")).complete_as_of() == {"assets": at(5)}


def test_an_approval_deletes_what_was_shown_as_of_the_listing(connection: Connection) -> None:
    waiting = held_by(connection)
    assert waiting.delete() == [Settled("assets", shown=4, deleted=4)]
    assert live(connection) == {str(number) for number in range(1, 7)}
    row = stored(connection)["7"]
    assert (row["deleted_at"], row["synced_at"], row["run_id"]) == (at(5), at(5), "second")
    assert set(outcomes(connection).values()) == {"deleted"}
    assert waiting.waiting(20) == []


def test_psa_changes_has_what_was_marked_deleted_and_when_it_was(connection: Connection) -> None:
    waiting = held_by(connection)
    connection.execute("UPDATE psa.assets SET synced_at = %s WHERE source_id = '7'", [at(6)])
    connection.execute("DELETE FROM psa.changes")
    waiting.delete()
    changes = connection.execute(
        "SELECT source_id, change, after ->> 'deleted_at' FROM psa.changes ORDER BY 1"
    ).fetchall()
    assert changes == [(key, "deleted", "2026-11-22T01:05:00+00:00") for key in ("10", "8", "9")]


def test_psa_changes_has_nothing_where_setup_keeps_none(connection: Connection) -> None:
    waiting = held_by(connection)
    connection.execute("DELETE FROM psa.changes")
    replace(waiting, records_changes=False).delete()
    assert connection.execute("SELECT FROM psa.changes").fetchone() is None


def test_an_approval_is_used_once(connection: Connection) -> None:
    waiting = held_by(connection)
    waiting.delete()
    connection.execute("UPDATE psa.assets SET deleted_at = NULL, synced_at = %s", [at(0)])
    assert waiting.delete() == [Settled("assets", shown=0, deleted=0)]
    assert len(live(connection)) == 10


def test_the_first_names_are_shown_in_order(connection: Connection) -> None:
    named = [asset(str(number), name=f"Laptop {number:02}") for number in range(1, 11)]
    load(extracted(connection, "first", named))
    load(extracted(connection, "second", named[:6], began=5), GUARD)
    assert held(connection, "second").waiting(2) == [HeldTable("assets", 4, ("Laptop 07", "Laptop 08"))]


def test_deletions_that_the_vendor_reports_are_held_while_their_columns_are_loaded(
    connection: Connection,
) -> None:
    gone = [asset(str(number), name="Last name", is_deleted=True, deleted_at=at(3)) for number in (7, 8, 9)]
    waiting = held_by(connection, listed=[*assets(6), *gone, asset("10")])
    assert len(live(connection)) == 10
    assert stored(connection)["7"]["name"] == "Last name"
    assert waiting.delete() == [Settled("assets", shown=3, deleted=3)]
    assert stored(connection)["7"]["deleted_at"] == at(3)


def test_a_record_that_is_new_and_reported_deleted_does_not_wait(connection: Connection) -> None:
    held_by(connection, listed=[*assets(6), asset("11", is_deleted=True)])
    assert stored(connection)["11"]["deleted_at"] is not None
    assert set(outcomes(connection)) == {"7", "8", "9", "10"}


def test_a_row_that_a_run_of_one_company_has_seen_since_is_kept(connection: Connection) -> None:
    load(extracted(connection, "first", [*assets(6), *(asset(str(n), company="2") for n in (7, 8, 9, 10))]))
    load(extracted(connection, "second", assets(6), began=5), GUARD)
    load(extracted(connection, "of company 2", [asset("7", company="2")], began=6, company="2"))
    assert held(connection, "second").delete() == [Settled("assets", shown=4, deleted=0)]
    assert live(connection) == {"1", "2", "3", "4", "5", "6", "7"}  # that run has deleted the other three
    assert set(outcomes(connection).values()) == {"kept"}


def test_a_row_whose_copy_is_newer_is_kept(connection: Connection) -> None:
    waiting = held_by(connection)
    connection.execute("UPDATE psa.assets SET synced_at = %s WHERE source_id IN ('7', '8')", [at(6)])
    assert waiting.delete() == [Settled("assets", shown=4, deleted=2)]
    assert outcomes(connection) == {"7": "kept", "8": "kept", "9": "deleted", "10": "deleted"}


def test_a_row_whose_details_were_read_since_is_kept(connection: Connection) -> None:
    waiting = held_by(connection)
    for key, read_at in (("7", at(6)), ("8", at(4))):
        connection.execute(
            "INSERT INTO psa.detail_reads (source, table_name, source_id, read_at) VALUES (%s, 'assets', %s, %s)",
            [SOURCE, key, read_at],
        )
    assert waiting.delete() == [Settled("assets", shown=4, deleted=3)]
    assert outcomes(connection)["7"] == "kept"


def test_a_row_that_someone_else_deleted_meanwhile_is_left_as_it_is(connection: Connection) -> None:
    waiting = held_by(connection)
    connection.execute("UPDATE psa.assets SET deleted_at = %s WHERE source_id = '7'", [at(4)])
    assert waiting.delete() == [Settled("assets", shown=4, deleted=3)]
    assert stored(connection)["7"]["deleted_at"] == at(4)


def test_rows_that_came_to_be_after_the_listing_are_not_deleted(connection: Connection) -> None:
    waiting = held_by(connection)
    load(extracted(connection, "of company 1", [*assets(6), asset("12")], began=6, company="1"))
    waiting.delete()
    assert "12" in live(connection)


@pytest.mark.parametrize("listed", [10, 5, 9])
def test_a_newer_listing_that_is_merged_replaces_the_older_question(connection: Connection, listed: int) -> None:
    older = held_by(connection)
    assert older.newer_run() is None
    load(extracted(connection, "third", assets(listed), began=9), GUARD)
    assert older.newer_run() == "third"
    assert older.waiting(20) == []
    waiting = held(connection, "third").waiting(20)
    assert [table.rows for table in waiting] == ([5] if listed == 5 else [])


def test_a_newer_listing_of_one_company_does_not_replace_the_question_about_all(connection: Connection) -> None:
    older = held_by(connection)
    load(extracted(connection, "of company 2", [asset("20", company="2")], began=9, company="2"), GUARD)
    assert older.newer_run() is None
    assert [table.rows for table in older.waiting(20)] == [4]


def test_what_was_deleted_after_an_approval_stays_on_record(connection: Connection) -> None:
    held_by(connection).delete()
    load(extracted(connection, "third", assets(6), began=9), GUARD)
    assert set(outcomes(connection)) == {"7", "8", "9", "10"}


def test_another_attempt_that_lists_again_asks_about_what_it_has_found(connection: Connection) -> None:
    held_by(connection)
    load(extracted(connection, "second", assets(5), began=7), GUARD)
    assert set(outcomes(connection)) == {"6", "7", "8", "9", "10"}
    load(extracted(connection, "second", assets(9), began=8), GUARD)
    assert outcomes(connection) == {}


def test_a_decision_is_kept_until_it_is_carried_out(connection: Connection) -> None:
    waiting = held_by(connection)
    assert waiting.decision() is None
    waiting.save_decision("approved", "ada")
    assert waiting.decision() == ("approved", "ada", True)
    waiting.delete()
    assert waiting.decision() is None


def test_a_run_of_one_company_asks_about_its_rows_only(connection: Connection) -> None:
    load(extracted(connection, "first", [*assets(6), *(asset(str(n), company="2") for n in range(7, 20))]))
    load(extracted(connection, "second", assets(2), began=5, company="1"), GUARD)
    assert held(connection, "second").delete() == [Settled("assets", shown=4, deleted=4)]
    assert len(live(connection)) == 15
