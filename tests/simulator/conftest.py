"""A small simulated tenant, and a client that knows its credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from simulator.faults.base import Fault
from simulator.server import Simulator
from simulator.world import World

ACCEPT = "application/vnd.connectwise.com+json; version=2025.1"


class Client:
    """A well-behaved client; a test that wants another header or key says so."""

    def __init__(self, simulator: Simulator) -> None:
        own = simulator.connection
        self.simulator = simulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (own["login"], own["password"])
        self.session.headers.update({**own["extra"], "Accept": ACCEPT})

    def ask(
        self,
        path: str,
        *,
        codebase: str = "v4_6_release",
        headers: Mapping[str, str | None] | None = None,
        **query: Any,
    ) -> requests.Response:
        """The answer, whatever it is."""
        url = f"{self.simulator.url}/{codebase}/apis/3.0{path}"
        return self.session.get(url, params=query, headers=headers, timeout=10)  # a header given as None is left out

    def rows(self, path: str, **query: Any) -> Any:
        """The body of a good answer."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path: str, **query: Any) -> list[int]:
        """The ids of one page."""
        return [row["id"] for row in self.rows(path, fields="id", **query)]

    def every_id(self, path: str, *, size: int = 1000) -> list[int]:
        """The ids of a whole listing, read the safest way: each page asks for ids beyond the last."""
        found: list[int] = []
        while True:
            last = found[-1] if found else 0
            page = self.ids(path, conditions=f"id>{last}", orderBy="id asc", pageSize=size)
            found += page
            if len(page) < size:
                return found


@pytest.fixture(scope="session")
def small_world() -> World:
    """A world nobody changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="session")
def served(small_world: World) -> Iterator[Simulator]:
    """One simulator for every test that only reads."""
    with Simulator(small_world, rate_limit=1_000_000) as simulator:
        yield simulator


@pytest.fixture
def client(served: Simulator) -> Iterator[Client]:
    """A client of the unchanging world."""
    one = Client(served)
    yield one
    one.session.close()


@pytest.fixture
def own_world() -> World:
    """A world the test may change."""
    return World(seed=5, companies=12)


@pytest.fixture
def own_client(own_world: World) -> Iterator[Client]:
    """A client of a world of its own, where the test may switch faults on."""
    with Simulator(own_world, rate_limit=1_000_000) as simulator:
        one = Client(simulator)
        yield one
        one.session.close()


def switch_on(client: Client, fault: Fault | str) -> None:
    """Switches a fault on."""
    client.simulator.faults.add(fault)
