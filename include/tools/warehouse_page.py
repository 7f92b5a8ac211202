"""What docs/operating.md says about the errors of Postgres."""

from __future__ import annotations

from collections.abc import Iterable

from include.warehouse.meanings import MEANINGS


def table() -> Iterable[str]:
    """Each meaning, with its SQLSTATEs and the error that it becomes."""
    yield from ("| what happened | SQLSTATE | error | what to do |", "| --- | --- | --- | --- |")
    for meaning in MEANINGS:
        states = ", ".join(state if len(state) > 2 else f"{state}…" for state in meaning.states.split())
        yield f"| {meaning.what} | {states} | `{meaning.raises.__name__}` | {meaning.do} |"
