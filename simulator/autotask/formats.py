"""How Autotask writes timestamps: in UTC, with up to three digits of a second, and not always with a Z."""

from __future__ import annotations

from datetime import datetime


def exact(at: datetime) -> datetime:
    """The time in the precision of the API, which filters and records share."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def shown(value: object, row_id: int) -> object:
    """The value as a record shows it; only timestamps are converted."""
    return stamp(value, row_id) if isinstance(value, datetime) else value


def stamp(value: datetime, row_id: int) -> str:
    """A timestamp in UTC. Some rows end with .000 or .0, and some have no Z."""
    style = row_id % 5
    digits = f"{value.microsecond // 1000:03}".rstrip("0") or {0: "000", 1: "0"}.get(style, "")
    return f"{value.isoformat()[:19]}{'.' if digits else ''}{digits}{'' if style == 2 else 'Z'}"
