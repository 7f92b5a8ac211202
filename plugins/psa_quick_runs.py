"""A timetable with two schedules: nightly runs, and quick runs whose ids begin with `quick__`.

Airflow loads timetables from plugins only. This imports nothing from `include`, as a failing import here would keep the
scheduler from reading any DAG that uses it.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import Timetable
from airflow.timetables.trigger import CronTriggerTimetable

if TYPE_CHECKING:
    from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
    from airflow.utils.types import DagRunType
    from pendulum import DateTime

QUICK_RUN = "quick__"  # include/model/run_types.py has the same, held by a test
SCHEDULED = "scheduled"


class NightlyAndQuick(Timetable):
    """Starts a run whenever one of two cron expressions is due, in UTC; a nightly one where both are."""

    def __init__(self, nightly: str, quick: str) -> None:
        self._expressions = {"nightly": nightly, "quick": quick}
        self._nightly = CronTriggerTimetable(nightly, timezone="UTC")
        self._quick = CronTriggerTimetable(quick, timezone="UTC")
        self.description = f"{self._nightly.description}; quick runs: {self._quick.description}"

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From what `serialize` gave, in the scheduler."""
        return cls(**data)

    def serialize(self) -> dict[str, Any]:
        """For the serialized DAG."""
        return dict(self._expressions)

    def validate(self) -> None:
        """Raise an error of Airflow for what is no cron expression."""
        self._nightly.validate()
        self._quick.validate()

    @property
    def summary(self) -> str:
        """What the list of DAGs shows."""
        return f"{self._nightly.summary}, quick {self._quick.summary}"

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """As for any cron expression."""
        return self._nightly.infer_manual_data_interval(run_after=run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next run. A nightly run that is due goes first, so that it takes place even if it is late."""
        nightly, quick = (
            one.next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)
            for one in (self._nightly, self._quick)
        )
        if nightly is None or quick is None:
            return nightly or quick
        is_due = nightly.run_after <= datetime.now(timezone.utc)
        return nightly if is_due or nightly.run_after <= quick.run_after else quick

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """Mark scheduled runs that are not nightly ones."""
        if str(run_type) == SCHEDULED and self._nightly._align_to_next(run_after) != run_after:
            return f"{QUICK_RUN}{run_after.isoformat()}"
        return super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)


class PsaQuickRuns(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_quick_runs"
    timetables = [NightlyAndQuick]  # noqa: RUF012 - Airflow reads lists
