"""What a person is asked about held deletions, what is logged, and what each answer does."""

from __future__ import annotations

import logging
import signal
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.model.errors import Unanswered
from include.model.request import Request
from include.model.setup import DeletionGuard, Setup
from include.sync.approval import CHECK, Asked, answer, ask, wait_again, waits
from include.sync.extract import extract
from include.sync.load import load
from include.sync.report import report
from include.sync.run import Sync
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worker_process import at_work
from tests.support.worlds import new_world

GONE = 30
CONTACTS = Request(kinds=("contacts",))


def holding(running: Rig, gone: int = GONE) -> Sync:
    """A run that has held the deletions of so many contacts, after one that has loaded all of them."""
    running.run("contacts")
    contacts = running.simulator.world.contacts
    for key in list(contacts)[:gone]:
        del contacts[key]
    return again(running)


def again(running: Rig, **changes: Any) -> Sync:
    """Another run of the contacts, until after its load."""
    run = running.sync(request=CONTACTS, **changes)
    extract(run, "contacts")
    load(run, "contacts")
    return run


def asked(run: Sync) -> Asked:
    found = ask(run, "contacts")
    assert isinstance(found, Asked)
    return found


def gone(running: Rig) -> list[str]:
    return [row["source_id"] for row in running.rows("contacts", "deleted_at IS NOT NULL")]


def text_of(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(" ".join(record.getMessage() for record in caplog.records).split())


def told(run: Sync) -> tuple[list[str], str]:
    """The problems that make a run red, and its report on one line."""
    found = report(run.warehouse, run.run, {}, trigger(run.request), LIMITS)
    return found.problems, " ".join(" ".join(found.lines).split())


def test_a_question_has_the_numbers_the_reason_and_twenty_names_which_no_log_has(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn) as running:
        run = holding(running)
        found = asked(run)
        names = [row["name"] for row in running.rows("contacts")]
    assert found.question.subject == "contacts: mark 30 rows deleted?"
    body = found.question.body
    assert "the PSA listed 70 records; 30 of the 100 live rows would be marked deleted." in body
    shown = body.partition("~~~text\n")[2].partition("\n~~~")[0].splitlines()
    assert len(shown) == 21
    assert shown[20] == "… and 10 more"
    assert set(shown[:20]) <= set(names)
    said = text_of(caplog)
    assert "contacts: mark 30 rows deleted? A person can answer under 'Required Actions' of this run, until" in said
    assert not any(name in said for name in names)


def test_the_report_says_at_once_that_deletions_wait_and_the_run_is_not_red(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        problems, said = told(holding(running))
        assert problems == []
        assert "all that connectwise listed is in the warehouse; 30 deletions wait for a person." in said
        assert "What to do: contacts: a person has to decide whether 30 rows may be marked deleted." in said
        assert "Nothing to do." not in said


def test_after_an_approval_the_deletions_are_those_that_were_shown_though_rows_were_edited_meanwhile(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("contacts")
        company = max(world.companies.values(), key=lambda one: len(world.contacts.by("company_id")[one.id]))
        edited, back, *more = world.contacts.by("company_id")[company.id]
        elsewhere = [key for key in world.contacts if world.contacts[key].company_id != company.id]
        shown = [back, *more, *elsewhere][:GONE]
        returning = world.contacts[back]
        for key in shown:
            del world.contacts[key]
        run = again(running)
        asked(run)
        world.contacts.add(returning)
        world.contacts.add(replace(world.contacts[edited], title="Edited"))
        del world.contacts[elsewhere[-1]]  # no run has seen that: it was not shown
        running.run(request=replace(CONTACTS, company=company.name))
        by_other = set(gone(running))
        before = len(running.simulator.requests)
        assert answer(run, "contacts", "Approve", "ada") is None
        assert len(running.simulator.requests) == before
        assert set(gone(running)) == {str(key) for key in shown if key != back}
        assert by_other == set(map(str, more))
        assert running.rows("contacts", "title = 'Edited' AND deleted_at IS NULL")
    left = 1 + len(by_other)
    said = text_of(caplog)
    assert f"psa.contacts: ada has approved 30 deletions: {30 - left} rows marked deleted." in said
    assert f"The other {left} were left: another run has seen them since, or has marked them deleted." in said


def test_an_approval_is_in_the_ledger(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        answer(run, "contacts", "Approve", "ada")
        (entry,) = running.rows("sync_runs", f"run_id = '{run.run.run_id}'")
        assert (entry["deleted"], entry["live"], entry["note"]) == (
            30,
            70,
            "ada has approved 30 deletions: 30 rows marked deleted.",
        )
        problems, said = told(run)
        assert (problems, "wait for a person" in said) == ([], False)
        assert "Note on contacts: ada has approved 30 deletions" in said


def test_a_rejection_marks_nothing_and_the_next_run_asks_again(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        said = answer(run, "contacts", "Reject", "ada")
        assert (
            said == "contacts: ada has rejected the deletions. The next run asks again if the rows are still missing."
        )
        assert gone(running) == []
        assert "mark 30 rows deleted?" in asked(again(running)).question.subject


def test_a_person_who_clears_the_task_after_a_rejection_is_asked_again(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        said = answer(run, "contacts", "Reject", "ada")
        assert ask(run, "contacts") == said  # by an attempt that Airflow makes at once
        with running.warehouse.session() as connection:
            connection.execute("UPDATE psa.held_deletions SET decided_at = decided_at - interval '1 minute'")
        asked(run)
        answer(run, "contacts", "Approve", "grace")
        assert len(gone(running)) == GONE


def test_an_approval_of_an_older_listing_does_nothing_and_says_so(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        older = holding(running)
        newer = again(running)
        said = answer(older, "contacts", "Approve", "ada")
        assert said is not None
        assert said.startswith(f"contacts: ada has approved the deletions. {newer.run.run_id} began later")
        assert "no longer the newest" in said
        assert gone(running) == []
        assert wait_again(older, "contacts", running.now()) == ask(older, "contacts")
        answer(newer, "contacts", "Approve", "ada")
        assert len(gone(running)) == GONE


def test_a_newer_listing_that_is_held_back_as_a_whole_does_not_replace_the_question(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        running.simulator.faults.add("emptied_list:path=/company/contacts")
        with pytest.raises(Exception, match="the PSA listed 0 records"):
            again(running)
        assert answer(run, "contacts", "Approve", "ada") is None
        assert len(gone(running)) == GONE


def test_what_was_approved_before_an_attempt_was_ended_is_done_by_the_next_without_asking(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        with running.warehouse.session() as connection:
            connection.execute("ALTER TABLE psa.contacts ADD CONSTRAINT mine CHECK (deleted_at IS NULL)")
            with pytest.raises(Exception, match="mine"):
                answer(run, "contacts", "Approve", "ada")
            connection.execute("ALTER TABLE psa.contacts DROP CONSTRAINT mine")
        assert gone(running) == []
        assert ask(run, "contacts") is None
        assert len(gone(running)) == GONE
        assert ask(run, "contacts") == "contacts: No deletion waits for a decision."


@pytest.mark.timeout(120)
def test_an_approval_that_is_killed_at_any_moment_is_done_as_a_whole_by_the_next_attempt(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        with at_work(running, run, "approve", "contacts") as worker:
            statements = worker.statements
        assert len(gone(running)) == GONE
        for moment in range(1, statements + 1):
            restore(running)
            with at_work(running, run, "approve", "contacts", dies_at=moment) as worker:
                assert worker.wait() == -signal.SIGKILL
            assert len(gone(running)) in (0, GONE)
            found = ask(run, "contacts")
            if isinstance(found, Asked):  # the answer was not stored
                answer(run, "contacts", "Approve", "ada")
            assert len(gone(running)) == GONE
            assert {row["outcome"] for row in running.rows("held_deletions")} == {"deleted"}


def restore(running: Rig) -> None:
    """The rows and the question as they were before the approval."""
    with running.warehouse.session() as connection:
        connection.execute("UPDATE psa.contacts SET deleted_at = NULL, synced_at = synced_at - interval '1 hour'")
        connection.execute("UPDATE psa.held_deletions SET decision = NULL, outcome = NULL")


def test_an_approval_in_the_form_still_deletes_without_a_question(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        held = holding(running)
        running.run(request=replace(CONTACTS, approved=("contacts",)), asked_at=None)
        assert len(gone(running)) == GONE
        assert "no longer the newest" in str(ask(held, "contacts"))


def test_an_approval_in_the_form_is_not_left_to_a_run_that_has_held_the_deletions_meanwhile(
    warehouse_dsn: str,
) -> None:
    with rig(warehouse_dsn) as running:
        running.run("contacts")
        at = running.now()
        again_after = holding(running)
        approving = Request(kinds=("contacts",), approved=("contacts",))
        running.run(request=approving, asked_at=at)
        assert len(gone(running)) == GONE
        assert not isinstance(ask(again_after, "contacts"), Asked)


def test_the_task_looks_again_every_quarter_of_an_hour_until_it_is_too_late(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        found = asked(run)
        assert found.look_again_in == CHECK
        assert timedelta(hours=19, minutes=59) < found.until - running.now() < timedelta(hours=20)
        assert wait_again(run, "contacts", found.until) == CHECK
        soon = wait_again(run, "contacts", running.now() + timedelta(seconds=30))
        assert isinstance(soon, timedelta)
        assert soon <= timedelta(seconds=30)
        with pytest.raises(Unanswered, match="no one has decided until 2"):
            wait_again(run, "contacts", running.now())
        assert gone(running) == []
        assert {row["decision"] for row in running.rows("held_deletions")} == {"unanswered"}


def test_no_one_is_asked_where_setup_has_no_hours_for_it(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(deletion_guard=DeletionGuard(answer_hours=0))) as running:
        said = ask(holding(running), "contacts")
        assert str(said).startswith("contacts: setup says 0 for 'deletion_guard.answer_hours', so no one is asked.")
        assert "with 'Approve deletions' for this kind." in str(said)


def test_names_of_strangers_stay_text_on_one_line(warehouse_dsn: str) -> None:
    hostile = "~~~~\n![x](https://evil.example/x.png)\u202e<script>" + "x" * 200
    with rig(warehouse_dsn) as running:
        run = holding(running, gone=15)
        with running.warehouse.session() as connection:
            connection.execute("UPDATE psa.contacts SET name = %s WHERE source_id = %s", [hostile, gone_key(running)])
        body = asked(run).question.body
    (line,) = (line for line in body.splitlines() if "evil" in line)
    assert line.startswith("~~~~ ![x](https://evil.example/x.png) <script>xxx")
    assert len(line) == 80
    assert "~~~~~text\n" in body


def gone_key(running: Rig) -> str:
    return str(running.rows("held_deletions")[0]["source_id"])


def test_a_kind_waits_for_a_person_also_after_its_load_was_cleared(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = holding(running)
        assert waits(run, "contacts", load(run, "contacts"))
        answer(run, "contacts", "Approve", "ada")
        assert not waits(run, "contacts", load(run, "contacts"))
