"""The extra of a connection as an object, for every kind of connection."""

from __future__ import annotations

from typing import Any

from include.model.errors import ConfigError
from include.model.strict_json import parse_json, repeated_keys


def parsed_extra(conn_id: str, raw: object) -> dict[str, Any]:
    """The fields of an extra, nothing of which was passed over; raises ConfigError, which quotes no value."""
    extra = _parsed(conn_id, raw) if isinstance(raw, str) else raw or {}
    if not isinstance(extra, dict):
        twice = " It is text: take away the quotes around it, and the backslashes." if isinstance(extra, str) else ""
        raise ConfigError(f"The extra of the connection '{conn_id}' must be a JSON object.{twice}")
    for place in repeated_keys(extra):
        raise ConfigError(f"The extra of the connection '{conn_id}' has '{'.'.join(map(str, place))}' twice: keep one.")
    return extra


def _parsed(conn_id: str, text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:  # Airflow itself would go on without it
        raise ConfigError(f"The extra of the connection '{conn_id}' is not JSON: {error}.") from None
