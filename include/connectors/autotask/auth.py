"""How the Airflow connection becomes a login at Autotask: three headers."""

from __future__ import annotations

import re

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.errors import judge
from include.connectors.common.credentials import check_characters, required_extra
from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session, mask
from include.model.limits import Pace

TIMEOUT_SECONDS = (10.0, 300.0)  # the vendor lets a query run for five minutes


def account_key(login: PsaLogin) -> str:
    """The account whose budget a login spends: the tenant's, as far as the API user's name shows it."""
    return f"autotask {login.login.lower()}"


def connect(session: Session, login: PsaLogin, pace: Pace) -> AutotaskClient:
    """Check what was typed into the connection; sends nothing yet."""
    code = required_extra(login, "integrationCode", "the tracking identifier of the API user's integration")
    typed = {"login": login.login, "password": login.password, "extra integrationCode": code}
    check_characters(login, typed, may_have_blanks=True)
    mask(login.password, code)
    http = HttpClient(
        vendor="Autotask",
        session=session,
        base_url=services_origin(login.origin),
        pace=pace,
        auth=Keys({"ApiIntegrationCode": code, "UserName": login.login, "Secret": login.password}),
        headers={"Accept": "application/json", "Content-Type": "application/json"},  # wanted of a GET, too
        secrets=[login.password, code],
        judge=judge,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return AutotaskClient(http, login.login)


def services_origin(typed: str) -> str:
    """People type the address they sign in at, `ww5.autotask.net`; that zone's API is at `webservices5`."""
    return re.sub(r"(?<=://)ww(\d+)(?=\.autotask\.net$)", r"webservices\1", typed)
