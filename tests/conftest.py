"""A real Postgres for the tests that need one, and an Airflow that knows nothing of this machine's own."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include.http import session
from tests.support.databases import EmptyWarehouses, FilledWarehouses, database
from tests.support.distribution import SharedAirflows

# The same plans at each run of `make test`, none remembered; `--hypothesis-profile search` looks for others.
settings.register_profile("suite", max_examples=24, derandomize=True, database=None, deadline=None)
settings.register_profile("search", settings.get_profile("suite"), max_examples=500, derandomize=False)
settings.register_profile("long", settings.get_profile("search"), max_examples=1000)
settings.load_profile("long" if "PSA_TEST_LONG" in os.environ else "suite")

ROOT = Path(__file__).parent.parent
FOREIGN = ("AIRFLOW", "PG", "PSA_DEMO")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Some tables in docs/ are what a test saw."""
    parser.addoption("--write-docs", action="store_true", help="write those tables instead of checking them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: at the end, one of them would leave the other workers idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharedAirflows | None:
    """With `--dist loadfile`, files that share an Airflow are given out together."""
    return SharedAirflows(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    """Airflow reads its environment once, when first imported: it must be ours by then."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a test run that is told to end still stops its Postgres
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower() in PROXIES:
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="psa-airflow-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ.update(
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
    )


@pytest.fixture(scope="session", autouse=True)
def airflow_logging() -> None:
    """Airflow sets up logging when a secret is first masked: in the middle of a test it would take its records away."""
    session.mask("nothing secret")


@pytest.fixture(scope="session", autouse=True)
def imported_for_good(airflow_logging: None) -> None:
    """Airflow's modules and the collected tests stay to the end: look for garbage only among what the tests make."""
    gc.freeze()


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    """Each mask makes Airflow compile all earlier ones again, and this process logs in thousands of times."""
    yield
    from airflow.sdk._shared.secrets_masker import reset_secrets_masker

    reset_secrets_masker()
    session._masked.clear()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole session; `PSA_TEST_POSTGRES` chooses its version."""
    home = Path(tempfile.mkdtemp(prefix="psa-postgres-"))
    try:
        with EmbeddedPostgres(home, version=int(os.environ.get("PSA_TEST_POSTGRES", "16")), durable=False) as server:
            hash_once(server)
            yield server
    finally:
        postgres_home.remove(home)


def hash_once(server: EmbeddedPostgres) -> None:
    """The usual 4,096 rounds are half of what connecting costs, and tests connect thousands of times."""
    with psycopg.connect(server.url()) as connection:
        if connection.info.server_version < 160000:  # cannot be told how many
            return
        connection.execute("SET scram_iterations = 1")
        connection.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(server.password))


@pytest.fixture
def empty_dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty database that is gone after the test."""
    with database(postgres) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def warehouses(postgres: EmbeddedPostgres) -> Iterator[EmptyWarehouses]:
    """Databases with our schema and no row, for the whole session."""
    with ExitStack() as stack:
        yield EmptyWarehouses(postgres, stack)


@pytest.fixture(scope="session")
def filled_warehouses(warehouses: EmptyWarehouses) -> FilledWarehouses:
    """Databases with what a run has loaded, for tests that would begin with the same run."""
    return FilledWarehouses(warehouses)


@pytest.fixture
def warehouse_dsn(warehouses: EmptyWarehouses) -> Iterator[str]:
    """The address of a database with our schema and no row, as preflight leaves it."""
    with warehouses.borrow() as dsn:
        yield dsn
