"""Adds the setup page to Airflow: an entry under Admin, beside Variables and Connections. See psa_setup_page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PREFIX = "/psa-setup"
PAGE = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PREFIX
ICONS = {"icon": f"{PAGE}/icon.svg", "icon_dark_mode": f"{PAGE}/icon-dark.svg"}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Imports the page on the first request only: every task loads Airflow's plugins, too."""
    from psa_setup_page.app import app as page

    await page(scope, receive, send)


class PsaSetup(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_setup"
    fastapi_apps = [{"name": "PSA setup", "app": app, "url_prefix": PREFIX}]  # noqa: RUF012 - Airflow reads lists
    external_views = [  # noqa: RUF012
        {
            "name": "PSA setup",
            "href": f"{PAGE}/",
            "destination": "nav",
            "category": "admin",
            "url_route": "psa-setup",
            **ICONS,
        },
    ]
