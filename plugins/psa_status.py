"""Adds the status page to Airflow: an entry in the navigation and a tab on each DAG. See psa_status_page."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from psa_pages.plugin import address_of, icons_of, lazy_app

PREFIX = "/psa-status"
PAGE = address_of(PREFIX)
ICONS = icons_of(PAGE)


class PsaStatus(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_status"
    fastapi_apps = [  # noqa: RUF012 - Airflow reads lists
        {"name": "PSA status", "app": lazy_app("psa_status_page.app"), "url_prefix": PREFIX}
    ]
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
