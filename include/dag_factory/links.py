"""Buttons on a task in Airflow's UI that lead to our pages about its DAG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class TabLink(BaseOperatorLink):
    """Leads to a tab of the task's DAG that a plugin of ours adds."""

    def __init__(self, name: str, tab: str) -> None:
        self._name = name
        self._tab = tab

    @property
    def name(self) -> str:
        return self._name

    @property
    def xcom_key(self) -> str:
        return f"_link_{self._tab}"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 - the signature is Airflow's
        """Relative to Airflow's own address, which a worker need not know."""
        return f"dags/{operator.dag_id}/plugin/{self._tab}"


LINKS = (TabLink("Sync status", "sync-status"), TabLink("Live tickets", "live-tickets"))
"""By the routes in plugins/psa_status.py and plugins/psa_tickets.py."""
