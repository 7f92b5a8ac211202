"""What setup can choose at a PSA: company types and statuses, and the custom fields of a table with examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from include.connectors.common.companies import selected_companies
from include.connectors.common.secret_names import is_secret_name
from include.connectors.contract import ReadContext
from include.model.choices import Choice
from include.model.setup import Setup
from include.tickets.sessions import Session
from include.tickets.view import encodable, line
from include.warehouse.stored_rows import StoredRows

EXAMPLE_CHARACTERS = 60
SECRETIVE = (
    "has a name that looks like a secret's, so its values are not shown and it cannot be ticked. If it holds none, "
    "write it into the JSON."
)


def company_choices(session: Session) -> dict[str, Any]:
    """Types (None where the vendor has none) and statuses, by key."""
    choices, client = session.connector.company_choices, session.client
    types = None if choices.types is None else _labels(choices.types(client))
    return {"types": types, "statuses": _labels(choices.statuses(client))}


def custom_fields(session: Session, table: str) -> dict[str, Any]:
    """The custom fields of a table; where the vendor keeps them by module, those of each module."""
    connector, client = session.connector, session.client
    if connector.custom_field_modules is not None:
        modules = connector.custom_field_modules(client)
        return {"fields": [], "modules": {number: _fields(fields) for number, fields in modules.items()}}
    return {"fields": _fields(connector.custom_fields(client, table, None).values()), "modules": None}


def count_companies(session: Session, source: str, setup: Setup) -> dict[str, Any]:
    """How many companies setup selects at this moment, and how many are stored as live rows."""
    session.client.http.at_once = setup.requests_in_flight
    selected = selected_companies(session.connector.company_search, ReadContext(session.client, setup))
    return {
        "selected": len({company.id for company in selected if not company.is_deleted}),
        "stored": StoredRows(session.warehouse, source).live("companies"),
    }


def _labels(labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": encodable(key), "label": line(label) or encodable(key)} for key, label in labels.items()]


def _fields(choices: Iterable[Choice]) -> list[dict[str, Any]]:
    """Those that records have come first, each with the reason why it cannot be ticked, if so."""
    return [
        {
            "id": encodable(choice.id),
            "label": line(choice.label) or "",
            "note": line(choice.note) or "",
            "on_records": choice.on_records,
            "examples": [(line(example) or "")[:EXAMPLE_CHARACTERS] for example in choice.examples],
            "locked": choice.refused
            or (SECRETIVE if is_secret_name(choice.id) or is_secret_name(choice.label) else ""),
        }
        for choice in sorted(choices, key=lambda choice: not choice.on_records)
    ]
