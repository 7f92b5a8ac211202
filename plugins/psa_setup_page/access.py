"""Who may set up a PSA: who may read its DAG, and read and edit its Variable and its connection."""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, VariableDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from airflow.models import Connection, Variable
from fastapi import Depends, HTTPException
from psa_pages.access import MAY_SEE_PLUGINS, NO_PSA, chosen_psa, dag_of, visible_psas
from psa_pages.rights import EDIT_ANY, EDIT_RIGHTS, RightMissing, needed_right

from include.model.psa import Psa


def may_edit(user: GetUserDep, _: Annotated[None, MAY_SEE_PLUGINS]) -> None:
    """Refuse who may set up no PSA, whatever was asked for."""
    if not _may_edit_name(None, user) and not any(_may_edit_name(dag_of(psa), user) for psa in visible_psas(user)):
        raise RightMissing(needed_right(get_auth_manager(), EDIT_RIGHTS, EDIT_ANY))


MAY_EDIT = Depends(may_edit)


def editable_psas(user: GetUserDep) -> list[Psa]:
    """The PSAs that the user may set up."""
    return [psa for psa in visible_psas(user) if _may_edit_name(dag_of(psa), user)]


def editable_psa(psa: Annotated[Psa, Depends(chosen_psa)], user: GetUserDep) -> Psa:
    """The PSA in the path. One that the user may not set up is answered like a missing one."""
    if not _may_edit_name(dag_of(psa), user):
        raise HTTPException(404, NO_PSA)
    return psa


def _may_edit_name(name: str | None, user: GetUserDep) -> bool:
    """Variable, connection and DAG of a PSA have the same name; None stands for any."""
    manager, has_teams = get_auth_manager(), name is not None and conf.getboolean("core", "multi_team")
    variable = VariableDetails(key=name, team_name=Variable.get_team_name(name) if name and has_teams else None)
    connection = ConnectionDetails(
        conn_id=name, team_name=Connection.get_team_name(name) if name and has_teams else None
    )
    return all(
        manager.is_authorized_variable(method=method, details=variable, user=user)
        and manager.is_authorized_connection(method=method, details=connection, user=user)
        for method in ("GET", "PUT")
    )
