"""Airflow's home for the demo: its configuration, its one user, and its database tables.

The configuration is a file rather than a set of variables, so that the `airflow` command works by hand as well.
"""

from __future__ import annotations

import configparser
import importlib.metadata
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from demo.airflow_api import AirflowApi
from demo.ports import ADDRESS
from demo.processes import Components
from demo.state import Secrets, State, write_privately

USER = "admin"
COMPONENTS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # the log servers would listen on every address; on one
    "triggerer": ("triggerer", "--skip-serve-logs"),  # machine the API server reads the log files itself
    "dag-processor": ("dag-processor",),
}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *words]


def environment(state: State, project: Path) -> dict[str, str]:
    """The environment of the demo's Airflow, without the variables of any other Airflow."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {**inherited, "AIRFLOW_HOME": str(state.airflow_home), "PYTHONPATH": str(project), "PYTHONUNBUFFERED": "1"}


def write(state: State, *, dags: Path, plugins: Path, secrets: Secrets, database: str, port: int) -> None:
    state.airflow_home.mkdir(exist_ok=True)
    passwords = state.airflow_home / "passwords.json"
    write_privately(passwords, json.dumps({USER: secrets.login}))
    parser = configparser.RawConfigParser()
    parser.read_dict(_escaped(_configuration(state, dags, plugins, secrets, database, port, passwords)))
    text = io.StringIO()
    parser.write(text)
    write_privately(state.airflow_home / "airflow.cfg", text.getvalue())


def migrate(components: Components, project: Path, *, database: str) -> None:
    """Creates Airflow's tables. A comment on the database marks them as done: Airflow's own check takes seconds."""
    done = f"Tables of Airflow {importlib.metadata.version('apache-airflow')}"
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database'), datname FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        if row is None or row[0] == done:
            return
        components.run("airflow-db-migrate", command("db", "migrate"), cwd=project)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(row[1]), sql.Literal(done)))


def start(
    components: Components, project: Path, *, port: int, login: str, names: Iterable[str] = COMPONENTS
) -> AirflowApi:
    """Starts all or some components of Airflow; returns, logged in, when the API answers."""
    for name in names:
        components.start(name, command(*COMPONENTS[name]), cwd=project)
    api = AirflowApi(f"http://{ADDRESS}:{port}")
    api.wait_until_up(components.check)
    api.log_in(USER, login)
    return api


def _configuration(
    state: State, dags: Path, plugins: Path, secrets: Secrets, database: str, port: int, passwords: Path
) -> Mapping[str, Mapping[str, object]]:
    return {
        "core": {
            "dags_folder": dags,
            "plugins_folder": plugins,
            "executor": "LocalExecutor",
            "parallelism": 18,  # the slots of both pools, and two for the default one; they start as they are needed
            "load_examples": False,
            "fernet_key": secrets.fernet_key,
            "hostname_callable": "socket.gethostname",
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": passwords,
            "execution_api_server_url": f"http://{ADDRESS}:{port}/execution/",
        },
        "database": {
            "sql_alchemy_conn": database.replace("postgresql://", "postgresql+psycopg2://"),
            "sql_alchemy_pool_size": 3,
        },
        "logging": {
            "base_log_folder": state.airflow_home / "logs",
            "colored_console_log": False,
        },
        "api": {
            "host": ADDRESS,
            "port": port,
            "base_url": f"http://{ADDRESS}:{port}",
            "workers": 1,
            "secret_key": secrets.signing_key,
        },
        "api_auth": {"jwt_secret": secrets.signing_key},
        "scheduler": {
            # Runs of a killed demo are continued within seconds instead of minutes.
            "scheduler_health_check_threshold": 15,
            "orphaned_tasks_check_interval": 15,
            "task_instance_heartbeat_timeout": 60,
        },
        # A task's supervisor keeps its slot for up to this time after the task has ended.
        "workers": {"min_heartbeat_interval": 1},
        "dag_processor": {
            "parsing_processes": 1,
            "refresh_interval": 10,
            "bundle_refresh_check_interval": 1,
            "min_file_process_interval": 10,
        },
    }


def _escaped(configuration: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str]]:
    """Escapes %, which Airflow would read as the start of a reference."""
    return {
        section: {name: str(value).replace("%", "%%") for name, value in options.items()}
        for section, options in configuration.items()
    }
