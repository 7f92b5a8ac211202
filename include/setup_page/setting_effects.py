"""What is different in the settings that say how a run works, in the words of setup's JSON schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from include.model.setup import Setup, schema
from include.setup_page.field_effects import Effect

OF_ROWS = ("companies.types", "companies.statuses", "custom_fields", "field_map")  # their effects are counted in rows
STATUS_FROM = (
    "Companies get their status from the {new} instead of the {old}: every company's status changes, and the statuses "
    "of before are marked deleted."
)


def setting_effects(old: Setup, new: Setup) -> Iterator[Effect]:
    """A sentence for each setting that changes."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for path in before.keys() | after.keys():
        was, now = before.get(path), after.get(path)
        if was == now or any(path == one or path.startswith(f"{one}.") for one in OF_ROWS):
            continue
        if path == "companies.status_from":
            yield Effect("company statuses", STATUS_FROM.format(old=was, new=now))
        else:
            meaning = schema().find(path.split(".")).get("description", "")
            yield Effect(path, f"{path}: {_shown(now)} instead of {_shown(was)}. {meaning}".strip())


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}".lstrip("."))
    else:
        yield path, value


def _shown(value: Any) -> str:
    return "left out" if value in (None, "") else str(value)
