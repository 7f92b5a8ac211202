"""Adds the page of live tickets to Airflow: an entry in the navigation and a tab on each DAG. See psa_ticket_page."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from psa_pages.plugin import address_of, icons_of, lazy_app

PREFIX = "/psa-tickets"
PAGE = address_of(PREFIX)
ICONS = icons_of(PAGE)


class PsaTickets(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_tickets"
    fastapi_apps = [  # noqa: RUF012 - Airflow reads lists
        {"name": "PSA tickets", "app": lazy_app("psa_ticket_page.app"), "url_prefix": PREFIX}
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "PSA tickets",
            "href": f"{PAGE}/",
            "destination": "nav",
            "nav_top_level": True,  # else one click further away, in the menu Plugins
            "url_route": "psa-tickets",
            **ICONS,
        },
        {
            "name": "Live tickets",
            "href": f"{PAGE}/#dag={{DAG_ID}}",
            "destination": "dag",
            "url_route": "live-tickets",
            **ICONS,
        },
    ]
