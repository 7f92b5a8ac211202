"""The ticket page as people meet it: a real Airflow, five PSAs, and a warehouse that has had its night."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from demo.postgres import EmbeddedPostgres
from demo.state import State
from include import connectors
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import ROOT, AirflowRig, airflow, login_of
from tests.support.databases import Connections
from tests.support.rig import Clock, Rig
from tests.support.truth import vendor

DAGS = '"""Our DAGs, in an Airflow of a test."""\n\nfrom include.dag_factory import psa_dag\n\n' + "".join(
    f'{name} = psa_dag("{name}", schedule=None)\n' for name in connectors.NAMES
)
SYNCED = ("statuses", "companies", "contacts", "ticket_settings")
PASSWORD = "a password for tests"
NO_LIMIT = 1_000_000
USERS = ("admin:admin", "narrow:viewer", "blind:viewer")


@dataclass(frozen=True)
class TicketRig:
    """Everything is up; `simulators` by vendor."""

    airflow: AirflowRig
    simulators: Mapping[str, Simulator]

    @property
    def url(self) -> str:
        return f"{self.airflow.url}/psa-tickets"

    def token(self, user: str = "admin") -> str:
        """A login, as the header or the cookie carries it."""
        body = {"username": user, "password": self.airflow.login if user == "admin" else PASSWORD}
        answer = requests.post(f"{self.airflow.url}/auth/token", json=body, timeout=30)
        return str(answer.json()["access_token"])

    def ask(self, method: str, path: str, user: str = "admin", **arguments: Any) -> requests.Response:
        """A request of the page's, by a user."""
        headers = {"Authorization": f"Bearer {self.token(user)}"}
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=60, **arguments)


@contextmanager
def ticket_page(
    server: EmbeddedPostgres, folder: Path, worlds: Mapping[str, World], *, quick: bool = True
) -> Iterator[TicketRig]:
    """An Airflow that runs its API server only, with a simulator for each world; nothing is scheduled.

    `quick`: the page's waits take a tenth of the time. It then sends more requests than the vendor allows, which the
    simulators accept.
    """
    passwords = folder / "passwords of the test.json"
    logins = {"admin": State(folder).secrets().login, **dict.fromkeys(("narrow", "blind"), PASSWORD)}
    passwords.write_text(json.dumps(logins), encoding="utf-8")
    own = {"HOME": folder / "home", "TMPDIR": folder / "tmp"}  # so that it is known where its programs write
    for place in own.values():
        place.mkdir()
    environment = {
        **{name: str(place) for name, place in own.items()},
        "AIRFLOW__CORE__AUTH_MANAGER": "tests.support.strict_auth.StrictAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(USERS),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    with ExitStack() as stack:
        limit = NO_LIMIT if quick else None
        simulators = {
            name: stack.enter_context(Simulator(world, vendor=name, rate_limit=limit)) for name, world in worlds.items()
        }
        sources = {name: login_of(simulator) for name, simulator in simulators.items()}
        running = stack.enter_context(
            airflow(
                server,
                folder,
                simulators["connectwise"],
                dags=DAGS,
                sources=sources,
                plugins=_plugins(folder) if quick else ROOT / "plugins",
                names=("api-server",),
                environment=environment,
            )
        )
        with Connections(running.warehouse) as connections:
            for name, simulator in simulators.items():
                Rig(connections, simulator, vendor(name).setup, Clock()).run(*SYNCED)
        yield TicketRig(running, simulators)


def _plugins(folder: Path) -> Path:
    """A plugins folder with ours and those of the tests."""
    plugins = folder / "plugins"
    plugins.mkdir()
    for place in (ROOT / "plugins", Path(__file__).parent / "airflow_plugins"):
        for plugin in place.iterdir():
            (plugins / plugin.name).symlink_to(plugin)
    return plugins
