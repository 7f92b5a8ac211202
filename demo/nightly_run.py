"""One run of each sync: the scheduled one if it is due, else a triggered one. Never both."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from demo.airflow_api import AirflowApi
from demo.errors import DemoError

SUMMARY_TASK = "summary"
SUMMARY_LOGGER = "include"
UNFINISHED = ("queued", "running")
SHOWN = ("success", "failed", "upstream_failed", "up_for_retry", "removed")
PARSE_SECONDS = 120
SCHEDULE_SECONDS = 120
POLL_SECONDS = 0.5

Show = Callable[[str], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How a DAG's run ended, and what its summary says."""

    dag_id: str
    green: bool
    summary: str


def perform(api: AirflowApi, dag_ids: Sequence[str], *, started: datetime, show: Show, check: Check) -> list[Outcome]:
    """Runs all of them at the same time. `check` is called while waiting and raises when waiting is pointless."""
    runs = {dag_id: _chosen(api, dag_id, _parsed(api, dag_id, started, check), check) for dag_id in dag_ids}
    states = _followed(api, runs, show, check)
    return [Outcome(dag_id, states[dag_id] == "success", _summary(api, dag_id, run)) for dag_id, run in runs.items()]


def _parsed(api: AirflowApi, dag_id: str, started: datetime, check: Check) -> dict[str, Any]:
    """The DAG as parsed since the demo started; an earlier parse and its errors do not count."""
    deadline = time.monotonic() + PARSE_SECONDS
    while time.monotonic() < deadline:
        check()
        dag = api.dag(dag_id)
        if dag is not None and _instant(dag["last_parsed_time"]) > started:
            return dag
        for error in api.import_errors():
            if _instant(error["timestamp"]) > started:
                raise DemoError(f"Airflow cannot read {error['filename']}:\n{error['stack_trace']}")
        time.sleep(POLL_SECONDS)
    raise DemoError(f"Airflow found no DAG {dag_id} within {PARSE_SECONDS} seconds.")


def _chosen(api: AirflowApi, dag_id: str, dag: dict[str, Any], check: Check) -> str:
    before = api.latest_run(dag_id)
    if before is not None and before["state"] in UNFINISHED:
        api.give_up(dag_id, before["dag_run_id"], note="The demo was stopped during this run.")
    api.unpause(dag_id)
    due = dag["next_dagrun_run_after"]
    if due is None or _instant(due) > datetime.now(timezone.utc):
        return str(api.trigger(dag_id)["dag_run_id"])
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while time.monotonic() < deadline:
        check()
        run = api.latest_run(dag_id)
        if run is not None and (before is None or run["dag_run_id"] != before["dag_run_id"]):
            return str(run["dag_run_id"])
        time.sleep(POLL_SECONDS)
    raise DemoError(f"Airflow's scheduler did not start the run of {dag_id} that was due at {due}.")


def _followed(api: AirflowApi, runs: Mapping[str, str], show: Show, check: Check) -> Mapping[str, str]:
    """The final state of each run."""
    seen: dict[tuple[str, str], str] = {}
    ended: dict[str, str] = {}
    while len(ended) < len(runs):
        check()
        for dag_id in runs.keys() - ended.keys():
            state = str(api.run(dag_id, runs[dag_id])["state"])
            for task in sorted(api.tasks(dag_id, runs[dag_id]), key=lambda task: task["end_date"] or "~"):
                key = dag_id, task["task_id"]
                if task["state"] in SHOWN and seen.get(key) != task["state"]:
                    seen[key] = task["state"]
                    show(f"{dag_id:<16} {task['task_id']:<24} {task['state']}")
            if state not in UNFINISHED:
                ended[dag_id] = state
        time.sleep(POLL_SECONDS)
    return ended


def _summary(api: AirflowApi, dag_id: str, run_id: str) -> str:
    """What this package logged in `summary`, without Airflow's own lines."""
    for task in api.tasks(dag_id, run_id):
        if task["task_id"] == SUMMARY_TASK and task["try_number"] > 0:
            ours = [line for line in api.log(task) if str(line.get("logger", "")).startswith(SUMMARY_LOGGER)]
            return "\n".join(str(line["event"]) for line in ours).strip("\n")
    return ""


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat((text or "0001-01-01T00:00:00Z").replace("Z", "+00:00"))
