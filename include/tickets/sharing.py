"""One request for all viewers of the same view; its answer is kept in memory for seconds and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Answers by question: dropped `hold_seconds` after they arrived, errors after `hold_errors_seconds`."""

    def __init__(self, hold_seconds: float, *, hold_errors_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self._hold_errors_seconds = hold_errors_seconds
        self._answers: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, question: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of `fetch`, or of the fetch that another viewer started. A viewer who leaves does not stop it."""
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = asyncio.get_running_loop().create_task(fetch())
            answer.add_done_callback(lambda done: self._schedule_removal(question, done))
        return await asyncio.shield(answer)

    def known(self, question: Hashable) -> T | None:
        """The answer that is held; None if there is none yet, or if it was an error."""
        answer = self._answers.get(question)
        is_good = answer and answer.done() and not answer.cancelled() and not answer.exception()
        return answer.result() if answer and is_good else None

    def _schedule_removal(self, question: Hashable, done: asyncio.Task[T]) -> None:
        # Reading the exception keeps asyncio from logging it when no viewer is waiting any more.
        failed = done.cancelled() or done.exception()
        seconds = self._hold_errors_seconds if failed else self._hold_seconds
        done.get_loop().call_later(seconds, self._answers.pop, question, None)
