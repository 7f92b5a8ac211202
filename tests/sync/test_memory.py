"""Memory is flat: a hundred times the assets, and the extraction needs hardly more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

EXTRACT = """
import json, resource, sys
from contextlib import nullcontext
import psycopg, requests
from include import connectors
from include.sync.run import Sync
from include.sync.extract import extract
from include.http.session import PsaLogin
from include.sync.preflight import preflight
from include.model.setup import Setup
from include.warehouse.connection import Warehouse
from include.model.run import Run
from tests.support.rig import Unpaced
dsn, url, user, password, extra, name = sys.argv[1:]
login = PsaLogin("psa_connectwise", url, user, password, json.loads(extra))
connector = connectors.load("connectwise")
def account():
    return nullcontext(connector.connect(requests.Session(), login, Unpaced()))
run = Sync(connector, Run("connectwise", name), Setup(), Warehouse(lambda: psycopg.connect(dsn)), account)
preflight(run)
extract(run, "assets")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kib(dsn: str, assets: int) -> int:
    """Peak memory of one extraction, alone in its process, against a simulator in another."""
    options = ["--companies", "50", "--assets", str(assets), "--port", "0", "--rate-limit", "100000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    simulator = subprocess.Popen(
        [sys.executable, "-m", "simulator", *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url, credentials = printed(simulator)
        done = subprocess.run(
            [sys.executable, "-c", EXTRACT, dsn, url, *credentials, f"run of {assets}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout.strip().splitlines()[-1])
    finally:
        simulator.terminate()
        simulator.communicate(timeout=20)


def printed(simulator: subprocess.Popen[str]) -> tuple[str, list[str]]:
    """Address and credentials, as the simulator tells a person."""
    assert simulator.stdout
    address = simulator.stdout.readline().split()[-1]
    return address, [simulator.stdout.readline().split()[-1] for _ in range(3)]


@pytest.mark.timeout(300)
def test_extracting_a_hundred_times_the_assets_needs_hardly_more_memory(warehouse_dsn: str) -> None:
    few, many = peak_kib(warehouse_dsn, 1_000), peak_kib(warehouse_dsn, 100_000)
    assert many < 1.2 * few, f"{few:,} KiB for 1,000 assets, {many:,} KiB for 100,000"
