"""How the Airflow connection becomes a login at Syncro: an API token, sent with each request."""

from __future__ import annotations

from include.connectors.common.credentials import check_characters
from include.connectors.syncro.client import API, ME, SyncroClient
from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session, mask
from include.model.limits import Pace


def connect(session: Session, login: PsaLogin, pace: Pace) -> SyncroClient:
    """Check what was typed into the connection; sends nothing yet."""
    token = login.password
    check_characters(login, {"password": token}, must_be="the API token")
    mask(token)
    http = HttpClient(
        vendor="Syncro",
        session=session,
        base_url=login.origin,
        pace=pace,
        auth=Keys({"Authorization": f"Bearer {token}"}),
        headers={"Accept": "application/json"},
        secrets=[token],
        proof=API + ME,
    )
    return SyncroClient(http)


def account_key(_: PsaLogin) -> str:
    """Syncro counts per source address, which all syncs of this Airflow have in common."""
    return "syncro"
