"""One run of this package's pipeline, without Airflow: preflight, then extract and load of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import requests

from bench.compare.job import Job, job
from include import connectors
from include.connectors.contract import Connector
from include.http.session import PsaLogin, mask_nothing_here
from include.model.limits import Lane, Limits
from include.model.request import Request
from include.model.run import Run
from include.model.setup import Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse

VENDOR = "connectwise"
UNLIMITED = Limits(requests=10**6, seconds=60)  # the others know no limits; every turn is taken and counted as usual


def sync_of(given: Job, connector: Connector[Any], setup: Setup | None = None) -> Sync:
    """A run that has not begun. Nothing is masked, since that is what imports Airflow."""
    mask_nothing_here()
    warehouse, login = Warehouse(lambda: psycopg.connect(given.dsn)), PsaLogin("psa", given.url, **given.connection)

    @contextmanager
    def open_client() -> Iterator[Any]:
        with requests.Session() as session:
            session.trust_env = False
            with shared_budget(warehouse, connector.account_key(login), UNLIMITED, Lane.NIGHTLY) as budget:
                yield connector.connect(session, login, budget)

    request = Request(kinds=tuple(given.listings))
    return Sync(connector, Run(VENDOR, given.run), setup or Setup(), warehouse, open_client, request)


def main(given: Job, setup: Setup | None = None) -> None:
    """Run it once."""
    sync = sync_of(given, connectors.load(VENDOR), setup)
    sync = replace(sync, company=preflight(sync))
    for kind in given.listings:
        extract(sync, kind)
        load(sync, kind)


if __name__ == "__main__":
    main(job())
