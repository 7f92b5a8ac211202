"""A login of the setup page: a new one for each question, since its connection may have been edited a moment ago."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from include.model.limits import LIVE_PATIENCE_SECONDS
from include.model.psa import Psa
from include.tickets.sessions import Session
from include.tickets.sessions import connect as connect_live
from include.warehouse.connection import open_warehouse
from include.warehouse.requirements import check_database
from include.warehouse.schema import ensure_schema


@contextmanager
def connect(psa: Psa) -> Iterator[Session]:
    """A session on the lane of live requests. Before the first run the warehouse has no tables, and they are made."""
    warehouse = replace(open_warehouse(), lock_seconds=LIVE_PATIENCE_SECONDS)
    check_database(warehouse)
    ensure_schema(warehouse)
    with connect_live(psa) as session:
        session.client.http.remembers = True
        yield session
