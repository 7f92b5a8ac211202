"""What viewers get when a PSA is slow, and that no viewer delays another."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from include import connectors
from include.connectors.contract import Connector
from include.model.errors import FormError, ServerError
from include.model.psa import Psa
from include.model.tickets import Reference, Ticket, TicketDetail, TicketPage, TicketQuery
from include.model.traffic import Traffic
from include.tickets.problems import ViewerTimeout
from include.tickets.query import Filters
from include.tickets.service import Service
from include.tickets.sessions import Session, Sessions

PSA = Psa("one", "connectwise")
TICKET = Ticket("1", "1", "printer", owner=Reference("101"))


class Client:
    """The part of an HTTP client that the service uses."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.give_up_at = 0.0


class PsaClient:
    def __init__(self) -> None:
        self.http = Client()


class HelpDesk:
    """A ticket source that answers when the test allows it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.requests = 0
        self.tickets_may_come = threading.Event()
        self.people_may_come = threading.Event()
        self.error: Exception | None = None

    def search(self, client: PsaClient, _query: TicketQuery) -> TicketPage:
        self.requests += 1
        self.tickets_may_come.wait(30)
        if self.error:
            raise self.error
        client.http.traffic.answered_seconds += 0.25
        return TicketPage([TICKET])

    def detail(self, client: PsaClient, key: str) -> TicketDetail:
        return TicketDetail(replace(TICKET, key=key))

    def people(self, _account: PsaClient) -> Sequence[Reference]:
        self.people_may_come.wait(30)
        return [Reference("101", "Jane Doe")]

    @contextmanager
    def connect(self, _psa: Psa) -> Iterator[Session]:
        connector: Connector[Any] = connectors.load("connectwise")
        tickets = replace(connector.tickets, search=self.search, detail=self.detail, people=self.people)
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            client: Any = PsaClient()
            yield Session(replace(connector, tickets=tickets), client, connection)


@pytest.fixture
def tickets(module_dsn: str) -> Iterator[HelpDesk]:
    made = HelpDesk(module_dsn)
    yield made
    made.tickets_may_come.set()
    made.people_may_come.set()


def run(tickets: HelpDesk, viewing: Any, **timeouts: float) -> Any:
    """The result of `viewing(service)`; every session is closed afterwards."""
    sessions = Sessions(tickets.connect)
    try:
        return asyncio.run(viewing(Service(sessions, **timeouts)))
    finally:
        tickets.tickets_may_come.set()
        tickets.people_may_come.set()
        sessions.close()


def test_fifty_viewers_are_one_request_and_names_come_with_it(tickets: HelpDesk) -> None:
    tickets.people_may_come.set()

    async def viewing(service: Service) -> list[bytes]:
        looking = [asyncio.ensure_future(service.tickets(PSA, Filters())) for _ in range(50)]
        await asyncio.sleep(0)
        tickets.tickets_may_come.set()
        return await asyncio.gather(*looking)

    seen = list(map(json.loads, run(tickets, viewing)))
    assert tickets.requests == 1
    assert {one["fetched_at"] for one in seen} == {seen[0]["fetched_at"]}
    assert seen[0]["psa_seconds"] == 0.25
    assert seen[0]["tickets"][0]["owner"] == {"key": "101", "name": "Jane Doe"}


def test_a_list_does_not_wait_for_the_names_of_people(tickets: HelpDesk) -> None:
    tickets.tickets_may_come.set()
    seen = json.loads(run(tickets, lambda service: service.tickets(PSA, Filters()), names_timeout_seconds=0.01))
    assert seen["tickets"][0]["owner"] == {"key": "101", "name": None}


def test_a_request_goes_on_after_a_viewers_timeout_for_the_next_viewer(tickets: HelpDesk) -> None:
    async def viewing(service: Service) -> bytes:
        with pytest.raises(ViewerTimeout):
            await service.tickets(PSA, Filters())
        tickets.tickets_may_come.set()
        return await service.tickets(PSA, Filters())

    assert json.loads(run(tickets, viewing, viewer_timeout_seconds=0.5, names_timeout_seconds=0))["tickets"]
    assert tickets.requests == 1


def test_a_psa_that_hangs_does_not_delay_the_choices(tickets: HelpDesk) -> None:
    async def viewing(service: Service) -> dict[str, Any]:
        texts = [f"text {number}" for number in range(10)]
        looking = [asyncio.ensure_future(service.tickets(PSA, Filters(text=text))) for text in texts]
        await asyncio.sleep(0)
        choices = await service.choices(PSA)
        tickets.tickets_may_come.set()
        await asyncio.gather(*looking)
        return choices

    assert run(tickets, viewing, names_timeout_seconds=0)["boards"] == []


def test_an_error_reaches_every_viewer_of_its_moment_by_one_request(tickets: HelpDesk) -> None:
    tickets.error = ServerError("boom", status=500)
    tickets.tickets_may_come.set()

    async def viewing(service: Service) -> Any:
        looking = (service.tickets(PSA, Filters()) for _ in range(3))
        return await asyncio.gather(*looking, return_exceptions=True)

    assert [type(error) for error in run(tickets, viewing)] == [ServerError] * 3
    assert tickets.requests == 1


@pytest.mark.parametrize("typed", ["a\x00b", "x" * 1000])
def test_text_that_no_input_field_can_hold_never_reaches_the_warehouse(tickets: HelpDesk, typed: str) -> None:
    with pytest.raises(FormError):
        run(tickets, lambda service: service.companies(PSA, text=typed, key=""))


def test_a_ticket_is_shown_with_its_names(tickets: HelpDesk) -> None:
    tickets.people_may_come.set()
    shown = json.loads(run(tickets, lambda service: service.ticket(PSA, "7")))
    assert shown["ticket"]["owner"]["name"] == "Jane Doe"


def test_the_names_of_people_come_with_each_list_once_they_are_known(tickets: HelpDesk) -> None:
    tickets.people_may_come.set()
    tickets.tickets_may_come.set()

    async def viewing(service: Service) -> list[bytes]:
        await service.people(PSA)
        return [await service.tickets(PSA, Filters(text=text)) for text in ("a", "b")]

    owners = [json.loads(one)["tickets"][0]["owner"] for one in run(tickets, viewing, names_timeout_seconds=0)]
    assert owners == [{"key": "101", "name": "Jane Doe"}] * 2
