"""Open logins are used again, given up when they are stale, and hung up when nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from include.model.errors import AuthError, NotFound, RightsError, ServerError, WarehouseDown
from include.tickets.sessions import Logins, Psa
from include.warehouse.connection import explained
from tests.support.rig import Clock

ONE, OTHER = Psa("one", "connectwise"), Psa("other", "connectwise")


class Exchange:
    """Dials lines and knows which are open."""

    def __init__(self) -> None:
        self.dialled = 0
        self.open: set[int] = set()

    @contextmanager
    def dial(self, psa: Psa) -> Iterator[Any]:
        self.dialled += 1
        number = self.dialled
        self.open.add(number)
        try:
            yield number
        except psycopg.Error as error:
            raise explained(error) from None
        finally:
            self.open.discard(number)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(exchange: Exchange, clock: Clock) -> Logins:
    return Logins(exchange.dial, clock=clock)


def itself(line: Any) -> Any:
    return line


def failing(error: Exception) -> Any:
    def question(_line: Any) -> Any:
        raise error

    return question


def test_the_next_viewer_asks_by_the_line_that_is_open(logins: Logins, exchange: Exchange) -> None:
    assert [logins.ask(ONE, itself) for _ in range(3)] == [1, 1, 1]
    assert logins.ask(OTHER, itself) == 2
    assert exchange.open == {1, 2}


def test_a_line_that_is_in_use_is_not_shared(logins: Logins) -> None:
    assert logins.ask(ONE, lambda first: [first, logins.ask(ONE, itself)]) == [1, 2]


def test_a_line_that_nobody_used_for_a_minute_is_hung_up(logins: Logins, exchange: Exchange, clock: Clock) -> None:
    logins.ask(ONE, itself)
    clock.sleep(61)
    logins.ask(OTHER, itself)
    assert exchange.open == {2}


def test_idle_lines_are_hung_up_also_when_nobody_asks_any_more(
    logins: Logins, exchange: Exchange, clock: Clock
) -> None:
    logins.ask(ONE, itself)
    clock.sleep(59)
    logins.sweep()
    assert exchange.open == {1}
    clock.sleep(1)
    logins.sweep()
    assert exchange.open == set()


def test_a_line_that_is_always_in_use_is_hung_up_after_ten_minutes(logins: Logins, clock: Clock) -> None:
    numbers = []
    for _ in range(25):
        numbers.append(logins.ask(ONE, itself))
        clock.sleep(30)
    assert numbers == [1] * 20 + [2] * 5


@pytest.mark.parametrize("error", [RightsError("no"), NotFound("no")])
def test_an_answer_that_says_nothing_against_the_login_keeps_the_line(
    logins: Logins, exchange: Exchange, error: Exception
) -> None:
    with pytest.raises(type(error)):
        logins.ask(ONE, failing(error))
    assert logins.ask(ONE, itself) == 1


def test_a_server_that_fails_is_hung_up(logins: Logins, exchange: Exchange) -> None:
    with pytest.raises(ServerError):
        logins.ask(ONE, failing(ServerError("boom", status=500)))
    assert exchange.open == set()


@pytest.mark.parametrize("error", [AuthError("expired"), psycopg.OperationalError("gone")])
def test_what_an_open_line_has_come_to_is_tried_once_more_by_a_new_one(
    logins: Logins, exchange: Exchange, error: Exception
) -> None:
    logins.ask(ONE, itself)

    def question(line: Any) -> Any:
        if line == 1:
            raise error
        return line

    assert logins.ask(ONE, question) == 2
    assert exchange.open == {2}


def test_a_new_line_that_fails_too_says_so(logins: Logins, exchange: Exchange) -> None:
    logins.ask(ONE, itself)
    with pytest.raises(WarehouseDown):
        logins.ask(ONE, failing(psycopg.OperationalError("gone")))
    assert (exchange.dialled, exchange.open) == (2, set())
