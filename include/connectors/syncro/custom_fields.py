"""Custom fields of Syncro: the hash `properties`, by the name on the screen, with Syncro's own fields among them.

Only a field's name tells whether it holds a secret.
"""

from __future__ import annotations

from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import an_object, pick
from include.model.page import Record
from include.model.setup import Setup

SYSTEM = frozenset({"kabuto_information", "notification_billing", "notification_marketing", "notification_reports"})


def refusal(name: str) -> str:
    """Why a field of this name cannot be chosen; empty when it can."""
    if name in SYSTEM:
        return "is Syncro's own, no custom field"
    if is_secret_name(name):
        return "seems by its name to hold secrets, which are never synced"
    return ""


def values_by_name(r: Record, _: Setup) -> dict[str, Record]:
    """Name → value, of those that may be chosen."""
    return {name: without_secrets(value) for name, value in properties(r).items() if not refusal(name)}


def properties(r: Record) -> dict[str, Record]:
    return pick(an_object, r, "properties")


def without_secrets(value: Record) -> Record:
    """The value; what seems secret inside an object is left out."""
    if isinstance(value, dict):
        return {name: without_secrets(inner) for name, inner in value.items() if not refusal(name)}
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value
