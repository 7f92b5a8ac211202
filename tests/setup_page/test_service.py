"""One answer for all who ask the same at a moment, and a limit to what a person waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from include.model.errors import FormError
from include.model.psa import Psa
from include.setup_page.service import SetupService
from include.tickets.problems import ViewerTimeout

PSA = Psa("one", "connectwise")


class Choices:
    """A tenant whose types come when the test allows it."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_come = threading.Event()
        self.company_choices = self
        self.http = self

    def types(self, _client: object) -> dict[str, str]:
        self.asked += 1
        self.may_come.wait(30)
        return {"1": "Client"}

    def statuses(self, _client: object) -> dict[str, str]:
        return {}

    @contextmanager
    def connect(self, _psa: Psa) -> Iterator[Any]:
        self.connector = self.client = self
        yield self


def test_two_people_who_ask_the_same_cost_one_question() -> None:
    tenant = Choices()
    tenant.may_come.set()
    service = SetupService(tenant.connect)

    async def ask() -> list[Any]:
        return await asyncio.gather(*(service.company_choices(PSA) for _ in range(5)))

    assert asyncio.run(ask()) == [{"types": [{"id": "1", "label": "Client"}], "statuses": []}] * 5
    assert tenant.asked == 1


def test_a_slow_answer_is_waited_for_again_and_not_asked_for_again() -> None:
    tenant = Choices()
    service = SetupService(tenant.connect, viewer_timeout_seconds=0.05)

    async def ask() -> Any:
        with pytest.raises(ViewerTimeout):
            await service.company_choices(PSA)
        tenant.may_come.set()
        while True:
            try:
                return await service.company_choices(PSA)
            except ViewerTimeout:
                pass

    assert asyncio.run(ask())["types"] == [{"id": "1", "label": "Client"}]
    assert tenant.asked == 1


def test_a_setup_that_is_no_json_is_refused_before_the_psa_is_asked() -> None:
    tenant = Choices()

    async def ask() -> None:
        await SetupService(tenant.connect).preview(PSA, "", "{")

    with pytest.raises(FormError, match="Airflow Variable 'psa_one' is not JSON"):
        asyncio.run(ask())
    assert tenant.asked == 0
