"""SQL that says which columns of a row differ, and builds JSON of their values before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from include.model.tables import CUSTOM_FIELDS

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Of two values of the column custom_fields, the fields of the first that the second does not have, or has otherwise.
_FIELDS_THAT_DIFFER: LiteralString = """
    CASE WHEN jsonb_typeof({0}) = 'object' AND jsonb_typeof({1}) = 'object' THEN
        (SELECT COALESCE(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each({0})
         WHERE value::text IS DISTINCT FROM ({1} -> key)::text)
    ELSE {0} END"""


@dataclass(frozen=True)
class Compared:
    """A column of a row that is about to be written."""

    name: str
    type: str
    stored: sql.Composable
    """Its value in the table, as SQL."""
    written: sql.Composable
    """Its value to be, as SQL."""

    @property
    def comparison(self) -> sql.Composed:
        """Whether they differ. JSON is compared as text: as JSON, 10.50 equals 10.5."""
        as_text = sql.SQL("::text" if self.type == "jsonb" else "")
        return sql.SQL("({0}){2} IS DISTINCT FROM ({1}){2}").format(self.stored, self.written, as_text)

    @property
    def differs(self) -> sql.Identifier:
        """The same, in the rows that have `both_values`."""
        return sql.Identifier(f"{self.name} differs")

    @property
    def before(self) -> sql.Identifier:
        """The stored value, in these rows."""
        return sql.Identifier(f"{self.name} before")

    @property
    def after(self) -> sql.Identifier:
        """The value to be, in these rows."""
        return sql.Identifier(f"{self.name} after")

    @property
    def both_values(self) -> sql.Composed:
        """The three of them."""
        return sql.SQL("{} AS {}, {} AS {}, {} AS {}").format(
            self.comparison, self.differs, self.stored, self.before, self.written, self.after
        )


def differences(columns: Sequence[Compared]) -> dict[str, sql.Composable]:
    """Parts of a statement: whether `any_differs` in a row, `both_values` to select of it, and what to make of them."""
    named = [sql.SQL("CASE WHEN {} THEN {} END").format(one.differs, one.name) for one in columns]
    return {
        "any_differs": sql.SQL(" OR ").join(one.comparison for one in columns),
        "both_values": _listed(one.both_values for one in columns),
        "change": _change(columns),
        "columns": sql.SQL("string_to_array(concat_ws(',', {}), ',')").format(_listed(named)),
        "before": _object(columns, lambda one: _member(one, one.before, one.after)),
        "after": _object(columns, lambda one: _member(one, one.after, one.before)),
    }


def new_values(columns: Iterable[Compared]) -> sql.Composable:
    """The values to be that are not null, as JSON."""
    return _object(columns, lambda one: sql.SQL("{} || {}").format(_key(one), _json(one, one.written)))


def _change(columns: Iterable[Compared]) -> sql.Composable:
    """What becomes of the row: it is marked deleted, or no longer, or has only other values."""
    for one in columns:
        if one.name == "deleted_at":
            return sql.SQL(
                "CASE WHEN ({0} IS NULL) = ({1} IS NULL) THEN 'changed' WHEN {1} IS NULL THEN 'returned' "
                "ELSE 'deleted' END"
            ).format(one.before, one.after)
    return sql.SQL("'changed'")


def _object(columns: Iterable[Compared], member: Callable[[Compared], sql.Composable]) -> sql.Composed:
    """An object of the members that are not null. To build it as text takes half the time of Postgres' functions."""
    return sql.SQL("('{{' || concat_ws(',', {}) || '}}')::jsonb").format(_listed(map(member, columns)))


def _member(one: Compared, value: sql.Composable, other: sql.Composable) -> sql.Composed:
    """The value if it differs from the other one; of custom fields, those that differ."""
    if one.name == CUSTOM_FIELDS:
        value = sql.SQL(_FIELDS_THAT_DIFFER).format(value, other)
    return sql.SQL("CASE WHEN {} THEN {} || COALESCE({}, 'null') END").format(one.differs, _key(one), _json(one, value))


def _key(one: Compared) -> sql.Literal:
    return sql.Literal(f'"{one.name}":')


def _json(one: Compared, value: sql.Composable) -> sql.Composed:
    return sql.SQL("({})::text" if one.type == "jsonb" else "to_json({})::text").format(value)


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
