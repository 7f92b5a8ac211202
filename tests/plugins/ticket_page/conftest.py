"""The Airflow that the tests here share, and a headless Chromium for those that use the page as people do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.postgres import EmbeddedPostgres
from include import connectors
from simulator.ticket_activity import simulate_activity
from simulator.world import World
from tests.support.page_client import PageClient
from tests.support.ticket_browser import Picture, Profiles, Viewers, login_cookie
from tests.support.ticket_rig import PageServer, TicketRig, page_server
from tests.support.ticket_view import TIMEOUT_MS

IMAGES = Path(__file__).parents[3] / "docs" / "images"
CHANGES = 25  # at each help desk today, one every nine minutes

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIETER = ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="session")
def server(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with page_server(postgres, tmp_path_factory.mktemp("page"), quick=True) as running:
        yield running


@pytest.fixture(scope="module")  # its event loop lets no other run in this thread until it has ended
def browser() -> Iterator[Browser]:
    """The machine's own Chromium; the tests skip where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium on this machine (on Debian: apt install chromium)")
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=[*QUIET, *QUIETER, *as_root])
        yield running
        running.close()


@pytest.fixture(scope="module")
def client(server: PageServer) -> Iterator[PageClient]:
    now = datetime.now(timezone.utc)
    worlds = {name: World(seed=7, companies=8, tickets_now=now) for name in connectors.NAMES}
    with server.rig(worlds) as rig:
        yield PageClient(rig)


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


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """For the docs, when they are written."""

    def take(window: Page, name: str) -> None:
        if request.config.getoption("--write-docs"):
            window.mouse.move(0, 0)
            window.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    return take
