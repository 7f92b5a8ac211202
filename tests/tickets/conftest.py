"""A database for test modules that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.postgres import EmbeddedPostgres
from tests.support.databases import database


@pytest.fixture(scope="module")
def module_dsn(postgres: EmbeddedPostgres, prepared: str) -> Iterator[str]:
    """The DSN of a database that all tests of the module share."""
    with database(postgres, like=prepared) as dsn:
        yield dsn
