"""What the clients of all vendors share: a session with one simulator, and a simulator that ends with its client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

import requests

from simulator.faults.base import Fault
from simulator.server import Simulator
from simulator.world import World

ANY_NUMBER = 1_000_000


class ApiClient:
    """A client that sends exactly what a test says: no retries, and no settings from the environment."""

    vendor: ClassVar[str]

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.log_in()

    def log_in(self) -> None:
        """Set the credentials that the simulator accepts."""
        raise NotImplementedError

    def switch_on(self, fault: Fault | str) -> None:
        """Switch a fault on."""
        self.simulator.faults.add(fault)


C = TypeVar("C", bound=ApiClient)


@contextmanager
def connect(client: type[C], simulator: Simulator) -> Iterator[C]:
    """A client of a running simulator."""
    connected = client(simulator)
    try:
        yield connected
    finally:
        connected.session.close()


@contextmanager
def serve(
    client: type[C], world: World, *faults: Fault | str, rate_limit: int = ANY_NUMBER, latency_ms: int = 0
) -> Iterator[C]:
    """A client of a simulator of its own, which ends with the block."""
    one = Simulator(world, vendor=client.vendor, faults=faults, rate_limit=rate_limit, latency_ms=latency_ms)
    with one as simulator, connect(client, simulator) as connected:
        yield connected
