"""The shared budget: turns, lanes, pauses and places in flight, also between processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from include.model.errors import BudgetSpent, LockHeld, WarehouseDown
from include.model.limits import Lane, Limits
from include.model.waiting import GivenUp, given_up
from include.warehouse.budget import Budget, shared_budget
from include.warehouse.connection import Warehouse
from tests.support.rig import Clock

ROOT = Path(__file__).parents[2]
A_MINUTE = Limits(requests=120, seconds=60, share=0.5)  # 60 for nightly runs, 75 for forced ones, 90 for viewers
PER_ENDPOINT = replace(A_MINUTE, per_endpoint=True)
A_SECOND = Limits(requests=100, seconds=1)  # 90 for nightly runs, 92 for forced ones, 95 for viewers
HAMMER = """
import sys, time
import psycopg
from include.model.limits import Lane, Limits
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
dsn, lane, limits = sys.argv[1], Lane[sys.argv[2]], eval(sys.argv[3])
with shared_budget(Warehouse(lambda: psycopg.connect(dsn)), "tenant", limits, lane) as budget:
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.time() + 2.5
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


def test_a_task_waits_for_nothing_and_then_for_the_window_to_pass(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as shared:
        assert taken(shared, 60) == 0
        assert 60 < taken(shared, 1) <= 62
        assert taken(shared, 59) == 0


def test_two_tasks_spend_from_one_budget(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as one, budget(warehouse_dsn, clock) as other:
        assert taken(one, 30) + taken(other, 30) == 0
        assert taken(other, 1) > 0


def test_viewers_leave_half_of_the_share_to_the_syncs_and_find_room_while_a_sync_runs(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.LIVE) as viewers, budget(warehouse_dsn, clock) as nightly:
        assert taken(viewers, 30) == 0
        with pytest.raises(BudgetSpent) as spent, viewers.turn("/things"):
            pass
        assert 60 < spent.value.retry_after_seconds <= 62
        assert taken(nightly, 30) == 0
        clock.sleep(62)
        assert taken(nightly, 60) == 0
        assert taken(viewers, 30) == 0


def test_a_viewer_who_waits_for_the_account_takes_one_turn_of_the_viewers_share(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.LIVE) as viewer, budget(warehouse_dsn, clock, Lane.FORCED) as forced:
        assert taken(forced, 75) == 0
        clock.sleep(58)
        assert taken(viewer, 15) == 0
        assert 0 < taken(viewer, 1) <= 5
        last = viewer.connection.execute("SELECT max(totals[63]) FROM psa.request_budget WHERE endpoint = 'viewers'")
        assert last.fetchone() == (16,)


def test_a_viewers_slot_is_taken_with_the_turns_and_only_once(warehouse_dsn: str) -> None:
    clock = Clock()
    limits = Limits(requests=6000, seconds=60, in_flight=2)
    with ExitStack() as stack:
        live, other, third = (stack.enter_context(budget(warehouse_dsn, clock, Lane.LIVE, limits)) for _ in range(3))
        with live.turn("/a"), live.turn("/a"), pytest.raises(BudgetSpent), other.turn("/a"):
            pass
        with other.turn("/a"), third.turn("/a"), pytest.raises(BudgetSpent), live.turn("/a"):
            pass
        assert taken(live, 2, "/a") == 0


def test_a_nightly_task_leaves_room_that_a_forced_one_finds(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as nightly, budget(warehouse_dsn, clock, Lane.FORCED) as forced:
        taken(nightly, 180)
        clock.sleep(3)  # by now it is clear that it does not wait for another turn
        assert taken(forced, 15) == 0
        assert taken(forced, 1) > 0


def test_each_endpoint_has_its_own_budget_where_the_vendor_counts_so(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, Lane.LIVE, PER_ENDPOINT) as shared:
        assert taken(shared, 90, "/a") + taken(shared, 90, "/b") == 0


@pytest.mark.parametrize(("seconds", "waits"), [(300, True), (3600, False)])
def test_a_run_waits_for_a_window_to_pass_unless_that_would_hold_its_worker_for_long(
    warehouse_dsn: str, seconds: float, waits: bool
) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock, limits=Limits(requests=500, seconds=seconds)) as shared:
        assert taken(shared, 450) == 0
        if waits:
            assert seconds < taken(shared, 1) <= 62 / 60 * seconds
        else:
            with pytest.raises(BudgetSpent, match="3,") as spent:
                taken(shared, 1)
            assert seconds < spent.value.retry_after_seconds <= 62 / 60 * seconds
            assert clock.seconds == 0


def test_the_window_of_a_request_that_takes_long_begins_with_its_answer(warehouse_dsn: str) -> None:
    clock = Clock()
    with budget(warehouse_dsn, clock) as shared:
        shared.clock = clock
        taken(shared, 59)
        with shared.turn("/things"):
            clock.sleep(30)
        clock.sleep(32)
        assert taken(shared, 59) == 0
        assert clock.seconds == 62
        assert 28 < taken(shared, 1) <= 30


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


def test_a_nightly_task_uses_both_places_until_another_lane_waits_for_one(warehouse_dsn: str) -> None:
    clock = Clock()
    limits = Limits(requests=6000, seconds=60, in_flight=2)
    with (
        budget(warehouse_dsn, clock, Lane.NIGHTLY, limits) as nightly,
        budget(warehouse_dsn, clock, Lane.NIGHTLY, limits) as other,
        budget(warehouse_dsn, clock, Lane.LIVE, limits) as live,
        ExitStack() as first,
    ):
        first.enter_context(nightly.turn("/a"))
        second = other.turn("/a")
        second.__enter__()
        waits: list[str] = []

        def sleep(seconds: float) -> None:
            clock.sleep(seconds)
            waits.append("live")
            if len(waits) == 2:
                second.__exit__(None, None, None)
                with pytest.raises(BudgetSpent), other.turn("/a"):
                    pass

        live.sleep = sleep
        assert taken(live, 1, "/a") > 0
        assert waits == ["live", "live"]
        assert taken(other, 1, "/a") == 0


def test_no_turn_is_given_for_an_answer_that_is_not_wanted_any_more(warehouse_dsn: str) -> None:
    """Another request of the listing has failed, and this one would have been the next of several for one item."""
    unwanted, context = threading.Event(), copy_context()
    context.run(given_up.set, unwanted)
    with budget(warehouse_dsn, Clock(), Lane.NIGHTLY) as task:
        context.run(taken, task, 1)
        unwanted.set()
        with pytest.raises(GivenUp):
            context.run(taken, task, 1)


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
def test_processes_of_all_lanes_together_stay_below_the_limit_at_any_moment(warehouse_dsn: str) -> None:
    lanes = ("NIGHTLY", "NIGHTLY", "FORCED", "FORCED", "LIVE")
    entered = sorted(moment for events in hammered(warehouse_dsn, lanes, A_SECOND) for what, moment in events[::2])
    assert len(entered) > 95
    for last in entered:
        assert sum(last - 1 < moment <= last for moment in entered) <= 95


@pytest.mark.timeout(60)
def test_processes_share_the_places_in_flight_and_the_forced_one_goes_first(warehouse_dsn: str) -> None:
    lanes = ("NIGHTLY", "NIGHTLY", "NIGHTLY", "FORCED")
    *nightly, forced = hammered(warehouse_dsn, lanes, replace(A_SECOND, in_flight=2))
    at_once = Counter[int]()
    level = 0
    for _, what in sorted((moment, what) for events in (*nightly, forced) for what, moment in events):
        level += 1 if what == "entered" else -1
        at_once[level] += 1
    assert max(at_once) <= 2
    assert len(forced) > sum(map(len, nightly))


def hammered(dsn: str, lanes: Sequence[str], limits: Limits) -> list[list[tuple[str, float]]]:
    """When processes, one in each of these lanes, entered and left their turns."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, dsn, lane, repr(limits)],
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
    return [[(line.split()[0], float(line.split()[1])) for line in lines] for lines in said]
