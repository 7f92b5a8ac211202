"""Kinds of runs: how Airflow calls them, how we do, and which of them is a Force Sync.

`plugins/psa_force_sync.py` cannot import this, because an import that fails there would stop the whole Airflow; a test
holds it to the same words.
"""

from __future__ import annotations

from collections.abc import Mapping

TAG = "psa-sync"
"""The tag of our DAGs, by which the policy knows them."""
POLICY_MODULE = "psa_force_sync"
"""The module in plugins/ that moves a Force Sync to its pool."""
NO_POOL = "Airflow has no pool"
"""How the policy's note on a run begins when the run's pool does not exist."""
FORCE_SYNC = "Force Sync"
RUN_TYPES: Mapping[str, str] = {
    "manual": FORCE_SYNC,
    "asset_materialization": FORCE_SYNC,
    "scheduled": "Nightly sync",
    "backfill": "Backfill",
    "asset_triggered": "Sync started by an asset",
    "operator_triggered": "Sync started by another DAG",
}
"""Airflow's types of runs, and what a person reads."""


QUICK_RUN = "quick__"
"""How the run ids of quick runs begin that the DAG's second schedule starts."""


def is_quick_slot(run_type: str, run_id: str) -> bool:
    """Whether the second schedule started a run. A person can type any run id, but not start a scheduled run."""
    return run_type == "scheduled" and run_id.startswith(QUICK_RUN)


def name_of(run_type: str, *, is_quick: bool) -> str:
    """What a person reads for a run of this type."""
    if not is_quick:
        return RUN_TYPES[run_type]
    return "Quick sync" if run_type == "scheduled" else f"Quick {RUN_TYPES[run_type]}"


def is_force_sync(run_type: str) -> bool:
    """Whether a person asked for a run of this type."""
    return RUN_TYPES[run_type] == FORCE_SYNC
