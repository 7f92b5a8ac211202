"""Who may see a page: Airflow users with the right to see plugins, for each PSA whose DAG they may read."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from airflow.configuration import conf
from airflow.models.dag import DagModel, DagTag
from airflow.utils.session import create_session
from fastapi import Depends, HTTPException, Path, Request
from sqlalchemy import select

from include.connectors import NAMES
from include.model.psa import Psa
from include.model.run_types import TAG

DAG_PREFIX = "psa_"
DAG_LIST_SECONDS = 30.0  # how long the list of DAGs is kept; the right to read them is checked on every request
NO_PSA = "There is no such PSA, or you may not read its DAG."
MAY_SEE_PLUGINS = Depends(requires_access_view(AccessView.PLUGINS))


def visible_psas(user: GetUserDep) -> list[Psa]:
    """The PSAs whose DAG the user may read, in the order of their names."""
    return [psa for psa in _psas() if _may_read(psa, user)]


def chosen_psa(source: Annotated[str, Path(max_length=250)], user: GetUserDep, request: Request) -> Psa:
    """The PSA in the path, also for error handlers. One that the user may not see is answered like a missing one."""
    for psa in _psas():
        if psa.source == source and _may_read(psa, user):
            request.state.psa = psa
            return psa
    raise HTTPException(404, NO_PSA)


def title_of(psa: Psa) -> str:
    """The PSA's name as people use it, with that of the sync where a vendor has several."""
    name = NAMES[psa.vendor].removesuffix(" PSA")
    return name if psa.source == psa.vendor else f"{name} ({psa.source})"


def dag_of(psa: Psa) -> str:
    """The name of its DAG."""
    return f"{DAG_PREFIX}{psa.source}"


def login_address(page: str) -> str:
    """Airflow's login page, which leads back to this page."""
    return get_auth_manager().get_url_login(next_url=page)


def _psas() -> list[Psa]:
    return _read_psas(int(time.monotonic() / DAG_LIST_SECONDS))


@lru_cache(maxsize=1)
def _read_psas(_moment: int) -> list[Psa]:
    """The PSAs by the names and tags of the DAGs; read again twice a minute, because every request needs them."""
    query = (
        select(DagTag.dag_id, DagTag.name)
        .join(DagModel, DagModel.dag_id == DagTag.dag_id)
        .where(DagModel.is_stale.is_(False), DagTag.name.in_([TAG, *NAMES]))
    )
    tags: dict[str, set[str]] = {}
    with create_session() as session:
        for dag_id, name in session.execute(query):
            tags.setdefault(dag_id, set()).add(name)
    return [
        Psa(dag_id.removeprefix(DAG_PREFIX), vendor)
        for dag_id, names in sorted(tags.items())
        for vendor in sorted(names - {TAG})
        if TAG in names and dag_id.startswith(DAG_PREFIX)
    ]


def _may_read(psa: Psa, user: GetUserDep) -> bool:
    dag_id = dag_of(psa)
    team = DagModel.get_team_name(dag_id) if conf.getboolean("core", "multi_team") else None
    details = DagDetails(id=dag_id, team_name=team)
    return get_auth_manager().is_authorized_dag(method="GET", details=details, user=user)
