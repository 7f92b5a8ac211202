"""What listings have shown of a PSA's records so far, psa.seen_shapes, and what is new in a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from include.model.run import Run
from include.warehouse.connection import Connection

Labels = Mapping[str, frozenset[str] | None]
"""By column, the labels of statuses or types; None where there are too many to know them."""


@dataclass(frozen=True)
class Known:
    """What is known of one table's records."""

    fields: frozenset[str] = frozenset()
    """All fields that were ever there."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """By field, in which share of the records the last full listing had it."""
    missing: frozenset[str] = frozenset()
    """Fields that are known to be missing."""
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By field, the types that its values have had."""
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """A row of psa.seen_shapes, without the table."""

    kind: str
    name: str
    value: str = ""


@dataclass(frozen=True)
class News:
    """What a run was the first to see of a table."""

    table: str
    kind: str
    """type, label, or missing."""
    name: str
    values: list[str]
    """The new types or labels."""
    before: list[str]
    """The types that were known before."""


@dataclass(frozen=True)
class SeenShapes:
    """What is known of one PSA's records, read and written on this connection and in its transaction."""

    connection: Connection
    run: Run

    def known(self, table: str) -> Known:
        """What is known of a table's records."""
        fields = self._rows(table, "field")
        return Known(
            fields=frozenset(name for name, *_ in fields),
            shares={name: share for name, _, share, _ in fields if share},
            missing=frozenset(name for name, *_, is_missing in fields if is_missing),
            types=_values_by_name(self._rows(table, "type")),
            labels={
                **_values_by_name(self._rows(table, "label")),
                **{name: None for name, *_ in self._rows(table, "unwatched")},
            },
        )

    def _rows(self, table: str, kind: str) -> list[tuple[str, str, float | None, bool]]:
        return self.connection.execute(
            """SELECT name, value, share, missing_since IS NOT NULL FROM psa.seen_shapes
               WHERE source = %s AND table_name = %s AND kind = %s""",
            [self.run.source, table, kind],
        ).fetchall()

    def add(self, table: str, facts: Iterable[Fact], *, noted: Collection[Fact]) -> None:
        """Add what was seen for the first time. What another run has added meanwhile stays as that run wrote it."""
        rows = [
            [self.run.source, table, one.kind, one.name, one.value, self.run.run_id if one in noted else None]
            for one in sorted(facts, key=lambda one: (one.kind, one.name, one.value))
        ]
        with self.connection.cursor() as cursor:
            cursor.executemany(
                """INSERT INTO psa.seen_shapes (source, table_name, kind, name, value, noted_by, seen_at)
                   VALUES (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING""",
                rows,
            )

    def forget_labels(self, table: str, columns: Collection[str]) -> None:
        """Remove the labels of columns that have too many."""
        self.connection.execute(
            "DELETE FROM psa.seen_shapes WHERE source = %s AND table_name = %s AND kind = 'label' AND name = ANY(%s)",
            [self.run.source, table, sorted(columns)],
        )

    def set_shares(self, table: str, shares: Mapping[str, float]) -> None:
        """Write in which share of its records this full listing had these fields, which are not missing any more."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                """UPDATE psa.seen_shapes SET share = %s, missing_since = NULL, missing_noted_by = NULL
                   WHERE source = %s AND table_name = %s AND kind = 'field' AND name = %s""",
                [[share, self.run.source, table, name] for name, share in sorted(shares.items())],
            )

    def mark_missing(self, table: str, fields: Collection[str]) -> None:
        """Mark fields that no record has any more, unless another run has done so meanwhile."""
        self.connection.execute(
            """UPDATE psa.seen_shapes SET missing_since = now(), missing_noted_by = %s
               WHERE source = %s AND table_name = %s AND kind = 'field' AND name = ANY(%s) AND missing_since IS NULL""",
            [self.run.run_id, self.run.source, table, sorted(fields)],
        )

    def news(self) -> list[News]:
        """What this run was the first to see, of all tables."""
        rows = self.connection.execute(
            """SELECT table_name, kind, name, array_agg(value ORDER BY value), ARRAY(
                   SELECT value FROM psa.seen_shapes before
                   WHERE (before.source, before.table_name, before.kind, before.name)
                       = (new.source, new.table_name, 'type', new.name)
                     AND before.noted_by IS DISTINCT FROM %(run)s ORDER BY value)
               FROM psa.seen_shapes new WHERE source = %(source)s AND noted_by = %(run)s
               GROUP BY source, table_name, kind, name
               UNION ALL
               SELECT table_name, 'missing', name, '{}', '{}' FROM psa.seen_shapes
               WHERE source = %(source)s AND missing_noted_by = %(run)s
               ORDER BY 1, 2, 3""",
            {"source": self.run.source, "run": self.run.run_id},
        ).fetchall()
        return [News(*row) for row in rows]


def _values_by_name(rows: Iterable[tuple[str, str, float | None, bool]]) -> dict[str, frozenset[str]]:
    values: dict[str, set[str]] = {}
    for name, value, *_ in rows:
        values.setdefault(name, set()).add(value)
    return {name: frozenset(found) for name, found in values.items()}
