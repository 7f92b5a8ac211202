"""How the connection's fields become a login: a form gives a token for some minutes, and another to renew it with."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from include.connectors.common.credentials import check_visible, optional_extra, required_extra, token_in
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import instant
from include.connectors.kaseya_bms.client import KaseyaClient, at_endpoint, enveloped
from include.connectors.kaseya_bms.errors import AUTHENTICATE, REFRESH, denial
from include.connectors.kaseya_bms.lower_case import lowered
from include.http.auth import Grant, Token
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session, mask
from include.model.errors import AuthError, ConfigError, LoginRefused, NotFound, RequestRefused
from include.model.limits import Pace

log = logging.getLogger(__name__)

USER = "/v2/security/userinfo"
MIN_SECONDS = 60.0  # a new token that is valid for less than this by its own date has a date in another time zone
CODE_SECONDS = 30.0  # how long a one-time code is valid (RFC 6238); it may be accepted only once
USUAL_SECONDS = 900.0  # how long a token is valid is not documented; a public tool renews after this time

Codes = Callable[[datetime], str]


def connect(session: Session, login: PsaLogin, pace: Pace) -> KaseyaClient:
    """A client for what was typed into the connection, which is checked here; sends nothing yet."""
    codes = one_time_codes(login)
    check_visible(login, {"login": login.login, "password": login.password})
    form = {"GrantType": "password", "UserName": login.login, "Password": login.password, "Tenant": tenant_of(login)}
    mask(login.password)

    def obtain(before: Grant | None) -> Grant:
        return renewed(client, before) or logged_in(client, form, codes)

    client = HttpClient(
        vendor="Kaseya BMS",
        session=session,
        base_url=api_origin(login.origin),
        pace=pace,
        auth=Token(obtain, whose=f"{account_key(login)} {login.login}"),
        secrets=[login.password],
        proof=USER,
        denial=denial,
    )
    return KaseyaClient(client)


def logged_in(client: HttpClient, form: Mapping[str, str], codes: Codes | None) -> Grant:
    """A new login. With one-time codes there is a second try, since another task may have used the first code."""
    if codes is None:
        return submitted(client, form)
    at = client.now()
    try:
        return submitted(client, {**form, "MFACode": codes(at)})
    except LoginRefused as refused:
        wait_seconds = max(0.0, CODE_SECONDS - at.timestamp() % CODE_SECONDS - (client.now() - at).total_seconds())
        log.warning("%s Trying again with the next one-time code in %.0f s.", refused.said, wait_seconds)
    client.sleep(wait_seconds)
    return submitted(client, {**form, "MFACode": codes(client.now())})


def submitted(client: HttpClient, form: Mapping[str, str]) -> Grant:
    """The tokens for a form; an answer of 400 or 422 refuses the login as well."""
    try:
        return granted(client, AUTHENTICATE, form)
    except RequestRefused as refused:
        if refused.status not in (400, 422):
            raise
        raise LoginRefused(refused.said) from None


def renewed(client: HttpClient, before: Grant | None) -> Grant | None:
    """A new token for an old one, or None where the old one cannot be renewed."""
    if before is None or not before.refresh:
        return None
    try:
        return granted(client, REFRESH, {"AccessToken": before.access, "RefreshToken": before.refresh})
    except (AuthError, RequestRefused, NotFound) as refused:
        log.info("The token was not renewed, so the login is repeated: %s", refused.said)
        return None


def granted(client: HttpClient, endpoint: str, form: Mapping[str, str]) -> Grant:
    """The pair of tokens of an answer."""
    result, what = enveloped(lowered(client.log_in(endpoint, form).body), endpoint)["result"], at_endpoint(endpoint)
    access = token_in(client, result, what, "accesstoken")
    refresh = token_in(client, result, what, "refreshtoken", is_required=False)
    expires = try_pick(instant, result, "accesstokenexpireon")
    return Grant(access, lasts_seconds(expires, client.now()), refresh)


def lasts_seconds(expires: datetime | None, now: datetime) -> float:
    """How long a token is valid: until its date, where that is possible; its time zone is not documented."""
    seconds = (expires - now).total_seconds() if expires else 0.0
    return seconds if seconds > MIN_SECONDS else USUAL_SECONDS


def one_time_codes(login: PsaLogin) -> Codes | None:
    """Gives the one-time code of a moment; None for users who need none."""
    secret = optional_extra(login, "totpSecret").replace(" ", "")
    if not secret:
        return None
    try:
        from pyotp.totp import TOTP
    except ModuleNotFoundError:
        raise ConfigError("One-time codes need the Python package pyotp on every worker: install it there.") from None
    try:
        codes = TOTP(secret)
        codes.now()
    except ValueError:
        raise ConfigError(
            f"The extra totpSecret of the connection '{login.conn_id}' is no secret of one-time codes: it is the text "
            "of letters and digits that the user was given beside the QR code."
        ) from None
    mask(secret)
    return lambda at: str(codes.at(at))


def tenant_of(login: PsaLogin) -> str:
    """The tenant that was typed."""
    meaning = "the company name that stands under My Settings, and that people type when they sign in"
    return required_extra(login, "tenant", meaning)


def api_origin(typed: str) -> str:
    """The address of the API, also where people typed the host that they sign in at."""
    return re.sub(r"(?<=://)(bms[a-z]*\.kaseya\.com)(?=:\d+$|$)", r"api.\1", typed)


def account_key(login: PsaLogin) -> str:
    """The tenant: the vendor does not say whether its users share their limits, so they are taken to share them."""
    return f"{api_origin(login.origin)} {tenant_of(login).lower()}"
