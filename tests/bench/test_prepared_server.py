"""The server of the measurements answers as the simulator does."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest

from bench.prepared_server import LISTINGS, PreparedConnectWise
from simulator.connectwise.api import ROUTER, ConnectWise
from simulator.daily_changes import apply_daily_changes
from simulator.messages import Request, Response
from simulator.world import World


def asked(path: str, query: Mapping[str, str], typed: Mapping[str, str]) -> Request:
    credentials = base64.b64encode(f"{typed['login']}:{typed['password']}".encode()).decode()
    headers = {"authorization": f"Basic {credentials}", "clientid": typed["extra"]["clientId"]}  # type: ignore[index]
    return Request("GET", f"/{ROUTER}/apis/3.0{path}", path, query, headers, b"", "http://psa")


def answers(api: ConnectWise, path: str, **query: str) -> Response:
    return api.respond(asked(path, query, api.connection()), [])


@pytest.mark.parametrize("path", LISTINGS.values())
@pytest.mark.parametrize("query", [{}, {"fields": "id,_info"}, {"conditions": "id>20", "pageSize": "5"}])
def test_it_answers_as_the_simulator_does_also_after_changes(path: str, query: dict[str, str]) -> None:
    world = World(seed=7, companies=4)
    prepared, simulated = PreparedConnectWise(world), ConnectWise(world)
    assert answers(prepared, path, **query) == answers(simulated, path, **query)
    apply_daily_changes(world, adds=1, edits=3, deletes=1)
    assert answers(prepared, path, **query) == answers(simulated, path, **query)
