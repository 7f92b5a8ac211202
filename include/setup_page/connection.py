"""The Airflow connection of a PSA: which fields are filled in, and what is wrong with it before anything is sent."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, NoReturn

from include.airflow_store.lookup import read_connection
from include.connectors.common.credentials import check_fields
from include.connectors.contract import Connector, PsaClient
from include.http.extras import read_extra
from include.http.session import CREATE, open_session
from include.model.errors import ConfigError


def connection_facts(connector: Connector[PsaClient], conn_id: str) -> dict[str, Any]:
    """The fields that the vendor needs, in the vendor's words; never a value. `problem` is empty when all is well."""
    filled, problem = set[str](), ""
    try:
        filled = _filled(conn_id)
        _check(connector, conn_id)
    except ConfigError as error:
        problem = error.said
    fields = [
        {
            "name": name,
            "meaning": field.meaning,
            "example": field.example,
            "required": field.required,
            "filled": name.lower() in filled,
        }
        for name, field in connector.connection.items()
    ]
    return {"conn_id": conn_id, "fields": fields, "problem": problem}


def _filled(conn_id: str) -> set[str]:
    """The names of the fields that have a value, in lower case."""
    connection = read_connection(conn_id, create=CREATE)
    typed = {name for name in ("host", "login", "password") if getattr(connection, name)}
    extra = read_extra(conn_id, connection.extra)
    return typed | {f"extra.{name}".lower() for name, value in extra.items() if value not in (None, "")}


def _check(connector: Connector[PsaClient], conn_id: str) -> None:
    session, login = open_session(conn_id, [name for name, field in connector.connection.items() if field.required])
    check_fields(login, connector.connection)
    with session:
        connector.connect(session, login, _NoRequests())


class _NoRequests:
    """A pace for a client that is opened to check what was typed, and sends nothing."""

    def turn(self, _endpoint: str) -> AbstractContextManager[float]:
        self._refuse()

    def count_in(self, _run: object, _table: str) -> None:
        self._refuse()

    def exclusive(self) -> AbstractContextManager[None]:
        self._refuse()

    def pause(self, _endpoint: str, _seconds: float) -> float:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise AssertionError("A connection is checked without any request.")
