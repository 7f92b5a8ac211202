"""How the Astro CLI reads airflow_settings.yaml, written from its source, and what its commands store in Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

import yaml

FIELDS = {
    "conn_type": "conn_type",
    "conn_host": "host",
    "conn_schema": "schema",
    "conn_login": "login",
    "conn_password": "password",
    "conn_port": "port",
}


class Release(Enum):
    """What a release of the CLI makes of an extra that is a mapping."""

    KEEPS_MAPPINGS = "keeps them"
    KEEPS_TEXT_VALUES = "keeps values that are text"
    DROPS_MAPPINGS = "drops them"


def connections(text: str, release: Release) -> Mapping[str, dict[str, Any]]:
    """The connections that the CLI adds, by name. An empty value, or port 0, is not passed on."""
    entries = lowered(yaml.safe_load(text))["airflow"]["connections"]
    return {entry["conn_id"]: _connection(entry, release) for entry in entries if entry.get("conn_id")}


def lowered(value: Any) -> Any:
    """The library that reads the file writes every key in lower case, also in maps inside of lists."""
    if isinstance(value, dict):
        return {str(key).lower(): lowered(child) for key, child in value.items()}
    return [lowered(child) for child in value] if isinstance(value, list) else value


def _connection(entry: Mapping[str, Any], release: Release) -> dict[str, Any]:
    typed = {ours: entry[theirs] for theirs, ours in FIELDS.items() if entry.get(theirs)}
    assert not any("'" in str(value) for value in typed.values()), "each value becomes a word between single quotes"
    extra = _extra(entry.get("conn_extra"), release)
    return {**typed, "extra": extra} if extra else typed


def _extra(typed: Any, release: Release) -> str:
    if not isinstance(typed, dict):
        return typed or ""
    if release is Release.DROPS_MAPPINGS:
        return ""
    if release is Release.KEEPS_TEXT_VALUES:
        typed = {key: value for key, value in typed.items() if isinstance(value, str)}
    return json.dumps(typed) if typed else ""
