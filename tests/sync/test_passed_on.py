"""What preflight passes on comes out of Airflow as it went in."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from include.model.company import Company
from include.sync.passed_on import PassedOn

BEGAN = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "passed_on",
    [
        PassedOn(),
        PassedOn(asked_at=BEGAN + timedelta(seconds=1), began_at=BEGAN),
        PassedOn(BEGAN, BEGAN, Company("7", "Açme 'Ltd'"), {"server": "https://psa.example", "zone": "3"}),
    ],
)
def test_what_preflight_passes_on_arrives(passed_on: PassedOn) -> None:
    assert PassedOn.from_json(json.loads(json.dumps(passed_on.as_json()))) == passed_on


def test_nothing_is_known_before_preflight_has_begun() -> None:
    assert PassedOn.from_json(None) == PassedOn()
