"""Makes the status page read the ledger for each question, in an Airflow that has this file in its plugins folder."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from psa_status_page.app import app, page_service

from include.status.service import StatusService

_service = StatusService(share_seconds=0)


async def quick_service() -> StatusService:
    return _service


class QuickStatusPlugin(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_quick_status"


app.dependency_overrides[page_service] = quick_service
