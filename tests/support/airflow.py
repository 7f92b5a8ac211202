"""A whole Airflow between a simulator and a real Postgres: API server, scheduler, DAG processor and its workers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from demo import airflow_home, databases, settings
from demo.airflow_api import AirflowApi
from demo.ports import ADDRESS, free_port
from demo.postgres import EmbeddedPostgres
from demo.processes import Components, kill, marked
from demo.settings import AirflowSettings, Entity
from demo.state import State
from simulator.server import Simulator
from tests.support.airflow_database import copied_database, owned_database

ROOT = Path(__file__).parent.parent.parent
PROCESSOR = "dag-processor"
NEEDED = ("api-server", "scheduler", PROCESSOR)
PATIENCE_SECONDS = 90
POLL_SECONDS = 0.1
UNFINISHED = ("queued", "running")
# The DAG file of a test stays as it is: once read, it would only be read again every ten seconds.
READ_ONCE = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600"}

T = TypeVar("T")


def pool_and_weight(task: Mapping[str, Any]) -> tuple[str, int]:
    """A task's pool, and its weight in it."""
    return task["pool"], task["priority_weight"]


@dataclass(frozen=True)
class Run:
    """One run of one DAG, by the REST API."""

    airflow: AirflowRig
    dag_id: str
    run_id: str

    @property
    def path(self) -> str:
        return f"/api/v2/dags/{self.dag_id}/dagRuns/{self.run_id}"

    @property
    def facts(self) -> dict[str, Any]:
        return self.airflow.api.run(self.dag_id, self.run_id)

    def task(self, task_id: str) -> dict[str, Any]:
        return self.airflow.api.call("GET", f"{self.path}/taskInstances/{task_id}")

    def tasks(self) -> dict[str, dict[str, Any]]:
        return {task["task_id"]: task for task in self.airflow.api.tasks(self.dag_id, self.run_id)}

    def tries(self, task_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.airflow.api.call("GET", f"{self.path}/taskInstances/{task_id}/tries")[
            "task_instances"
        ]
        return found

    def wait_until_ended(self) -> dict[str, Any]:
        """The run, once it has ended."""
        return self.airflow.until(lambda: facts if (facts := self.facts)["state"] not in UNFINISHED else None)

    def wait_for_state(self, task_id: str, state: str) -> dict[str, Any]:
        """The task, once it has that state."""
        return self.airflow.until(lambda: task if (task := self.task(task_id))["state"] == state else None)

    def clear(self, *task_ids: str) -> None:
        """What the button in the grid does."""
        body = {"dag_run_id": self.run_id, "task_ids": task_ids, "dry_run": False, "only_failed": False}
        self.airflow.api.call("POST", f"/api/v2/dags/{self.dag_id}/clearTaskInstances", json=body)

    def pools_and_weights(self) -> set[tuple[str, int]]:
        """Pool and weight of all its tasks; a single pair if all are treated alike."""
        return {pool_and_weight(task) for task in self.tasks().values()}


@dataclass(frozen=True)
class AirflowRig:
    """Everything is up, and every DAG has been read."""

    api: AirflowApi
    components: Components
    settings: AirflowSettings
    home: Path
    warehouse: str
    url: str
    login: str
    start: Callable[[], AirflowApi]

    def restart(self) -> None:
        """Restart all components, so that they read their configuration and policies again; logins stay valid."""
        self.components.stop()
        self.start()

    def until(self, look: Callable[[], T | None]) -> T:
        """The result of `look`, once it is not None."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := look()) is None:
            self.components.check()
            assert time.monotonic() < deadline, f"nothing within {PATIENCE_SECONDS} seconds"
            time.sleep(POLL_SECONDS)
        return found

    def trigger(self, dag_id: str, **body: Any) -> Run:
        """Trigger a run, as the form in the UI does: it posts to the same address."""
        facts = self.api.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, **body})
        return Run(self, dag_id, facts["dag_run_id"])

    def first_run(self, dag_id: str, run_type: str) -> Run:
        """The first run of that type, once Airflow has made it."""
        path, query = f"/api/v2/dags/{dag_id}/dagRuns", {"run_type": run_type, "order_by": "id"}
        runs = self.until(lambda: self.api.call("GET", path, params=query)["dag_runs"] or None)
        return Run(self, dag_id, runs[0]["dag_run_id"])

    def cli(self, *words: str) -> None:
        """The `airflow` command, by hand."""
        self.components.run("airflow-cli", airflow_home.command(*words), cwd=ROOT)

    @contextmanager
    def full_pools(self) -> Iterator[None]:
        """No slot is free in our pools during the block, so runs wait; at its end they are given up."""
        self.api.apply(replace(self.settings, pools=tuple({**pool, "slots": 0} for pool in self.settings.pools)))
        yield
        self.give_up_runs()
        self.api.apply(self.settings)

    @contextmanager
    def no_pools(self) -> Iterator[None]:
        """Our pools do not exist during the block."""
        for pool in self.settings.pools:
            self.api.call("DELETE", f"/api/v2/pools/{pool['name']}")
        yield
        self.api.apply(self.settings)

    def give_up_runs(self) -> None:
        path, query = "/api/v2/dags/~/dagRuns", {"state": UNFINISHED}
        for run in self.api.call("GET", path, params=query)["dag_runs"]:
            self.api.give_up(run["dag_id"], run["dag_run_id"], note="no longer needed")


@contextmanager
def airflow(
    server: EmbeddedPostgres,
    folder: Path,
    simulator: Simulator | None,
    *,
    dags: str,
    sources: Mapping[str, Entity],
    plugins: Path = ROOT / "plugins",
    names: Sequence[str] = NEEDED,
    environment: Mapping[str, str] | None = None,
) -> Iterator[AirflowRig]:
    """An Airflow whose DAG file is `dags`; each of `sources` gets a connection, the simulator's but for what is said.

    It is set up from airflow_settings.yaml as the demo is; `names` are the components that run.
    """
    state = State(folder)
    made_up = state.secrets()
    read_once = READ_ONCE if PROCESSOR in names else {}
    inherited = {**airflow_home.environment(state, ROOT), **read_once, **(environment or {})}
    components = Components(folder, logs=state.logs, environment=inherited)
    (folder / "dags").mkdir()
    (folder / "dags" / "of_the_test.py").write_text(dags, encoding="utf-8")
    port = free_port()
    write = partial(airflow_home.write, state, dags=folder / "dags", plugins=plugins, secrets=made_up, port=port)

    def fill(database: str) -> None:
        """Create Airflow's tables, and store the DAGs when no DAG processor will do it."""
        write(database=database)
        airflow_home.migrate(components, ROOT, database=database)
        if PROCESSOR not in names:
            components.run("airflow-dags", airflow_home.command("dags", "reserialize"), cwd=ROOT)

    with ExitStack() as stack:
        model = "airflow_tables" if PROCESSOR in names else f"airflow_{sha256(dags.encode()).hexdigest()[:12]}"
        metadata = stack.enter_context(copied_database(server, model, fill, password=made_up.airflow_database))
        name, warehouse = stack.enter_context(owned_database(server, made_up.warehouse_database))
        stack.callback(_end, components, folder)
        write(database=metadata)
        start = partial(airflow_home.start, components, ROOT, port=port, login=made_up.login, names=names)
        api, url = start(), f"http://{ADDRESS}:{port}"
        to_warehouse = databases.connection_to(server, name, password=made_up.warehouse_database)
        login = {} if simulator is None else login_of(simulator)
        wanted = _settings(sources, login).with_connections({"psa_warehouse": to_warehouse})
        api.apply(wanted)
        rig = AirflowRig(api, components, wanted, state.airflow_home, warehouse, url, made_up.login, start)
        for source in sources:
            rig.until(lambda: _parsed(api, f"psa_{source}"))  # noqa: B023
        yield rig


def _end(components: Components, folder: Path) -> None:
    """By force, which is what `stop` comes to: Airflow takes seconds to leave, and its databases are dropped anyway."""
    kill(marked(folder))
    components.stop()


def login_of(simulator: Simulator) -> Entity:
    """What leads to it, as a connection."""
    at, typed = urlsplit(simulator.url), simulator.connection
    return {
        "host": ADDRESS,
        "port": at.port,
        "schema": "http",
        "login": typed["login"],
        "password": typed["password"],
        "extra": json.dumps(typed["extra"]),
    }


def _settings(sources: Mapping[str, Entity], login: Entity) -> AirflowSettings:
    """The project's own, and those of the sources."""
    wanted = settings.read(ROOT / "airflow_settings.yaml").with_connections({"psa_connectwise": login})
    return with_sources(wanted, sources)


def with_sources(wanted: AirflowSettings, sources: Mapping[str, Entity]) -> AirflowSettings:
    """With a connection per source, like that of ConnectWise but for what is said."""
    by_id = {one["connection_id"]: one for one in wanted.connections}
    model = by_id["psa_connectwise"]
    for source, changes in sources.items():
        by_id[f"psa_{source}"] = {**model, "connection_id": f"psa_{source}", **changes}
    return replace(wanted, connections=tuple(by_id.values()))


def _parsed(api: AirflowApi, dag_id: str) -> bool | None:
    errors = api.import_errors()
    assert not errors, errors[0]["stack_trace"]
    return api.dag(dag_id) is not None or None
