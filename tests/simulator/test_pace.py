"""The request budget, with a clock the test turns."""

from __future__ import annotations

import pytest

from include.simulator.pace import Budget
from include.simulator.wire import Refused


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_requests_within_the_budget_pass() -> None:
    budget = Budget(3, clock=Clock())
    for _ in range(3):
        budget.spend()


def test_one_too_many_is_refused_with_the_seconds_until_there_is_room() -> None:
    clock = Clock()
    budget = Budget(2, clock=clock)
    budget.spend()
    clock.now += 20
    budget.spend()
    with pytest.raises(Refused) as refused:
        budget.spend()
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "40")


def test_the_window_slides() -> None:
    clock = Clock()
    budget = Budget(2, clock=clock)
    budget.spend()
    clock.now += 59
    budget.spend()
    clock.now += 1
    budget.spend()
    with pytest.raises(Refused):
        budget.spend()


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    budget = Budget(1, clock=clock)
    budget.spend()
    for _ in range(5):
        with pytest.raises(Refused):
            budget.spend()
    clock.now += 60
    budget.spend()
