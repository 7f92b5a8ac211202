"""How HaloPSA gives out tokens: by client id and secret, at an address that the server names."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from include.connectors.common.values import InvalidValue, integer, pick, text
from include.http.auth import Grant
from include.http.client import HttpClient
from include.http.session import PsaLogin, mask
from include.model.errors import (
    AuthError,
    ConfigError,
    LoginRefused,
    NotFound,
    PsaError,
    RequestRefused,
    ServerError,
    ShapeError,
)

log = logging.getLogger(__name__)

SCOPE = "all"  # a token that was asked for without any is given, and refused everywhere
LASTS_SECONDS = 3600
WRONG_ADDRESS = (
    "HaloPSA does so below an address that is not its own: the connection's host must be the Resource Server that "
    "Halo shows under Configuration > Integrations > Halo API."
)
REFUSED = ("invalid_client", "unauthorized_client", "invalid_grant", "access_denied")


def new_grant(client: HttpClient, login: PsaLogin) -> Grant:
    """A new token; there is no way to renew one."""
    server, tenant = _server_and_tenant(client, login)
    form = {
        "grant_type": "client_credentials",
        "client_id": login.login,
        "client_secret": login.password,
        "scope": extra(login, "scope") or SCOPE,
    }
    try:
        answer = client.log_in(f"{server}/token", form, {"tenant": tenant} if tenant else {})
    except ServerError as error:
        raise explained(error) from None
    try:
        access, lasts = pick(text, answer.body, "access_token"), pick(integer, answer.body, "expires_in")
    except InvalidValue as odd:
        raise ShapeError(f"HaloPSA: {server}/token did not answer with a token: {odd}") from None
    if not access:
        raise ShapeError(f"HaloPSA: {server}/token answered 200 without an 'access_token'.")
    mask(access)
    client.secrets.append(access)
    return Grant(access, lasts or LASTS_SECONDS)


def _server_and_tenant(client: HttpClient, login: PsaLogin) -> tuple[str, str]:
    """Where to ask and for which tenant: as typed, else as the server says, else as a server of one's own has it."""
    typed, tenant = auth_server(login), extra(login, "tenant")
    info = {} if typed else _published(client)
    told = pick(text, info, "auth_url") or ""
    if login.origin.startswith("https:") and told.startswith("http:"):
        raise ConfigError(
            f"HaloPSA names {told}, which is not encrypted, as its Authorisation Server. Enter the right one in the "
            f'extra of the connection \'{login.conn_id}\': {{"authServer": "https://…"}}.'
        )
    server = typed or (without_token(told) if told.startswith("http") else f"{login.origin}/auth")
    return server, tenant or pick(text, info, "tenant_id") or ""


def _published(client: HttpClient) -> dict[str, Any]:
    """What the server tells strangers about its login; empty from one that does not."""
    try:
        info = client.get("/api/authinfo", anonymous=True, tries=2).body
    except (NotFound, AuthError, RequestRefused, ServerError) as error:
        if isinstance(error, ServerError) and error.status != 200:
            raise
        log.info("The server does not say where it gives tokens: %s", error.said)
        return {}
    return {name: info[name] for name in ("auth_url", "tenant_id") if name in info} if isinstance(info, dict) else {}


def explained(error: ServerError) -> ServerError:
    """A web page where JSON was due is how Halo answers at a wrong address."""
    page = error.status == 200 and not error.empty
    return ServerError(f"{error.said} {WRONG_ADDRESS}", status=200) if page else error


def judge(status: int, body: Any, said: str) -> PsaError | None:
    """What OAuth's own error codes mean here; they come as 400 or 401. 204 stands for what is not there to be seen."""
    code = body.get("error") if isinstance(body, dict) else None
    if code == "invalid_scope":
        return ConfigError(
            f"{said} The extra 'scope' of the connection names a permission that Halo does not have, or that the "
            "application was not given; leave it out, or write words like 'read:customers read:assets read:tickets'."
        )
    if code in REFUSED:
        return LoginRefused(
            f"{said} The connection's login must be the Client ID of Halo's API application, its password the Client "
            "Secret, and the extra 'tenant' the Tenant that Halo shows beside them."
        )
    return NotFound(said) if status == 204 else None


def auth_server(login: PsaLogin) -> str:
    """The address typed as `authServer`; empty when there is none."""
    typed = extra(login, "authServer")
    if not typed:
        return ""
    whole = typed if "://" in typed else f"https://{typed}"
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ConfigError(f"The extra authServer of the connection '{login.conn_id}' is not an http(s) address.")
    return without_token(whole)


def without_token(address: str) -> str:
    """The server, also where the address of its tokens is given in its place."""
    return address.rstrip("/").removesuffix("/token")


def extra(login: PsaLogin, name: str) -> str:
    """A field of the connection's extra; absent is empty."""
    typed = login.extra.get(name)
    if typed is not None and not isinstance(typed, str):
        raise ConfigError(f"The extra {name} of the connection '{login.conn_id}' must be text.")
    return (typed or "").strip()
