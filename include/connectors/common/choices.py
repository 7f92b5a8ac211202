"""What setup can choose at a tenant, and what it chose that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError, ServerError, ShapeError
from include.model.setup import Setup

MAX_EXAMPLES = 3
CUSTOM_FIELD_TABLES = ("companies", "assets", "contacts")
"""The tables whose records can have custom fields."""
ONE_LIST_ONLY = (RightsError, NotFound, RequestRefused, ServerError, ShapeError)
"""Errors that concern one listing or endpoint: others may still be readable."""


def labelled(group: str, labels: Mapping[str, str]) -> list[Choice]:
    """A choice for each label by key."""
    return [Choice(group, key, label) for key, label in labels.items()]


def custom_fields_of(table: str) -> str:
    """The group that a table's custom fields are listed under."""
    return f"custom fields of {table}"


def by_id(choices: Iterable[Choice]) -> dict[str, Choice]:
    """The choices by id; the last of several with the same id."""
    return {choice.id: choice for choice in choices}


@dataclass
class Examples:
    """A few different values of each custom field, in the order they were met."""

    values: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, key: str, value: object) -> None:
        """Note a value; empty ones and those beyond the first few are ignored."""
        known = self.values.setdefault(key, {})
        if value is not None and len(known) < MAX_EXAMPLES:
            known[str(value)] = None

    def of(self, key: str) -> tuple[str, ...]:
        """The values of a field."""
        return tuple(self.values.get(key, ()))


def field_problems(table: str, setup: Setup, known: Mapping[str, Choice]) -> list[str]:
    """A sentence for each custom field in setup that the tenant does not have, or that may not be chosen."""
    shown = (choice for choice in known.values() if choice.on_records and not choice.refused)
    offered = ", ".join(c.id if c.label == c.id else f"{c.id} ({c.label})" for c in shown)
    wanted = {f"custom_fields.{table}.{name}": key for name, key in setup.custom_fields_of(table).items()}
    wanted |= {f"field_map.{table}.{column}": mapped.field for column, mapped in setup.field_map_of(table).items()}
    problems = []
    for place, key in wanted.items():
        if key not in known:
            problems.append(f"{place}: there is no custom field {key}. There are: {offered or 'none'}.")
        elif known[key].refused:
            problems.append(f"{place}: field {key} {known[key].refused}.")
    return problems
