"""A database for test modules that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import EmptyWarehouses


@pytest.fixture(scope="module")
def module_dsn(warehouses: EmptyWarehouses) -> Iterator[str]:
    """The DSN of a database that all tests of the module share."""
    with warehouses.borrow() as dsn:
        yield dsn
