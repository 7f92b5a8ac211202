"""The demo from start to end: starts everything, runs the syncs, shows the results, and stays up until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from demo import airflow_home, databases, nightly_run, options, ports, processes, settings, simulator
from demo.airflow_api import AirflowApi
from demo.console import say, step
from demo.errors import DemoError
from demo.options import Options
from demo.postgres import EmbeddedPostgres
from demo.processes import Components
from demo.state import State
from demo.stopping import Stopped, stoppable

PROJECT = Path(__file__).resolve().parent.parent
POSTGRES_PORT = 54329
INTERRUPTED = 130
# Details cost a request each, and the limit of Kaseya BMS is so low that more would take too long for a demo.
SETUP = {"details_per_night": 60}


@dataclass(frozen=True)
class Demo:
    """The running demo."""

    api: AirflowApi
    ui: str
    password: str
    warehouse: str
    psql: Path


def dag_ids() -> list[str]:
    """The DAGs in `dags/`."""
    return sorted(file.stem for file in (PROJECT / "dags").glob("psa_*.py"))


def main() -> int:
    state = State(PROJECT / ".demo")
    try:
        chosen = options.read(os.environ)
        with state.locked():
            return _run(state, chosen)
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _run(state: State, chosen: Options) -> int:
    began = datetime.now(timezone.utc)
    processes.adopt_orphans()
    if processes.marked(state.folder):
        with step("Ending processes of a killed demo"):
            processes.end_marked(state.folder)
    ports.insist_on(chosen.port)
    companies = state.companies(chosen.companies)
    components = Components(state.folder, logs=state.logs, environment=airflow_home.environment(state, PROJECT))
    server = EmbeddedPostgres(state.postgres, port=POSTGRES_PORT)
    finished = False
    with _ended(components, server):
        try:
            with stoppable():
                demo = _started(state, chosen.port, companies, components, server)
                outcomes = nightly_run.perform(
                    demo.api, dag_ids(), started=began, show=_show_task, check=components.check
                )
                finished = True
                _report(demo, outcomes)
                if not chosen.once:
                    _stay(components)
                return 0 if all(outcome.green for outcome in outcomes) else 1
        except Stopped:
            return 0 if finished else INTERRUPTED


@contextmanager
def _ended(components: Components, server: EmbeddedPostgres) -> Iterator[None]:
    try:
        yield
    finally:
        with step("Stopping"):
            components.stop()
            server.stop()
            processes.collect_orphans()


def _started(state: State, port: int, companies: int, components: Components, server: EmbeddedPostgres) -> Demo:
    secrets = state.secrets()
    ui = f"http://{ports.ADDRESS}:{port}"
    with step("Postgres"):
        server.start()
        metadata = databases.create(server, databases.AIRFLOW, password=secrets.airflow_database)
        warehouse = databases.create(server, databases.WAREHOUSE, password=secrets.warehouse_database)
    with step(f"{len(dag_ids())} PSA simulators, {companies} companies each"):
        psas = {
            dag_id: simulator.start(components, PROJECT, dag_id.removeprefix("psa_"), companies=companies)
            for dag_id in dag_ids()
        }
    with step("Airflow's tables"):
        dags, plugins = PROJECT / "dags", PROJECT / "plugins"
        airflow_home.write(state, dags=dags, plugins=plugins, secrets=secrets, database=metadata, port=port)
        airflow_home.migrate(components, PROJECT, database=metadata)
    with step("Airflow"):
        api = airflow_home.start(components, PROJECT, port=port, login=secrets.login)
    with step("Connections, pools and variables"):
        wanted = settings.read(PROJECT / "airflow_settings.yaml")
        to_warehouse = databases.connection_to(server, databases.WAREHOUSE, password=secrets.warehouse_database)
        api.apply(wanted.with_connections({**psas, "psa_warehouse": to_warehouse}).with_setup(SETUP))
    return Demo(api, ui, secrets.login, warehouse, server.psql)


def _show_task(line: str) -> None:
    say(f"    {datetime.now().astimezone():%H:%M:%S}  {line}")


def _report(demo: Demo, outcomes: Sequence[nightly_run.Outcome]) -> None:
    for outcome in outcomes:
        say(f"\n{outcome.summary or f'The run of {outcome.dag_id} left no summary; its log in Airflow says why.'}\n")
    for table, rows in databases.table_sizes(demo.warehouse):
        say(f"  {table:<36} {rows:>9,} rows")
    say(f"\n  Airflow   {demo.ui}/dags")
    say(f"  tickets   {demo.ui}/plugin/psa-tickets")
    say(f"  log in    {airflow_home.USER} / {demo.password}")
    say(f"  psql      {shlex.quote(str(demo.psql))} '{demo.warehouse}'\n")
    for outcome in outcomes:
        if not outcome.green:
            say(f"The run of {outcome.dag_id} failed.")


def _stay(components: Components) -> None:
    say("Everything stays up until Ctrl-C.")
    while True:
        components.check()
        time.sleep(1)
