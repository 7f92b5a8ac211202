"""The service that the page uses where no test overrides it. The other tests here use one whose waits are shorter."""

from __future__ import annotations

import asyncio
import importlib
import json
import warnings
from collections.abc import Iterator, Sequence
from types import ModuleType

import pytest
from psycopg.conninfo import conninfo_to_dict

from include.model.tickets import State
from include.tickets.query import Filters
from include.tickets.sessions import Psa
from simulator.server import Simulator
from simulator.world import World
from tests.support import truth
from tests.support.airflow import login_of


@pytest.fixture(scope="module")
def page() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        return importlib.import_module("psa_ticket_page.app")


@pytest.fixture
def simulator(warehouse_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A PSA and a warehouse with the connections that Airflow would give."""
    warehouse = conninfo_to_dict(warehouse_dsn)
    in_warehouse = {"conn_type": "postgres", "login": warehouse["user"], "schema": warehouse["dbname"]}
    in_warehouse |= {name: warehouse[name] for name in ("host", "port", "password")}
    with Simulator(World(seed=7, companies=3)) as running:
        psa = {"conn_type": "http", **login_of(running)}
        monkeypatch.setenv("AIRFLOW_CONN_PSA_WAREHOUSE", json.dumps(in_warehouse))
        monkeypatch.setenv("AIRFLOW_CONN_PSA_CONNECTWISE", json.dumps(psa))
        yield running


def test_the_page_lists_tickets_by_airflows_connections(page: ModuleType, simulator: Simulator) -> None:
    async def ask() -> Sequence[dict[str, str]]:
        service = await page.page_service()
        answer = await service.tickets(Psa("connectwise", "connectwise"), Filters(state=State.ALL))
        tickets: Sequence[dict[str, str]] = answer["tickets"]
        return tickets

    assert page.app.dependency_overrides == {}
    assert {ticket["key"] for ticket in asyncio.run(ask())} == truth.vendor("connectwise").tickets(
        simulator.world
    ).keys()
