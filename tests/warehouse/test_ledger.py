"""What the ledger keeps of a run, of its attempts, and of other runs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import psycopg
import pytest

from include.model.counts import NUMBERS, Counts
from include.model.errors import WarehouseError
from include.model.limits import Lane
from include.model.page import Reject
from include.model.run import Run
from include.model.traffic import Traffic
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import Extent
from include.warehouse.window import Counted, Window
from tests.support.staged_runs import SOURCE, at

TRAFFIC = Traffic(retries=2, waited_seconds=1.5)
COUNTS = Counts(fetched=6, inserted=1, updated=1, unchanged=1, duplicate=1, rejected=2, deleted=9)


def ledger(connection: Connection, name: str = "run", source: str = SOURCE) -> Ledger:
    return Ledger(connection, Run(source, name))


def begin(of: Ledger, table: str = "assets", began: float = 0, company: str | None = None) -> Ledger:
    of.begin(table, at(began), company=company, dry_run=False)
    return of


def extract(of: Ledger, table: str = "assets", began: float = 0, company: str | None = None) -> Ledger:
    begin(of, table, began, company).mark_extracted(table, fetched=6, rejected=2, traffic=TRAFFIC)
    return of


def ask(of: Ledger, table: str = "assets", **endpoints: int) -> None:
    """Take turns for so many requests to each endpoint, each after half a second."""
    window = Window(of.connection, "tenant", "", 60)
    for endpoint, times in endpoints.items():
        for _ in range(times):
            counted = Counted(of.run, table, endpoint, 0.5)
            window.take(Lane.NIGHTLY, most=99, most_of_all=99, patience_seconds=180, counted=counted)


def load(of: Ledger, table: str = "assets", began: float = 0, company: str | None = None) -> Ledger:
    extract(of, table, began, company).mark_loaded(table, COUNTS, watermark=at(began - 1), note=None)
    return of


def watermark(connection: Connection) -> tuple[datetime, str] | None:
    return connection.execute("SELECT watermark, run_id FROM psa.sync_watermarks").fetchone()


def test_an_entry_goes_from_extracting_to_extracted_to_loaded(connection: Connection) -> None:
    run = begin(ledger(connection))
    entry = run.entries()["assets"]
    assert (entry.state, entry.started_at, entry.requests, entry.fetched) == ("extracting", at(0), 0, None)
    ask(run, a=4, b=3)
    run.mark_extracted("assets", fetched=6, rejected=2, traffic=TRAFFIC)
    entry = run.entries()["assets"]
    assert (entry.state, entry.fetched, entry.rejected, entry.settled) == ("extracted", 6, 2, False)
    assert (entry.requests, entry.retries, entry.waited_seconds, entry.queued_seconds) == (7, 2, 1.5, 3.5)
    assert entry.endpoints == {"a": 4, "b": 3}
    run.mark_loaded("assets", COUNTS, watermark=at(-1), note="a note")
    entry = run.entries()["assets"]
    assert (entry.state, entry.note, entry.settled) == ("loaded", "a note", True)
    assert Counts(**{name: getattr(entry, name) for name in NUMBERS}) == COUNTS


def test_a_loaded_table_has_the_number_of_its_live_rows_of_this_psa(connection: Connection) -> None:
    for source in (SOURCE, "other"):
        connection.execute(
            """INSERT INTO psa.assets (source, source_id, deleted_at)
               VALUES (%(source)s, '1', NULL), (%(source)s, '2', NULL), (%(source)s, '3', now())""",
            {"source": source},
        )
    load(ledger(connection))
    extract(ledger(connection, "dry")).mark_compared("assets", COUNTS, note=None)
    found = connection.execute("SELECT run_id, live FROM psa.sync_runs ORDER BY run_id").fetchall()
    assert found == [("dry", None), ("run", 2)]


def test_another_attempt_forgets_counts_and_rejects_and_keeps_the_requests_and_what_was_merged(
    connection: Connection,
) -> None:
    run = load(ledger(connection))
    ask(run, a=4, b=3)
    run.add_rejects("assets", [Reject("1", "no name")])
    begin(run, began=20)
    entry = run.entries()["assets"]
    assert (entry.state, entry.started_at, entry.fetched, entry.inserted) == ("extracting", at(20), None, None)
    assert (entry.requests, entry.endpoints) == (7, {"a": 4, "b": 3})
    assert run.first_rejects("assets", 5) == []
    assert connection.execute("SELECT merged_as_of FROM psa.sync_runs").fetchone() == (at(0),)
    ask(run, b=1, c=1)
    run.mark_extracted("assets", fetched=0, rejected=0, traffic=TRAFFIC)
    entry = run.entries()["assets"]
    assert (entry.requests, entry.retries, entry.endpoints) == (9, 4, {"a": 4, "b": 4, "c": 1})


def test_a_failure_is_noted_on_what_is_not_loaded_and_its_repeats_are_added_to_the_broken_listing(
    connection: Connection,
) -> None:
    run = load(ledger(connection), "service_boards")
    extract(run, "ticket_statuses")
    begin(run, "ticket_priorities")
    tables = ("service_boards", "ticket_statuses", "ticket_priorities")
    run.mark_failed(tables, state="failed", note="the PSA is down", traffic=Traffic(retries=5))
    found = {name: (entry.state, entry.note, entry.retries) for name, entry in run.entries().items()}
    assert found == {
        "service_boards": ("loaded", None, 2),
        "ticket_statuses": ("failed", "the PSA is down", 2),
        "ticket_priorities": ("failed", "the PSA is down", 5),
    }


def test_a_dry_run_is_settled_when_it_was_compared_and_is_not_loaded(connection: Connection) -> None:
    run = ledger(connection)
    run.begin("assets", at(0), company=None, dry_run=True)
    run.mark_extracted("assets", fetched=6, rejected=2, traffic=TRAFFIC)
    assert not run.entries()["assets"].settled
    run.mark_compared("assets", COUNTS, note=None)
    entry = run.entries()["assets"]
    assert (entry.state, entry.settled, entry.inserted) == ("extracted", True, 1)
    assert watermark(connection) is None
    assert ledger(connection, "other").already_synced_by(["assets"], None, at(-1)) is None


def test_counts_that_do_not_balance_are_refused_by_python_and_by_postgres(connection: Connection) -> None:
    with pytest.raises(AssertionError, match="the counts do not balance"):
        Counts(fetched=3, inserted=2)
    run = begin(ledger(connection))
    run.mark_extracted("assets", fetched=7, rejected=2, traffic=TRAFFIC)
    with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
        run.mark_loaded("assets", COUNTS, watermark=at(0), note=None)


def test_the_watermark_moves_forward_only_and_not_in_a_run_of_one_company(connection: Connection) -> None:
    load(ledger(connection, "first"), began=5)
    assert watermark(connection) == (at(4), "first")
    load(ledger(connection, "older"), began=3)
    load(ledger(connection, "one company"), began=8, company="1")
    assert watermark(connection) == (at(4), "first")
    load(ledger(connection, "newer"), began=9)
    assert watermark(connection) == (at(8), "newer")


@pytest.mark.parametrize(("since", "moves"), [(3, True), (4, True), (5, False)])
def test_changes_move_the_watermark_only_if_they_follow_those_that_are_known(
    connection: Connection, since: float, moves: bool
) -> None:
    for name, began, asked_since in (("full", 5, None), ("quick", 8, at(since))):
        run = ledger(connection, name)
        run.begin("assets", at(began), company=None, dry_run=False, extent=Extent(asked_since, setup_digest="setup"))
        run.mark_extracted("assets", fetched=6, rejected=2, traffic=TRAFFIC)
        run.mark_loaded("assets", COUNTS, watermark=at(began - 1), note=None)  # the next changes are those since then
    assert watermark(connection) == ((at(7), "quick") if moves else (at(4), "full"))


def test_a_run_is_already_synced_by_one_that_began_later_and_is_merged(connection: Connection) -> None:
    run = ledger(connection)
    load(ledger(connection, "earlier"), began=4)
    assert run.already_synced_by(["assets"], None, at(4)) is None
    extract(ledger(connection, "not loaded"), began=6)
    load(ledger(connection, "of another source", "other"), began=6)
    load(run, began=7)
    assert run.already_synced_by(["assets"], None, at(4)) is None
    load(ledger(connection, "later"), began=5)
    load(ledger(connection, "latest"), began=6)
    assert run.already_synced_by(["assets"], None, at(4)) == "latest"
    assert run.already_synced_by(["assets", "contacts"], None, at(4)) is None
    load(ledger(connection, "later"), "contacts", began=5)
    assert run.already_synced_by(["assets", "contacts"], None, at(4)) == "later"


def test_a_run_of_one_company_is_already_synced_by_a_run_of_that_company_or_of_all(connection: Connection) -> None:
    run = ledger(connection)
    load(ledger(connection, "of 1"), began=5, company="1")
    assert run.already_synced_by(["assets"], "1", at(4)) == "of 1"
    assert run.already_synced_by(["assets"], "2", at(4)) is None
    assert run.already_synced_by(["assets"], None, at(4)) is None
    load(ledger(connection, "of all"), began=6)
    assert run.already_synced_by(["assets"], "2", at(4)) == "of all"


def test_a_run_from_the_future_has_synced_nothing(connection: Connection) -> None:
    of_future = ledger(connection, "future")
    of_future.begin("assets", datetime.now(timezone.utc) + timedelta(days=1), company=None, dry_run=False)
    of_future.mark_extracted("assets", fetched=6, rejected=2, traffic=TRAFFIC)
    of_future.mark_loaded("assets", COUNTS, watermark=at(0), note=None)
    assert ledger(connection).already_synced_by(["assets"], None, at(0)) is None


def test_a_copied_result_is_loaded_with_no_record_and_as_old_as_the_listing_it_comes_from(
    connection: Connection,
) -> None:
    load(ledger(connection, "other"), began=5)
    run = begin(ledger(connection), began=20)
    run.copy_result("assets", "other", None, note="other has listed it")
    entry = run.entries()["assets"]
    assert (entry.state, entry.started_at, entry.note) == ("loaded", at(5), "other has listed it")
    assert (entry.fetched, entry.requests) == (0, 0)
    assert watermark(connection) == (at(4), "other")
    with pytest.raises(WarehouseError, match=r"entries of gone in psa\.sync_runs were removed"):
        run.copy_result("assets", "gone", None, note="")


def test_the_first_rejects_come_with_key_and_reason_of_that_run_and_table(connection: Connection) -> None:
    run, hidden = ledger(connection), Reject(None, "may not be read", scope=("board_source_id", "7"))
    run.add_rejects("assets", [Reject("2", "no name"), Reject("1", "no date"), hidden])
    run.add_rejects("contacts", [Reject("3", "no name")])
    ledger(connection, "other").add_rejects("assets", [Reject("0", "no name")])
    assert run.first_rejects("assets", 2) == [("1", "no date"), ("2", "no name")]
    assert run.first_rejects("assets", 9)[2:] == [(None, "may not be read")]
    scope = connection.execute("SELECT scope_column, scope_value FROM psa.sync_rejects WHERE source_id IS NULL")
    assert scope.fetchall() == [("board_source_id", "7")]


def test_no_text_in_a_note_or_a_reason_keeps_it_from_being_written(connection: Connection) -> None:
    of = begin(ledger(connection))
    of.add_rejects("assets", [Reject("1", "odd\x00 \ud800 text")])
    of.mark_failed(["assets"], state="failed", note="odd\x00 \ud800 note", traffic=None)
    assert of.first_rejects("assets", 5) == [("1", "odd \ufffd text")]
    assert of.entries()["assets"].note == "odd \ufffd note"
