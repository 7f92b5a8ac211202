"""Setup of one PSA: the Airflow Variable `psa_<name>`, checked against the published schema."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from include.model.errors import ConfigError

SCHEMA_FILE = Path(__file__).with_name("settings.schema.json")


@dataclass(frozen=True)
class DeletionGuard:
    """What may vanish in one run without a person: up to `rows` rows, or up to `share` of the live ones."""

    share: float = 0.1
    rows: int = 10

    def allows(self, vanishing: int, living: int) -> bool:
        """Whether so many of so many may be marked deleted."""
        return vanishing <= self.rows or vanishing <= self.share * living


@dataclass(frozen=True)
class CompanyChoice:
    """Which companies are synced, by names or ids as text; empty means all.

    `status_from` says what a company's status is where the vendor has no such thing: its activity or its type.
    """

    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    status_from: str = "activity"


@dataclass(frozen=True)
class MappedField:
    """The custom field that fills a column; `format`, as strptime reads it, where it holds a date as text."""

    field: str
    format: str | None = None


@dataclass(frozen=True)
class Setup:
    """What a person chose.

    `custom_field_modules` are a vendor's numbers for what has custom fields, where its documents do not give them.
    `only_company` is no setting: a run of one company carries its key there.
    """

    companies: CompanyChoice = CompanyChoice()
    custom_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    field_map: Mapping[str, Mapping[str, MappedField]] = field(default_factory=dict)
    custom_field_modules: Mapping[str, str] = field(default_factory=dict)
    details_per_night: int = 1000
    deletion_guard: DeletionGuard = DeletionGuard()
    only_company: str | None = None

    def custom_fields_of(self, table: str) -> Mapping[str, str]:
        """Name in the warehouse → the vendor's field id, for the chosen custom fields of a table."""
        return self.custom_fields.get(table, {})

    def field_map_of(self, table: str) -> Mapping[str, MappedField]:
        """Column → the custom field that fills it, for a table."""
        return self.field_map.get(table, {})

    def field_ids(self, table: str) -> frozenset[str]:
        """Ids of all custom fields of a table that setup uses, chosen or mapped."""
        mapped = {mapped.field for mapped in self.field_map_of(table).values()}
        return frozenset(self.custom_fields_of(table).values()) | mapped

    @property
    def filters_companies(self) -> bool:
        """Whether setup syncs only some companies."""
        return bool(self.companies.types or self.companies.statuses)


def parse(raw: str | None, *, where: str) -> Setup:
    """Settings from the Variable's text; None or blank means the defaults.

    Raises ConfigError that names each wrong key and what is allowed there. `where` names the Variable.
    """
    if raw is None or not raw.strip():
        return Setup()
    try:
        data = json.loads(raw)
    except ValueError as error:
        raise ConfigError(f"{where} is not JSON: {error}. Check it for missing quotes and commas.") from None
    problems = _problems(data)
    if problems:
        raise ConfigError(f"{where}: " + " ".join(problems))
    companies = data.get("companies", {})
    fields, mapped = data.get("custom_fields", {}), data.get("field_map", {})
    return Setup(
        companies=CompanyChoice(
            types=tuple(map(str, companies.get("types", ()))),
            statuses=tuple(map(str, companies.get("statuses", ()))),
            status_from=companies.get("status_from", CompanyChoice.status_from),
        ),
        custom_fields={table: {name: str(key) for name, key in chosen.items()} for table, chosen in fields.items()},
        field_map={table: {column: _mapped(to) for column, to in chosen.items()} for table, chosen in mapped.items()},
        custom_field_modules={table: str(number) for table, number in data.get("custom_field_modules", {}).items()},
        details_per_night=data.get("details_per_night", Setup.details_per_night),
        deletion_guard=DeletionGuard(**data.get("brake", {})),
    )


def _mapped(to: Any) -> MappedField:
    return MappedField(str(to["field"]), to.get("format")) if isinstance(to, dict) else MappedField(str(to))


def resolve(wanted: tuple[str, ...], available: Mapping[str, str], *, what: str) -> tuple[list[str], list[str]]:
    """Ids for names or ids that a person typed, and a sentence for each that matches nothing.

    `available` is id → label. A label that several ids share stands for all of them.
    """
    ids: list[str] = []
    problems: list[str] = []
    for name in wanted:
        matches = [key for key, label in available.items() if name == key or name.casefold() == label.casefold()]
        ids.extend(key for key in matches if key not in ids)
        if not matches:
            offered = ", ".join(f"{label} ({key})" for key, label in sorted(available.items(), key=lambda i: i[1]))
            problems.append(f"There is no {what} '{name}'.{suggestion(name, available.values())} There are: {offered}.")
    return ids, problems


def suggestion(word: str, known: Any) -> str:
    """` Did you mean 'x'?` when something known is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


@cache
def schema() -> dict[str, Any]:
    """The published JSON schema."""
    loaded: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


def _problems(data: Any) -> list[str]:
    import jsonschema

    errors = jsonschema.Draft202012Validator(schema()).iter_errors(data)
    return [_sentence(error) for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path)))]


def _sentence(error: Any) -> str:
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties" and "properties" in error.schema:
        allowed = sorted(error.schema["properties"])
        unknown = sorted(set(error.instance) - set(allowed))
        return " ".join(
            f"'{f'{place}.' if place else ''}{name}' is not a setting.{suggestion(name, allowed)} "
            f"Allowed here: {', '.join(allowed)}."
            for name in unknown
        )
    return f"{f'{place!r}' if place else 'The whole value'}: {error.message}."
