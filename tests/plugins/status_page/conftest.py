"""Five PSAs in the Airflow that the tests of the pages share, and windows of people who look at their status."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from include import connectors
from include.warehouse.connection import Connection
from simulator.world import World
from tests.support.status_view import StatusViewers
from tests.support.ticket_browser import Profiles, login_cookie
from tests.support.ticket_rig import PageServer, TicketRig
from tests.support.ticket_view import TIMEOUT_MS

LEDGER = "TRUNCATE psa.sync_runs, psa.sync_watermarks, psa.sync_rejects, psa.detail_runs, psa.held_deletions"


@pytest.fixture(scope="module")
def rig(server: PageServer) -> Iterator[TicketRig]:
    with server.rig({name: World(seed=7, companies=3) for name in connectors.NAMES}) as running:
        yield running


@pytest.fixture(scope="module")
def profiles(rig: TicketRig, browser: Browser) -> Profiles:
    expect.set_options(timeout=TIMEOUT_MS)
    return Profiles(browser, login_cookie(rig.token()))


@pytest.fixture
def ledger(rig: TicketRig) -> Iterator[Connection]:
    """An empty ledger."""
    with psycopg.connect(rig.airflow.warehouse, autocommit=True) as connection:
        connection.execute(LEDGER)
        yield connection


@pytest.fixture
def viewers(rig: TicketRig, profiles: Profiles) -> Iterator[StatusViewers]:
    """People in whose windows nothing may go wrong."""
    viewers = StatusViewers(rig, profiles)
    yield viewers
    viewers.close()
    assert viewers.browser_errors == []
