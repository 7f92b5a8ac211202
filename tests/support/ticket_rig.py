"""The ticket page as people meet it: a real Airflow, five PSAs, and a warehouse that has had its night."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
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
from tests.support.airflow import ROOT, AirflowRig, airflow, login_of
from tests.support.airflow_database import owned_database
from tests.support.databases import Connections
from tests.support.rig import Clock, Rig

DAGS = '"""Our DAGs, in an Airflow of a test."""\n\nfrom include.dag_factory import psa_dag\n\n' + "".join(
    f'{name} = psa_dag("{name}", schedule=None)\n' for name in connectors.NAMES
)
SYNCED = ("statuses", "companies", "contacts", "ticket_settings")
PASSWORD = "a password for tests"
NO_LIMIT = 1_000_000
FORGET = "/quick-page/forget"  # of airflow_plugins/quick_page.py
USERS = ("admin:admin", "narrow:viewer", "blind:viewer")
WATCHED = Path(__file__).parent / "watched_python"


@dataclass(frozen=True)
class TicketRig:
    """Everything is up; `simulators` by vendor."""

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
        """A simulator for each world, and a warehouse that has synced from them."""
        limit, password = NO_LIMIT if self.quick else None, secrets.token_hex(12)
        with ExitStack() as stack:
            name, warehouse = stack.enter_context(owned_database(self.postgres, password))
            simulators = {
                vendor: stack.enter_context(Simulator(world, vendor=vendor, rate_limit=limit))
                for vendor, world in worlds.items()
            }
            logins = {f"psa_{vendor}": login_of(simulator) for vendor, simulator in simulators.items()}
            to_warehouse = databases.connection_to(self.postgres, name, password=password)
            wanted = self.airflow.settings.with_connections({**logins, "psa_warehouse": to_warehouse})
            self.airflow.api.apply(wanted)
            if self.quick:
                stack.callback(self.airflow.api.call, "POST", FORGET)
            connections = stack.enter_context(Connections(warehouse))
            for vendor, simulator in simulators.items():
                Rig(connections, simulator, truth.vendor(vendor).setup, Clock()).run(*SYNCED)
            yield TicketRig(replace(self.airflow, settings=wanted, warehouse=warehouse), simulators)


@contextmanager
def page_server(postgres: EmbeddedPostgres, folder: Path, *, quick: bool) -> Iterator[PageServer]:
    """Of Airflow it runs the API server only: nothing is scheduled."""
    passwords = folder / "passwords of the test.json"
    logins = {"admin": State(folder).secrets().login, **dict.fromkeys(("narrow", "blind"), PASSWORD)}
    passwords.write_text(json.dumps(logins), encoding="utf-8")
    own = {"HOME": folder / "home", "TMPDIR": folder / "tmp"}
    for place in own.values():
        place.mkdir()
    environment = {
        **{name: str(place) for name, place in own.items()},
        "PYTHONPATH": f"{ROOT}{os.pathsep}{WATCHED}",
        "PSA_TEST_FILE_LOG": str(file_log(folder)),
        "AIRFLOW__CORE__AUTH_MANAGER": "tests.support.strict_auth.StrictAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(USERS),
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
