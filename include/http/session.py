"""From an Airflow connection to a session of `requests`, through the HTTP provider's hook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from include.model.errors import ConfigError

if TYPE_CHECKING:
    from airflow.providers.http.hooks.http import HttpHook

Session = requests.Session
ALLOW_HTTP = "allow_http"


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", _without_case(self.conn_id, self.extra))
        parts = urlsplit(self.origin)
        if parts.scheme == "http" and not _is_loopback(parts.hostname or "") and self.extra.get(ALLOW_HTTP) is not True:
            raise ConfigError(
                f"The host of the connection '{self.conn_id}' is {self.origin}: credentials would be sent unencrypted. "
                f'Use https://, or put "{ALLOW_HTTP}": true into the extra where the network in between is trusted.'
            )

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
        extra = connection.extra_dejson
    except (ValueError, AttributeError) as error:  # raised by Airflow for a text that is neither a URI nor JSON
        raise ConfigError(f"The Airflow connection '{conn_id}' cannot be read: {error}.") from None
    except AirflowNotFoundException:
        raise ConfigError(
            f"There is no Airflow connection '{conn_id}'. Create it under Admin, Connections; "
            "docs/ has a page per PSA that says what goes into each field."
        ) from None
    missing = [name for name in ("host", "login", "password") if name in required and not getattr(connection, name)]
    if missing:
        raise ConfigError(f"The Airflow connection '{conn_id}' lacks {' and '.join(missing)}.")
    if not isinstance(extra, dict):
        raise ConfigError(f"The extra of the Airflow connection '{conn_id}' must be a JSON object.")
    login = PsaLogin(
        conn_id=conn_id,
        origin=origin(connection.host or "", connection.schema, connection.port),
        login=(connection.login or "").strip(),
        password=(connection.password or "").strip(),
        extra=extra,
    )
    _check_tls(conn_id, login.extra)
    return _session(hook, login), login


def _session(hook: HttpHook, login: PsaLogin) -> requests.Session:
    """The hook's session; what it cannot make of the connection is the connection's fault."""
    from airflow.sdk.exceptions import AirflowException

    options = {name.lower(): value for name, value in login.extra.items()}  # the hook reads names with their case
    try:
        session = hook.get_conn(extra_options=options)
    except (ValueError, TypeError, OSError, AirflowException) as error:
        raise ConfigError(f"The Airflow connection '{login.conn_id}' cannot be used: {error}.") from None
    for name in login.extra:
        session.headers.pop(name, None)  # the hook makes headers of extras; vendors name their own
    return session


def _without_case(conn_id: str, extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """The extra, whose names are found in any case; raises ConfigError for two spellings with different values."""
    found: Mapping[str, Any] = CaseInsensitiveDict(extra)
    spelled = {name.lower(): name for name in found}
    for name, value in extra.items():
        last = spelled[name.lower()]
        if value != extra[last]:
            raise ConfigError(
                f"The extra of the Airflow connection '{conn_id}' has '{name}' and '{last}' with different values. "
                "Capital letters make no difference there: remove one of the two."
            )
    return found


def _check_tls(conn_id: str, extra: Mapping[str, Any]) -> None:
    """Raise ConfigError for what `verify` and `cert` cannot be: requests would fail later, or verify nothing."""
    verify, cert = extra.get("verify", True), extra.get("cert")
    if not isinstance(verify, (bool, str)):
        raise ConfigError(f"'verify' in the extra of '{conn_id}' must be true, false, or the path of a CA file.")
    paths = [("verify", verify)] if isinstance(verify, str) else []
    paths += [("cert", path) for path in ([cert] if isinstance(cert, str) else cert or [])]
    for name, path in paths:
        if not isinstance(path, str) or not Path(path).exists():
            raise ConfigError(
                f"'{name}' in the extra of '{conn_id}' names {path!r}, and there is no such file on this worker. "
                "Write true or false without quotes, or the path of a file."
            )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def origin(host: str, schema: str | None, port: int | None) -> str:
    """`https://host[:port]` from what people type: with or without scheme, path, port or blanks."""
    typed = host.strip()
    if schema and "://" not in typed and schema.lower() not in ("http", "https"):
        raise ConfigError(
            f"The connection's schema '{schema}' must be http or https, without colon and slashes. In a connection "
            "that is written as a URI, the path stands for the schema: leave it out."
        )
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
