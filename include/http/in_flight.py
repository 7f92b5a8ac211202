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


def in_flight(ask: Callable[[X], Y], items: Iterable[X], at_once: int) -> Iterator[Asked[X, Y]]:
    """Ask for each item, up to `at_once` at a time; yields all of them in their order.

    What `ask` itself asks for in this way is asked for one after the other, so that no more are in flight. Leaving the
    iteration, also by an error, gives up what is still in flight: its waits end at once, and nothing is asked any more
    when this returns.
    """
    if at_once == 1 or _is_inside.get():
        yield from _one_after_the_other(ask, items)
        return
    unwanted, rest, asked = Event(), iter(items), deque[Asked[X, Y]]()

    def submit(item: X) -> Asked[X, Y]:
        context = copy_context()
        context.run(given_up.set, unwanted)
        context.run(_is_inside.set, True)
        return Asked(item, time.monotonic(), pool.submit(context.run, ask, item))

    with ThreadPoolExecutor(at_once, thread_name_prefix="request") as pool:
        try:
            while True:
                asked.extend(map(submit, islice(rest, AHEAD * at_once - len(asked))))
                if not asked:
                    return
                yield asked.popleft()
        finally:
            unwanted.set()
            pool.shutdown(cancel_futures=True)


def _one_after_the_other(ask: Callable[[X], Y], items: Iterable[X]) -> Iterator[Asked[X, Y]]:
    for item in items:
        one: Asked[X, Y] = Asked(item, time.monotonic())
        try:
            one._answer.set_result(ask(item))
        except Exception as error:
            one._answer.set_exception(error)
        yield one
