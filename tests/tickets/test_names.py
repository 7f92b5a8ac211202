"""Names of the last sync are looked up once a minute, since a list is refreshed more often than synced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from include.model.tickets import Reference, Ticket
from include.tickets.names import KEEP_SECONDS, KnownNames
from include.warehouse.lookups import Lookups
from simulator.world import World
from tests.support.rig import rig

UNKNOWN = "999999"


@dataclass
class Viewing:
    """A session that looks at tickets, and the warehouse behind it."""

    connection: psycopg.Connection
    seconds: float = 0.0
    names: KnownNames = field(init=False)

    def __post_init__(self) -> None:
        self.names = KnownNames(clock=lambda: self.seconds)

    def companies(self, *keys: str) -> list[str | None]:
        tickets = [Ticket(key, key, None, company=Reference(key)) for key in keys]
        found = self.names.of_tickets(tickets, Lookups(self.connection, "connectwise"))
        return [found.name("companies", one.company) for one in tickets]

    def rename(self, key: str, name: str) -> None:
        self.connection.execute("UPDATE psa.companies SET name = %s WHERE source_id = %s", [name, key])


@pytest.fixture
def viewing(warehouse_dsn: str) -> Iterator[Viewing]:
    with rig(warehouse_dsn, World(seed=7, companies=20)) as running:
        running.run("companies")
    with psycopg.connect(warehouse_dsn) as connection:
        yield Viewing(connection)


def test_a_name_is_looked_up_once_a_minute(viewing: Viewing) -> None:
    before = viewing.companies("19", UNKNOWN)
    viewing.rename("19", "Renamed")
    viewing.seconds = KEEP_SECONDS - 1
    assert viewing.companies("19", UNKNOWN) == before
    viewing.seconds = KEEP_SECONDS
    assert viewing.companies("19", UNKNOWN) == ["Renamed", None]


def test_a_key_that_is_new_is_looked_up_at_once(viewing: Viewing) -> None:
    viewing.companies("19")
    viewing.rename("20", "Another")
    assert viewing.companies("20", "19")[0] == "Another"


def test_a_name_that_came_with_the_ticket_is_not_looked_up(viewing: Viewing) -> None:
    ticket = Ticket("1", "1", None, company=Reference("19", "As the PSA says"))
    found = viewing.names.of_tickets([ticket], Lookups(viewing.connection, "connectwise"))
    assert found.name("companies", ticket.company) == "As the PSA says"
    viewing.rename("19", "Renamed")
    assert viewing.companies("19") == ["Renamed"]
