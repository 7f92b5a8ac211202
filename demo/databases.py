"""The two databases of the demo: Airflow's own, and the warehouse the sync writes to."""

from __future__ import annotations

import psycopg
from psycopg import sql

from demo.ports import ADDRESS
from demo.postgres import EmbeddedPostgres
from demo.settings import Entity

AIRFLOW = "airflow"
WAREHOUSE = "warehouse"


def create(server: EmbeddedPostgres, name: str, *, password: str) -> str:
    """Creates a database and a role of that name that owns it, unless they exist. Returns the database's URL."""
    role = sql.Identifier(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", name):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s", name):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    return server.url(name, user=name, password=password)


def connection_to(server: EmbeddedPostgres, name: str, *, password: str) -> Entity:
    """The fields of an Airflow connection to a database of `create`."""
    return {"host": ADDRESS, "port": server.port, "schema": name, "login": name, "password": password}


def table_sizes(warehouse: str) -> list[tuple[str, int]]:
    """Every table except Postgres' own, with its number of rows."""
    query = """
        SELECT table_schema, table_name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
        ORDER BY table_schema, table_name
    """
    with psycopg.connect(warehouse) as connection:
        sizes = []
        for schema, table in connection.execute(query).fetchall():
            count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
            row = connection.execute(count).fetchone()
            sizes.append((f"{schema}.{table}", int(row[0]) if row else 0))
    return sizes


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
