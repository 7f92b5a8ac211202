"""Several requests in flight at a time, and their answers in the order in which they were asked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from types import TracebackType
from typing import Generic, TypeVar

from include.model.waiting import given_up

X = TypeVar("X")
Y = TypeVar("Y")

AHEAD = 2
"""Answers per request in flight that may be asked for before the one that is next: they wait for it in memory."""
_is_inside: ContextVar[bool] = ContextVar("is_inside", default=False)


@dataclass(frozen=True)
class Asked(Generic[X, Y]):
    """What was asked for one item."""

    item: X
    asked_at: float
    """A moment before it was asked, by the clock of time.monotonic."""
    _answer: Future[Y] = field(default_factory=Future)

    def result(self) -> Y:
        """The answer, waited for; raises what `ask` raised."""
        return self._answer.result()


class Flights(Generic[X, Y]):
    """Asks for items, up to `at_once` at a time.

    What `ask` itself asks for in this way is asked for one after the other, so that no more are in flight. The end of
    the block, also by an error, gives up what is still in flight: its waits end at once, and nothing is asked any more
    afterwards.
    """

    def __init__(self, ask: Callable[[X], Y], at_once: int) -> None:
        self.at_once = 1 if _is_inside.get() else at_once
        self._ask, self._unwanted = ask, Event()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="request")

    def __enter__(self) -> Flights[X, Y]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unwanted.set()
        self._pool.shutdown(cancel_futures=True)

    def ask(self, item: X) -> Asked[X, Y]:
        """Ask for an item as soon as fewer than `at_once` are in flight."""
        context = copy_context()
        context.run(given_up.set, self._unwanted)
        context.run(_is_inside.set, True)
        return Asked(item, time.monotonic(), self._pool.submit(context.run, self._ask, item))


def in_flight(ask: Callable[[X], Y], items: Iterable[X], at_once: int) -> Iterator[Asked[X, Y]]:
    """Ask for each item, up to `at_once` at a time; yields all of them in their order.

    Leaving the iteration gives up what is still in flight, as `Flights` does.
    """
    if at_once == 1 or _is_inside.get():
        yield from _one_after_the_other(ask, items)
        return
    rest, asked = iter(items), deque[Asked[X, Y]]()
    with Flights(ask, at_once) as flights:
        while True:
            asked.extend(map(flights.ask, islice(rest, AHEAD * at_once - len(asked))))
            if not asked:
                return
            yield asked.popleft()


def _one_after_the_other(ask: Callable[[X], Y], items: Iterable[X]) -> Iterator[Asked[X, Y]]:
    for item in items:
        one: Asked[X, Y] = Asked(item, time.monotonic())
        try:
            one._answer.set_result(ask(item))
        except Exception as error:
            one._answer.set_exception(error)
        yield one
