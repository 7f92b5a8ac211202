"""The name of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.model.run_types import RUN_TYPES


@dataclass(frozen=True)
class Run:
    """One run of one PSA's sync."""

    source: str
    """Which PSA: the name of the sync, and of its DAG after `psa_`."""
    run_id: str
    """The Airflow run: DAG id / run id."""
    kind: str = field(default=RUN_TYPES["scheduled"], compare=False)
    """The kind of run, as people read it."""
