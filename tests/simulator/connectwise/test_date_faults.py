"""Servers that read dates in conditions in ways of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.server import Simulator
from simulator.world import World
from tests.simulator.clients import connect
from tests.simulator.connectwise.client import Client

PATH = "/company/configurations"
HOURS = 8


@pytest.mark.parametrize("condition", ["{date}", "(company/id>0 and {date}) and activeFlag!=null", "not (not {date})"])
@pytest.mark.parametrize(
    ("fault", "fits"), [("ignored_dates", "all"), ("empty_dates", "none"), (f"local_dates:hours=-{HOURS}", "later")]
)
def test_a_date_is_read_as_the_fault_says_wherever_it_stands(fault: str, fits: str, condition: str) -> None:
    world = World(seed=7, companies=5)
    changed = sorted(asset.updated_at for asset in world.assets.values())
    since = changed[len(changed) // 2] - timedelta(hours=HOURS)
    later = {asset.id for asset in world.assets.values() if asset.updated_at > since + timedelta(hours=HOURS)}
    expected = {"all": set(world.assets.ids), "none": set(), "later": later}[fits]
    with Simulator(world, faults=[fault]) as simulator, connect(Client, simulator) as client:
        found = client.ids(
            PATH, conditions=condition.format(date=f"lastUpdated>[{since:%Y-%m-%dT%H:%M:%SZ}]"), pageSize=1000
        )
    assert set(found) == expected
