"""The staging table of a run: pages are copied in as they come, and stay until they are merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql

from include.model.run import Run
from include.model.tables import SCHEMA, Table
from include.warehouse.connection import Connection
from include.warehouse.copy_text import copy_text, names_list
from include.warehouse.schema import STAGING_SCHEMA
from include.warehouse.staged_tables import ASKED, COMMENT, COPY, drop_tables, existing, names_of, table_name


@dataclass(frozen=True)
class Staging:
    """The staging table of one table in one run, on this connection and in its transaction."""

    connection: Connection
    run: Run
    table: Table
    is_copy: bool = False
    """Whether it is what `copied` makes."""

    @property
    def name(self) -> str:
        """The staging table's name in its schema."""
        return table_name(self.run, self.table.name) + (COPY if self.is_copy else "")

    @property
    def identifier(self) -> sql.Identifier:
        """The staging table as SQL."""
        return sql.Identifier(STAGING_SCHEMA, self.name)

    @property
    def asked_identifier(self) -> sql.Identifier:
        """The table with the keys that `missing_of_company` gave, as SQL."""
        return sql.Identifier(STAGING_SCHEMA, self.asked_name)

    @property
    def asked_name(self) -> str:
        """The name of that table in its schema."""
        return table_name(self.run, self.table.name + ASKED)

    def create(self) -> None:
        """Create it empty, whatever an earlier attempt left. Unlogged, since its rows can be read again.

        Its column `kept` names the row's columns that the listing does not include, whose stored value stays.
        """
        left = existing(self.connection, names_of(self.run, self.table.name))
        if left and not drop_tables(self.connection, left):  # a backup reads them; but it does not mind what is deleted
            for name in left:
                self.connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(STAGING_SCHEMA, name)))
            if self.name in left:
                return
        types = {column.name: column.type for column in self.table.columns}
        facts = [sql.SQL("{} {}").format(sql.Identifier(fact), sql.SQL(types[fact])) for fact in self.table.facts]
        self.connection.execute(
            sql.SQL(
                "CREATE UNLOGGED TABLE {} (ordinal bigint GENERATED ALWAYS AS IDENTITY, source_id text NOT NULL, "
                "is_deleted boolean NOT NULL, deleted_at timestamptz, fetched_at timestamptz NOT NULL, kept text[], {})"
            ).format(self.identifier, sql.SQL(", ").join(facts))
        )
        comment = COMMENT + self.run.run_id
        self.connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(self.identifier, comment))

    def add_new_columns(self) -> None:
        """Add the columns that an older release did not stage; its rows keep the stored values of these."""
        staged = self.connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(self.identifier)).description or ()
        types = {column.name: column.type for column in self.table.columns}
        missing = [fact for fact in self.table.facts if fact not in {column.name for column in staged}]
        if not missing:
            return
        added = [sql.SQL("ADD COLUMN {} {}").format(sql.Identifier(fact), sql.SQL(types[fact])) for fact in missing]
        self.connection.execute(sql.SQL("ALTER TABLE {} {}").format(self.identifier, sql.SQL(", ").join(added)))
        self.connection.execute(sql.SQL("UPDATE {} SET kept = kept || %s").format(self.identifier), [missing])

    def copy(self, columns: Mapping[str, Sequence[Any]], fetched_at: datetime) -> None:
        """Append a page's rows with COPY; `columns` has the value of each row by column."""
        rows = len(columns.get("source_id", ()))
        if not rows:
            return
        empty = [None] * rows
        written: dict[str, Sequence[Any]] = {
            **{name: columns.get(name, empty) for name in ("source_id", "deleted_at", *self.table.facts)},
            "is_deleted": [bool(flag) for flag in columns.get("is_deleted", empty)],
            "fetched_at": [fetched_at] * rows,
            "kept": list(map(names_list, columns.get("kept", empty))),
        }
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            self.identifier, sql.SQL(", ").join(map(sql.Identifier, written))
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as out:
            out.write(copy_text(written.values()))

    @contextmanager
    def copied(self) -> Iterator[Staging]:
        """A copy of the staged rows for a block that changes them, in a transaction that ends with an error of it."""
        copy = replace(self, is_copy=True)
        create = sql.SQL("CREATE UNLOGGED TABLE {} AS TABLE {}").format(copy.identifier, self.identifier)
        self.connection.execute(create)
        yield copy
        self.connection.execute(sql.SQL("DROP TABLE {}").format(copy.identifier))

    def index_keys(self) -> None:
        """Make it quick to find a row by its key; call it before the rows are compared with others.

        Where Postgres has no statistics, or old ones, it expects a handful of rows and may read the whole staging table
        for each row of another one. With an index it reads one row, whatever it expects. This kind of index is built in
        the same time in every locale.
        """
        self._index(self.name)

    def _index(self, name: str) -> None:
        table = sql.Identifier(STAGING_SCHEMA, name)
        self.connection.execute(
            sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING hash (source_id)").format(
                sql.Identifier(f"{name}_key"), table
            )
        )
        self.connection.execute(sql.SQL("ANALYZE {} (source_id)").format(table))

    def size(self) -> int | None:
        """How many rows are staged; None when there is no staging table."""
        exists = self.connection.execute("SELECT to_regclass(%s)", [f"{STAGING_SCHEMA}.{self.name}"]).fetchone()
        if exists is None or exists[0] is None:
            return None
        row = self.connection.execute(sql.SQL("SELECT count(*) FROM {}").format(self.identifier)).fetchone()
        return int(row[0]) if row else None

    def keys(self) -> frozenset[str]:
        """The keys of the rows that are staged."""
        rows = self.connection.execute(sql.SQL("SELECT source_id FROM {}").format(self.identifier)).fetchall()
        return frozenset(row[0] for row in rows)

    def keep_first(self, rows: int) -> None:
        """Delete the rows that were staged after the first so many."""
        statement = "DELETE FROM {0} WHERE ordinal >= (SELECT ordinal FROM {0} ORDER BY ordinal OFFSET {1} LIMIT 1)"
        self.connection.execute(sql.SQL(statement).format(self.identifier, sql.Literal(rows)))

    def drop(self) -> None:
        """Drop it and its tables of keys, where they exist and no one is reading them."""
        drop_tables(self.connection, existing(self.connection, names_of(self.run, self.table.name)))

    def missing_of_company(self, company: str) -> list[str]:
        """Keys of the company's live rows that are not staged.

        They are saved beside the staging table, since the merge may mark only these as deleted.
        """
        self.index_keys()
        create = sql.SQL("CREATE UNLOGGED TABLE IF NOT EXISTS {} (source_id text)").format(self.asked_identifier)
        self.connection.execute(create)  # one that an earlier attempt left is empty now
        self.connection.execute(
            sql.SQL(
                "INSERT INTO {asked} SELECT t.source_id FROM {target} t "
                "WHERE t.source = {source} AND t.{column} = {company} AND t.deleted_at IS NULL "
                "AND NOT EXISTS (SELECT 1 FROM {staging} s WHERE s.source_id = t.source_id)"
            ).format(
                asked=self.asked_identifier,
                target=sql.Identifier(SCHEMA, self.table.name),
                source=self.run.source,
                column=sql.Identifier(self.table.company_column or ""),
                company=company,
                staging=self.identifier,
            )
        )
        self._index(self.asked_name)
        statement = sql.SQL("SELECT source_id FROM {} ORDER BY source_id").format(self.asked_identifier)
        return [str(row[0]) for row in self.connection.execute(statement).fetchall()]
