"""Adds the status page to Airflow: an entry in the navigation and a tab on each DAG. See psa_status_page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PREFIX = "/psa-status"
PAGE = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PREFIX
ICONS = {"icon": f"{PAGE}/icon.svg", "icon_dark_mode": f"{PAGE}/icon-dark.svg"}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Imports the page on the first request only: every task loads Airflow's plugins, too."""
    from psa_status_page.app import app as page

    await page(scope, receive, send)


class PsaStatus(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_status"
    fastapi_apps = [{"name": "PSA status", "app": app, "url_prefix": PREFIX}]  # noqa: RUF012 - Airflow reads lists
    external_views = [  # noqa: RUF012
        {
            "name": "PSA status",
            "href": f"{PAGE}/",
            "destination": "nav",
            "nav_top_level": True,  # else one click further away, in the menu Plugins
            "url_route": "psa-status",
            **ICONS,
        },
        {
            "name": "Sync status",
            "href": f"{PAGE}/#dag={{DAG_ID}}",
            "destination": "dag",
            "url_route": "sync-status",
            **ICONS,
        },
    ]
