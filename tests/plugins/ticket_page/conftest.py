"""The help desks at the PSAs, and windows of viewers, for the tests of the ticket page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Browser, expect

from include import connectors
from simulator.ticket_activity import simulate_activity
from simulator.world import World
from tests.support.ticket_browser import Profiles, Viewers, login_cookie
from tests.support.ticket_rig import PageServer, TicketRig
from tests.support.ticket_view import TIMEOUT_MS

CHANGES = 25  # at each help desk today, one every nine minutes


@pytest.fixture(scope="module")
def worlds() -> Mapping[str, World]:
    """A help desk at each PSA, with changes since this morning."""
    now = datetime.now(timezone.utc)
    made = {name: World(seed=7, companies=40, tickets_now=now - timedelta(days=1)) for name in connectors.NAMES}
    for world in made.values():
        for seed in range(CHANGES):
            simulate_activity(world, seed, at=now - timedelta(minutes=9 * (CHANGES - seed)))
    return made


@pytest.fixture(scope="module")
def rig(server: PageServer, worlds: Mapping[str, World]) -> Iterator[TicketRig]:
    with server.rig(worlds) as running:
        yield running


@pytest.fixture(scope="module")
def profiles(rig: TicketRig, browser: Browser) -> Profiles:
    expect.set_options(timeout=TIMEOUT_MS)
    return Profiles(browser, login_cookie(rig.token()))


@pytest.fixture
def viewers(rig: TicketRig, profiles: Profiles) -> Iterator[Viewers]:
    """Viewers in whose windows nothing may go wrong."""
    viewers = Viewers(rig, profiles)
    yield viewers
    for name in connectors.NAMES:
        rig.simulators[name].faults.clear()
    viewers.close()
    assert viewers.browser_errors == []
