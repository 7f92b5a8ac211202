"""The task that asks a person about deletions which the guard held: Airflow's human-in-the-loop, with our question."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException, TaskAwaitingInput

from include.dag_factory.operators import SyncTask

if TYPE_CHECKING:
    from include.sync.run import Sync

log = logging.getLogger(__name__)

# Airflow can lose an answer that is given in the first seconds, and then tries the task again: it asks at once.
RETRY_DELAY = timedelta(seconds=5)


class Decide(SyncTask):
    """Asks, waits without a worker, and marks the rows deleted that a person has approved.

    Airflow's own HITLOperator has its question when the DAG file is read; this one knows it when the task runs. Both
    wait in the state `awaiting_input`, which holds no slot of a pool.
    """

    def __init__(self, *, on_question: Any = None, **usual: Any) -> None:
        super().__init__(**usual)
        self.on_question = on_question

    def execute(self, context: Any) -> None:
        """Ask, unless there is nothing to decide."""
        from airflow.sdk.execution_time.hitl import upsert_hitl_detail

        from include.sync.approval import Asked, ask
        from include.sync.failures import logged_errors
        from include.sync.question import APPROVE, REJECT

        with self._sync() as sync:
            with logged_errors():
                asked = ask(sync, self.kind)
            if not isinstance(asked, Asked):
                self._end(sync, context, asked)
                return
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[APPROVE, REJECT],
            subject=asked.question.subject,
            body=asked.question.body,
            params={},
        )
        self._send_message(context)
        self._wait(asked.until, asked.look_again_in)

    def answered(self, context: Any, event: Mapping[str, Any], until: str) -> None:
        """Go on after an answer, or when it is time to look whether the question still stands."""
        from include.sync.approval import answer, wait_again
        from include.sync.failures import logged_errors

        deadline = datetime.fromisoformat(until)
        with self._sync() as sync:
            if "error" in event:
                with logged_errors():
                    again = wait_again(sync, self.kind, deadline)
                if isinstance(again, timedelta):
                    self._wait(deadline, again)
                self._end(sync, context, str(again))
            user = event.get("responded_by_user") or {}
            with logged_errors():
                why_nothing = answer(sync, self.kind, event["chosen_options"][0], user.get("name"))
            self._end(sync, context, why_nothing)

    def _sync(self) -> AbstractContextManager[Sync]:
        from include.sync.context import sync_of

        return sync_of(self.vendor, self.source)

    def _send_message(self, context: Any) -> None:
        """A message that cannot be sent is no reason not to ask."""
        try:
            if self.on_question:
                self.on_question(context)
        except Exception:
            log.exception("The message about the question could not be sent.")

    def _wait(self, until: datetime, pause: timedelta) -> None:
        raise TaskAwaitingInput(method_name="answered", kwargs={"until": until.isoformat()}, timeout=pause)

    def _end(self, sync: Sync, context: Any, why_nothing: str | None) -> None:
        """Success, with an event for the tables, if rows were marked deleted."""
        from include.model.wording import log_sentence
        from include.sync.asset_events import loaded_tables
        from include.sync.context import run_kind

        if why_nothing:
            log_sentence(log, logging.WARNING, why_nothing)
            raise AirflowSkipException("No row was marked deleted.")
        assets = self.assets()
        for table, said in loaded_tables(sync, tuple(assets), run_kind()).items():
            context["outlet_events"][assets[table]].extra = said
