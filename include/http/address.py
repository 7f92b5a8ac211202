"""The address of a PSA, from what people type as host, schema and port of a connection. Nothing has two meanings."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import requests

from include.model.errors import ConfigError

SCHEMES = ("http", "https")
_NAME = re.compile(r"[\w.-]+")


def origin(host: str, schema: str | None, port: int | None) -> str:
    """`https://host[:port]` from what people type: with or without scheme, path, port or blanks.

    Raises ConfigError that names the field, and never quotes a host that holds a password.
    """
    scheme, typed = _scheme(schema), host.strip()
    parts = _split(typed if "://" in typed else f"{scheme or 'https'}://{typed}", shown=_shown(typed))
    if scheme and parts.scheme != scheme:
        raise ConfigError(
            f"The connection's schema is {scheme}, and its host begins with {parts.scheme}://. Leave the schema empty."
        )
    number = _port(parts.port, port)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "").rstrip(".")
    address = f"{parts.scheme}://{name}" + ("" if number is None else f":{number}")
    if not is_address(address):
        raise _not_an_address(_shown(typed))
    return address


def unused_part(host: str) -> str:
    """What was typed behind the host: a path, or a mark for a query. Nothing of it is sent."""
    parts = urlsplit(host if "://" in host else f"https://{host}".strip())
    return parts.path.rstrip("/ ") + ("?…" if parts.query else "") + ("#…" if parts.fragment else "")


def is_address(address: str) -> bool:
    """Whether requests can be sent to an address: http or https, a host that can exist, no user and no query."""
    try:
        parts = urlsplit(requests.Request("GET", address).prepare().url or "")
        (parts.hostname or "").encode("idna")  # fails for a label that is empty, or longer than names can be
    except (ValueError, requests.RequestException):
        return False
    return parts.scheme in SCHEMES and bool(parts.hostname) and parts.username is None and not parts.query


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _scheme(schema: str | None) -> str:
    scheme = (schema or "").strip().lower()
    if scheme and scheme not in SCHEMES:
        raise ConfigError(
            f"The connection's schema '{_shown(scheme)}' must be http or https, without colon and slashes. In a "
            "connection that is written as a URI, the path stands for the schema: leave it out."
        )
    return scheme


def _split(address: str, *, shown: str) -> SplitResult:
    if not address.isprintable():  # some of these characters would be dropped
        raise ConfigError(f"The connection's host '{shown}' holds an invisible character. Paste it again.")
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - it is parsed only now
    except ValueError:
        raise ConfigError(f"The connection's host '{shown}' is not an address: look at brackets and port.") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError("The connection's host has a user or a password in it: they belong into login and password.")
    name = parts.hostname or ""
    if parts.scheme not in SCHEMES or name in ("", *SCHEMES) or not (":" in name or _NAME.fullmatch(name)):
        raise _not_an_address(shown)
    return parts


def _port(in_host: int | None, field: int | None) -> int | None:
    if in_host is not None and field is not None and in_host != field:
        raise ConfigError(f"The connection's port is {field}, and its host ends with :{in_host}. Leave the port empty.")
    number = field if in_host is None else in_host
    if number is not None and not 0 < number < 65_536:
        raise ConfigError(f"The connection's port {number} is none: ports are from 1 to 65535.")
    return number


def _not_an_address(shown: str) -> ConfigError:
    return ConfigError(f"The connection's host '{shown}' is not a host name or an http(s) address.")


def _shown(typed: str) -> str:
    """What was typed, unless a part of a password can be in it: a `/` in one moves it to another field of a URI."""
    return "…" if "@" in typed else typed
