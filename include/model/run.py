"""The name of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run of one PSA's sync."""

    source: str
    """Which PSA: the name of the sync, and of its DAG after `psa_`."""
    run_id: str
    """The Airflow run: DAG id / run id."""
