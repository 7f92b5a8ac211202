"""One run of the sync: the one Airflow schedules by itself if it is due, else one that is asked for. Never both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from demo.airflow_api import AirflowApi
from demo.errors import DemoError

DAG_ID = "psa_connectwise"
SUMMARY_TASK = "summary"
SUMMARY_LOGGER = "include"
UNFINISHED = ("queued", "running")
SHOWN = ("running", "success", "failed", "skipped", "upstream_failed", "up_for_retry", "removed")
PARSE_SECONDS = 120
SCHEDULE_SECONDS = 120
POLL_SECONDS = 0.5

Show = Callable[[str], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How the run ended, and what its summary says."""

    green: bool
    summary: str


def perform(api: AirflowApi, *, started: datetime, show: Show, check: Check) -> Outcome:
    """`check` is called while waiting and raises when that has become pointless."""
    dag = _parsed(api, started, check)
    run_id = _chosen(api, dag, check)
    state = _followed(api, run_id, show, check)
    return Outcome(green=state == "success", summary=_summary(api, run_id))


def _parsed(api: AirflowApi, started: datetime, check: Check) -> dict[str, Any]:
    """The DAG as its file is now: an earlier demo's reading of it does not count, nor do that one's errors."""
    deadline = time.monotonic() + PARSE_SECONDS
    while time.monotonic() < deadline:
        check()
        dag = api.dag(DAG_ID)
        if dag is not None and _instant(dag["last_parsed_time"]) > started:
            return dag
        for error in api.import_errors():
            if _instant(error["timestamp"]) > started:
                raise DemoError(f"Airflow cannot read {error['filename']}:\n{error['stack_trace']}")
        time.sleep(POLL_SECONDS)
    raise DemoError(f"Airflow found no DAG {DAG_ID} within {PARSE_SECONDS} seconds.")


def _chosen(api: AirflowApi, dag: dict[str, Any], check: Check) -> str:
    before = api.latest_run(DAG_ID)
    if before is not None and before["state"] in UNFINISHED:
        api.give_up(DAG_ID, before["dag_run_id"], note="The demo was stopped during this run.")
    api.unpause(DAG_ID)
    due = dag["next_dagrun_run_after"]
    if due is None or _instant(due) > datetime.now(timezone.utc):
        return str(api.trigger(DAG_ID)["dag_run_id"])
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while time.monotonic() < deadline:
        check()
        run = api.latest_run(DAG_ID)
        if run is not None and (before is None or run["dag_run_id"] != before["dag_run_id"]):
            return str(run["dag_run_id"])
        time.sleep(POLL_SECONDS)
    raise DemoError(f"Airflow's scheduler did not start the run of {DAG_ID} that was due at {due}.")


def _followed(api: AirflowApi, run_id: str, show: Show, check: Check) -> str:
    seen: dict[str, str] = {}
    while True:
        check()
        state = str(api.run(DAG_ID, run_id)["state"])
        for task in sorted(api.tasks(DAG_ID, run_id), key=lambda task: task["start_date"] or "~"):
            if task["state"] in SHOWN and seen.get(task["task_id"]) != task["state"]:
                seen[task["task_id"]] = task["state"]
                show(f"{task['task_id']:<28} {task['state']}")
        if state not in UNFINISHED:
            return state
        time.sleep(POLL_SECONDS)


def _summary(api: AirflowApi, run_id: str) -> str:
    """What our own code logged there; Airflow's lines around it are left out."""
    for task in api.tasks(DAG_ID, run_id):
        if task["task_id"] == SUMMARY_TASK and task["try_number"] > 0:
            ours = [line for line in api.log(task) if str(line.get("logger", "")).startswith(SUMMARY_LOGGER)]
            return "\n".join(str(line["event"]) for line in ours).strip("\n")
    return ""


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat((text or "0001-01-01T00:00:00Z").replace("Z", "+00:00"))
