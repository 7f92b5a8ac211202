"""A ConnectWise whose records are rendered once, for measurements of its clients: `python -m bench.prepared_server`.

Its own work would otherwise be part of what is measured: it uses the same processors, and a client waits for it. It
understands all that the simulator does, and has the simulator's own routes; only it knows no limit.
"""

from __future__ import annotations

import argparse
import base64
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import msgspec
import requests
import uvicorn

from simulator.app import App
from simulator.connectwise.api import ROUTER, ConnectWise
from simulator.connectwise.references import Tenant
from simulator.connectwise.resource import Resource
from simulator.connectwise.serving import Call, Serving
from simulator.faults import Faults
from simulator.messages import Record, to_json
from simulator.rate_limit import Budget, Limits, Rate
from simulator.world import World

ROOT = Path(__file__).parent.parent
LISTINGS: Mapping[str, str] = {
    "companies": "/company/companies",
    "contacts": "/company/contacts",
    "assets": "/company/configurations",
}
PAGE_SIZE = 1000
PATIENCE_SECONDS = 120
UNLIMITED = Limits((Rate(10**9),))

Selection = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class PreparedResource(Resource[Any]):
    """A resource that keeps each record as bytes, for each selection of fields."""

    rendered: dict[tuple[str, ...], dict[int, msgspec.Raw]] = field(default_factory=dict)

    def record(self, tenant: Tenant, row: Any, row_id: int, selection: Selection) -> Record:
        """The record, which `to_json` copies as it is."""
        kept = self.rendered.setdefault(tuple(f"{name}/{sorted(parts)}" for name, parts in selection.items()), {})
        if row_id not in kept:
            kept[row_id] = msgspec.Raw(to_json(super().record(tenant, row, row_id, selection)))
        return kept[row_id]  # type: ignore[return-value]


class PreparedServing(Serving):
    """Serves the pages of prepared resources, which are prepared again after each change of the world."""

    def __init__(self) -> None:
        super().__init__()
        self._prepared: dict[tuple[str, int], PreparedResource] = {}

    def page(self, call: Call) -> tuple[list[Record], Mapping[str, str]]:
        """The records of one page, and the header that links to other pages."""
        key = (call.resource.path, call.api.world.version)
        if key not in self._prepared:
            self._prepared = {known: kept for known, kept in self._prepared.items() if known[1] == key[1]}
            parts = {one.name: getattr(call.resource, one.name) for one in fields(call.resource)}
            self._prepared[key] = PreparedResource(**parts)
        return super().page(replace(call, resource=self._prepared[key]))


class PreparedConnectWise(ConnectWise):
    """The simulator's ConnectWise, with prepared records."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._serving = PreparedServing()


@dataclass(frozen=True)
class Server:
    """A running server, from the outside."""

    url: str
    connection: Mapping[str, Any]
    """Login, password and extra of the Airflow connection."""
    selections: list[Mapping[str, str]] = field(default_factory=list)
    """What is rendered."""

    @property
    def requests(self) -> int:
        """How many requests it has received."""
        return int(self._control("GET", "requests")["total"])

    def render(self, selections: Mapping[str, str]) -> None:
        """Render all records of these kinds, with the fields that a client will ask for; empty for all."""
        self.selections.append(selections)
        self._render(selections)

    def _render(self, selections: Mapping[str, str]) -> None:
        for kind, selection in selections.items():
            address: str | None = f"{self.root}{LISTINGS[kind]}"
            params = {"pageSize": str(PAGE_SIZE), "fields": selection}
            while address:
                answer = requests.get(address, params=params, headers=self.headers, timeout=PATIENCE_SECONDS)
                address, params = answer.links.get("next", {}).get("url"), {}

    @property
    def root(self) -> str:
        """The address below which the listings are."""
        return f"{self.url}/{ROUTER}/apis/3.0"

    @property
    def headers(self) -> dict[str, str]:
        """What each request needs."""
        credentials = f"{self.connection['login']}:{self.connection['password']}"
        return {
            "Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}",
            "clientId": self.connection["extra"]["clientId"],
        }

    def edit(self, amounts: Mapping[str, int]) -> None:
        """Edit so many rows of each kind."""
        self._change({"edits": amounts, "deletes": 0})

    def delete(self, amounts: Mapping[str, int]) -> None:
        """Delete so many rows of each kind."""
        self._change({"edits": 0, "deletes": amounts})

    def _change(self, amounts: Mapping[str, Any]) -> None:
        self._control("POST", "daily_changes", {"adds": 0, **amounts})
        for selections in self.selections:
            self._render(selections)

    def _control(self, method: str, route: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.url}/_simulator/{route}", json=body, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def prepared_server(
    *, companies: int, contacts: int, assets: int, sites: int = 0, latency_ms: int = 0
) -> Iterator[Server]:
    """A server in a process of its own, until the end of the block."""
    sizes = {"companies": companies, "sites": sites, "contacts": contacts, "assets": assets, "latency-ms": latency_ms}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "bench.prepared_server", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield Server(**json.loads(process.stdout.readline() if process.stdout else "{}"))
        finally:
            process.terminate()


def main() -> None:
    """Serve until it is terminated. The first line of output has the address and the credentials, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.prepared_server", description=__doc__)
    for name in ("companies", "sites", "contacts", "assets", "latency-ms"):
        parser.add_argument(f"--{name}", type=int, default=0)
    given = parser.parse_args()
    world = World(companies=given.companies, sites=given.sites, contacts=given.contacts, assets=given.assets, tickets=0)
    api = PreparedConnectWise(world)
    app = App(api, faults=Faults(()), budget=Budget(UNLIMITED), latency_seconds=given.latency_ms / 1000)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets NODELAY by proto
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    print(json.dumps({"url": url, "connection": api.connection()}), flush=True)
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
