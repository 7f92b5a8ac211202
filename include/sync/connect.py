"""A login at a PSA, with the budget that it shares with every other task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from include.connectors.common.credentials import check_fields
from include.connectors.contract import Connector, PsaClient
from include.http.session import open_session, read_login
from include.model.limits import Lane
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse


@contextmanager
def open_client(connector: Connector[PsaClient], conn_id: str, warehouse: Warehouse, lane: Lane) -> Iterator[PsaClient]:
    """Log in with an Airflow connection for as long as the block lasts; the warehouse keeps the budget."""
    session, login = open_session(conn_id, _required(connector))
    check_fields(login, connector.connection)
    key = connector.account_key(login)
    with session, shared_budget(warehouse, key, connector.limits, lane) as budget:
        yield connector.connect(session, login, budget)


def account_of(connector: Connector[PsaClient], conn_id: str) -> str:
    """What tells the PSA account of an Airflow connection from others: where it is, and who logs in."""
    login = read_login(conn_id, _required(connector))
    return f"{connector.account_key(login)} {login.origin} {login.login}"


def _required(connector: Connector[PsaClient]) -> list[str]:
    return [name for name, typed in connector.connection.items() if typed.required]
