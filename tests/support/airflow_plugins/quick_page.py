"""Makes the ticket page use the quick service, in an Airflow that has this file in its plugins folder."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI
from psa_ticket_page.app import app, page_service

from include.tickets.service import Service
from tests.support.quick_page import QuickPage

control = FastAPI()
pages = [QuickPage()]


async def quick_page_service() -> Service:
    return pages[-1].service


@control.post("/forget")
def forget() -> None:
    """Forget every answer and close every session: the next rig has other PSAs."""
    pages.append(QuickPage())
    pages.pop(0).sessions.close()


class QuickPagePlugin(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_quick_page"
    fastapi_apps = [{"name": "quick page", "app": control, "url_prefix": "/quick-page"}]  # noqa: RUF012


app.dependency_overrides[page_service] = quick_page_service
