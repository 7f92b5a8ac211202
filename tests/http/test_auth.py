"""Tokens: when they are asked for, renewed, and given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from include.http.auth import Grant, Token

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)


class Server:
    """Gives numbered tokens that last an hour; notes what each was asked with."""

    def __init__(self) -> None:
        self.asked: list[Grant | None] = []

    def obtain(self, before: Grant | None) -> Grant:
        self.asked.append(before)
        return Grant(f"token {len(self.asked)}", 3600.0, refresh=f"refresh {len(self.asked)}")


def bearer(token: Token) -> str:
    return token.headers()["Authorization"]


def test_a_token_is_asked_for_once_and_used_until_shortly_before_its_end() -> None:
    server, now = Server(), [0.0]
    token = Token(server.obtain, clock=lambda: now[0])
    assert server.asked == []
    assert bearer(token) == "Bearer token 1"
    now[0] = 3500.0
    assert bearer(token) == "Bearer token 1"
    now[0] = 3541.0
    assert bearer(token) == "Bearer token 2"
    assert [before and before.refresh for before in server.asked] == [None, "refresh 1"]


def test_after_a_401_the_login_starts_from_the_beginning() -> None:
    server = Server()
    token = Token(server.obtain)
    assert token.renew(token.headers()) is True
    assert bearer(token) == "Bearer token 2"
    assert server.asked == [None, None]


def test_a_token_is_not_in_what_is_printed_of_it() -> None:
    token = Token(Server().obtain)
    bearer(token)
    assert "token 1" not in repr(token)


def test_a_token_that_another_thread_has_renewed_meanwhile_is_not_asked_for_again() -> None:
    server = Server()
    token = Token(server.obtain)
    refused = token.headers()
    assert token.renew(refused) is True
    assert token.renew(refused) is True
    assert (bearer(token), len(server.asked)) == ("Bearer token 2", 2)


def test_a_token_that_is_shared_can_be_used_but_not_renewed_and_is_not_in_what_is_printed_of_it() -> None:
    server, now = Server(), [0.0]
    first, second = (Token(server.obtain, clock=lambda: now[0], whose="ada at psa") for _ in range(2))
    assert first.to_share(NOW) is None
    bearer(first)
    shared = first.to_share(NOW)
    assert shared
    assert "token 1" not in repr(shared)
    assert second.use(shared, NOW + timedelta(minutes=10))
    assert bearer(second) == "Bearer token 1"
    now[0] = 3000.0  # by this worker's clock the token has lasted ten minutes longer
    assert bearer(second) == "Bearer token 2"
    assert [before and before.refresh for before in server.asked] == [None, ""]


def test_a_token_of_another_login_or_one_that_has_run_out_is_not_used() -> None:
    token = Token(Server().obtain, whose="ada at psa")
    bearer(token)
    shared = token.to_share(NOW)
    assert shared
    another = Token(Server().obtain, whose="eve at psa")
    assert not another.use(shared, NOW)
    assert not token.use(shared, NOW + timedelta(hours=1))
    assert not token.use(replace(shared, access=""), NOW)
    assert not token.use(replace(shared, access="token\r\nX-Header: 1"), NOW)
