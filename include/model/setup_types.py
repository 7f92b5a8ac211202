"""The types of single settings: ids that a person may write as a number, and keys that come from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from include.model.time_of_day import EXAMPLE, PATTERN, parse_time_of_day


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_empty(value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """An empty list could mean all or none, so a person may not type one. In code it means all."""
    if info.mode == "json" and not value:
        raise PydanticCustomError("too_short", "Empty")
    return value


def _with_letters(value: str, info: ValidationInfo) -> str:
    """A person may not type a format without one of strptime's letters. In code an empty one means ISO 8601."""
    if info.mode == "json" and "%" not in value:
        raise PydanticCustomError("string_pattern_mismatch", "No format")
    return value


def _typed(value: float | None, info: ValidationInfo) -> float | None:
    """A person leaves it out or types a number. In code None means that it was left out."""
    if info.mode == "json" and value is None:
        raise PydanticCustomError("int_type", "No number")
    return value


def _time_of_day(value: str, info: ValidationInfo) -> str:
    """A person may not type what is no time of day, or a time zone that does not exist. In code empty means none."""
    if info.mode == "json":
        try:
            parse_time_of_day(value)
        except ValueError:
            raise PydanticCustomError("string_pattern_mismatch", "No time of day") from None
    return value


# Kept as text, since some vendors have numbers and others have names. `true` and 1.5 are neither.
NameOrId = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int), Field(min_length=1)]
NamesOrIds = Annotated[tuple[NameOrId, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]
DateFormat = Annotated[
    str, AfterValidator(_with_letters), Field(json_schema_extra={"pattern": "%", "examples": ["%m/%d/%Y"]})
]

# A number whose usual value differs from vendor to vendor.
UsualCount = Annotated[
    Annotated[int, Field(ge=0)] | None, AfterValidator(_typed), WithJsonSchema({"type": "integer", "minimum": 0})
]
UsualHours = Annotated[
    Annotated[float, Field(ge=0, le=24)] | None,
    AfterValidator(_typed),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 24}),
]
DetailsUntil = Annotated[
    str,
    AfterValidator(_time_of_day),
    Field(json_schema_extra={"pattern": PATTERN, "examples": [EXAMPLE]}),
]


@dataclass(frozen=True)
class OneOf:
    """Marks text that must be one of some names, in the model and in the schema."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


@dataclass(frozen=True)
class PerTable:
    """Marks an object with a key for each of some tables, none of them required."""

    types: Mapping[str, Any]
    """Table → the type of what stands under it."""

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        fields = {
            table: core_schema.typed_dict_field(handler.generate_schema(kind), required=False)
            for table, kind in self.types.items()
        }
        return core_schema.typed_dict_schema(fields, extra_behavior="forbid")
