"""Setup of one PSA, the Airflow Variable `psa_<name>`: its rules, defaults and documentation are this model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from include.model.errors import ConfigError
from include.model.json_schema import JsonSchema
from include.model.limits import MOST_IN_FLIGHT
from include.model.same_name import is_same_name
from include.model.setup_checks import unusable
from include.model.setup_messages import place, sentence
from include.model.setup_types import (
    DateFormat,
    DetailsUntil,
    NameOrId,
    NamesOrIds,
    OneOf,
    PerTable,
    UsualCount,
    UsualHours,
)
from include.model.strict_json import JsonPath, parse_json, repeated_keys
from include.model.tables import TABLES, Table
from include.model.wording import suggestion

OLD, NEW = "brake", "deletion_guard"  # the names of one setting; the old one stays valid
# The text under a field is its description in the documentation and in the JSON schema.
MODEL = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

QUOTED = "It has quotes around it: take these away, and the backslashes inside."
Problem = tuple[JsonPath, str]  # where, and a sentence about it


@dataclass(frozen=True, config=MODEL)
class CompanyChoice:
    """Which companies are synced, and where their status comes from."""

    types: NamesOrIds = Field(default_factory=tuple)
    """Company types, by name or id; a company with any of them is synced. Left out: all"""

    statuses: NamesOrIds = Field(default_factory=tuple)
    """Company statuses, by name or id; a company with any of them is synced. Left out: all"""

    status_from: Literal["activity", "type"] = "activity"
    """What serves as the status where the PSA has no company statuses: active or inactive, or the company's type"""


@dataclass(frozen=True, config=MODEL)
class MappedField:
    """The custom field that fills a column."""

    field: NameOrId
    """The vendor's id of the custom field"""

    format: DateFormat = Field(default_factory=str)
    """How the field writes a date, in the letters of Python's strptime. Left out: as in 2026-03-01"""


@dataclass(frozen=True, config=MODEL)
class DeletionGuard:
    """How many rows a run may mark deleted without a person's approval; it is enough to stay within one limit."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of a table's live rows that a run may mark deleted"""

    rows: Annotated[int, Field(ge=0)] = 10
    """Number of rows of a table that a run may always mark deleted"""

    answer_hours: Annotated[float, Field(ge=0, le=168)] = 20
    """How many hours a person has to approve or reject more deletions in Airflow; 0 asks no one"""

    def allows(self, vanishing: int, living: int) -> bool:
        """Whether so many of so many may be marked deleted."""
        return vanishing <= self.rows or vanishing <= self.share * living


def _custom_fields(table: Table) -> Any:
    text = (
        f"Custom fields of {table.name} to sync: the name you want in the warehouse, and the vendor's id of the field"
    )
    return Annotated[Mapping[Annotated[str, Field(min_length=1)], NameOrId], Field(description=text)]


def _field_map(table: Table) -> Any:
    columns = tuple(column.name for column in table.columns_from_custom_fields)
    text = f"Columns to fill from custom fields, with the vendor's id of each field. Columns: {', '.join(columns)}"
    mapped = Annotated[MappedField, BeforeValidator(_long_form, json_schema_input_type=NameOrId | MappedField)]
    return Annotated[Mapping[Annotated[str, OneOf(columns)], mapped], Field(description=text)]


def _long_form(value: object) -> object:
    """Instead of an object, the id of the custom field is enough."""
    is_id = isinstance(value, (int, str)) and not isinstance(value, bool)
    return {"field": value} if is_id else value


CUSTOM_FIELDS = {table.name: _custom_fields(table) for table in TABLES if table.has_custom_fields}
FIELD_MAP = {table.name: _field_map(table) for table in TABLES if table.columns_from_custom_fields}


@dataclass(frozen=True, config=MODEL)
class Setup:
    """What a person can choose for one PSA."""

    companies: CompanyChoice = Field(default_factory=CompanyChoice)
    """Which companies are synced, and where their status comes from"""

    custom_fields: Annotated[Mapping[str, Mapping[str, str]], PerTable(CUSTOM_FIELDS)] = Field(default_factory=dict)
    """Custom fields to sync"""

    field_map: Annotated[Mapping[str, Mapping[str, MappedField]], PerTable(FIELD_MAP)] = Field(default_factory=dict)
    """Custom fields that fill columns"""

    custom_field_modules: Mapping[Annotated[str, OneOf(tuple(FIELD_MAP))], int] = Field(default_factory=dict)
    """Kaseya BMS only: for a table, the number of the module whose custom fields are read"""

    details_per_night: UsualCount = Field(default_factory=lambda: None)
    """How many records of a table a run reads one by one, for details; 0 reads none. Left out: any number"""

    details_until: DetailsUntil = Field(default_factory=str)
    """Until when a nightly run reads details: the next such time after it was due, UTC unless a time zone is named"""

    details_hours: UsualHours = Field(default_factory=lambda: None)
    """How many hours after a nightly run was due it reads details. Left out, with details_until: usual for the PSA"""

    freshness_hours: Annotated[float, Field(ge=0.1)] = 26
    """How old a table may be, in hours, before the page PSA status and its alerts call it late"""

    full_every_days: Annotated[int, Field(ge=1, le=7)] = 1
    """After how many days a nightly run lists everything again. With more than 1, it lists changes in between"""

    requests_in_flight: Annotated[int, Field(ge=1, le=MOST_IN_FLIGHT)] = 4
    """How many requests of one listing may be on their way to the PSA at the same time"""

    deletion_guard: DeletionGuard = Field(default_factory=DeletionGuard)
    """When a run would mark more rows deleted than both limits allow, nothing is merged until a person approves"""

    changes_days: Annotated[int, Field(ge=0, le=36_500)] = 90
    """For how many days psa.changes keeps what runs changed, with the values before and after; 0 records nothing"""

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


SETUP = TypeAdapter(Setup)


def parse(raw: str | None, *, where: str) -> Setup:
    """Setup from the Variable's text; None or blank means the defaults.

    Raises ConfigError that names each wrong key and what is allowed there. `where` names the Variable.
    """
    text = (raw or "").strip().removeprefix("\ufeff")
    if not text:
        return Setup()
    try:
        data = parse_json(text)
    except ValueError as error:
        check = QUOTED if text[0] in "'`\u201c\u2018" else "Check it for missing quotes and commas."
        raise ConfigError(f"{where} is not JSON: {error}. {check}") from None
    if isinstance(data, str):
        raise ConfigError(f"{where}: The whole value is a text, as if it had been encoded twice. {QUOTED}")
    setup, problems = _validated(data)
    problems += [(path, f"{place(path)} is given twice. Keep one of them.") for path in repeated_keys(data)]
    problems += unusable(setup) if setup else []
    if setup is None or problems:
        in_order = sorted(problems, key=lambda problem: list(map(str, problem[0])))
        raise ConfigError(f"{where}: " + " ".join(said for _, said in in_order))
    return setup


def _validated(data: Any) -> tuple[Setup | None, list[Problem]]:
    """Validated as JSON, since strict Python would want tuples where JSON has lists."""
    old = isinstance(data, dict) and OLD in data and NEW not in data
    renamed = {NEW if key == OLD else key: value for key, value in data.items()} if old else data
    try:
        return SETUP.validate_json(json.dumps(renamed)), []
    except ValidationError as refused:
        return None, [_problem(error, old=old) for error in refused.errors()]


def _problem(error: ErrorDetails, *, old: bool) -> Problem:
    """The sentence names the setting as the person did."""
    path = error["loc"]
    if path == (OLD,):
        return path, f"'{OLD}' is the old name of '{NEW}'. Keep one of them."
    if old and path[:1] == (NEW,):
        path = (OLD, *path[1:])
    return path, sentence(path, error, schema())


@cache
def schema() -> JsonSchema:
    """The JSON schema of the Variable."""
    made = SETUP.json_schema()
    made["properties"][OLD] = {**made["properties"][NEW], "description": f"Old name of {NEW}", "deprecated": True}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return JsonSchema({"$schema": dialect, **made, "title": "Setup of one PSA: the Airflow Variable 'psa_<name>'"})


def resolve(wanted: tuple[str, ...], available: Mapping[str, str], *, what: str) -> tuple[list[str], list[str]]:
    """Ids for names or ids that a person typed, and a sentence for each that matches nothing, or could be several.

    `available` is id → label. A label that several ids share stands for all of them.
    """
    ids: dict[str, None] = {}
    problems: list[str] = []
    for name in wanted:
        meant = _meant(name, available)
        if len(set(meant.values())) == 1:
            ids |= dict.fromkeys(meant)
        elif meant:
            problems.append(f"Which {what} is '{name}'? It could be {_offered(meant)}. Write a name or id of one only.")
        else:
            offered = f"There are: {_offered(available)}."
            problems.append(f"There is no {what} '{name}'.{suggestion(name, available.values())} {offered}")
    return list(ids), problems


def _meant(name: str, available: Mapping[str, str]) -> dict[str, str]:
    """What a name or an id can mean: what is spelled like it, or else in another case; the labels by id."""
    exact = {key: label for key, label in available.items() if name in (key, label)}
    return exact or {key: label for key, label in available.items() if is_same_name(name, label)}


def _offered(choices: Mapping[str, str]) -> str:
    return ", ".join(f"{label} ({key})" for key, label in sorted(choices.items(), key=lambda choice: choice[1]))
