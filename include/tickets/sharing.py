"""One request for all who ask the same at the same moment; its answer stays in memory for seconds, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Answers by what was asked, each forgotten `hold_seconds` after it came; errors after `hold_errors_seconds`."""

    def __init__(self, hold_seconds: float, *, hold_errors_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self._hold_errors_seconds = hold_errors_seconds
        self._answers: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, asked: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `fetch` gives, or gave another viewer a moment ago. Who leaves early spoils it for nobody."""
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._answers[asked] = asyncio.get_running_loop().create_task(fetch())
            answer.add_done_callback(lambda done: self._forget_soon(asked, done))
        return await asyncio.shield(answer)

    def _forget_soon(self, asked: Hashable, done: asyncio.Task[T]) -> None:
        failed = done.cancelled() or done.exception()  # looked at, or asyncio would log it when nobody waits any more
        seconds = self._hold_errors_seconds if failed else self._hold_seconds
        done.get_loop().call_later(seconds, self._answers.pop, asked, None)
