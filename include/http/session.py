"""From an Airflow connection to a session of `requests`, through the HTTP provider's hook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from include.model.errors import ConfigError

Session = requests.Session


@dataclass(frozen=True)
class PsaLogin:
    """What a person typed into the connection; `origin` is scheme, host and port."""

    conn_id: str
    origin: str
    login: str
    password: str
    extra: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"PsaLogin(conn_id={self.conn_id!r}, origin={self.origin!r})"  # never the secrets


def open_session(conn_id: str, required: Iterable[str]) -> tuple[requests.Session, PsaLogin]:
    """The provider's session (TLS, proxy, keep-alive as the connection says) and what was typed.

    Raises ConfigError when the connection is missing or lacks one of host, login and password that is `required`.
    """
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    hook = HttpHook(method="GET", http_conn_id=conn_id)
    try:
        connection = hook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise ConfigError(
            f"There is no Airflow connection '{conn_id}'. Create it under Admin, Connections; "
            "docs/ has a page per PSA that says what goes into each field."
        ) from None
    missing = [name for name in ("host", "login", "password") if name in required and not getattr(connection, name)]
    if missing:
        raise ConfigError(f"The Airflow connection '{conn_id}' lacks {' and '.join(missing)}.")
    if not isinstance(connection.extra_dejson, dict):
        raise ConfigError(f"The extra of the Airflow connection '{conn_id}' must be a JSON object.")
    session = hook.get_conn()
    for name in connection.extra_dejson:
        session.headers.pop(name, None)  # the hook makes headers of extras; vendors name their own
    login = PsaLogin(
        conn_id=conn_id,
        origin=origin(connection.host or "", connection.schema, connection.port),
        login=(connection.login or "").strip(),
        password=(connection.password or "").strip(),
        extra=connection.extra_dejson,
    )
    return session, login


def origin(host: str, schema: str | None, port: int | None) -> str:
    """`https://host[:port]` from what people type: with or without scheme, path, port or blanks."""
    typed = host.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"{schema or 'https'}://{typed}")
        number = parts.port or port
    except ValueError:
        raise ConfigError(f"The connection's host '{host}' is not an address: look at brackets and port.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"The connection's host '{host}' is not a host name or an http(s) address.")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    return f"{parts.scheme}://{name}" + (f":{number}" if number else "")


_masks: ContextVar[bool] = ContextVar("masks", default=True)


def mask(*secrets: str) -> None:
    """Keep derived secrets out of every task log; Airflow itself masks only the password."""
    from airflow.sdk.log import mask_secret

    for secret in secrets if _masks.get() else ():
        mask_secret(secret)


def mask_nothing_here() -> None:
    """For a thread of a process that lives on: Airflow forgets no mask, and a token is new every hour.

    Such a thread must not log what could hold one.
    """
    _masks.set(False)
