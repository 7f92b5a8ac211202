"""A tenant of each PSA that was synced with an empty setup, and sessions of the page at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from include import connectors
from include.model.setup import Setup
from include.tickets.sessions import Session
from tests.support.databases import EmptyWarehouses
from tests.support.rig import Rig, rig
from tests.support.worlds import new_world

EMPTY = Setup(details_per_night=0)


@pytest.fixture(params=sorted(connectors.NAMES))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tenant(vendor: str, warehouses: EmptyWarehouses) -> Iterator[Rig]:
    """It was synced once, without details."""
    with (
        warehouses.borrow() as dsn,
        rig(dsn, new_world(companies=30, assets=40, contacts=40), setup=EMPTY, vendor=vendor) as running,
    ):
        running.run()
        yield running


@contextmanager
def session_at(running: Rig, **changes: Any) -> Iterator[Session]:
    """A new login, as the page's own; `changes` are to what was typed into the connection."""
    with running.warehouse.session() as connection:
        client = running.client(**changes)
        client.http.is_discreet = True
        yield Session(connectors.load(running.vendor), client, connection)
