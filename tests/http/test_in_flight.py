"""Several requests at a time: their order, their number, and what happens to them when one fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from include.http.in_flight import in_flight
from include.model.waiting import GivenUp, wait

ENOUGH_SECONDS = 10.0


class Gate:
    """Lets calls through when a number of them have come, and counts those that are inside."""

    def __init__(self, number: int) -> None:
        self.barrier = threading.Barrier(number, timeout=ENOUGH_SECONDS)
        self.lock, self.inside, self.most = threading.Lock(), 0, 0

    def ask(self, item: int) -> int:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.barrier.wait()
        with self.lock:
            self.inside -= 1
        return item * item


@pytest.mark.parametrize("at_once", [1, 3])
def test_so_many_are_asked_at_a_time_and_they_come_in_their_order(at_once: int) -> None:
    gate = Gate(at_once)
    assert [(one.item, one.result()) for one in in_flight(gate.ask, range(12), at_once)] == [
        (number, number * number) for number in range(12)
    ]
    assert gate.most == at_once


def test_a_slow_first_one_does_not_change_the_order() -> None:
    others_are_done = threading.Barrier(2, timeout=ENOUGH_SECONDS)

    def ask(item: int) -> int:
        if item in (0, 2):
            others_are_done.wait()
        return item

    assert [one.result() for one in in_flight(ask, range(4), 2)] == [0, 1, 2, 3]


@pytest.mark.parametrize("at_once", [1, 4])
def test_an_error_comes_in_the_place_of_its_answer_and_the_rest_can_still_be_read(at_once: int) -> None:
    def ask(item: int) -> int:
        if item == 2:
            raise LookupError(item)
        return item

    found: list[object] = []
    for one in in_flight(ask, range(5), at_once):
        try:
            found.append(one.result())
        except LookupError:
            found.append("failed")
    assert found == [0, 1, "failed", 3, 4]


def test_whoever_stops_reading_ends_the_waits_of_the_others_and_no_more_is_asked() -> None:
    begun: list[int] = []
    waits_are_under_way = threading.Barrier(3, timeout=ENOUGH_SECONDS)
    ended: list[str] = []

    def ask(item: int) -> int:
        begun.append(item)
        if item > 2:
            return item
        waits_are_under_way.wait()
        if item == 0:
            raise LookupError
        try:
            wait(3600.0)
        except GivenUp:
            ended.append("given up")
            raise
        return item

    def read() -> Iterator[int]:
        for one in in_flight(ask, range(100), 3):
            yield one.result()

    with pytest.raises(LookupError):
        list(read())
    assert ended == ["given up", "given up"]
    assert set(begun) <= set(range(6))  # the thread of the failed one may have begun others that were already submitted


def test_items_are_taken_only_a_little_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    first = next(iter(in_flight(lambda item: item, items(), 2)))
    assert first.result() == 0
    assert len(taken) <= 4
