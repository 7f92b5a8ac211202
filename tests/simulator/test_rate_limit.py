"""The rate limits of a vendor, with a clock that the test sets."""

from __future__ import annotations

from simulator.messages import ApiError
from simulator.rate_limit import Budget, Limits, Rate


class Clock:
    """A clock that stands still until the test advances it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_minute(requests: int, clock: Clock) -> Budget:
    return Budget(Limits((Rate(requests),)), clock=clock)


def spend(budget: Budget, endpoint: str | None = "any") -> ApiError | None:
    with budget.request(endpoint) as error:
        return error


def test_requests_within_the_budget_pass() -> None:
    budget = a_minute(3, Clock())
    assert [spend(budget) for _ in range(3)] == [None, None, None]


def test_a_request_above_the_limit_is_refused_with_the_seconds_to_wait() -> None:
    clock = Clock()
    budget = a_minute(2, clock)
    spend(budget)
    clock.now += 20
    spend(budget)
    error = spend(budget)
    assert error is not None
    assert (error.status, error.headers["Retry-After"]) == (429, "40")
    assert budget.refused == 1


def test_the_window_slides() -> None:
    clock = Clock()
    budget = a_minute(2, clock)
    spend(budget)
    clock.now += 59
    spend(budget)
    clock.now += 1
    assert spend(budget) is None
    assert spend(budget) is not None


def test_the_most_requests_of_any_window_are_counted() -> None:
    clock = Clock()
    budget = a_minute(10, clock)
    for pause in (0, 20, 20, 30):
        clock.now += pause
        spend(budget)
    assert list(budget.most_in_window.values()) == [3]


def test_a_refused_request_is_not_counted() -> None:
    clock = Clock()
    budget = a_minute(1, clock)
    spend(budget)
    for _ in range(5):
        assert spend(budget) is not None
    clock.now += 60
    assert spend(budget) is None


def test_each_endpoint_can_have_a_budget_of_its_own_and_some_are_not_counted() -> None:
    budget = Budget(Limits((Rate(1, 3600, per_endpoint=True),), retry_after=False), clock=Clock())
    assert [spend(budget, one) for one in ("/a", "/b", None, None)] == [None] * 4
    error = spend(budget, "/a")
    assert error is not None
    assert error.headers == {}


def test_more_at_once_than_allowed_are_refused_per_endpoint() -> None:
    budget = Budget(Limits((), in_flight=2), clock=Clock())
    with budget.request("/a") as first, budget.request("/a") as second, budget.request("/a") as third:
        assert (first, second) == (None, None)
        assert third is not None
        assert spend(budget, "/b") is None
    assert spend(budget, "/a") is None
    assert budget.most_in_flight["/a"] == 3
