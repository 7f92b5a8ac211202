"""How the connection's fields become a login at ConnectWise: Basic authentication and the integration's client id."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from include.connectors.common.credentials import check_characters, optional_extra, required_extra
from include.connectors.connectwise.client import ConnectWiseClient
from include.connectors.connectwise.errors import judge
from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session, mask
from include.model.errors import ConfigError
from include.model.limits import Pace

VERSION = "2025.1"
API_PREFIX = "api-"
"""What the cloud puts before the name of a host where its API answers."""


def connect(session: Session, login: PsaLogin, pace: Pace) -> ConnectWiseClient:
    """Check what was typed into the connection; sends nothing yet."""
    company_id, plus, public_key = login.login.partition("+")
    if not (plus and company_id and public_key):
        raise ConfigError(f"The login of the connection '{login.conn_id}' must read '<company id>+<public key>'.")
    client_id = required_extra(login, "clientId", "the id that developer.connectwise.com gives to each integration")
    without_blanks = company_id.replace(" ", "")  # a company id may have them
    version = optional_extra(login, "version") or VERSION
    typed = {
        "login": without_blanks + public_key,
        "password": login.password,
        "extra clientId": client_id,
        "extra version": version,
    }
    check_characters(login, typed)
    basic = base64.b64encode(f"{login.login}:{login.password}".encode()).decode()
    mask(login.password, public_key, basic)
    http = HttpClient(
        vendor="ConnectWise",
        session=session,
        base_url=api_origin(login.origin),
        pace=pace,
        auth=Keys({"Authorization": f"Basic {basic}", "clientId": client_id}),
        headers={"Accept": f"application/vnd.connectwise.com+json; version={version}"},
        secrets=[login.password, basic, public_key],
        judge=judge,
    )
    return ConnectWiseClient(http, company_id)


def account_key(login: PsaLogin) -> str:
    """The tenant: all its logins share one rate limit."""
    return f"{api_origin(login.origin)} {login.login.partition('+')[0].lower()}"


def api_origin(typed: str) -> str:
    """The address of the API, also where people typed the host that they sign in at."""
    parts = urlsplit(typed)
    needs_prefix = is_cloud(parts.hostname) and not parts.netloc.startswith(API_PREFIX)
    return f"{parts.scheme}://{API_PREFIX if needs_prefix else ''}{parts.netloc}"


def web_origin(api: str) -> str:
    """Where people sign in, by the address of the API."""
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc.removeprefix(API_PREFIX) if is_cloud(parts.hostname) else parts.netloc}"


def is_cloud(host: str | None) -> bool:
    """Whether a host is one of the vendor's own."""
    return (host or "").endswith((".myconnectwise.net", ".connectwisedev.com"))
