"""The window of an account: what it may hold, who goes first, and how long the others wait; on a clock of its own."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.model.limits import Lane, Limits
from include.warehouse.connection import Connection
from include.warehouse.window import FLOOR, SLICES, Window
from tests.support.databases import EmptyWarehouses

MIDNIGHT = datetime(2026, 11, 22, tzinfo=timezone.utc)
LIMITS = Limits(requests=120, seconds=60)  # 108 for nightly runs, 111 for forced ones, 114 for viewers
FOR_EVER = 1e9

accounts = count()


@dataclass(frozen=True)
class Task:
    """Sends requests one after the other."""

    lane: Lane
    requests: int = 1
    begins: float = 0.0
    takes: float = 0.0
    """How long the PSA takes for an answer."""
    pauses: float = 0.0
    """How long after an answer the next request is wanted."""


@dataclass(frozen=True)
class Sent:
    """A request that was sent."""

    lane: Lane
    wanted: float
    turn: float
    answered: float


class Play:
    """One window, and a clock that goes from one event to the next."""

    def __init__(self, connection: Connection, limits: Limits = LIMITS) -> None:
        self.now = 0.0
        self.limits = limits
        self.sent: list[Sent] = []
        self.window = Window(connection, f"account {next(accounts)}", "", limits.seconds, lambda: self.moment)

    @property
    def moment(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self.now)

    def ask(self, lane: Lane) -> tuple[float, int]:
        most, of_all = self.limits.most(lane), self.limits.most(Lane.LIVE)
        return self.window.take(lane, most=most, most_of_all=of_all, patience_seconds=FOR_EVER)

    def given(self, lane: Lane, times: int) -> int:
        """How many of so many turns are given at once."""
        return sum(self.ask(lane)[0] == 0 for _ in range(times))

    def run(self, *tasks: Task, until: float = FOR_EVER) -> list[Sent]:
        """What they send, in the order of their turns. Each waits as long as it is told to."""
        order = count()
        waking = [(task.begins, next(order), self._send(task)) for task in tasks]
        heapq.heapify(waking)
        while waking and waking[0][0] < until:
            self.now, _, task = heapq.heappop(waking)
            for seconds in task:
                heapq.heappush(waking, (self.now + seconds, next(order), task))
                break
        return self.sent

    def _send(self, task: Task) -> Iterator[float]:
        for _ in range(task.requests):
            wanted = self.now
            while (answer := self.ask(task.lane))[0]:
                yield max(answer[0], 0.01)
            self.sent.append(Sent(task.lane, wanted, self.now, self.now + task.takes))
            if task.takes:
                yield task.takes
            if task.takes > self.window.slice_seconds:
                self.window.count_again(answer[1])
            if task.pauses:
                yield task.pauses


@pytest.fixture(scope="module")
def connection(warehouses: EmptyWarehouses) -> Iterator[Connection]:
    """In autocommit, since a transaction keeps every version of a row that is updated a thousand times."""
    with warehouses.borrow() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def busiest(moments: Iterable[float], seconds: float) -> int:
    """The most that a window of so many seconds holds."""
    ordered = sorted(moments)
    return max(sum(last - seconds < moment <= last for moment in ordered) for last in ordered)


def waits(sent: Iterable[Sent], lane: Lane, *, since: float = 0.0) -> list[float]:
    return [one.turn - one.wanted for one in sent if one.lane is lane and one.wanted >= since]


def test_a_run_waits_for_nothing_until_its_share_is_used_and_then_for_the_window_to_pass(
    connection: Connection,
) -> None:
    turns = [one.turn for one in Play(connection).run(Task(Lane.NIGHTLY, 108 + 108 + 1))]
    assert turns[:108] == [0] * 108
    assert all(60 < turn <= 62 for turn in turns[108:216])
    assert 120 < turns[216] <= 124


def test_the_wait_ends_with_the_slice_that_frees_a_turn(connection: Connection) -> None:
    sent = Play(connection).run(Task(Lane.NIGHTLY, 108, begins=0.9), Task(Lane.NIGHTLY, begins=61.5))
    assert sent[-1].turn == pytest.approx(62)


@pytest.mark.parametrize("pauses", [0.0, 0.2])
def test_a_long_run_uses_its_whole_share_and_no_more(connection: Connection, pauses: float) -> None:
    turns = [one.turn for one in Play(connection).run(Task(Lane.NIGHTLY, 650, pauses=pauses))]
    assert busiest(turns, 60) == 108
    assert turns[-1] < 6 * 60 * (1 + 2 / SLICES) + 60


def test_nine_tenths_are_for_nightly_runs_and_some_of_the_rest_for_people(connection: Connection) -> None:
    play = Play(connection)
    assert play.given(Lane.NIGHTLY, 200) == 108
    assert play.given(Lane.FORCED, 200) == 3
    assert play.given(Lane.LIVE, 200) == 3


def test_forced_runs_go_first_and_nightly_ones_get_every_tenth_turn(connection: Connection) -> None:
    forced, nightly = [Task(Lane.FORCED, 500, takes=0.3)] * 4, [Task(Lane.NIGHTLY, 500, takes=0.3)] * 4
    sent = Play(connection).run(*forced, *nightly, until=500)
    lanes = [one.lane for one in sent if one.turn > 60]
    assert lanes.count(Lane.NIGHTLY) == pytest.approx(len(lanes) / FLOOR, rel=0.1)
    assert max(one.turn for one in sent if one.lane is Lane.NIGHTLY) > 480  # to the end
    assert busiest((one.turn for one in sent), 60) <= 114


def test_a_viewer_goes_before_all_others_who_wait(connection: Connection) -> None:
    syncs = [Task(lane, 500, takes=0.3) for lane in (Lane.FORCED, Lane.NIGHTLY) for _ in range(4)]
    viewer = Task(Lane.LIVE, 50, begins=70, takes=0.3, pauses=5)
    viewed = waits(Play(connection).run(*syncs, viewer, until=300), Lane.LIVE)
    assert len(viewed) > 25
    assert sum(wait <= 5 for wait in viewed) > 0.8 * len(viewed)


def test_when_no_one_else_waits_any_more_a_nightly_run_goes_on_at_once(connection: Connection) -> None:
    forced, nightly = Task(Lane.FORCED, 112), Task(Lane.NIGHTLY, 400, takes=0.2, pauses=0.5)
    sent = Play(connection).run(forced, nightly)
    assert max(waits(sent, Lane.NIGHTLY)) <= 64
    assert max(waits(sent, Lane.NIGHTLY, since=64)) == 0


def test_forced_runs_leave_free_what_a_nightly_one_is_owed_for_its_wait(connection: Connection) -> None:
    play = Play(connection, Limits(requests=120, seconds=60, share=1))
    assert play.given(Lane.FORCED, 121) == 120
    play.now = 61.5
    assert play.given(Lane.NIGHTLY, 1) == 0
    play.now = 62
    assert play.given(Lane.FORCED, 200) == 108
    assert play.given(Lane.NIGHTLY, 200) == 12


def test_someone_who_does_not_want_to_wait_holds_back_no_one(connection: Connection) -> None:
    play = Play(connection)
    assert play.given(Lane.LIVE, 114) == 114
    play.now = 30
    assert play.window.take(Lane.LIVE, most=114, most_of_all=114, patience_seconds=5)[0] > 5
    play.now = 62
    assert play.given(Lane.NIGHTLY, 108) == 108


def test_a_request_that_takes_long_counts_until_a_window_after_its_answer(connection: Connection) -> None:
    slow = [Task(Lane.NIGHTLY, takes=20)] * 108
    sent = Play(connection).run(*slow, Task(Lane.NIGHTLY, begins=1))
    assert 80 < sent[-1].turn <= 82


def test_a_request_that_takes_a_little_while_counts_for_a_window_after_that(connection: Connection) -> None:
    sent = Play(connection).run(*[Task(Lane.NIGHTLY, begins=0.99, takes=0.99)] * 108, Task(Lane.NIGHTLY, begins=2))
    assert sent[-1].turn > 1.98 + 60


def test_a_clock_that_is_set_back_frees_no_turn_and_stops_none(connection: Connection) -> None:
    play = Play(connection)
    assert play.given(Lane.NIGHTLY, 100) == 100
    play.now = -7200
    assert play.given(Lane.NIGHTLY, 10) == 8
    wait, _ = play.ask(Lane.NIGHTLY)
    assert 60 < wait <= 62
    play.now += wait
    assert play.given(Lane.NIGHTLY, 200) == 108


def test_no_one_waits_for_a_lane_that_waited_before_the_clock_was_set_back(connection: Connection) -> None:
    play = Play(connection)
    play.now = 7200
    assert play.given(Lane.FORCED, 200) == 111
    play.now = 0
    play.ask(Lane.NIGHTLY)
    play.now = 62
    assert play.given(Lane.NIGHTLY, 200) == 108


def test_a_pause_is_as_long_as_before_when_the_clock_is_set_back(connection: Connection) -> None:
    play = Play(connection)
    play.ask(Lane.NIGHTLY)
    play.window.pause(90)
    play.now = -3600
    assert play.ask(Lane.LIVE)[0] == pytest.approx(90)
    play.now += 60
    assert play.ask(Lane.LIVE)[0] == pytest.approx(30)


def test_a_row_of_another_release_keeps_its_pause_and_begins_an_empty_window(connection: Connection) -> None:
    play = Play(connection)
    connection.execute(
        "INSERT INTO psa.request_budget (account, endpoint, as_of, paused_until) VALUES (%s, '', %s, %s)",
        [play.window.account, play.moment, play.moment + timedelta(seconds=30)],
    )
    assert play.ask(Lane.NIGHTLY)[0] == pytest.approx(30)
    play.now = 30
    assert play.given(Lane.NIGHTLY, 200) == 108


LANES = st.sampled_from(list(Lane))
LIMITS_OF_ANY_VENDOR = st.builds(
    Limits,
    requests=st.integers(2, 30),
    seconds=st.sampled_from([60.0, 300.0, 3600.0]),
    share=st.sampled_from([0.5, 0.9, 1.0]),
)
IN_WINDOWS = st.builds(
    Task,
    lane=LANES,
    requests=st.integers(1, 12),
    begins=st.floats(0, 4),
    takes=st.sampled_from([0.0, 0.001, 0.03, 0.4]),
    pauses=st.sampled_from([0.0, 0.02, 0.3]),
)


def tasks_of(in_windows: Sequence[Task], window_seconds: float) -> list[Task]:
    return [
        Task(one.lane, one.requests, *(window_seconds * each for each in (one.begins, one.takes, one.pauses)))
        for one in in_windows
    ]


@given(limits=LIMITS_OF_ANY_VENDOR, in_windows=st.lists(IN_WINDOWS, min_size=1, max_size=8))
def test_no_window_holds_more_than_the_vendor_allows_and_no_one_waits_for_ever(
    connection: Connection, limits: Limits, in_windows: Sequence[Task]
) -> None:
    tasks = tasks_of(in_windows, limits.seconds)
    sent = Play(connection, limits).run(*tasks)
    assert len(sent) == sum(task.requests for task in tasks)
    for part in (0.0, 0.5, 1.0):  # the vendor counts a request at any time between turn and answer
        counted = [one.turn + part * (one.answered - one.turn) for one in sent]
        assert busiest(counted, limits.seconds) <= limits.most(Lane.LIVE) <= limits.requests
    windows = 3 + len(sent) / max(limits.most(Lane.NIGHTLY) / FLOOR, 1)
    assert max(one.turn - one.wanted for one in sent) < windows * limits.seconds


@given(limits=LIMITS_OF_ANY_VENDOR, lane=LANES, in_windows=st.lists(IN_WINDOWS, min_size=1, max_size=8))
def test_one_lane_waits_for_nothing_while_it_keeps_below_its_share(
    connection: Connection, limits: Limits, lane: Lane, in_windows: Sequence[Task]
) -> None:
    begins = sorted(one.begins * limits.seconds for one in in_windows for _ in range(one.requests))
    fitting: list[float] = []
    for at in begins:
        if busiest([*fitting, at], limits.seconds * (1 + 2 / SLICES)) <= limits.most(lane):
            fitting.append(at)
    sent = Play(connection, limits).run(*(Task(lane, begins=at) for at in fitting))
    assert max(one.turn - one.wanted for one in sent) == 0
