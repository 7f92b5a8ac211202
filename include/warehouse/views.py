"""The views psa.current_<table>: the rows that are not deleted, with the names of the records that they refer to.

They are for readers; the sync itself uses none of them, and a run that may not make them goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.model.tables import BY_NAME, REFERENCE, SCHEMA, TABLES, Table, TableColumn
from include.model.wording import log_sentence
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.schema import CHANGE_SECONDS, LOCK
from include.warehouse.session import lock_limit

log = logging.getLogger(__name__)

PREFIX = "current_"
OURS = "PSA Sync made this view, and makes it again when its columns change"  # ends the comment of each view
NEVER_SET = "deleted_at"  # in a view of the rows that are not deleted

_FOUND = """
    SELECT c.relname, c.relkind = 'v', coalesce(obj_description(c.oid, 'pg_class'), ''),
           jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
                                       coalesce(col_description(c.oid, a.attnum), '')) ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = %s AND c.relname = ANY(%s) GROUP BY c.oid
"""


@dataclass(frozen=True)
class View:
    """One of our views."""

    table: Table
    """The table whose rows it shows."""

    @property
    def name(self) -> str:
        return PREFIX + self.table.name

    @property
    def comment(self) -> str:
        return f"{self.table.comment}: those that are not deleted. {OURS}"

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The table's own, and behind each reference the name of the record, unless the table has it already."""
        return tuple(self._columns())

    def _columns(self) -> Iterator[TableColumn]:
        own = {column.name for column in self.table.columns}
        for column in self.table.columns:
            if column.name != NEVER_SET:
                yield column
            name = column.name.removesuffix(REFERENCE)
            if column.references and name not in own:
                yield TableColumn(name, "text", f"Name of the {name}", references=column.references)


@dataclass(frozen=True)
class Found:
    """What has the name of one of our views in the database."""

    is_view: bool
    comment: str
    columns: dict[str, tuple[str, str]]
    """Type and comment by name, in order."""

    @property
    def is_ours(self) -> bool:
        return self.is_view and self.comment.endswith(OURS)

    def is_up_to_date(self, view: View) -> bool:
        wanted = {column.name: (column.type, column.comment) for column in view.columns}
        return self.comment == view.comment and self.columns == wanted

    def can_be_replaced(self, view: View) -> bool:
        """Whether Postgres can keep the view, and with it what a person has built on it, and only add columns."""
        wanted = {column.name: column.type for column in view.columns}
        return all(wanted.get(name) == kind for name, (kind, _) in self.columns.items())


def ensure_views(warehouse: Warehouse) -> None:
    """Make the views that are missing, and those again whose columns have changed; the tables have to be complete.

    What is not ours is left alone. A view that cannot be made is a warning, because no run needs it.
    """
    with warehouse.session() as connection:
        if not any(_outdated(connection)):
            return
        not_made: dict[str, list[str]] = {}
        with lock_limit(connection, min(CHANGE_SECONDS, warehouse.lock_seconds)):
            connection.execute(LOCK)
            for view, there in list(_outdated(connection)):
                if reason := _make(connection, view, there):
                    not_made.setdefault(reason, []).append(view.name)
        for reason, names in not_made.items():
            log_sentence(log, logging.WARNING, f"Not made, or as before: {', '.join(names)} in {SCHEMA}; {reason}.")


def _outdated(connection: Connection) -> Iterator[tuple[View, Found | None]]:
    """The views that are not as they should be, with what has their name now."""
    views = [View(table) for table in TABLES]
    found = _found(connection, [view.name for view in views])
    for view in views:
        there = found.get(view.name)
        if there is None or not there.is_up_to_date(view):
            yield view, there


def _found(connection: Connection, names: list[str]) -> dict[str, Found]:
    rows = connection.execute(_FOUND, [SCHEMA, names]).fetchall()
    return {
        name: Found(is_view, comment, {column: (kind, said) for column, kind, said in columns})
        for name, is_view, comment, columns in rows
    }


def _make(connection: Connection, view: View, there: Found | None) -> str:
    """Make it, or return why it cannot be made."""
    if there and not there.is_ours:
        return "something that this package has not made has that name"
    try:
        with connection.transaction():
            if there and not there.can_be_replaced(view):
                connection.execute(sql.SQL("DROP VIEW {}").format(_name(view)))
                there = None
            for statement in _statements(view, list(there.columns) if there else []):
                connection.execute(statement)
    except psycopg.errors.DependentObjectsStillExist:
        return "someone's own view or function is built on it: drop that, and create it again after the next run"
    except psycopg.errors.InsufficientPrivilege:
        return f"the role of psa_warehouse needs the right to create in the schema {SCHEMA}, and to own these views"
    except psycopg.errors.LockNotAvailable:
        return "someone reads it just now, and the next run tries again"
    return ""


def _statements(view: View, first: list[str]) -> Iterator[sql.Composed]:
    """Postgres only replaces a view by one that begins with the same columns in the same order."""
    columns = sorted(view.columns, key=lambda column: first.index(column.name) if column.name in first else len(first))
    # With the rights of the person who reads it, so that policies and grants on the tables count.
    yield sql.SQL("CREATE OR REPLACE VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {} t {} WHERE {}").format(
        _name(view),
        sql.SQL(", ").join(_selected(view.table, column) for column in columns),
        sql.Identifier(SCHEMA, view.table.name),
        sql.SQL(" ").join(_join(column) for column in view.columns if _is_name(view.table, column)),
        sql.SQL("t.{} IS NULL").format(sql.Identifier(NEVER_SET)),
    )
    yield sql.SQL("COMMENT ON VIEW {} IS {}").format(_name(view), view.comment)
    for column in columns:
        place = sql.Identifier(SCHEMA, view.name, column.name)
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, column.comment)


def _selected(table: Table, column: TableColumn) -> sql.Composed:
    name = sql.Identifier(column.name)
    return sql.SQL("{}.name AS {}").format(name, name) if _is_name(table, column) else sql.SQL("t.{}").format(name)


def _join(column: TableColumn) -> sql.Composed:
    """The table of the record, by the alias that the column of its name has."""
    return sql.SQL("LEFT JOIN {} {} ON {}.source = t.source AND {}.source_id = t.{}").format(
        sql.Identifier(SCHEMA, BY_NAME[column.references].name),
        *[sql.Identifier(column.name)] * 3,
        sql.Identifier(column.name + REFERENCE),
    )


def _is_name(table: Table, column: TableColumn) -> bool:
    return column not in table.columns


def _name(view: View) -> sql.Identifier:
    return sql.Identifier(SCHEMA, view.name)
