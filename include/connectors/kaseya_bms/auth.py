"""How Kaseya BMS is logged in to: by a form, for a token that lives for minutes and is renewed with another."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from include.connectors.common.values import InvalidValue, instant, pick, text
from include.connectors.kaseya_bms.client import KaseyaClient, enveloped
from include.connectors.kaseya_bms.errors import AUTHENTICATE, REFRESH, denial
from include.http.auth import Grant, Token
from include.http.client import HttpClient
from include.http.session import PsaLogin, mask
from include.model.errors import AuthError, ConfigError, LoginRefused, NotFound, RequestRefused, ShapeError
from include.model.limits import Pace

log = logging.getLogger(__name__)

USER = "/v2/security/userinfo"
SIGN_IN_HOSTS = re.compile(r"bms[a-z]*\.kaseya\.com")
LEAST_SECONDS = 60.0  # a new token that lasts no longer by its own date has a date in another zone
CODE_SECONDS = 30.0  # a one-time code is another one so often (RFC 6238), and may be taken once only
USUAL_SECONDS = 900.0  # how long a token lasts is not documented; a public tool renews as often

Codes = Callable[[datetime], str]


def connect(session: Any, login: PsaLogin, pace: Pace) -> KaseyaClient:
    """Check what was typed into the connection; asks the network nothing yet."""
    codes = one_time_codes(login)
    form = {"GrantType": "password", "UserName": login.login, "Password": login.password, "Tenant": tenant_of(login)}
    mask(login.password)

    def obtain(before: Grant | None) -> Grant:
        return renewed(client, before) or logged_in(client, form, codes)

    client = HttpClient(
        vendor="Kaseya BMS",
        session=session,
        base_url=api_origin(login.origin),
        pace=pace,
        auth=Token(obtain),
        secrets=[login.password],
        proof=USER,
        denial=denial,
    )
    return KaseyaClient(client)


def logged_in(client: HttpClient, form: dict[str, str], codes: Codes | None) -> Grant:
    """A login with everything; with one-time codes a second try, since another task may have used up the first."""
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


def submitted(client: HttpClient, form: dict[str, str]) -> Grant:
    """The tokens for a form; one that is answered 400 was not accepted either."""
    try:
        return granted(client, AUTHENTICATE, form)
    except RequestRefused as refused:
        raise LoginRefused(refused.said) from None


def renewed(client: HttpClient, before: Grant | None) -> Grant | None:
    """A new token for an old one, or None where that is not to be had any more."""
    if before is None or not before.refresh:
        return None
    try:
        return granted(client, REFRESH, {"AccessToken": before.access, "RefreshToken": before.refresh})
    except (AuthError, RequestRefused, NotFound) as refused:
        log.info("The token is not renewed, so the login is repeated: %s", refused.said)
        return None


def granted(client: HttpClient, path: str, form: dict[str, str]) -> Grant:
    """The pair of tokens of an answer, kept out of every log from here on."""
    result = enveloped(client.log_in(path, form).body, path)["result"]
    try:
        access = pick(text, result, "accesstoken")
        refresh = pick(text, result, "refreshtoken") or ""
        expires = pick(instant, result, "accesstokenexpireon")
    except InvalidValue as error:
        raise ShapeError(f"Kaseya BMS: {path} answered with an odd {error}.") from None
    if not access:
        raise ShapeError(f"Kaseya BMS: {path} answered without an AccessToken.")
    secrets = [access, refresh] if refresh else [access]
    mask(*secrets)
    client.secrets.extend(secrets)
    return Grant(access, lasts_seconds(expires, client.now()), refresh)


def lasts_seconds(expires: datetime | None, now: datetime) -> float:
    """Until the date of the token, where that can be: the zone it is written in is not documented."""
    seconds = (expires - now).total_seconds() if expires else 0.0
    return seconds if seconds > LEAST_SECONDS else USUAL_SECONDS


def one_time_codes(login: PsaLogin) -> Codes | None:
    """What gives the one-time code of a moment, for users who need one."""
    typed = login.extra.get("totpSecret")
    if not typed:
        return None
    from pyotp.totp import TOTP

    secret = str(typed).replace(" ", "")
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
    tenant = login.extra.get("tenant")
    if not isinstance(tenant, str) or not tenant.strip():
        raise ConfigError(
            f'The connection \'{login.conn_id}\' needs the extra {{"tenant": "…"}}: the company name that stands '
            "under My Settings, and that people type when they sign in."
        )
    return tenant.strip()


def api_origin(typed: str) -> str:
    """The API has a host of its own; people type the one they sign in at."""
    parts = urlsplit(typed)
    prefix = "api." if SIGN_IN_HOSTS.fullmatch(parts.hostname or "") else ""
    return f"{parts.scheme}://{prefix}{parts.netloc}"


def account_key(login: PsaLogin) -> str:
    """Whose budget a login spends: the tenant's, to be on the safe side; the vendor does not say."""
    return f"{api_origin(login.origin)} {tenant_of(login).lower()}"
