"""How the connection's fields become a login at HaloPSA: a token by client id and secret, where the server says."""

from __future__ import annotations

import logging

from include.connectors.common.credentials import check_characters, optional_extra, token_in
from include.connectors.common.responses import count_at
from include.connectors.common.tickets import words
from include.connectors.halopsa.client import ROOT, TEAMS, HaloClient
from include.connectors.halopsa.errors import explained, judge
from include.http.address import is_address
from include.http.auth import Grant, Token
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session, mask
from include.model.errors import AuthError, ConfigError, NotFound, RequestRefused, ServerError, ShapeError
from include.model.limits import Pace

log = logging.getLogger(__name__)

SCOPE = "all"  # Halo gives a token without a scope too, and then refuses it everywhere
LASTS_SECONDS = 3600
PUBLISHED = ("auth_url", "tenant_id")


def connect(session: Session, login: PsaLogin, pace: Pace) -> HaloClient:
    """Check what was typed into the connection; sends nothing yet."""
    check_characters(login, {"login": login.login, "password": login.password})
    for name in ("tenant", "scope"):
        optional_extra(login, name)
    auth_server(login)
    mask(login.password)
    whose = f"{account_key(login)} {login.login} {optional_extra(login, 'scope')}"
    http: HttpClient = HttpClient(
        vendor="HaloPSA",
        session=session,
        base_url=login.origin,
        pace=pace,
        auth=Token(lambda _: new_grant(http, login), whose=whose),
        headers={"Accept": "application/json"},
        secrets=[login.password],
        proof=f"{ROOT}{TEAMS.path}",
        judge=judge,
    )
    return HaloClient(http)


def account_key(login: PsaLogin) -> str:
    """The instance: all logins at it share one rate limit."""
    return f"{login.origin} {optional_extra(login, 'tenant')}".strip().lower()


def new_grant(http: HttpClient, login: PsaLogin) -> Grant:
    """A new token; Halo has no way to renew one. What the server published earlier may not be right any more."""
    was_known = _is_known(http)
    try:
        return _granted(http, login)
    except (AuthError, NotFound, ServerError, ShapeError):
        if not was_known:
            raise
    del http.known["auth_url"]
    return _granted(http, login)


def _granted(http: HttpClient, login: PsaLogin) -> Grant:
    server, tenant = _server_and_tenant(http, login)
    form = {
        "grant_type": "client_credentials",
        "client_id": login.login,
        "client_secret": login.password,
        "scope": optional_extra(login, "scope") or SCOPE,
    }
    try:
        answer = http.log_in(f"{server}/token", form, {"tenant": tenant} if tenant else {})
    except ServerError as error:
        raise explained(error) from None
    what = f"HaloPSA: {server}/token"
    lasts_seconds = count_at(answer.body, what, "expires_in") or LASTS_SECONDS
    return Grant(token_in(http, answer.body, what, "access_token"), lasts_seconds)


def _server_and_tenant(http: HttpClient, login: PsaLogin) -> tuple[str, str]:
    """The Authorisation Server and the tenant: as typed, else as the server publishes them, else /auth on the host."""
    typed, tenant = auth_server(login), optional_extra(login, "tenant")
    info = {} if typed else _published(http)
    published = info.get("auth_url", "")
    if is_address(published) and not login.may_send_to(published):
        raise ConfigError(
            f"HaloPSA names {published}, which is not encrypted, as its Authorisation Server. Enter the right one in "
            f'the extra of the connection \'{login.conn_id}\': {{"authServer": "https://…"}}.'
        )
    server = typed or (without_token(published) if is_address(published) else f"{login.origin}/auth")
    return server, tenant or info.get("tenant_id", "")


def _published(http: HttpClient) -> dict[str, str]:
    """What the server publishes about logins to anyone who asks; empty texts where it publishes nothing."""
    if not _is_known(http):
        http.known |= dict.fromkeys(PUBLISHED, "") | _asked(http)
    return http.known


def _is_known(http: HttpClient) -> bool:
    """Whether it is known what the server publishes. An address on another host is believed only from the server."""
    address = http.known.get("auth_url", "")
    return http.known.keys() >= set(PUBLISHED) and (not address or address.startswith(f"{http.base_url}/"))


def _asked(http: HttpClient) -> dict[str, str]:
    try:
        info = http.get(f"{ROOT}/authinfo", anonymous=True, tries=2).body
    except (NotFound, AuthError, RequestRefused, ServerError) as error:
        if isinstance(error, ServerError) and error.status != 200:
            raise
        log.info("The server does not publish where it gives tokens: %s", error.said)
        return {}
    return {name: words(info, name) for name in PUBLISHED}


def auth_server(login: PsaLogin) -> str:
    """The address typed as `authServer`; empty when there is none."""
    typed = optional_extra(login, "authServer")
    if not typed:
        return ""
    address = typed if "://" in typed else f"https://{typed}"
    if not is_address(address):
        raise ConfigError(f"The extra authServer of the connection '{login.conn_id}' is not an http(s) address.")
    login.require_encryption("extra authServer", address)
    return without_token(address)


def without_token(address: str) -> str:
    """The address of the server, where the address of its tokens was given."""
    return address.rstrip("/").removesuffix("/token")
