"""What is called fresh, late, held or failed, by a ledger in a real Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from include.model.limits import Limits
from include.model.psa import Psa
from include.status.answers import headline, health_answer, status_answer
from include.status.facts import DagFacts, FailedRun, PsaFacts, RunKind
from include.status.judge import PsaStatus, State, judge
from include.status.read import read_ledger
from include.warehouse.connection import Connection
from tests.support.ledgers import HELD, PastRuns

FACTS = PsaFacts(
    Psa("connectwise", "connectwise"), "ConnectWise", "psa_connectwise", timedelta(hours=26), DagFacts(is_paused=False)
)


def judged(connection: Connection, **dag: Any) -> PsaStatus:
    facts = replace(FACTS, dag=replace(FACTS.dag, **dag))
    return judge(facts, read_ledger(connection, ["connectwise"]))


def states(status: PsaStatus) -> dict[str, State]:
    return {table.name: table.state for table in status.tables if table.state is not State.FRESH}


def test_all_is_fresh_after_a_run_that_loaded_everything(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=3)
    status = judged(connection)
    assert (states(status), status.problems) == ({}, ())
    assert headline([status]) == "All fresh: 1 PSA, 8 tables."
    answer = health_answer([FACTS], read_ledger(connection, ["connectwise"]))
    assert (answer["fresh"], answer["reasons"]) == (True, [])


def test_a_table_is_late_when_it_is_older_than_setup_allows(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=27)
    status = judged(connection)
    assert set(states(status).values()) == {State.LATE}
    assert headline([status]) == "Not fresh: ConnectWise (all tables)."
    (problem,) = status.problems
    assert (problem.reason, problem.task) == ("No run has loaded it in time.", None)
    longer = replace(FACTS, limit=timedelta(hours=28))
    assert judge(longer, read_ledger(connection, ["connectwise"])).problems == ()


def test_the_reason_of_an_old_table_is_that_its_dag_is_paused_or_a_run_is_under_way(connection: Connection) -> None:
    PastRuns(connection).run("scheduled__1", hours_ago=27)
    assert judged(connection, is_paused=True).problems[0].reason == "The DAG psa_connectwise is paused."
    running = judged(connection, running_since=PastRuns(connection).at(1))
    assert running.problems[0].reason == "A run is under way."


def test_a_psa_that_was_never_synced_counts_unless_its_dag_is_paused(connection: Connection) -> None:
    assert states(judged(connection)).keys() == {table.name for table in judged(connection).tables}
    assert judged(connection).problems[0].state is State.NEVER
    unused = judged(connection, is_paused=True)
    assert (unused.is_in_use, unused.problems) == (False, ())
    assert headline([unused]) == "Nothing was synced yet."


def test_a_held_kind_is_a_problem_before_it_is_old_and_names_the_task_whose_log_says_why(
    connection: Connection,
) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=25)
    runs.held("scheduled__2", "contacts", hours_ago=1)
    status = judged(connection)
    assert states(status) == {"contacts": State.HELD}
    (problem,) = status.problems
    assert problem.reason == HELD
    assert problem.task and vars(problem.task) == {"run_id": "psa_connectwise/scheduled__2", "task_id": "contacts.load"}
    assert problem.since == status.tables[4].fresh_as_of


def test_deletions_that_wait_for_a_person_are_a_problem_although_all_else_is_loaded(connection: Connection) -> None:
    runs = PastRuns(connection)
    run = runs.run("scheduled__1", hours_ago=1)
    connection.execute(
        """INSERT INTO psa.held_deletions (source, run_id, table_name, source_id, is_reported)
           SELECT %s, %s, 'assets', n::text, false FROM generate_series(1, 30) n""",
        [run.run.source, run.run.run_id],
    )
    status = judged(connection)
    assert states(status) == {"assets": State.HELD}
    (problem,) = status.problems
    assert problem.reason == "All else is loaded; 30 rows can only be marked deleted by a person."
    assert problem.task and problem.task.task_id == "assets.decide"
    connection.execute("UPDATE psa.held_deletions SET decision = 'unanswered'")
    assert states(judged(connection)) == {"assets": State.HELD}
    connection.execute("UPDATE psa.held_deletions SET decision = 'rejected'")
    assert judged(connection).problems == ()


def test_a_kind_that_was_not_listed_names_its_extract_and_a_later_run_settles_it(connection: Connection) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=25)
    runs.failed("scheduled__2", "ticket_settings", hours_ago=2)
    (problem,) = judged(connection).problems
    assert problem.tables == ["service_boards", "ticket_statuses", "ticket_priorities"]
    assert problem.task and problem.task.task_id == "ticket_settings.extract"
    runs.run("manual__3", hours_ago=1, kinds=["ticket_settings"])
    assert judged(connection).problems == ()


def test_runs_of_one_company_and_dry_runs_settle_nothing_and_break_nothing(connection: Connection) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=3)
    runs.ledger("manual__2").begin("assets", runs.at(2), company="7", dry_run=False)
    runs.ledger("manual__2").mark_failed(["assets"], state="failed", note="no right", traffic=None)
    runs.run("manual__3", hours_ago=1, dry_run=True)
    assert judged(connection).problems == ()
    runs.failed("scheduled__4", "assets", hours_ago=0.9)
    runs.run("manual__5", hours_ago=0.8, kinds=["assets"], company="7")
    runs.run("manual__6", hours_ago=0.7, kinds=["assets"], dry_run=True)
    assert states(judged(connection)) == {"assets": State.FAILED}


def test_a_run_that_has_not_ended_does_not_hide_how_the_one_before_it_ended(connection: Connection) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=25)
    runs.held("scheduled__2", "contacts", hours_ago=2)
    runs.ledger("manual__3").begin("contacts", runs.at(0.1), company=None, dry_run=False)
    assert states(judged(connection)) == {"contacts": State.HELD}


def test_a_red_run_whose_failure_is_not_in_the_ledger_is_a_problem_until_all_was_loaded_since(
    connection: Connection,
) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=25)
    failed = FailedRun("psa_connectwise/scheduled__2", runs.at(1), ["preflight"])
    (problem,) = judged(connection, failed=failed).problems
    assert problem.reason == "The last run failed in the task 'preflight'; its log says why."
    assert problem.task and problem.task.task_id == "preflight"
    assert headline([judged(connection, failed=failed)]) == "Not fresh: ConnectWise (the last run)."
    runs.run("manual__3", hours_ago=0.5)
    assert judged(connection, failed=failed).problems == ()


def test_the_answer_has_the_runs_oldest_first_with_their_kind_and_outcome(connection: Connection) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=25)
    runs.held("a name that someone typed", "contacts", hours_ago=1)
    facts = replace(FACTS, dag=DagFacts(False, run_types={"psa_connectwise/a name that someone typed": "manual"}))
    answer = status_answer([facts], read_ledger(connection, ["connectwise"]))
    (contacts,) = [table for table in answer["psas"][0]["tables"] if table["name"] == "contacts"]
    assert [(run["kind"], run["outcome"]) for run in contacts["runs"]] == [("nightly", "loaded"), ("forced", "held")]
    assert contacts["last"]["note"] == HELD


def test_the_budget_is_said_as_in_the_summary_of_the_last_run_of_all(connection: Connection) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__1", hours_ago=3)
    runs.run("manual__2", hours_ago=1, company="7")
    connection.execute("UPDATE psa.sync_runs SET requests = 10, queued_seconds = 3")
    facts = replace(FACTS, limits=Limits(requests=1000, seconds=60))
    (psa,) = status_answer([facts], read_ledger(connection, ["connectwise"]))["psas"]
    assert psa["budget"].startswith("Budget: 80 requests, 0% of what the PSA allows in that time (1,000 requests in ")
    assert psa["budget"].endswith("; 24 s of waiting for a turn.")


def test_the_kind_of_a_run_comes_from_airflow_and_else_from_its_id(connection: Connection) -> None:
    PastRuns(connection).run("manual__2026-11-22", hours_ago=1, kinds=["assets"])
    ledger = read_ledger(connection, ["connectwise"])
    (run,) = ledger.runs["connectwise", "assets"]
    assert DagFacts(False).kind_of(run) is RunKind.FORCED
    quick = replace(run, run_id="psa_connectwise/quick__2026-11-22")
    assert DagFacts(False).kind_of(quick) is RunKind.QUICK
    assert DagFacts(False, run_types={quick.run_id: "scheduled"}).kind_of(quick) is RunKind.QUICK
    assert DagFacts(False, run_types={quick.run_id: "manual"}).kind_of(quick) is RunKind.FORCED
    assert DagFacts(False, run_types={run.run_id: "scheduled"}).kind_of(run) is RunKind.NIGHTLY
    assert DagFacts(False, run_types={run.run_id: "backfill"}).kind_of(run) is RunKind.OTHER
    assert DagFacts(False, run_types={run.run_id: "scheduled"}).kind_of(replace(run, since=run.started_at)) is (
        RunKind.QUICK
    )
