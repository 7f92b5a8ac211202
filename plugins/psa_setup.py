"""Adds the setup page to Airflow: an entry under Admin, beside Variables and Connections. See psa_setup_page."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from psa_pages.plugin import address_of, icons_of, lazy_app

PREFIX = "/psa-setup"
PAGE = address_of(PREFIX)
ICONS = icons_of(PAGE)


class PsaSetup(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_setup"
    fastapi_apps = [  # noqa: RUF012 - Airflow reads lists
        {"name": "PSA setup", "app": lazy_app("psa_setup_page.app"), "url_prefix": PREFIX}
    ]
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
