"""Reads the parameters of a request. A value that cannot be read counts as not given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from simulator.syncro.formats import ZONE

Query = Mapping[str, str]


def number(query: Query, name: str) -> int:
    """A whole number, 0 when it is none."""
    given = query.get(name, "")
    return int(given) if given.isdecimal() else 0


def is_true(query: Query, name: str) -> bool:
    """Whether a parameter is switched on."""
    return query.get(name) in ("true", "1")


def date(query: Query, name: str) -> datetime | None:
    """A date, with or without a time, in the account's time zone unless it names another."""
    try:
        found = datetime.fromisoformat(query.get(name, "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)
