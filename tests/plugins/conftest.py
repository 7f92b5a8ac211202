"""The Airflow that the tests of all pages share, and a headless Chromium for those that use them as people do."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from demo.postgres import EmbeddedPostgres
from include import connectors
from simulator.world import World
from tests.support.fab_airflow import FabAirflow, fab_airflow
from tests.support.page_client import PageClient
from tests.support.ticket_browser import Picture
from tests.support.ticket_rig import PageServer, page_server

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIETER = ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="session")
def server(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with page_server(postgres, tmp_path_factory.mktemp("page"), quick=True) as running:
        yield running


@pytest.fixture(scope="session")
def fab(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FabAirflow]:
    """An Airflow with FAB's users and rights: `viewer`, `user`, `op` and `admin`."""
    if importlib.util.find_spec("airflow.providers.fab") is None:
        pytest.skip("apache-airflow-providers-fab is not installed")
    with fab_airflow(
        postgres, tmp_path_factory.mktemp("fab"), role="Viewer", others=("User", "Op", "Admin")
    ) as running:
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


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """For the docs, when they are written."""

    def take(window: Page, name: str) -> None:
        if request.config.getoption("--write-docs"):
            window.mouse.move(0, 0)
            window.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    return take


@pytest.fixture(scope="module")
def client(server: PageServer) -> Iterator[PageClient]:
    now = datetime.now(timezone.utc)
    worlds = {name: World(seed=7, companies=8, tickets_now=now) for name in connectors.NAMES}
    with server.rig(worlds) as rig:
        yield PageClient(rig)
