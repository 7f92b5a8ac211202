"""A sync between a simulator and a real Postgres, without a scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any

import requests
from psycopg.rows import dict_row

from include import connectors
from include.http.session import PsaLogin
from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.limits import Lane, Limits, Pace
from include.model.request import Request
from include.model.run import Run
from include.model.setup import Setup
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from include.sync.run_trigger import RunTrigger
from include.warehouse.budget import shared_budget
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Warehouse
from simulator.server import Simulator
from simulator.world import World
from tests.support.databases import Connections
from tests.support.worlds import new_world


class Clock:
    """A clock that moves when a client sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.moving = Lock()

    def __call__(self) -> float:
        return self.seconds

    def moment(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=timezone.utc) + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        with self.moving:
            self.seconds += seconds


@dataclass
class Rig:
    """One PSA and one warehouse; each `run()` is a whole run."""

    connections: Connections
    simulator: Simulator
    setup: Setup = field(default_factory=Setup)
    clock: Clock = field(default_factory=Clock)
    lane: Lane = Lane.NIGHTLY
    slept: list[float] = field(default_factory=list)
    patience_seconds: float = 1.0
    """How long a client really waits for an answer."""
    runs: int = 0

    @property
    def dsn(self) -> str:
        return self.connections.dsn

    @property
    def vendor(self) -> str:
        return self.simulator.vendor

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.connections.borrow)

    def login(self, **changes: Any) -> PsaLogin:
        """What a person would have typed into the Airflow connection."""
        typed = self.simulator.connection
        return replace(PsaLogin(conn_id=f"psa_{self.vendor}", origin=self.simulator.url, **typed), **changes)

    def client(self, **changes: Any) -> Any:
        """An open login of its own, which never really sleeps."""
        return self.connected(Unpaced(), self.login(**changes))

    @contextmanager
    def open_client(self) -> Iterator[Any]:
        """An open login on the shared budget, by the rig's own clock: hours of waiting pass at once."""
        connector, login = connectors.load(self.vendor), self.login()
        with shared_budget(self.warehouse, connector.account_key(login), connector.limits, self.lane) as budget:
            budget.now, budget.sleep, budget.clock = self.clock.moment, self.clock.sleep, self.clock
            yield self.connected(budget, login)

    def connected(self, pace: Pace, login: PsaLogin) -> Any:
        """An open login that asks this pace."""
        session = requests.Session()
        session.trust_env = False
        client: Any = connectors.load(self.vendor).connect(session, login, pace)
        client.http.sleep = self._slept
        client.http.timeout_seconds = (self.patience_seconds, self.patience_seconds)
        return client

    def _slept(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.sleep(seconds)

    def sync(self, **changes: Any) -> Sync:
        """A new run."""
        self.runs += 1
        return replace(
            Sync(
                connector=connectors.load(self.vendor),
                run=Run(self.vendor, f"psa_{self.vendor}/run {self.runs}"),
                setup=self.setup,
                warehouse=self.warehouse,
                open_client=self.open_client,
            ),
            **changes,
        )

    def run(self, *kinds: str, request: Request | None = None, **changes: Any) -> dict[str, Counts]:
        """Preflight, then extract, load and details of what was asked for, all kinds unless given; counts by table."""
        asked = request or Request(kinds=kinds or tuple(KINDS))
        run = self.sync(request=asked, **changes)
        run = replace(run, company=preflight(run))
        counts: dict[str, Counts] = {}
        for kind in asked.planned:
            if extract(run, kind) is None:
                counts |= load(run, kind)
            read_details(run, kind)
        return counts

    def now(self) -> datetime:
        """The time by Postgres' clock."""
        with self.warehouse.session() as connection:
            return postgres_now(connection)

    def rows(self, table: str, where: str = "true") -> list[dict[str, Any]]:
        """A table's rows, in the order of the first columns."""
        with self.connections.borrow() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"SELECT * FROM psa.{table} WHERE {where} ORDER BY 1, 2, 3").fetchall()

    def state(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Every row of every synced table with its physical place: equal only if nothing was written."""
        with self.connections.borrow() as connection:
            return {
                table: connection.execute(
                    f"SELECT ctid::text, xmin::text, t.* FROM psa.{table} t ORDER BY source, source_id"
                ).fetchall()
                for tables in KINDS.values()
                for table in tables
            }


LIMITS = Limits(requests=1000, seconds=60)


def trigger(request: Request | None = None, **changes: Any) -> RunTrigger:
    """A scheduled run that began at once and took a second, unless changed."""
    due = datetime(2026, 11, 22, tzinfo=timezone.utc)
    usual = RunTrigger("scheduled", request or Request(), None, None, due, due, due + timedelta(seconds=1))
    return replace(usual, **changes)


class Unpaced:
    """A pace without limits, for the only client of a simulator."""

    def turn(self, _endpoint: str) -> AbstractContextManager[float]:
        return nullcontext(0.0)

    def count_in(self, _run: Run, _table: str) -> None:
        pass

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def pause(self, _endpoint: str, seconds: float) -> float:
        return seconds


@contextmanager
def rig(dsn: str, world: World | None = None, *, setup: Setup | None = None, **simulator: Any) -> Iterator[Rig]:
    """A rig around a small world, on a clock of its own; more than the vendor allows is never asked."""
    clock = Clock()
    with (
        Connections(dsn) as connections,
        Simulator(world or new_world(), clock=clock, **simulator) as running,
    ):
        yield Rig(connections, running, setup or Setup(), clock)
    assert "rate_limit" in simulator or not running.budget.refused, "more was asked than the vendor allows"
