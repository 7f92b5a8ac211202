"""What setup can choose at a tenant, and what it chose that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from include.connectors.common.secret_names import is_secret_name
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


@dataclass(frozen=True)
class CustomField:
    """A custom field, as a record or a definition shows it."""

    key: str
    """What setup calls it."""
    label: str = ""
    note: str = ""
    refused: str = ""
    """Why it cannot be chosen, as the end of a sentence; empty when it can."""
    values: tuple[object, ...] = ()
    """What it holds, for examples; None where it is empty."""


def field_choices(
    group: str, seen: Iterable[CustomField], defined: Iterable[CustomField] = (), *, is_used: bool = False
) -> dict[str, Choice]:
    """The fields on records, then those that are only defined, each once with a few different values; by key.

    No values are shown of a field that cannot be chosen, or whose name is that of a secret. `is_used` says that defined
    fields are in use, whether or not a record was seen.
    """
    fields: dict[str, CustomField] = {}
    examples: dict[str, dict[str, None]] = {}
    used: set[str] = set()
    for field, is_on_records in [*((one, True) for one in seen), *((one, is_used) for one in defined)]:
        fields[field.key] = _completed(fields.get(field.key, field), field)
        used.update([field.key] * is_on_records)
        known = examples.setdefault(field.key, {})
        known.update((str(value), None) for value in field.values if value is not None and len(known) < MAX_EXAMPLES)
    return {key: _choice(group, field, tuple(examples[key]), key in used) for key, field in fields.items()}


def _completed(known: CustomField, other: CustomField) -> CustomField:
    """What is known of a field, and where that is nothing, what another record or its definition says."""
    return CustomField(known.key, known.label or other.label, known.note or other.note, known.refused or other.refused)


def _choice(group: str, field: CustomField, examples: tuple[str, ...], on_records: bool) -> Choice:
    is_hidden = field.refused or is_secret_name(field.key) or is_secret_name(field.label)
    note = ", ".join(filter(None, (field.note, "ends in a blank" if field.key.endswith(" ") else "")))
    shown = () if is_hidden else examples
    return Choice(group, field.key, field.label, note, on_records, shown, field.refused)


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
