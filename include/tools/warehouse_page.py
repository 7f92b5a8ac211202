"""What docs/operating.md says about the errors of Postgres, and docs/warehouse.md about the views."""

from __future__ import annotations

from collections.abc import Iterable

from include.model.tables import SCHEMA, TABLES
from include.warehouse.meanings import MEANINGS
from include.warehouse.views import View


def table() -> Iterable[str]:
    """Each meaning, with its SQLSTATEs and the error that it becomes."""
    yield from ("| what happened | SQLSTATE | error | what to do |", "| --- | --- | --- | --- |")
    for meaning in MEANINGS:
        states = ", ".join(state if len(state) > 2 else f"{state}…" for state in meaning.states.split())
        yield f"| {meaning.what} | {states} | `{meaning.raises.__name__}` | {meaning.do} |"


def views() -> Iterable[str]:
    """Each view, with the columns that its table has not."""
    yield from ("| view | columns that the table has not |", "| --- | --- |")
    for view in map(View, TABLES):
        names = ", ".join(f"`{column.name}`" for column in view.columns if column not in view.table.columns)
        yield f"| `{SCHEMA}.{view.name}` | {names or '—'} |"
