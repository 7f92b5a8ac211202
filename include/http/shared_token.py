"""Tokens that tasks of one run share, so that each of them need not log in."""

from __future__ import annotations

from collections.abc import Callable

from include.http.auth import SharedToken, Token
from include.http.client import HttpClient
from include.http.session import mask


def token_to_share(http: HttpClient) -> SharedToken | None:
    """The token of this client; None at PSAs that give none."""
    return http.auth.to_share(http.now()) if isinstance(http.auth, Token) else None


def use_shared_token(http: HttpClient, find: Callable[[], SharedToken | None]) -> None:
    """Begin with the token that `find` gives, if there is one of the same login that is still valid."""
    if isinstance(http.auth, Token) and (shared := find()) and http.auth.use(shared, http.now()):
        mask(shared.access)
        http.secrets.append(shared.access)
