"""The ticket page in a real Airflow, with five PSAs and a warehouse that was synced from them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from demo import databases
from demo.postgres import EmbeddedPostgres
from demo.state import State
from include import connectors
from include.model.tickets import Ticket
from simulator.server import Simulator
from simulator.world import World
from tests.support import truth
from tests.support.airflow import ROOT, AirflowRig, airflow, login_of, with_sources
from tests.support.airflow_database import owned_database
from tests.support.databases import Connections
from tests.support.rig import Clock, Rig

# The PSAs that a rig may have, and their vendors.
SOURCES: Mapping[str, str] = {
    **{name: name for name in connectors.NAMES},
    **dict.fromkeys(("waits_hanging", "waits_full", "waits_slow"), "connectwise"),
    "waits_busy": "halopsa",
}
DAGS = '"""Our DAGs, in an Airflow of a test."""\n\nfrom include.dag_factory import psa_dag\n\n' + "".join(
    f'{source} = psa_dag("{vendor}", schedule=None, source="{source}")\n' for source, vendor in SOURCES.items()
)
SYNCED = ("statuses", "companies", "contacts", "ticket_settings")
PASSWORD = "a password for tests"
NO_LIMIT = 1_000_000
PAGE_SIZE = 50  # of ConnectWise
FORGET = "/quick-page/forget"  # of airflow_plugins/quick_page.py
USERS = {
    "viewer": "viewer",
    "operator": "op",
    **dict.fromkeys(("narrow", "blind", "patient"), "viewer"),
    "narrow_operator": "op",
}
"""Those beside the admin, with their roles; tests/support/strict_auth.py says which of them see less."""
WATCHED = Path(__file__).parent / "watched_python"


@dataclass(frozen=True)
class TicketRig:
    """Everything is up; `simulators` by source, which is the vendor's name for the five that were synced."""

    airflow: AirflowRig
    simulators: Mapping[str, Simulator]

    @property
    def url(self) -> str:
        return f"{self.airflow.url}/psa-tickets"

    @property
    def file_log(self) -> Path:
        """Which files Airflow wrote, by watched_python."""
        return file_log(self.airflow.home.parent)

    def tickets(self, vendor: str) -> Mapping[str, Ticket]:
        """The tickets that the PSA has at this moment, by key."""
        return truth.vendor(vendor).tickets(self.simulators[vendor].world)

    def newest_keys(self, vendor: str, matches: Callable[[Ticket], bool]) -> list[str]:
        """The keys that the first page of a list must contain, in its order."""
        found = [one for one in self.tickets(vendor).values() if matches(one)]
        return [one.key for one in sorted(found, key=lambda one: (one.updated_at, one.key), reverse=True)][:PAGE_SIZE]

    def token(self, user: str = "admin") -> str:
        """A login, as the header or the cookie carries it."""
        body = {"username": user, "password": self.airflow.login if user == "admin" else PASSWORD}
        answer = requests.post(f"{self.airflow.url}/auth/token", json=body, timeout=30)
        return str(answer.json()["access_token"])

    def ask(self, method: str, path: str, user: str = "admin", **arguments: Any) -> requests.Response:
        """A request of the page's, by a user."""
        headers = {"Authorization": f"Bearer {self.token(user)}"}
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=60, **arguments)


@dataclass(frozen=True)
class PageServer:
    """An Airflow with the ticket page, which serves one rig after the other; starting it takes longest.

    `quick`: the page's waits take a tenth of the time. It then sends more requests than the vendor allows, which the
    simulators accept.
    """

    postgres: EmbeddedPostgres
    airflow: AirflowRig
    quick: bool

    @contextmanager
    def rig(self, worlds: Mapping[str, World]) -> Iterator[TicketRig]:
        """A simulator for each world, by source, and a warehouse that has synced from the five vendors."""
        limit, password = NO_LIMIT if self.quick else None, secrets.token_hex(12)
        with ExitStack() as stack:
            name, warehouse = stack.enter_context(owned_database(self.postgres, password))
            simulators = {
                source: stack.enter_context(Simulator(world, vendor=SOURCES[source], rate_limit=limit))
                for source, world in worlds.items()
            }
            logins = {source: login_of(simulator) for source, simulator in simulators.items()}
            to_warehouse = databases.connection_to(self.postgres, name, password=password)
            wanted = with_sources(self.airflow.settings, logins).with_connections({"psa_warehouse": to_warehouse})
            self.airflow.api.apply(wanted)
            if self.quick:
                stack.callback(self.airflow.api.call, "POST", FORGET)
            connections = stack.enter_context(Connections(warehouse))
            for vendor in connectors.NAMES:
                Rig(connections, simulators[vendor], truth.vendor(vendor).setup, Clock()).run(*SYNCED)
            with connections.borrow() as connection, connection.transaction():
                connection.execute("DELETE FROM psa.request_budget")  # its times are those of the rig's clock
            yield TicketRig(replace(self.airflow, settings=wanted, warehouse=warehouse), simulators)


@contextmanager
def page_server(postgres: EmbeddedPostgres, folder: Path, *, quick: bool) -> Iterator[PageServer]:
    """Of Airflow it runs the API server only: nothing is scheduled."""
    passwords = folder / "passwords of the test.json"
    logins = {"admin": State(folder).secrets().login, **dict.fromkeys(USERS, PASSWORD)}
    passwords.write_text(json.dumps(logins), encoding="utf-8")
    own = {"HOME": folder / "home", "TMPDIR": folder / "tmp"}
    for place in own.values():
        place.mkdir()
    environment = {
        **{name: str(place) for name, place in own.items()},
        "PYTHONPATH": f"{ROOT}{os.pathsep}{WATCHED}",
        "PSA_TEST_FILE_LOG": str(file_log(folder)),
        "AIRFLOW__CORE__AUTH_MANAGER": "tests.support.strict_auth.StrictAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            ["admin:admin", *(f"{user}:{role}" for user, role in USERS.items())]
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    with airflow(
        postgres,
        folder,
        None,
        dags=DAGS,
        sources={name: {} for name in connectors.NAMES},
        plugins=_plugins(folder) if quick else ROOT / "plugins",
        names=("api-server",),
        environment=environment,
    ) as running:
        yield PageServer(postgres, running, quick)


def file_log(folder: Path) -> Path:
    return folder / "written files.log"


def _plugins(folder: Path) -> Path:
    """A plugins folder with ours and those of the tests."""
    plugins = folder / "plugins"
    plugins.mkdir()
    for place in (ROOT / "plugins", Path(__file__).parent / "airflow_plugins"):
        for plugin in place.iterdir():
            (plugins / plugin.name).symlink_to(plugin)
    return plugins
