"""Databases that last as long as a block, empty or made like another, which is no more than a copy of files."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from demo.postgres import EmbeddedPostgres


@contextmanager
def database(server: EmbeddedPostgres, *, like: str | None = None) -> Iterator[str]:
    """The address of a new one; `like` is the address of another, to which nobody is connected."""
    name = f"test_{secrets.token_hex(6)}"
    new, model = map(sql.Identifier, (name, str(conninfo_to_dict(like)["dbname"]) if like else "template1"))
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(new, model))
        try:
            yield server.url(name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(new))
