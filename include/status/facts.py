"""What is known of the runs of a PSA: from Airflow, and from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from include.model.limits import Limits
from include.model.psa import Psa
from include.model.run_types import QUICK_RUN, RUN_TYPES, is_force_sync, is_quick_slot
from include.warehouse.ledger_entry import LedgerEntry
from include.warehouse.recent_runs import RowsAt, TableDetails, TableRun

FORCED = frozenset(filter(is_force_sync, RUN_TYPES))


class RunKind(str, Enum):
    """Why there was a run, as far as a picture shows it."""

    NIGHTLY = "nightly"
    FORCED = "forced"
    QUICK = "quick"
    OTHER = "other"


class Outcome(str, Enum):
    """What became of a table in a run."""

    LOADED = "loaded"
    COMPARED = "compared"
    HELD = "held"
    FAILED = "failed"
    UNFINISHED = "unfinished"


OF_STATES = {outcome.value: outcome for outcome in (Outcome.LOADED, Outcome.HELD, Outcome.FAILED)}


@dataclass(frozen=True)
class FailedRun:
    """A run that Airflow shows red."""

    run_id: str
    """As in the ledger: DAG id / run id."""
    began_at: datetime
    task_ids: Sequence[str]
    """The tasks that failed, the first one first."""


@dataclass(frozen=True)
class DagFacts:
    """What Airflow knows of a PSA's DAG."""

    is_paused: bool
    next_run_at: datetime | None = None
    """None if no run is scheduled."""
    running_since: datetime | None = None
    """When the oldest run began that has not ended."""
    progress: Sequence[str] = ()
    """A line for each table that is listed, or whose details are read, at this moment: how far that is."""
    failed: FailedRun | None = None
    """The last run that no person asked for, if it failed."""
    run_types: Mapping[str, str] = field(default_factory=dict)
    """Airflow's type of each of the last runs, by the run's id in the ledger."""

    def kind_of(self, run: TableRun) -> RunKind:
        """Why there was the run. Airflow's database may have been cleaned: then its id shows it."""
        run_id = run.run_id.partition("/")[2]
        begins = run_id.partition("__")[0]
        run_type = self.run_types.get(run.run_id) or ("scheduled" if run_id.startswith(QUICK_RUN) else begins)
        if run.since is not None or is_quick_slot(run_type, run_id):
            return RunKind.QUICK
        if run_type == "scheduled":
            return RunKind.NIGHTLY
        return RunKind.FORCED if run_type in FORCED else RunKind.OTHER


@dataclass(frozen=True)
class PsaFacts:
    """Everything that is known of one PSA."""

    psa: Psa
    title: str
    """Its name, as people use it."""
    dag_id: str
    limit: timedelta
    """How old a table may be."""
    dag: DagFacts
    limits: Limits | None = None
    """How many requests its API allows; None where no one asks for it."""
    remark: str = ""
    """What a person should know about these facts themselves."""


@dataclass(frozen=True)
class Ledger:
    """What the ledger says about several PSAs at one moment."""

    now: datetime
    """By Postgres' clock."""
    complete_as_of: Mapping[tuple[str, str], datetime]
    runs: Mapping[tuple[str, str], Sequence[TableRun]]
    """The last runs of each table, the newest first."""
    rows: Mapping[tuple[str, str], Sequence[RowsAt]]
    """How many rows each table had on each of the last days, the oldest first."""
    details: Mapping[tuple[str, str], TableDetails]
    waiting: Mapping[tuple[str, str], int]
    """How many rows of each table wait for a person to decide whether they may be marked deleted."""
    last_full: Mapping[str, Sequence[LedgerEntry]]
    """The entries of the last run of each PSA that has listed all records of a table."""


def is_full(run: TableRun) -> bool:
    """Whether it listed all records: only then it can find that some are gone."""
    return run.company_source_id is None and run.since is None and not run.dry_run


def outcome_of(run: TableRun) -> Outcome:
    if run.dry_run and run.finished_at is not None:
        return Outcome.COMPARED
    return OF_STATES.get(run.state, Outcome.UNFINISHED)
