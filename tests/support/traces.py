"""What requests to the ticket page leave in tables and files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.page_client import PageClient


@contextmanager
def renamed_schema(client: PageClient) -> Iterator[None]:
    """The schema of the tables is renamed during the block."""
    with psycopg.connect(client.rig.airflow.warehouse, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA psa RENAME TO psa_gone")
        try:
            yield
        finally:
            connection.execute("ALTER SCHEMA psa_gone RENAME TO psa")


def row_versions(client: PageClient) -> dict[str, Any]:
    """How many rows each table has, and their versions; not for the budget, which counts requests."""
    addresses = (client.rig.airflow.warehouse, client.metadata)
    return {f"{number} {table}": found for number, at in enumerate(addresses) for table, found in _tables(at)}


def _tables(address: str) -> Iterator[tuple[str, Any]]:
    with psycopg.connect(address) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') "
            "AND tablename <> 'request_budget'"
        ).fetchall()
        for name in names:
            query = sql.SQL("SELECT count(*), max(xmin::text::bigint), sum(hashtext(ctid::text || xmin::text)) FROM {}")
            yield ".".join(name), connection.execute(query.format(sql.Identifier(*name))).fetchone()


def tables_with(address: str, word: str) -> Iterator[str]:
    with psycopg.connect(address) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for name in names:
            query = sql.SQL("SELECT count(*) FROM {} AS t WHERE position(%s IN t::text) > 0")
            row = connection.execute(query.format(sql.Identifier(*name)), [word]).fetchone()
            if row and row[0]:
                yield ".".join(name)


def files_written(folders: Iterable[Path], *, since: float) -> Iterator[Path]:
    """The files in these folders that were written after `since`."""
    for folder in folders:
        for place, _, names in os.walk(folder):
            for file in (Path(place, name) for name in names):
                with suppress(OSError):  # a file may be removed meanwhile
                    if file.is_file() and not file.is_symlink() and file.stat().st_mtime >= since:
                        yield file


def logged_files(log: Path) -> Iterator[Path]:
    """The files that watched_python logged, wherever they are, unless they are gone."""
    for kind, _, what in (line.partition(" ") for line in log.read_text(encoding="utf-8").splitlines()):
        if kind == "file" and Path(what).is_file():
            yield Path(what)


def contains(file: Path, word: bytes) -> bool:
    with suppress(OSError, ValueError), file.open("rb") as opened:  # empty ones cannot be mapped
        return mmap(opened.fileno(), 0, access=ACCESS_READ).find(word) >= 0
    return False
