"""The lists an MSP sets up once: picklists, types and categories of assets, technicians, user-defined fields."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.autotask.custom_fields import CATEGORIES, Udf, udfs_of
from simulator.autotask.resource import Choice, Field, Resource, text, unfilled
from simulator.entities import AssetType
from simulator.table import Rows, Table
from simulator.ticket_entities import Member
from simulator.world import World

NEW, COMPLETE = "1", "5"  # the two statuses of every account

KINDS = ("company", "contact", "asset", "ticket")


@dataclass(frozen=True)
class Definition:
    """A user-defined field with an id, which it has only in this resource."""

    id: int
    udf: Udf


def definitions(world: World) -> Rows:
    """All user-defined fields, in the order of their kinds."""
    udfs = (udf for kind in KINDS for udf in udfs_of(world, kind))
    rows = {id_: Definition(id_, udf) for id_, udf in enumerate(udfs, start=1)}
    return rows, list(rows)


USER_DEFINED_FIELD_DEFINITION: Resource[Definition] = Resource(
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

# Autotask calls technicians resources.
MEMBER: Resource[Member] = Resource(
    path="Resources",
    name="Resource",
    kind="members",
    source=lambda world: (world.members, world.members.ids),
    fields={
        **unfilled(
            "string",
            """accountingReferenceID dateFormat email2 email3 emailTypeCode emailTypeCode2 emailTypeCode3 gender
            homePhone initials middleName mobilePhone numberFormat officeExtension officePhone resourceType timeFormat
            title travelAvailabilityPct""",
        ),
        **unfilled("integer", "greeting licenseType locationID payrollType suffix userType"),
        **unfilled("long", "defaultServiceDeskRoleID"),
        **unfilled("datetime", "hireDate"),
        **unfilled("double", "internalCost surveyResourceRating"),
        "id": Field("long", lambda _, m: m.id),
        "firstName": text(lambda _, m: m.first_name, 50),
        "lastName": text(lambda _, m: m.last_name, 50),
        "userName": text(lambda _, m: m.identifier, 32),
        "email": text(lambda _, m: m.email, 254),
        "isActive": Field("boolean", lambda _, m: m.is_active),
    },
)


@dataclass(frozen=True)
class Category:
    """A category of assets, which decides what user-defined fields they have."""

    id: int
    name: str


CATEGORIES_TABLE = Table(Category(id_, name) for id_, name in enumerate(CATEGORIES, start=1))


def asset_types(world: World) -> list[Choice]:
    """The types of assets, which are a picklist and a resource."""
    return [Choice(str(one.id), one.name, order) for order, one in enumerate(world.asset_types.values())]


CONFIGURATION_ITEM_TYPE: Resource[AssetType] = Resource(
    path="ConfigurationItemTypes",
    name="ConfigurationItemType",
    kind="asset_types",
    source=lambda world: (world.asset_types, world.asset_types.ids),
    fields={
        "id": Field("long", lambda _, t: t.id),
        "name": text(lambda _, t: t.name, 100),
        "isActive": Field("boolean", lambda *_: True),
    },
)

CONFIGURATION_ITEM_CATEGORY: Resource[Category] = Resource(
    path="ConfigurationItemCategories",
    name="ConfigurationItemCategory",
    kind="asset_categories",
    source=lambda _: (CATEGORIES_TABLE, CATEGORIES_TABLE.ids),
    fields={
        **unfilled("integer", "displayColorRGB"),
        **unfilled("string", "nickname"),
        "id": Field("long", lambda _, c: c.id),
        "name": text(lambda _, c: c.name, 50),
        "isActive": Field("boolean", lambda *_: True),
        "isClientPortalDefault": Field("boolean", lambda _, c: c.id == 1),
        "isGlobalDefault": Field("boolean", lambda _, c: c.id == 1),
    },
)


def company_types(world: World) -> list[Choice]:
    """The types of companies. One of them is inactive and still in use."""
    return [
        Choice(str(one.id), one.name, order, is_active="Former" not in one.name)
        for order, one in enumerate(world.company_types.values())
    ]


def queues(world: World) -> list[Choice]:
    """Boards, which Autotask calls queues."""
    return [Choice(str(one.id), one.name, order, one.is_active) for order, one in enumerate(world.boards.values())]


def statuses(world: World) -> list[Choice]:
    """The statuses of all boards, one for each name. The first closed one is Autotask's Complete."""
    rows = sorted(world.board_statuses.values(), key=lambda one: (one.sort_order, one.id))
    complete = next((one.name for one in rows if one.is_closed), None)
    found: dict[str, Choice] = {}
    for one in rows:
        system = COMPLETE if one.name == complete else NEW if one.is_default else ""
        known = found.get(one.name)
        found[one.name] = Choice(
            known.value if known else system or str(one.id),
            one.name,
            known.sort_order if known else one.sort_order,
            is_active=one.is_active or (known is not None and known.is_active),
            is_default=one.is_default,
            is_system=bool(system),
        )
    return list(found.values())


def priorities(world: World) -> list[Choice]:
    """Priorities; those without a sort order come first."""
    return [Choice(str(one.id), one.name, one.sort_order or 0) for one in world.priorities.values()]
