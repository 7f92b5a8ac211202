"""An Airflow whose users and rights are kept by the FAB provider: its API server only, with a user or more."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import requests

from demo import airflow_home
from demo.airflow_api import AirflowApi
from demo.ports import ADDRESS, free_port
from demo.postgres import EmbeddedPostgres
from demo.processes import Components, kill, marked
from demo.state import State
from tests.support.airflow_database import owned_database

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "AIRFLOW__FAB__CACHE_TTL": "1",  # seconds until a right counts that was given to a role
}
USER, PASSWORD = "viewer", "a password for tests"
# Several commands in one process, which imports Airflow once.
COMMANDS = """
import json, sys
from airflow.__main__ import main
for command in json.loads(sys.argv[1]):
    sys.argv[1:] = command
    main()
"""


@dataclass(frozen=True)
class FabAirflow:
    """It is up, and knows the project's DAGs."""

    url: str
    components: Components

    @cached_property
    def token(self) -> str:
        """A login of the first user."""
        return self.token_of(USER)

    def token_of(self, user: str) -> str:
        """A login of any user."""
        answer = requests.post(f"{self.url}/auth/token", json={"username": user, "password": PASSWORD}, timeout=60)
        return str(answer.json()["access_token"])

    def cli(self, *commands: str) -> None:
        """`airflow` commands, one after the other."""
        words = json.dumps([shlex.split(command) for command in commands])
        self.components.run("airflow-cli", [sys.executable, "-c", COMMANDS, words], cwd=ROOT)


@contextmanager
def fab_airflow(
    server: EmbeddedPostgres, folder: Path, *, role: str, others: Sequence[str] = ()
) -> Iterator[FabAirflow]:
    """Start it, with one user who has the role, and one of each other role, who has its name."""
    state, port = State(folder), free_port()
    secrets = state.secrets()
    inherited = {**airflow_home.environment(state, ROOT), **SETTINGS}
    components = Components(folder, logs=state.logs, environment=inherited)
    with ExitStack() as stack:
        _, database = stack.enter_context(owned_database(server, secrets.airflow_database))
        stack.callback(_end, components, folder)
        airflow_home.write(
            state, dags=ROOT / "dags", plugins=ROOT / "plugins", secrets=secrets, database=database, port=port
        )
        airflow = FabAirflow(f"http://{ADDRESS}:{port}", components)
        people = [new_user(role, USER), *(new_user(other, other.lower()) for other in others)]
        airflow.cli("db migrate", *people, "dags reserialize")
        components.start("api-server", airflow_home.command("api-server"), cwd=ROOT)
        AirflowApi(airflow.url).wait_until_up(components.check)
        yield airflow


def new_user(role: str, user: str) -> str:
    """The command that creates a user."""
    name = f"--email {user}@example.com --firstname Vera --lastname Viewer"
    return f"users create --role {role} --username {user} --password '{PASSWORD}' {name}"


def _end(components: Components, folder: Path) -> None:
    kill(marked(folder))
    components.stop()
