"""One request for all viewers who ask the same question at the same moment."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from include.model.errors import ServerError
from include.tickets.sharing import Shared


class Psa:
    """Answers when the test allows it, and counts the requests."""

    def __init__(self) -> None:
        self.requests = 0
        self.may_answer = asyncio.Event()

    async def answer(self) -> int:
        self.requests += 1
        await self.may_answer.wait()
        return self.requests

    async def fail(self) -> int:
        self.requests += 1
        raise ServerError("boom", status=500)


def test_fifty_viewers_of_one_query_are_one_request() -> None:
    async def viewers() -> tuple[set[int], int]:
        shared, psa = Shared[int](60, hold_errors_seconds=60), Psa()
        looking = [asyncio.create_task(shared.get("open tickets", psa.answer)) for _ in range(50)]
        await asyncio.sleep(0)
        psa.may_answer.set()
        seen = set(await asyncio.gather(*looking))
        return seen | {await shared.get("open tickets", psa.answer)}, psa.requests

    assert asyncio.run(viewers()) == ({1}, 1)


def test_another_query_is_another_request() -> None:
    async def viewers() -> list[int]:
        shared, psa = Shared[int](60, hold_errors_seconds=60), Psa()
        psa.may_answer.set()
        return [await shared.get(query, psa.answer) for query in ("open", "closed")]

    assert asyncio.run(viewers()) == [1, 2]


def test_an_answer_is_dropped_after_its_time() -> None:
    async def viewers() -> tuple[list[int], dict[Any, Any]]:
        shared, psa = Shared[int](0, hold_errors_seconds=0), Psa()
        psa.may_answer.set()
        first = await shared.get("open", psa.answer)
        while shared._answers:
            await asyncio.sleep(0)
        return [first, await shared.get("open", psa.answer)], shared._answers

    assert asyncio.run(viewers())[0] == [1, 2]


def test_a_viewer_who_leaves_does_not_stop_the_request_of_others() -> None:
    async def viewers() -> int:
        shared, psa = Shared[int](60, hold_errors_seconds=60), Psa()
        leaving, staying = (asyncio.create_task(shared.get("open", psa.answer)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        psa.may_answer.set()
        return await staying

    assert asyncio.run(viewers()) == 1


def test_an_error_reaches_all_waiting_viewers_and_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def viewers() -> tuple[int, list[Any]]:
        shared, psa = Shared[int](60, hold_errors_seconds=60), Psa()
        looking = [asyncio.create_task(shared.get("open", psa.fail)) for _ in range(3)]
        seen = await asyncio.gather(*looking, return_exceptions=True)
        leaving = asyncio.create_task(shared.get("closed", psa.fail))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        return psa.requests, seen

    requests, seen = asyncio.run(viewers())
    gc.collect()
    assert requests == 2
    assert [type(error) for error in seen] == [ServerError] * 3
    assert not caplog.records
