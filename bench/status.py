"""How long the status page takes with a ledger of two years and five PSAs: `python -m bench.status`.

It runs a whole Airflow, five PSAs and a Postgres, as in the demo. Viewers who ask within two seconds share an answer,
so the questions are further apart; Airflow's own list of pools is measured between them.
"""

from __future__ import annotations

import http.client
import json
import signal
import statistics
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import psycopg

from bench.home import bench_home
from demo import processes
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.status.service import SHARE_SECONDS
from simulator.world import World
from tests.support.long_ledger import write_nights
from tests.support.ticket_rig import TicketRig, page_server

NIGHTS = 730
QUICK = 4  # runs between two nights
QUESTIONS = 60
MAX_ADDED_MS = 50.0
OWN_LIST = "Airflow's own list of pools"
STATUS = "the status of all PSAs"
PATHS: Mapping[str, str] = {
    STATUS: "/psa-status/api/status",
    "the answer to a monitor": "/psa-status/api/health",
    "a year of one table": "/psa-status/api/connectwise/assets",
    OWN_LIST: "/api/v2/pools?limit=1",
}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    processes.adopt_orphans()
    with (
        bench_home() as home,
        EmbeddedPostgres(home / "postgres") as postgres,
        page_server(postgres, home, quick=False) as server,
        server.rig({name: World(seed=7, companies=3) for name in connectors.NAMES}) as rig,
    ):
        rows = _write_ledger(rig)
        print(f"Airflow is up, with {rows:,} rows in the ledger", flush=True)
        requests = _requests(rig)
        measured = _measure(rig)
        asked = _requests(rig) - requests
    return _judge(measured, asked)


def _write_ledger(rig: TicketRig) -> int:
    with psycopg.connect(rig.airflow.warehouse, autocommit=True) as connection:
        connection.execute("TRUNCATE psa.sync_runs, psa.sync_watermarks")
        write_nights(connection, list(connectors.NAMES), nights=NIGHTS, quick=QUICK)
        connection.execute("ANALYZE psa.sync_runs")
        row = connection.execute("SELECT count(*) FROM psa.sync_runs").fetchone()
    return int(row[0]) if row else 0


def _requests(rig: TicketRig) -> int:
    return sum(len(simulator.requests) for simulator in rig.simulators.values())


def _measure(rig: TicketRig) -> dict[str, list[float]]:
    """Seconds of each question, by its name."""
    connection = http.client.HTTPConnection(urlsplit(rig.airflow.url).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {rig.token()}"}
    measured: dict[str, list[float]] = {name: [] for name in PATHS}
    for number in range(QUESTIONS * len(PATHS) + 1):
        name = list(PATHS)[number % len(PATHS)]
        time.sleep(SHARE_SECONDS / len(PATHS) + 0.1)
        began = time.perf_counter()
        connection.request("GET", PATHS[name], headers=headers)
        json.loads(connection.getresponse().read())
        measured[name] += [time.perf_counter() - began] if number >= len(PATHS) else []
    return measured


def _judge(measured: Mapping[str, list[float]], asked: int) -> int:
    p50, p95 = ({name: _percentile(taken, part) for name, taken in measured.items()} for part in (50, 95))
    for name in measured:
        print(f"  {name:<28} p50 {p50[name]:5.1f} ms, p95 {p95[name]:5.1f} ms")
    added = p95[STATUS] - p95[OWN_LIST]
    print(f"The page takes {added:.1f} ms longer than {OWN_LIST}, and sent {asked} requests to the PSAs.")
    return 1 if added > MAX_ADDED_MS or asked else 0


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1] * 1000


if __name__ == "__main__":
    sys.exit(main())
