"""Five PSAs to set up, in the Airflow that the tests of the pages share, and windows of people who do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Browser, expect

from include import connectors
from simulator.world import World
from tests.support.page_client import PageClient
from tests.support.setup_view import SetupViewers
from tests.support.ticket_browser import Profiles, login_cookie
from tests.support.ticket_rig import PageServer, TicketRig
from tests.support.ticket_view import TIMEOUT_MS


@pytest.fixture(scope="module")
def rig(server: PageServer) -> Iterator[TicketRig]:
    now = datetime.now(timezone.utc)
    worlds = {name: World(seed=7, companies=30, assets=40, contacts=40, tickets_now=now) for name in connectors.NAMES}
    with server.rig(worlds) as running:
        yield running


@pytest.fixture(scope="module")
def client(rig: TicketRig) -> PageClient:
    return PageClient(rig, page="/psa-setup")


@pytest.fixture
def viewers(rig: TicketRig, browser: Browser) -> Iterator[SetupViewers]:
    """People in whose windows nothing may go wrong."""
    expect.set_options(timeout=TIMEOUT_MS)
    viewers = SetupViewers(rig, Profiles(browser, login_cookie(rig.token())))
    yield viewers
    viewers.close()
    assert viewers.browser_errors == []
