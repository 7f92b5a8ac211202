"""The shared budget: rate, burst, lanes, pauses and places in flight, also between processes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from include.model.errors import BudgetSpent, LockHeld, WarehouseDown
from include.model.limits import Lane, Limits
from include.warehouse.budget import Budget, shared_budget
from include.warehouse.connection import Warehouse
from tests.support.rig import Clock

ROOT = Path(__file__).parents[2]
A_MINUTE = Limits(requests=120, seconds=60, share=0.5, burst=0.2)  # 12 at once, then 0.8 a second
OF_THINGS = replace(A_MINUTE, per_endpoint=True)  # of these the first lane has all
HAMMER = """
import sys, time
import psycopg
from include.model.limits import Lane, Limits
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
dsn, lane, until = sys.argv[1], Lane[sys.argv[2]], float(sys.argv[3])
limits = Limits(requests=6000, seconds=60, share=1.0, burst=0.01, in_flight=2)
with shared_budget(Warehouse(lambda: psycopg.connect(dsn)), "tenant", limits, lane) as budget:
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.time() + until
    while time.time() < end:
        with budget.turn("/things"):
            print("entered", time.time(), flush=True)
            print("left", time.time(), flush=True)
"""


@contextmanager
def budget(dsn: str, clock: Clock, lane: Lane = Lane.NIGHTLY, limits: Limits = A_MINUTE) -> Iterator[Budget]:
    warehouse = Warehouse(lambda: psycopg.connect(dsn))
    with shared_budget(warehouse, "tenant", limits, lane) as shared:
        shared.now, shared.sleep = clock.moment, clock.sleep
        yield shared


def taken(shared: Budget, times: int, endpoint: str = "/things") -> float:
    """Seconds that so many turns had to wait."""
    waited = 0.0
    for _ in range(times):
        with shared.turn(endpoint) as seconds:
            waited += seconds
    return waited


def test_a_burst_leaves_at_once_and_then_the_rate_holds(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.LIVE, OF_THINGS) as shared:
        assert taken(shared, 12) == 0
        assert taken(shared, 48) == pytest.approx(60, rel=0.02)


def test_no_window_ever_holds_more_than_our_share(warehouse_dsn: str) -> None:
    clock, moments = Clock(), []
    with budget(warehouse_dsn, clock, Lane.LIVE, OF_THINGS) as shared:
        for _ in range(200):
            taken(shared, 1)
            moments.append(clock.seconds)
    busiest = max(sum(first <= moment < first + 60 for moment in moments) for first in moments)
    assert 55 <= busiest <= 60


def test_two_tasks_spend_from_one_budget(warehouse_dsn: str) -> None:
    clock = Clock()
    with (
        budget(warehouse_dsn, clock, Lane.LIVE, OF_THINGS) as one,
        budget(warehouse_dsn, clock, Lane.LIVE, OF_THINGS) as other,
    ):
        assert taken(one, 6) + taken(other, 6) == 0
        assert taken(other, 1) > 0


def test_viewers_leave_half_of_the_rate_to_the_syncs_and_find_room_while_a_sync_runs(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.LIVE) as viewers, budget(warehouse_dsn, clock) as nightly:
        assert taken(viewers, 6) == 0
        assert taken(viewers, 40) == pytest.approx(100, rel=0.02)  # 0.4 a second
        with nightly.turn("/things") as waited:
            assert waited == 0
        taken(nightly, 30)
        assert taken(viewers, 2) == 0


def test_a_nightly_task_leaves_room_that_a_forced_one_finds(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as nightly, budget(warehouse_dsn, clock, Lane.FORCED) as forced:
        taken(nightly, 30)
        assert taken(forced, 2) == 0


def test_each_endpoint_has_its_own_budget_where_the_vendor_counts_so(warehouse_dsn: str) -> None:
    clock = Clock()
    limits = Limits(requests=120, seconds=60, share=0.5, burst=0.2, per_endpoint=True)
    with budget(warehouse_dsn, clock, Lane.LIVE, limits) as shared:
        assert taken(shared, 12, "/a") + taken(shared, 12, "/b") == 0


def test_a_pause_that_the_vendor_asked_for_holds_for_all_tasks_and_in_full(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.FORCED) as one, budget(warehouse_dsn, clock, Lane.LIVE) as other:
        taken(one, 1)
        assert one.pause("/things", 90) == 90
        with pytest.raises(BudgetSpent) as refused, other.turn("/things"):
            pass
        assert refused.value.retry_after_seconds == pytest.approx(90)  # a task would wait
        clock.sleep(90)
        assert taken(other, 1) == 0


def test_a_429_that_does_not_say_how_long_pauses_for_the_vendors_usual_time(warehouse_dsn: str) -> None:
    with budget(warehouse_dsn, Clock()) as shared:
        taken(shared, 1)
        assert shared.pause("/things", 0) == A_MINUTE.pause_seconds


def test_a_hopeless_wait_gives_the_worker_back_with_the_time_to_come_again(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as shared:
        taken(shared, 1)
        shared.pause("/things", 3600)
        with pytest.raises(BudgetSpent, match="wait for another 3,600 s") as spent:
            taken(shared, 1)
        assert spent.value.retry_after_seconds == pytest.approx(3600)
        assert clock.seconds == 0


def test_more_than_two_in_flight_wait_and_a_nightly_task_leaves_one_place_free(warehouse_dsn: str) -> None:
    clock = Clock()
    limits = Limits(requests=6000, seconds=60, in_flight=2)
    with ExitStack() as stack:
        nightly, other, forced, live = (
            stack.enter_context(budget(warehouse_dsn, clock, lane, limits))
            for lane in (Lane.NIGHTLY, Lane.NIGHTLY, Lane.FORCED, Lane.LIVE)
        )
        with nightly.turn("/a"), forced.turn("/a"):
            for late in (other, live):
                with pytest.raises(BudgetSpent), late.turn("/a"):
                    pass
            assert taken(other, 1, "/b") == 0
        assert taken(other, 1, "/a") == 0


def test_a_viewer_does_not_wait_long_for_a_login_that_a_task_renews(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as task, budget(warehouse_dsn, clock, Lane.LIVE) as viewer:
        with task.exclusive():
            with pytest.raises(BudgetSpent), viewer.exclusive():
                pass
            assert clock.seconds <= 5
        with viewer.exclusive():
            pass


@pytest.mark.parametrize("lane", [Lane.LIVE, Lane.FORCED, Lane.NIGHTLY])
def test_a_lock_that_no_one_releases_is_not_called_a_spent_budget(warehouse_dsn: str, lane: Lane) -> None:
    clock = Clock()
    limits = Limits(requests=6000, seconds=60, in_flight=2)
    lost_connection = psycopg.connect(warehouse_dsn, autocommit=True, application_name="a lost worker")
    with budget(warehouse_dsn, clock, lane, limits) as waiting, lost_connection as lost:
        waiting.lock_seconds = 0.005
        for name in ("/a 0", "/a 1"):
            lost.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"psa.request_budget tenant {name}"])
        lost.execute("SELECT pg_advisory_lock(hashtextextended('psa.request_budget tenant', 0))")
        pid = lost.info.backend_pid
        said = rf"(?s)session {pid} 'a lost worker' of the role .*pg_terminate_backend\({pid}\)"
        waiting.connection.execute("SELECT pg_sleep(0.02)")
        with pytest.raises(LockHeld, match=said), waiting.turn("/a"):
            pass
        with pytest.raises(LockHeld, match=said), waiting.exclusive():
            pass
        assert taken(waiting, 1, "/b") == 0


def test_a_task_does_not_wait_for_ever_for_the_login_of_another(warehouse_dsn: str) -> None:
    with budget(warehouse_dsn, Clock()) as task, budget(warehouse_dsn, Clock(), Lane.FORCED) as other:
        other.lock_seconds = 0.6
        said = pytest.raises(BudgetSpent, match="a request to log in waited 1 s for session")
        with task.exclusive(), said as spent, other.exclusive():
            pass
        assert spent.value.retry_after_seconds == 60
        with other.exclusive():
            pass


def test_a_worker_that_dies_in_mid_request_gives_its_place_back(warehouse_dsn: str) -> None:
    limits = Limits(requests=6000, seconds=60, in_flight=2)
    with (
        budget(warehouse_dsn, Clock(), Lane.NIGHTLY, limits) as survivor,
        pytest.raises(WarehouseDown),
        budget(warehouse_dsn, Clock(), Lane.NIGHTLY, limits) as dying,
        dying.turn("/a"),
    ):
        killed = [dying.connection.info.backend_pid]
        survivor.connection.execute("SELECT pg_terminate_backend(%s, 5000)", killed)
        assert taken(survivor, 1, "/a") == 0
        taken(dying, 1, "/b")


@pytest.mark.timeout(60)
def test_processes_together_stay_below_rate_and_places_and_the_forced_one_goes_first(warehouse_dsn: str) -> None:
    lanes = ("NIGHTLY", "NIGHTLY", "NIGHTLY", "FORCED")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, warehouse_dsn, lane, "3"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for lane in lanes
    ]
    try:
        for worker in workers:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin
            worker.stdin.write("\n")
            worker.stdin.flush()
        said = [worker.communicate(timeout=50)[0].splitlines() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    events = sorted((float(line.split()[1]), line.split()[0]) for lines in said for line in lines)
    entered = [moment for moment, what in events if what == "entered"]
    for first in entered:  # 60 at once, then 99 a second, less what the machine's own jitter may shift
        assert sum(first <= moment < first + 1 for moment in entered) <= 60 + 99 + 5
    at_once = Counter[int]()
    level = 0
    for _, what in events:
        level += 1 if what == "entered" else -1
        at_once[level] += 1
    assert max(at_once) <= 2
    turns = dict(zip(lanes, (sum(line.startswith("entered") for line in lines) for lines in said), strict=True))
    assert turns["FORCED"] > sum(len(lines) // 2 for lines, lane in zip(said, lanes, strict=True) if lane == "NIGHTLY")
