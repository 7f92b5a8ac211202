"""A worker that extracts a kind in a process of its own, which a test can kill."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests

from include import connectors
from include.http.session import PsaLogin
from include.model.limits import Lane
from include.model.run import Run
from include.model.setup import Setup
from include.sync.extract import extract
from include.sync.run import Sync
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
from tests.support.rig import Rig

ROOT = Path(__file__).parents[2]


@contextmanager
def extracting(running: Rig, run: Run, kind: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, which has ended after the block."""
    job = {
        "dsn": running.dsn,
        "vendor": running.vendor,
        "origin": running.simulator.url,
        "typed": dict(running.simulator.connection),
        "run_id": run.run_id,
        "kind": kind,
    }
    command = [sys.executable, "-m", "tests.support.worker_process", json.dumps(job)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def main(job: dict[str, Any]) -> None:
    connector, warehouse = connectors.load(job["vendor"]), Warehouse(lambda: psycopg.connect(job["dsn"]))
    login = PsaLogin(conn_id="psa", origin=job["origin"], **job["typed"])

    @contextmanager
    def open_client() -> Iterator[Any]:
        with requests.Session() as session:
            session.trust_env = False
            with shared_budget(warehouse, connector.account_key(login), connector.limits, Lane.NIGHTLY) as budget:
                yield connector.connect(session, login, budget)

    extract(Sync(connector, Run(job["vendor"], job["run_id"]), Setup(), warehouse, open_client), job["kind"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
