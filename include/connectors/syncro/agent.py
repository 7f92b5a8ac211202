"""What Syncro's agent reported about a machine: an object, the same as JSON in a text, or nothing at all."""

from __future__ import annotations

import json
from typing import Any

from include.connectors.common.columns import Column
from include.connectors.common.values import text
from include.model.setup import Setup

PLACES = (("properties", "kabuto_information"), ("rmm_store", "general", "info"))  # the fuller one first


def reported(*path: str) -> Column[Setup]:
    """What the agent reported at a path; a report of another form than this is no report, since machines write it."""
    shown = tuple(".".join((*place, *path)) for place in PLACES)

    def read(r: Any, _: Setup) -> str | None:
        return next(filter(None, (_found(r, *place, *path) for place in PLACES)), None)

    return Column(shown, read, "from the agent, for machines that have it; `info` can be JSON in a text")


def _found(value: Any, *path: str) -> str | None:
    for step in path:
        value = _object(value).get(step)
    return None if isinstance(value, (dict, list)) else text(value)


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
