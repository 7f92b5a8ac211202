"""Makes the ticket page use the quick service, in an Airflow that has this file in its plugins folder."""

from __future__ import annotations

from psa_ticket_page.app import app, page_service

from include.tickets.service import Service
from tests.support.quick_page import quick_service

service = quick_service()


async def quick_page_service() -> Service:
    return service


app.dependency_overrides[page_service] = quick_page_service
