"""Two schedules in one DAG: the nightly one, and one of quick runs, such as `*/15 * * * *`.

The run ids of quick runs begin with `quick__`. Where both schedules are due at the same moment, there is one run, which
is a nightly one.
"""

from __future__ import annotations

from typing import Any

from include.connectors import QUICK
from include.model.errors import ConfigError

PLUGIN = "psa_quick_runs"


def both(title: str, vendor: str, schedule: str | None, quick_schedule: str) -> Any:
    """The timetable with both; raises ConfigError where there can be no quick runs."""
    if vendor not in QUICK:
        raise ConfigError(f"{title} cannot be asked for what changed, so there are no quick runs: no quick_schedule.")
    if schedule is None:
        raise ConfigError("Quick runs need a nightly run beside them: give a schedule as well as a quick_schedule.")
    try:
        from psa_quick_runs import NightlyAndQuick  # late, since most DAGs need none
    except ImportError as error:
        raise ConfigError(
            f"quick_schedule needs plugins/{PLUGIN}.py of this package in Airflow's plugins folder ({error})."
        ) from None
    return NightlyAndQuick(schedule, quick_schedule)
