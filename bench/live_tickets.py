"""How much time the ticket page adds to the PSA's, and how many requests viewers cause: `python -m bench.live_tickets`.

It runs a whole Airflow, five PSAs that take 200 ms for each request, and a Postgres, as in the demo. The five PSAs and
the measurements for comparison take turns, so that none has a quieter machine. No question is repeated, so no answer is
shared. The page adds everything but the time that the PSA took: the network, Airflow's own middleware, the login, the
budget, names from the warehouse, and the way back of the answer.
"""

from __future__ import annotations

import http.client
import json
import signal
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from bench.home import bench_home
from demo import processes
from demo.postgres import EmbeddedPostgres
from include import connectors
from simulator.seeded_random import SeededRandom
from simulator.world import World
from tests.support.ticket_rig import TicketRig, page_server

PSA_MS = 200
QUESTIONS = 140  # of each vendor; a question is at most 200 characters long
MAX_RATIO = 0.6  # of what the page adds to what Airflow's own list takes, each in 95 of 100 requests
VIEWERS = 50
EVERY_SECONDS = 5.0
REFRESHES = 6
TOGETHER_SECONDS = 1.0
VIEWED = "connectwise"
OWN_LIST = "Airflow's own list of pools"
COMPARED: Mapping[str, str] = {"a file of the page": "/psa-tickets/theme.js", OWN_LIST: "/api/v2/pools?limit=1"}


@dataclass(frozen=True)
class Viewer:
    """One browser: a connection that stays open."""

    connection: http.client.HTTPConnection
    token: str

    def seconds(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[float, Any]:
        """How long an answer took to its last byte, and the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        asked_at = time.perf_counter()
        self.connection.request("POST" if content else "GET", path, content, headers)
        answer = self.connection.getresponse()
        received = answer.read()
        took = time.perf_counter() - asked_at
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {received[:200]!r}")
        return took, json.loads(received) if content else None


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # when stopped, it still ends what it started
    processes.adopt_orphans()
    with _rig() as rig:
        added = _added(rig)
        requests = {
            "1 viewer": _watched(rig, 1, spread_seconds=0),
            f"{VIEWERS} viewers who came within a second": _watched(rig, VIEWERS, spread_seconds=TOGETHER_SECONDS),
            f"{VIEWERS} viewers who came at any time": _watched(rig, VIEWERS, spread_seconds=EVERY_SECONDS),
        }
    return _judge(added, requests)


def _judge(added: Mapping[str, list[float]], requests: Mapping[str, int]) -> int:
    print("\nAdded to the PSA's own answer (and, for comparison, whole answers of Airflow):")
    own = _percentile(added[OWN_LIST], 95)
    for name, seconds in added.items():
        p50, p95 = (_percentile(seconds, percent) for percent in (50, 95))
        print(f"  {name:<28} p50 {p50:5.1f} ms, p95 {p95:5.1f} ms, {p95 / own:.2f} of {OWN_LIST}")
    print(f"\nRequests to the PSA in {REFRESHES} refreshes, one every {EVERY_SECONDS:.0f} s:")
    for who, number in requests.items():
        print(f"  {who:<40} {number}")
    slow = [title for title in connectors.NAMES.values() if _percentile(added[title], 95) > MAX_RATIO * own]
    alone, together, _ = requests.values()
    return 1 if slow or together > alone else 0


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1] * 1000


def _added(rig: TicketRig) -> dict[str, list[float]]:
    """By vendor, and the whole answers for comparison."""
    viewer = _viewer(rig, rig.token())
    measured: dict[str, list[float]] = {name: [] for name in (*connectors.NAMES.values(), *COMPARED)}
    for number in range(-1, QUESTIONS):  # the first question opens connections and is not counted
        for vendor, title in connectors.NAMES.items():
            took, answer = viewer.seconds(f"/psa-tickets/api/{vendor}/tickets", _question(number + 1))
            measured[title] += [took - answer["psa_seconds"]] if number >= 0 else []
        for name, path in COMPARED.items():
            took, _ = viewer.seconds(path)
            measured[name] += [took] if number >= 0 else []
        if number > 0 and number % 50 == 49:
            print(f"  {number + 1} questions to each PSA", flush=True)
    return measured


def _question(number: int) -> dict[str, str]:
    """All newest tickets, as a question that was not asked before: it differs in the number of blanks."""
    return {"state": "all", "text": " " * number}


def _watched(rig: TicketRig, viewers: int, *, spread_seconds: float) -> int:
    """How many requests reach the PSA while so many viewers watch the same list, each at its own times."""
    simulator, token, rng = rig.simulators[VIEWED], rig.token(), SeededRandom("viewers")
    question = _question(QUESTIONS + viewers + int(spread_seconds))
    time.sleep(EVERY_SECONDS)  # the answers to earlier questions expire
    so_far, begin = len(simulator.requests), time.monotonic() + 1
    people = [
        threading.Thread(target=_watch, args=(_viewer(rig, token), question, begin + rng.random() * spread_seconds))
        for _ in range(viewers)
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return len(simulator.requests) - so_far


def _watch(viewer: Viewer, question: Mapping[str, Any], due: float) -> None:
    """Like the page: the next request is due a fixed time after the answer was fetched, whichever viewer caused it."""
    for _ in range(REFRESHES):
        time.sleep(max(0.0, due - time.monotonic()))
        _, answer = viewer.seconds(f"/psa-tickets/api/{VIEWED}/tickets", question)
        due = time.monotonic() + max(1.0, EVERY_SECONDS - answer["age_seconds"])


def _viewer(rig: TicketRig, token: str) -> Viewer:
    return Viewer(http.client.HTTPConnection(urlsplit(rig.url).netloc, timeout=60), token)


@contextmanager
def _rig() -> Iterator[TicketRig]:
    now = datetime.now(timezone.utc)
    worlds = {name: World(seed=7, companies=30, contacts=30, tickets_now=now) for name in connectors.NAMES}
    with (
        bench_home() as home,
        EmbeddedPostgres(home / "postgres") as postgres,
        page_server(postgres, home, quick=False) as server,
        server.rig(worlds) as rig,
    ):
        for simulator in rig.simulators.values():
            simulator.faults.add(f"slow:ms={PSA_MS}")
        print("Airflow is up, and five PSAs have been synced", flush=True)
        yield rig


if __name__ == "__main__":
    sys.exit(main())
