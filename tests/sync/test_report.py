"""What the summary says of the trigger of a run."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from airflow.utils.types import DagRunType

from include.model import run_types
from include.model.request import QUICK, Request
from include.model.run_types import FORCE_SYNC, RUN_TYPES
from plugins import psa_force_sync
from plugins.psa_force_sync import FORCED_RUNS
from tests.support.rig import trigger

ASKED = datetime(2026, 11, 22, 19, 2, 11, tzinfo=timezone.utc)
FORCED = trigger(
    Request(kinds=("assets",), company="Acme"),
    run_type="manual",
    user="alice",
    asked_at=ASKED,
    began_at=ASKED + timedelta(seconds=4),
    reported_at=ASKED + timedelta(seconds=27),
)


def test_a_forced_run_says_who_asked_for_what_how_long_it_queued_and_ran() -> None:
    assert FORCED.opening == (
        "Force Sync of assets of company 'Acme'; asked for by alice at 2026-11-22 19:02:11 UTC. "
        "It queued 4.0 s and ran 23 s."
    )


def test_a_nightly_run_says_when_it_was_due() -> None:
    due = datetime(2026, 11, 22, tzinfo=timezone.utc)
    told = trigger(began_at=due + timedelta(hours=2), reported_at=due + timedelta(hours=2, seconds=30))
    assert told.opening == (
        "Nightly sync of everything; due at 2026-11-22 00:00:00 UTC. It began 2 h 0 min later and ran 30 s."
    )


@pytest.mark.parametrize(
    ("run_type", "begins"), [("scheduled", "Quick sync of everything"), ("manual", "Quick Force Sync of everything")]
)
def test_a_quick_run_is_named_as_one(run_type: str, begins: str) -> None:
    quick = trigger(Request(extent=QUICK), run_type=run_type)
    assert quick.opening.startswith(f"{begins}; ")
    one_company = trigger(Request(extent=QUICK, company="Acme"), run_type="manual")
    assert one_company.opening.startswith("Force Sync of companies, sites, assets and contacts of company 'Acme'; ")


def test_a_cleared_run_does_not_count_the_time_before_it_was_cleared() -> None:
    later = ASKED + timedelta(days=1)
    cleared = trigger(
        run_type="manual", asked_at=ASKED, began_at=later, reported_at=later + timedelta(seconds=9), cleared=True
    )
    assert cleared.opening == (
        "Force Sync of everything; asked for by an unknown user at 2026-11-22 19:02:11 UTC. "
        "It was cleared since; counted from 2026-11-23 19:02:11 UTC it ran 9.0 s."
    )


@pytest.mark.parametrize("run_type", DagRunType)
def test_every_type_of_run_has_its_word_and_the_policy_agrees_which_are_forced(run_type: DagRunType) -> None:
    assert (RUN_TYPES[run_type.value] == FORCE_SYNC) == (run_type.value in FORCED_RUNS)


def test_what_the_policy_and_the_tasks_both_spell_out_is_spelt_the_same() -> None:
    """The policy imports nothing of ours: a plugins folder has to do without it."""
    assert (psa_force_sync.TAG, psa_force_sync.NO_POOL) == (run_types.TAG, run_types.NO_POOL)
    assert Path(psa_force_sync.__file__).stem == run_types.POLICY_MODULE
