"""From an Airflow connection to a session of `requests`, through the HTTP provider's hook."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter

from include.airflow_store.lookup import read_connection
from include.http.address import is_loopback, origin, unused_part
from include.http.extras import ALLOW_HTTP, read_extra, without_case
from include.http.redaction import cleaned
from include.model.errors import ConfigError
from include.model.limits import MOST_IN_FLIGHT

if TYPE_CHECKING:
    from airflow.sdk import Connection

log = logging.getLogger(__name__)

Session = requests.Session
CREATE = "Create it under Admin, Connections; docs/ has a page per PSA that says what goes into each field."
TYPES = ("http", "https", "generic")  # `https` is the type of a connection that is written as an https:// URI


@dataclass(frozen=True)
class PsaLogin:
    """What a person typed into the connection. Raises ConfigError when it would send credentials unencrypted."""

    conn_id: str
    origin: str
    """Scheme, host and port."""
    login: str
    password: str
    extra: Mapping[str, Any]
    """Its names are read without regard to case, because some tools change the case of names."""
    connection: Connection | None = field(default=None, repr=False, compare=False)
    """What it was read from."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", without_case(self.conn_id, self.extra))
        self.require_encryption("host", self.origin)

    def may_send_to(self, address: str) -> bool:
        """Whether credentials may go there: encrypted, to this machine, or because a person allows it."""
        parts = urlsplit(address)
        return parts.scheme == "https" or is_loopback(parts.hostname or "") or self.extra.get(ALLOW_HTTP) is True

    def require_encryption(self, field: str, address: str) -> None:
        """Raise ConfigError for an address to which credentials would go unencrypted; `field` is where it stands."""
        if not self.may_send_to(address):
            raise ConfigError(
                f"The {field} of the connection '{self.conn_id}' is {address}: credentials would be sent unencrypted. "
                f'Use https://, or put "{ALLOW_HTTP}": true into the extra where the network in between is trusted.'
            )

    def __repr__(self) -> str:
        return f"PsaLogin(conn_id={self.conn_id!r}, origin={self.origin!r})"  # never the secrets


def open_session(conn_id: str, required: Iterable[str]) -> tuple[requests.Session, PsaLogin]:
    """The provider's session (TLS, proxy, keep-alive as the connection says) and what was typed."""
    login = read_login(conn_id, required)
    return session_of(login), login


def read_login(conn_id: str, required: Iterable[str]) -> PsaLogin:
    """What was typed into the connection.

    Raises ConfigError when the connection is missing, lacks one of host, login and password that is `required`, or
    says what cannot be.
    """
    connection = read_connection(conn_id, create=CREATE)
    missing = [name for name in ("host", "login", "password") if name in required and not getattr(connection, name)]
    if missing:
        raise ConfigError(f"The Airflow connection '{conn_id}' lacks {' and '.join(missing)}.")
    if (connection.conn_type or "http").lower() not in TYPES:
        raise ConfigError(f"The Airflow connection '{conn_id}' is of type '{connection.conn_type}', not HTTP.")
    login = PsaLogin(
        conn_id=conn_id,
        origin=origin(connection.host or "", connection.schema, connection.port),
        login=(connection.login or "").strip(),
        password=(connection.password or "").strip(),
        extra=read_extra(conn_id, connection.extra),
        connection=connection,
    )
    _log_unused(connection, login)
    return login


def _log_unused(connection: Connection, login: PsaLogin) -> None:
    """Log what was typed and has no effect."""
    for name, sent in (("login", login.login), ("password", login.password)):
        if sent != (getattr(connection, name) or ""):
            log.info("%s: the blanks around the %s are not sent.", login.conn_id, name)
    if unused := unused_part(connection.host or ""):
        log.info("%s: '%s' behind the host is not used: the paths of the API are added to it.", login.conn_id, unused)


def session_of(login: PsaLogin) -> requests.Session:
    """The session of the provider's hook; what it cannot make of the connection is the connection's fault."""
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.sdk.exceptions import AirflowException

    class Hook(HttpHook):
        """Has its connection already, and does not ask Airflow for it again."""

        @classmethod
        def get_connection(cls, conn_id: str) -> Connection:
            return login.connection or super().get_connection(conn_id)

    options = {name.lower(): value for name, value in login.extra.items()}  # the hook reads names with their case
    try:
        session = Hook(method="GET", http_conn_id=login.conn_id).get_conn(extra_options=options)
    except (ValueError, TypeError, OSError, AirflowException) as error:
        raise ConfigError(
            f"The Airflow connection '{login.conn_id}' cannot be used ({type(error).__name__})."
        ) from None
    for adapter in session.adapters.values():
        if isinstance(adapter, HTTPAdapter):  # which keeps ten connections, and warns of each further one
            adapter.init_poolmanager(DEFAULT_POOLSIZE, MOST_IN_FLIGHT)
    for name in login.extra:
        session.headers.pop(name, None)  # the hook makes headers of extras; vendors name their own
    if isinstance(session.cert, list):
        session.cert = tuple(session.cert)  # requests takes a pair only as a tuple, which JSON does not have
    return session


_masks: ContextVar[bool] = ContextVar("masks", default=True)
_masked: set[str] = set()


def mask(*secrets: str) -> None:
    """Keep derived secrets out of every task log; Airflow itself masks only the password."""
    if not _masks.get():
        return
    from airflow.sdk.log import mask_secret

    for secret in secrets:
        _masked.add(secret)
        mask_secret(secret)


def without_masked(words: str) -> str:
    """The words of an error on one line, shortened, without anything that `mask` keeps out of logs."""
    return cleaned(words, tuple(_masked))


def mask_nothing_here() -> None:
    """For a thread of a process that lives on: Airflow forgets no mask, and a token is new every hour.

    Such a thread must not log what could hold one.
    """
    _masks.set(False)
