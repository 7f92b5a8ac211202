"""A login at a PSA, with the budget that it shares with every other task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from include.connectors.common.credentials import check_fields
from include.connectors.contract import Connector, PsaClient
from include.http.session import PsaLogin, read_login, session_of
from include.model.limits import Lane
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse


@contextmanager
def open_client(connector: Connector[PsaClient], conn_id: str, warehouse: Warehouse, lane: Lane) -> Iterator[PsaClient]:
    """Log in with an Airflow connection for as long as the block lasts; the warehouse keeps the budget."""
    with client_of(connector, login_of(connector, conn_id), warehouse, lane) as client:
        yield client


@contextmanager
def client_of(
    connector: Connector[PsaClient], login: PsaLogin, warehouse: Warehouse, lane: Lane
) -> Iterator[PsaClient]:
    """Log in with what was read from an Airflow connection."""
    key = connector.account_key(login)
    with session_of(login) as session, shared_budget(warehouse, key, connector.limits, lane) as budget:
        yield connector.connect(session, login, budget)


def login_of(connector: Connector[PsaClient], conn_id: str) -> PsaLogin:
    """What a person typed into an Airflow connection, checked."""
    login = read_login(conn_id, [name for name, typed in connector.connection.items() if typed.required])
    check_fields(login, connector.connection)
    return login


def account_of(connector: Connector[PsaClient], login: PsaLogin) -> str:
    """What tells the PSA account of a login from others: where it is, and who logs in."""
    return f"{connector.account_key(login)} {login.origin} {login.login}"
