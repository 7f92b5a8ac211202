"""A small simulated tenant, and a client that knows its credentials."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.server import Simulator
from simulator.world import World
from tests.simulator.clients import ANY_NUMBER, connect, serve
from tests.simulator.connectwise.client import Client


@pytest.fixture(scope="session")
def small_world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="session")
def served(small_world: World) -> Iterator[Simulator]:
    """One simulator for all tests that only read."""
    with Simulator(small_world, rate_limit=ANY_NUMBER) as simulator:
        yield simulator


@pytest.fixture
def client(served: Simulator) -> Iterator[Client]:
    """A client of the unchanging world."""
    with connect(Client, served) as client:
        yield client


@pytest.fixture
def own_world() -> World:
    """A world that the test may change."""
    return World(seed=5, companies=12)


@pytest.fixture
def own_client(own_world: World) -> Iterator[Client]:
    """A client of a world of its own, where the test may switch faults on."""
    with serve(Client, own_world) as client:
        yield client
