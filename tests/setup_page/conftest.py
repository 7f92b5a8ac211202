"""A tenant of each PSA that was synced with an empty setup, and sessions of the page at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from include import connectors
from include.model.setup import Setup
from include.tickets.sessions import Session
from tests.support.databases import FilledWarehouses
from tests.support.rig import Rig, rig
from tests.support.worlds import new_world

EMPTY = Setup(details_per_night=0)
HOUR_SECONDS = 3600  # after the first run: its requests are in no window any more


@pytest.fixture(params=sorted(connectors.NAMES))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def tenant_at(dsn: str, vendor: str) -> Iterator[Rig]:
    with rig(dsn, new_world(companies=30, assets=40, contacts=40), setup=EMPTY, vendor=vendor) as running:
        yield running


@pytest.fixture
def tenant(vendor: str, filled_warehouses: FilledWarehouses) -> Iterator[Rig]:
    """It was synced once, without details."""
    with tenant_at(filled_warehouses.like(("setup page", vendor), partial(synced, vendor)), vendor) as running:
        running.runs = 1
        running.clock.sleep(HOUR_SECONDS)
        yield running


def synced(vendor: str, dsn: str) -> None:
    with tenant_at(dsn, vendor) as running:
        running.run()


@contextmanager
def session_at(running: Rig, **changes: Any) -> Iterator[Session]:
    """A new login, as the page's own; `changes` are to what was typed into the connection."""
    with running.warehouse.session() as connection:
        client = running.client(**changes)
        client.http.is_discreet = True
        yield Session(connectors.load(running.vendor), client, connection)
