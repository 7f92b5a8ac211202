"""Databases of the rigs that run a whole Airflow. Airflow's own is a copy, since creating its tables takes seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from demo import databases
from demo.postgres import EmbeddedPostgres


@contextmanager
def owned_database(server: EmbeddedPostgres, password: str) -> Iterator[tuple[str, str]]:
    """Name and address of an empty database, and of the role that owns it; both are dropped after the block."""
    name = f"rig_{secrets.token_hex(6)}"
    try:
        yield name, databases.create(server, name, password=password)
    finally:
        _drop(server, name)


@contextmanager
def copied_database(
    server: EmbeddedPostgres, model: str, fill: Callable[[str], None], *, password: str
) -> Iterator[str]:
    """The address of a copy of the database `model`, which `fill` makes when this server does not have it yet."""
    if not _exists(server, model):
        fill(databases.create(server, model, password=secrets.token_hex(12)))
        _statement(server, "ALTER DATABASE {} OWNER TO CURRENT_USER", model)  # or its copy's owner would get it, too
    name = f"rig_{secrets.token_hex(6)}"
    try:
        _statement(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, model)
        address = databases.create(server, name, password=password)
        _statement(server, "ALTER DATABASE {} OWNER TO {}", name, name)
        with psycopg.connect(server.url(name)) as connection:
            connection.execute(
                sql.SQL("REASSIGN OWNED BY {} TO {}").format(sql.Identifier(model), sql.Identifier(name))
            )
        yield address
    finally:
        _drop(server, name)


def _exists(server: EmbeddedPostgres, name: str) -> bool:
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(server: EmbeddedPostgres, name: str) -> None:
    _statement(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _statement(server, "DROP ROLE IF EXISTS {}", name)


def _statement(server: EmbeddedPostgres, statement: str, *names: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
