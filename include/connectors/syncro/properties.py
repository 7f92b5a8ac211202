"""The hash `properties`: custom fields by the name on the screen, Syncro's own among them, and perhaps passwords."""

from __future__ import annotations

import math
from typing import Any

from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import InvalidValue, pick, text
from include.model.setup import Setup

SYSTEM = frozenset({"kabuto_information", "notification_billing", "notification_marketing", "notification_reports"})


def refusal(name: str) -> str:
    """Why a field of this name cannot be chosen; empty when it can. The name is all there is to tell a secret by."""
    if name in SYSTEM:
        return "is Syncro's own, no custom field"
    if is_secret_name(name):
        return "seems by its name to hold secrets, which are never synced"
    return ""


def custom_fields(r: Any, _: Setup) -> dict[str, Any]:
    """Name → value, of those that may be chosen."""
    return {name: storable(value) for name, value in hashed(r).items() if not refusal(name)}


def hashed(r: Any) -> dict[str, Any]:
    return pick(_object, r, "properties")


def storable(value: Any) -> Any:
    """A JSON value as Postgres can store it; what is blank is null, what seems secret inside an object is left out."""
    if isinstance(value, dict):
        named = {text(name): storable(inner) for name, inner in value.items() if not refusal(name)}
        return {name: inner for name, inner in named.items() if name is not None}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return text(value)


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidValue(f"an object expected, got {type(value).__name__}")
    return value
