"""The report of Syncro's agent about a machine, which is an object, JSON in a text, or missing: only Syncro has one."""

from __future__ import annotations

from contextlib import suppress

from include.connectors.common.columns import Column
from include.connectors.common.values import InvalidValue, text
from include.model.page import Record
from include.model.setup import Setup
from include.model.strict_json import read_json

PATHS = (("properties", "kabuto_information"), ("rmm_store", "general", "info"))  # the more complete one first


def reported(*path: str) -> Column[Setup]:
    """The value at a path of the report; one of another form is ignored, because machines write it."""
    shown = tuple(".".join((*start, *path)) for start in PATHS)

    def read(r: Record, _: Setup) -> str | None:
        return next(filter(None, (_found(r, *start, *path) for start in PATHS)), None)

    return Column(shown, read, "from the agent, for machines that have it; `info` can be JSON in a text")


def _found(value: Record, *path: str) -> str | None:
    for step in path:
        value = _object(value).get(step)
    with suppress(InvalidValue):
        return text(value)
    return None


def _object(value: Record) -> dict[str, Record]:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
