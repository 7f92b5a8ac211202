"""What an administrator sees of user-defined fields: a row for each, of all kinds of records together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.autotask.custom_fields import Udf, udfs_of
from simulator.autotask.resource import Entity, Field, text, unfilled
from simulator.world import World

KINDS = ("company", "contact", "asset", "ticket")


@dataclass(frozen=True)
class Definition:
    """A field, which has a number here only."""

    id: int
    udf: Udf


def definitions(world: World) -> tuple[Mapping[int, Definition], Sequence[int]]:
    """Numbered in the order of their kinds."""
    udfs = (udf for kind in KINDS for udf in udfs_of(world, kind))
    rows = {id_: Definition(id_, udf) for id_, udf in enumerate(udfs, start=1)}
    return rows, list(rows)


USER_DEFINED_FIELD_DEFINITION: Entity[Definition] = Entity(
    path="UserDefinedFieldDefinitions",
    name="UserDefinedFieldDefinition",
    kind="udf_definitions",
    source=definitions,
    fields={
        **unfilled("object", "defaultValue"),
        **unfilled("string", "description mergeVariableName"),
        **unfilled("long", "crmToProjectUdfId"),
        **unfilled("integer", "dataType displayFormat numberOfDecimalPlaces sortOrder udfType"),
        **unfilled("datetime", "createDate"),
        "id": Field("long", lambda _, row: row.id),
        "name": text(lambda _, row: row.udf.name, 45),
        "isActive": Field("boolean", lambda *_: True),
        "isEncrypted": Field("boolean", lambda _, row: row.udf.is_protected),
        "isFieldMapping": Field("boolean", lambda *_: False),
        "isPrivate": Field("boolean", lambda *_: False),
        "isProtected": Field("boolean", lambda _, row: row.udf.is_protected),
        "isRequired": Field("boolean", lambda *_: False),
        "isVisibleToClientPortal": Field("boolean", lambda *_: False),
    },
)
