"""Sessions are reused, replaced when they are stale, and closed when no viewer needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from include.model.errors import AuthError, NotFound, RightsError, ServerError, WarehouseDown
from include.model.psa import Psa
from include.tickets.sessions import Sessions
from include.warehouse.connection import explained
from tests.support.rig import Clock

ONE, OTHER = Psa("one", "connectwise"), Psa("other", "connectwise")


class Server:
    """Opens numbered sessions and knows which are open."""

    def __init__(self) -> None:
        self.connected = 0
        self.open: set[int] = set()

    @contextmanager
    def connect(self, psa: Psa) -> Iterator[Any]:
        self.connected += 1
        number = self.connected
        self.open.add(number)
        try:
            yield number
        except psycopg.Error as error:
            raise explained(error) from None
        finally:
            self.open.discard(number)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(server: Server, clock: Clock) -> Sessions[Psa, Any]:
    return Sessions(server.connect, clock=clock)


def which(session: Any) -> Any:
    return session


def failing(error: Exception) -> Any:
    def question(_session: Any) -> Any:
        raise error

    return question


def test_the_next_question_uses_the_open_session(sessions: Sessions[Psa, Any], server: Server) -> None:
    assert [sessions.ask(ONE, which) for _ in range(3)] == [1, 1, 1]
    assert sessions.ask(OTHER, which) == 2
    assert server.open == {1, 2}


def test_a_session_in_use_is_not_shared(sessions: Sessions[Psa, Any]) -> None:
    assert sessions.ask(ONE, lambda first: [first, sessions.ask(ONE, which)]) == [1, 2]


def test_a_session_that_was_idle_for_a_minute_is_closed(
    sessions: Sessions[Psa, Any], server: Server, clock: Clock
) -> None:
    sessions.ask(ONE, which)
    clock.sleep(61)
    sessions.ask(OTHER, which)
    assert server.open == {2}


def test_idle_sessions_are_closed_also_when_no_one_asks_any_more(
    sessions: Sessions[Psa, Any], server: Server, clock: Clock
) -> None:
    sessions.ask(ONE, which)
    clock.sleep(59)
    sessions.sweep()
    assert server.open == {1}
    clock.sleep(1)
    sessions.sweep()
    assert server.open == set()


def test_a_session_that_is_never_idle_is_closed_after_ten_minutes(sessions: Sessions[Psa, Any], clock: Clock) -> None:
    numbers = []
    for _ in range(25):
        numbers.append(sessions.ask(ONE, which))
        clock.sleep(30)
    assert numbers == [1] * 20 + [2] * 5


@pytest.mark.parametrize("error", [RightsError("no"), NotFound("no")])
def test_an_error_that_does_not_concern_the_login_keeps_the_session(
    sessions: Sessions[Psa, Any], server: Server, error: Exception
) -> None:
    with pytest.raises(type(error)):
        sessions.ask(ONE, failing(error))
    assert sessions.ask(ONE, which) == 1


def test_a_server_error_closes_the_session(sessions: Sessions[Psa, Any], server: Server) -> None:
    with pytest.raises(ServerError):
        sessions.ask(ONE, failing(ServerError("boom", status=500)))
    assert server.open == set()


@pytest.mark.parametrize("error", [AuthError("expired"), psycopg.OperationalError("gone")])
def test_a_stale_session_is_replaced_once(sessions: Sessions[Psa, Any], server: Server, error: Exception) -> None:
    sessions.ask(ONE, which)

    def question(session: Any) -> Any:
        if session == 1:
            raise error
        return session

    assert sessions.ask(ONE, question) == 2
    assert server.open == {2}


def test_an_error_in_the_new_session_is_raised(sessions: Sessions[Psa, Any], server: Server) -> None:
    sessions.ask(ONE, which)
    with pytest.raises(WarehouseDown):
        sessions.ask(ONE, failing(psycopg.OperationalError("gone")))
    assert (server.connected, server.open) == (2, set())
