"""The form of the settings that need no answer of the PSA, made from setup's JSON schema: new ones appear in it."""

from __future__ import annotations

from typing import Any

from include.connectors.contract import Connector, PsaClient
from include.model.json_schema import Node
from include.model.setup import CUSTOM_FIELDS, FIELD_MAP, schema
from include.model.tables import BY_NAME

# The page has lists of its own for these: their choices come from the PSA.
CHOSEN_AT_PSA = ("companies.types", "companies.statuses", "custom_fields", "field_map", "custom_field_modules")
OF_DETAILS = "details_"  # begins the names of settings that only matter where a vendor gives details
STATUS_FROM = "companies.status_from"


def form(connector: Connector[PsaClient]) -> dict[str, Any]:
    """The plain fields of the form, and the tables and columns that custom fields can fill."""
    return {
        "fields": [_field(path, node) for path, node in schema().settings() if _is_shown(path, connector)],
        "custom_fields": list(CUSTOM_FIELDS),
        "field_map": {table: [_column(table, name) for name in _columns(table)] for table in FIELD_MAP},
    }


def _is_shown(path: str, connector: Connector[PsaClient]) -> bool:
    if path == STATUS_FROM:
        return connector.company_choices.status_from_type
    if path.startswith(OF_DETAILS):
        return any(stream.details for stream in connector.streams)
    return not any(path == one or path.startswith(f"{one}.") for one in CHOSEN_AT_PSA)


def _field(path: str, node: Node) -> dict[str, Any]:
    """One field; `kind` is choice, integer, number, string, or other for what is set in the JSON only."""
    kind = "choice" if "enum" in node else node.get("type", "other")
    return {
        "path": path,
        "label": path.replace(".", ": ").replace("_", " ").capitalize(),
        "meaning": node.get("description", ""),
        "kind": kind if kind in ("choice", "integer", "number", "string") else "other",
        "options": node.get("enum", []),
        "least": node.get("minimum"),
        "most": node.get("maximum"),
        "default": node.get("default"),
        "example": next(iter(node.get("examples", ())), None),
    }


def _columns(table: str) -> list[str]:
    return [column.name for column in BY_NAME[table].columns_from_custom_fields]


def _column(table: str, name: str) -> dict[str, Any]:
    column = next(column for column in BY_NAME[table].columns if column.name == name)
    return {"name": name, "meaning": column.comment, "is_date": column.type == "date"}
