"""A database with our schema for the tests here: each is a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include.warehouse.connection import Connection
from tests.support.databases import EmptyWarehouses


@pytest.fixture(scope="package")
def shared_connection(warehouses: EmptyWarehouses) -> Iterator[Connection]:
    with warehouses.borrow() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connection(shared_connection: Connection) -> Iterator[Connection]:
    with shared_connection.transaction(force_rollback=True):
        yield shared_connection
