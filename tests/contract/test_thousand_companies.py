"""A thousand companies at every PSA: all of it right, nothing written twice, and never more asked than allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from include import connectors
from tests.support.rig import rig
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

DETAILS = 100_000  # every detail in the first night; in the second as many as usual
# Where each record is a request of its own, fewer of them stand for ten thousand machines: as many as fit into an hour.
FEW = {"assets": 800, "contacts": 500}
WORLDS: Mapping[str, Any] = {"halopsa": FEW, "kaseya_bms": FEW}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.no_cover  # measuring would take as long as the test, which runs what smaller worlds run as well
@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_a_thousand_companies_arrive_whole_and_a_second_run_writes_nothing(warehouse_dsn: str, name: str) -> None:
    psa, world = vendor(name), new_world(companies=1000, **WORLDS.get(name, {}))
    with rig(warehouse_dsn, world, setup=replace(psa.setup, details_per_night=DETAILS), vendor=name) as running:
        counts = running.run()
        assert all(b.inserted == b.fetched - b.duplicate for b in counts.values()), counts
        expected = psa.truth(world, running.setup)
        found = [f"{table} {line}" for table in expected for line in differences(running.rows(table), expected[table])]
        assert found == []
        before = running.state()
        running.setup = replace(psa.setup, details_per_night=None)
        running.run()
        assert running.state() == before
        assert running.simulator.budget.refused == 0
