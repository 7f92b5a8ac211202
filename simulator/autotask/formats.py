"""How Autotask writes moments: UTC, with up to three digits of a second, not always with a Z."""

from __future__ import annotations

from datetime import datetime


def exact(at: datetime) -> datetime:
    """The moment as far as the API knows it, in filters and answers alike."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def shown(value: object, row_id: int) -> object:
    """A value as the answer has it; only moments need a text form."""
    return stamp(value, row_id) if isinstance(value, datetime) else value


def stamp(value: datetime, row_id: int) -> str:
    """UTC with up to three digits of a second; some rows say .000 or .0, some leave the Z out."""
    style = row_id % 5
    digits = f"{value.microsecond // 1000:03}".rstrip("0") or {0: "000", 1: "0"}.get(style, "")
    return f"{value.isoformat()[:19]}{'.' if digits else ''}{digits}{'' if style == 2 else 'Z'}"
