"""Which records' details are read next, and how answers get into the table: in small transactions of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

from include.model.counts import DetailCounts
from include.model.run import Run
from include.model.storable_text import storable_text
from include.model.strict_json import write_json
from include.model.tables import SCHEMA, Table
from include.warehouse.changes import CHANGES, END, RECORD_DIFFERENCES
from include.warehouse.clock import lock_merges
from include.warehouse.compared_columns import Compared, differences
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import JOINED, Answer, in_scope
from include.warehouse.emptied_details import EmptiedDetails

if TYPE_CHECKING:
    from typing_extensions import LiteralString

CLAIMED = timedelta(minutes=30)
"""How long a record is left to the run that is asking for it, in case that run's worker has died."""
QUEUED = 1000
"""How many records a query for the next ones gives at most."""

# When details were asked for last; releases up to 0.3.0 wrote read_at only. What is later than now is no time.
_ASKED_AT: LiteralString = "COALESCE(d.asked_at, d.read_at)"
# Whether the run may ask for a record: it has not yet done so, and no other run is doing it.
_IS_OPEN: LiteralString = f"""
    COALESCE({_ASKED_AT} < %(since)s OR {_ASKED_AT} > clock_timestamp(), true)
    AND COALESCE(d.claimed_until < clock_timestamp() OR d.claimed_by = %(run_id)s, true)
"""
# Whether the run has written the row, or noted that its record has changed.
_IS_OF_RUN: LiteralString = "(t.run_id = %(run_id)s OR COALESCE(d.claimed_by = %(run_id)s, false))"
_THIS: LiteralString = "source = %(source)s AND table_name = %(table)s"
_ASKED: LiteralString = """
    UPDATE psa.detail_reads SET claimed_by = NULL, claimed_until = NULL, asked_at =
        GREATEST(%(asked_at)s, %(since)s, CASE WHEN asked_at <= clock_timestamp() THEN asked_at END)
"""
_IS_NEWER: LiteralString = "COALESCE(read_at < %(asked_at)s OR read_at > clock_timestamp(), true)"
# Whether the row t is that of the record and differs from what was read.
_DIFFERS: LiteralString = """
    t.source = %(source)s AND t.source_id = %(source_id)s AND ({any_differs})
"""
_UPDATE: LiteralString = "UPDATE {target} t SET {assignments}, changed_at = now(), run_id = %(run_id)s WHERE" + _DIFFERS
_RECORD_AND_UPDATE: LiteralString = (
    "WITH recorded AS (" + RECORD_DIFFERENCES + "FROM {target} t WHERE" + _DIFFERS + END + ")" + _UPDATE
)


@dataclass
class DetailQueue:
    """The records of one table whose details a run may read, on this connection in autocommit.

    A run asks for each record once. Runs that are under way at the same time do not ask for the same records.
    """

    connection: Connection
    run: Run
    table: Table
    company: str | None
    """The key of the only company whose records are read; None for all."""
    since: datetime
    """When the run began to read details of this table."""
    records_changes: bool = True
    """Whether psa.changes gets what the details change."""
    only_written: bool = False
    """Whether only details are read of rows that the run has written, or noted as changed, as in a quick run."""
    _claimed: set[str] = field(default_factory=set)

    def next(self) -> list[tuple[str, str | None]]:
        """Key and company of records to read: those never asked for first, then those asked for longest ago."""
        company_column = sql.Identifier("t", self.table.company_column or "source_id")
        rows = self.connection.execute(
            sql.SQL(
                "SELECT t.source_id, {company} FROM {target} t "
                + JOINED
                + " WHERE t.source = %(source)s AND t.deleted_at IS NULL AND {in_scope} AND {is_wanted} "
                "AND t.source_id <> ALL(%(claimed)s) AND "
                + _IS_OPEN
                + f"ORDER BY {_ASKED_AT} NULLS FIRST, t.source_id LIMIT {QUEUED}"
            ).format(
                company=company_column,
                target=sql.Identifier(SCHEMA, self.table.name),
                in_scope=in_scope(company_column, self.company),
                is_wanted=sql.SQL(_IS_OF_RUN if self.only_written else "true"),
            ),
            {**self._values, "claimed": sorted(self._claimed)},
        ).fetchall()
        return [(str(key), company) for key, company in rows]

    def claim(self, keys: Iterable[str]) -> set[str]:
        """Those of the records that are still to be read; other runs leave them to this one now."""
        with self.connection.transaction():
            lock_merges(self.connection, self.table.name)
            rows = self.connection.execute(
                """INSERT INTO psa.detail_reads AS d (source, table_name, source_id, claimed_by, claimed_until)
                   SELECT %(source)s, %(table)s, unnest(%(keys)s::text[]), %(run_id)s, clock_timestamp() + %(claimed)s
                   ON CONFLICT (source, table_name, source_id)
                   DO UPDATE SET claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until WHERE """
                + _IS_OPEN
                + "RETURNING source_id",
                {**self._values, "keys": list(keys), "claimed": CLAIMED},
            ).fetchall()
        claimed = {str(row[0]) for row in rows}
        self._claimed |= claimed
        return claimed

    def merge(
        self, answers: Sequence[Answer], *, always: Collection[str], emptied: EmptiedDetails | None
    ) -> DetailCounts:
        """Write details into their rows, within the caller's transaction; raises HeldBack for `emptied` columns.

        What the listing has of a record goes first: details fill the columns that it left to them, and those that
        are `always` theirs.
        """
        lock_merges(self.connection, self.table.name)
        if emptied:
            emptied.check(answers, always)
        became = [self._merge_one(answer, always) for answer in sorted(answers, key=lambda answer: answer.key)]
        names = ("updated", "unchanged", "duplicate", "failed")
        return DetailCounts(asked=len(became), **{name: became.count(name) for name in names})

    def merged(self, answers: Iterable[Answer]) -> None:
        """The transaction that merged these answers has ended, and so have their claims."""
        self._claimed -= {answer.key for answer in answers}

    def release(self) -> None:
        """Leave to other runs what was claimed and not read. A further attempt of a quick run still finds it."""
        self.connection.execute(
            "UPDATE psa.detail_reads SET claimed_until = NULL"
            + ("" if self.only_written else ", claimed_by = NULL")
            + " WHERE "
            + _THIS
            + " AND source_id = ANY(%(keys)s) AND claimed_by = %(run_id)s",
            {**self._values, "keys": sorted(self._claimed)},
        )
        self._claimed.clear()

    def _merge_one(self, answer: Answer, always: Collection[str]) -> str:
        """Which count the answer belongs to."""
        values = {**self._values, "source_id": answer.key, "asked_at": answer.asked_at}
        of_record = " WHERE " + _THIS + " AND source_id = %(source_id)s"
        if answer.columns is None:
            values["problem"] = storable_text(answer.problem)
            problem = f", problem = CASE WHEN {_IS_NEWER} THEN %(problem)s ELSE problem END"
            self.connection.execute(_ASKED + problem + of_record, values)
            return "failed"
        read = self.connection.execute(
            _ASKED + ", read_at = %(asked_at)s, problem = NULL" + of_record + f" AND {_IS_NEWER} RETURNING unlisted",
            values,
        ).fetchone()
        if read is None:
            self.connection.execute(_ASKED + of_record, values)
            return "duplicate"
        filled = {name for name in answer.columns if name in always or name in (read[0] or ())}
        return "updated" if self._write({name: answer.columns[name] for name in filled}, values) else "unchanged"

    def _write(self, columns: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        """Write columns that differ; whether any did."""
        types = {column.name: column.type for column in self.table.columns}
        facts = [fact for fact in self.table.facts if fact in columns]
        if not facts:
            return False
        compared = [
            Compared(name, types[name], sql.Identifier("t", name), _parameter(name, types[name])) for name in facts
        ]
        statement = sql.SQL(_RECORD_AND_UPDATE if self.records_changes else _UPDATE).format(
            target=sql.Identifier(SCHEMA, self.table.name),
            changes=sql.Identifier(SCHEMA, CHANGES),
            assignments=_listed(sql.SQL("{} = {}").format(sql.Identifier(one.name), one.written) for one in compared),
            **differences(compared),
        )
        found = {name: _adapted(columns[name]) for name in facts}
        return self.connection.execute(statement, {**found, **values}).rowcount > 0

    @property
    def _values(self) -> dict[str, Any]:
        return {
            "source": self.run.source,
            "table": self.table.name,
            "run_id": self.run.run_id,
            "run_kind": self.run.kind,
            "since": self.since,
            "company": self.company,
        }


def _parameter(name: str, type_: str) -> sql.Composed:
    return sql.SQL("%({})s::{}").format(sql.SQL(name), sql.SQL(type_))


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def _adapted(value: Any) -> Any:
    return Jsonb(value, dumps=write_json) if isinstance(value, (dict, list)) else value
