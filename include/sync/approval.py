"""Deletions that the guard held: what a person is asked in Airflow, and what happens after the answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.model.counts import Counts
from include.model.errors import Unanswered
from include.model.kinds import KINDS
from include.model.tables import SCHEMA
from include.model.wording import counted, log_sentence, moment
from include.sync.question import APPROVE, Question, question_about
from include.sync.run import Sync
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.guard import how_to_approve
from include.warehouse.held import APPROVED_BY_PERSON, REJECTED, UNANSWERED, HeldDeletions, Settled, rows_that_wait
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import LedgerEntry

log = logging.getLogger(__name__)

SHOWN = 20
"""How many names a question shows."""
CHECK = timedelta(minutes=15)
"""How often a waiting task looks whether a newer run has made its question void."""


@dataclass(frozen=True)
class Asked:
    """A question to a person."""

    question: Question
    until: datetime
    """When it is too late for an answer."""
    look_again_in: timedelta
    """How long the task may wait before it looks whether the question still stands."""


def about_waiting(waiting: Mapping[str, int], entries: Mapping[str, LedgerEntry]) -> Iterable[str]:
    """For each table with held deletions, what was loaded, what was not done, and what a person can do."""
    for table, rows in waiting.items():
        yield (
            f"{table}: a person has to decide whether {counted(rows, 'row')} may be marked deleted. All else is "
            "loaded. Approve or reject it under 'Required Actions' of this run, or trigger this DAG later with "
            f"'Approve deletions' for this kind. The reason: {entries[table].note}"
        )


def waits(sync: Sync, kind: str, counts: Mapping[str, Counts]) -> bool:
    """Whether a person has to decide about deletions of a kind; `counts` are those of this attempt's merge."""
    if counts:
        return any(one.held for one in counts.values())
    with sync.warehouse.session() as connection:
        return any(table in KINDS[kind] for table in rows_that_wait(connection, sync.run))


def ask(sync: Sync, kind: str) -> Asked | str | None:
    """What to ask a person about a kind.

    A sentence instead when there is nothing to ask, and None when rows were marked deleted now, because an earlier
    attempt had ended after the approval and before that.
    """
    with sync.warehouse.session() as connection:
        decided = _held(sync, kind, connection).decision()
    if decided and decided[0] == APPROVED_BY_PERSON:
        return approve(sync, kind, decided[1])
    if decided and decided[0] == REJECTED and decided[2]:  # Airflow has lost that this attempt had come to its end
        return _rejected_by(kind, decided[1])
    with sync.warehouse.session() as connection:
        held = _held(sync, kind, connection)
        if void := _why_void(held):
            return f"{kind}: {void}"
        waiting, entries, now = held.waiting(SHOWN), Ledger(connection, sync.run).entries(), postgres_now(connection)
        if decided:  # the task was cleared: a person may decide otherwise
            held.save_decision(None, None)
    hours = sync.setup.deletion_guard.answer_hours
    if not hours:
        how = how_to_approve(entries[waiting[0].table].company_source_id)
        return f"{kind}: setup says 0 for 'deletion_guard.answer_hours', so no one is asked. {how}"
    until = now + timedelta(hours=hours)
    question = question_about(kind, sync.run.run_id, waiting, entries, until)
    open_until = f"A person can answer under 'Required Actions' of this run, until {moment(until)}."
    log_sentence(log, logging.WARNING, f"{question.subject} {open_until}")
    return Asked(question, until, _pause(now, until))


def wait_again(sync: Sync, kind: str, until: datetime) -> timedelta | str:
    """How long to wait for an answer before looking again; a sentence when none is needed any more.

    Raises Unanswered when it is too late for one.
    """
    with sync.warehouse.session() as connection:
        held = _held(sync, kind, connection)
        if void := _why_void(held):
            return f"{kind}: {void}"
        now = postgres_now(connection)
        if now < until:
            return _pause(now, until)
        held.save_decision(UNANSWERED, None)
    raise Unanswered(f"{kind}: no one has decided until {moment(until)}, so no row was marked deleted.")


def answer(sync: Sync, kind: str, option: str, user: str | None) -> str | None:
    """Do what a person has decided; a sentence when no row was marked deleted."""
    who = user or "an unknown user"
    decision = APPROVED_BY_PERSON if option == APPROVE else REJECTED
    with sync.warehouse.session() as connection:  # by itself, so that a further attempt knows it
        _held(sync, kind, connection).save_decision(decision, who)
    if decision == APPROVED_BY_PERSON:
        return approve(sync, kind, who)
    return _rejected_by(kind, who)


def approve(sync: Sync, kind: str, who: str | None) -> str | None:
    """Mark the held rows deleted that no run has seen since; a sentence when none may be marked any more."""
    with sync.warehouse.session() as connection, connection.transaction():
        held = _held(sync, kind, connection)
        held.lock()
        if void := _why_void(held):
            return f"{kind}: {who} has approved the deletions. {void}"
        ledger, lines = Ledger(connection, sync.run), dict[str, str]()
        for one in filter(lambda one: one.shown, held.delete()):
            lines[one.table] = _about_settled(one, who)
            ledger.add_deleted(one.table, one.deleted, note=lines[one.table])
    for table, line in lines.items():
        log_sentence(log, logging.INFO, f"{SCHEMA}.{table}: {line}")
    return None


def _rejected_by(kind: str, who: str | None) -> str:
    return f"{kind}: {who} has rejected the deletions. The next run asks again if the rows are still missing."


def _about_settled(one: Settled, who: str | None) -> str:
    kept = one.shown - one.deleted
    rest = (
        f" The other {kept:,} were left: another run has seen them since, or has marked them deleted." if kept else ""
    )
    return f"{who} has approved {counted(one.shown, 'deletion')}: {counted(one.deleted, 'row')} marked deleted.{rest}"


def _held(sync: Sync, kind: str, connection: Connection) -> HeldDeletions:
    return HeldDeletions(connection, sync.run, KINDS[kind], records_changes=sync.setup.changes_days > 0)


def _why_void(held: HeldDeletions) -> str | None:
    """Why there is nothing to decide any more."""
    if newer := held.newer_run():
        return (
            f"{newer} began later and is merged already: this listing is no longer the newest, so it marks no row "
            "deleted. That run has marked the rows, or asks about them, if the PSA still does not list them."
        )
    return None if held.waiting(0) else "No deletion waits for a decision."


def _pause(now: datetime, until: datetime) -> timedelta:
    return min(CHECK, max(until - now, timedelta(seconds=1)))
