"""Which run the demo waits for: one and only one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from demo import nightly_run
from demo.airflow_api import AirflowApi
from demo.errors import DemoError

STARTED = datetime.now(timezone.utc)
LATER = (STARTED + timedelta(hours=1)).isoformat()
DAG_ID = "psa_connectwise"
EARLIER = (STARTED - timedelta(hours=1)).isoformat()


class Airflow(AirflowApi):
    """One DAG, whose runs end the moment they start."""

    def __init__(self, *, due: str, runs: tuple[tuple[str, str], ...] = (), broken: str = "", state: str = "success"):
        self._dag = {"last_parsed_time": EARLIER if broken else LATER, "next_dagrun_run_after": due}
        self._runs = [{"dag_run_id": name, "state": how} for name, how in runs]
        self._broken = broken
        self._state = state
        self.triggered = 0

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        return self._dag

    def import_errors(self) -> list[dict[str, Any]]:
        old = {"filename": "old.py", "timestamp": EARLIER, "stack_trace": "mended"}
        new = {"filename": "new.py", "timestamp": LATER, "stack_trace": self._broken}
        return [old, new] if self._broken else [old]

    def unpause(self, dag_id: str) -> None:
        if self._dag["next_dagrun_run_after"] == EARLIER:
            self._runs.append({"dag_run_id": "scheduled", "state": self._state})

    def trigger(self, dag_id: str) -> dict[str, Any]:
        self.triggered += 1
        self._runs.append({"dag_run_id": "manual", "state": self._state})
        return self._runs[-1]

    def give_up(self, dag_id: str, run_id: str, *, note: str) -> None:
        self._runs[-1] = {"dag_run_id": run_id, "state": "failed"}

    def latest_run(self, dag_id: str) -> dict[str, Any] | None:
        return self._runs[-1] if self._runs else None

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return next(run for run in self._runs if run["dag_run_id"] == run_id)

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        return [{"task_id": "summary", "state": self.run(dag_id, run_id)["state"], "end_date": None, "try_number": 1}]

    def log(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"event": "::group::Pre Execute", "logger": "task"},
            {"event": "All well.", "logger": "include.sync.load"},
            {"event": "Done."},
        ]

    def names(self) -> list[str]:
        return [str(run["dag_run_id"]) for run in self._runs]


def performed(airflow: Airflow) -> nightly_run.Outcome:
    (outcome,) = nightly_run.perform(airflow, [DAG_ID], started=STARTED, show=lambda line: None, check=lambda: None)
    return outcome


def test_a_run_that_is_due_is_awaited_and_no_other_is_asked_for() -> None:
    airflow = Airflow(due=EARLIER)
    assert performed(airflow).green
    assert airflow.names() == ["scheduled"]


def test_a_run_is_asked_for_when_none_is_due() -> None:
    airflow = Airflow(due=LATER, runs=(("yesterday", "success"),))
    assert performed(airflow).green
    assert airflow.names() == ["yesterday", "manual"]


def test_a_run_that_a_stopped_demo_cut_off_is_given_up_and_a_new_one_begun() -> None:
    airflow = Airflow(due=LATER, runs=(("cut off", "running"),))
    assert performed(airflow).green
    assert airflow.names() == ["cut off", "manual"]
    assert airflow.run(DAG_ID, "cut off")["state"] == "failed"


def test_a_failed_run_is_not_green() -> None:
    assert not performed(Airflow(due=LATER, state="failed")).green


def test_the_summary_is_what_our_own_code_logged() -> None:
    assert performed(Airflow(due=LATER)).summary == "All well."


def test_a_dag_file_that_airflow_cannot_read_is_reported_and_older_errors_are_not() -> None:
    with pytest.raises(DemoError, match=r"cannot read new\.py:\nno such name"):
        performed(Airflow(due=LATER, broken="no such name"))


def test_a_component_that_dies_ends_the_waiting() -> None:
    def died() -> None:
        raise DemoError("scheduler ended")

    with pytest.raises(DemoError, match="scheduler ended"):
        nightly_run.perform(Airflow(due=LATER), [DAG_ID], started=STARTED, show=lambda line: None, check=died)
