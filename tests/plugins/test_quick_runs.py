"""The timetable with two schedules, in Airflow's own terms."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.utils.types import DagRunType
from pendulum import DateTime, instance
from psa_quick_runs import QUICK_RUN, NightlyAndQuick

from include.connectors import NAMES, QUICK, load
from include.dag_factory import psa_dag
from include.model import run_types
from include.model.errors import ConfigError

BOTH = NightlyAndQuick("@daily", "*/15 * * * *")
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


def at(moment: datetime) -> DateTime:
    return instance(moment)


def midnight() -> DateTime:
    return at(datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0))


def next_after(last: DateTime | None) -> DagRunInfo:
    """The next run, after one that was due then."""
    found = BOTH.next_dagrun_info(
        last_automated_data_interval=None if last is None else DataInterval.exact(last),
        restriction=TimeRestriction(at(datetime(2026, 1, 1, tzinfo=timezone.utc)), None, catchup=False),
    )
    assert found is not None
    return found


def run_id(run_after: DateTime, run_type: DagRunType = DagRunType.SCHEDULED) -> str:
    return BOTH.generate_run_id(run_type=run_type, run_after=run_after, data_interval=None)


def test_a_nightly_run_that_is_due_goes_first_even_if_quick_ones_are_due_as_well() -> None:
    """As after a scheduler that stood still from before midnight until now."""
    assert next_after(midnight() - QUARTER).run_after == midnight()
    assert next_after(None).run_after == midnight()


def test_quick_runs_follow_it_and_those_that_were_missed_are_left_out() -> None:
    first = next_after(midnight()).run_after
    assert first > midnight()
    assert first >= at(datetime.now(timezone.utc)) - QUARTER
    assert next_after(first).run_after == first + QUARTER


def test_run_ids_tell_the_runs_apart_and_where_both_are_due_there_is_only_a_nightly_one() -> None:
    assert run_id(midnight()) == f"scheduled__{midnight().isoformat()}"
    assert run_id(midnight() + QUARTER) == f"quick__{(midnight() + QUARTER).isoformat()}"
    assert run_id(midnight() + QUARTER, DagRunType.MANUAL).startswith("manual__")
    assert next_after(midnight() + DAY - QUARTER).run_after == midnight() + DAY


def test_only_a_scheduled_run_is_a_quick_one_by_its_id() -> None:
    assert QUICK_RUN == run_types.QUICK_RUN
    assert run_types.is_quick_slot("scheduled", run_id(midnight() + QUARTER))
    assert not run_types.is_quick_slot("manual", "quick__2026-11-22T00:15:00+00:00")
    assert not run_types.is_quick_slot("scheduled", run_id(midnight()))


@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")  # Airflow's own, of .airflowignore
def test_airflow_stores_it_and_reads_it_again() -> None:
    again: Any = decode_timetable(encode_timetable(psa_dag("connectwise", **SCHEDULES).timetable))
    assert again.serialize() == BOTH.serialize()
    assert again.summary == "0 0 * * *, quick */15 * * * *"


SCHEDULES: dict[str, Any] = {"schedule": "@daily", "quick_schedule": "*/15 * * * *"}


def test_without_a_second_schedule_the_dag_is_as_before() -> None:
    plain: Any = psa_dag("connectwise", schedule="@daily")
    assert plain.schedule == "@daily"


def test_quick_runs_without_a_nightly_one_are_refused() -> None:
    with pytest.raises(ConfigError, match="need a nightly run beside them"):
        psa_dag("connectwise", schedule=None, quick_schedule="*/15 * * * *")


def test_the_form_offers_quick_runs_where_a_table_can_be_asked_for_changes() -> None:
    assert {vendor for vendor in NAMES if any(stream.changed for stream in load(vendor).streams)} == QUICK
    for vendor in NAMES:
        assert ("quick" in psa_dag(vendor, schedule=None).params.get_param("extent").schema["enum"]) == (
            vendor in QUICK
        )
