"""Faults that only Autotask has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from simulator.autotask.filters import Comparison, Expression, Group
from simulator.faults.base import Fault, Page, PageFault
from simulator.faults.listings import NarrowedList
from simulator.messages import ApiError, Response

Described = dict[str, Any]


class MetadataFault(Fault):
    """A fault of the metadata that describes the fields of a resource."""

    def change_description(self, field: Described) -> Described:
        """Change the description of a field."""
        return field


@dataclass(kw_only=True)
class TenantMoved(Fault):
    """From the first such request on, the old zone responds 401 and the zone information names a new one."""

    name: ClassVar[str] = "tenant_moved"
    times: int = 1


class ConditionFault(Fault):
    """A fault of how the conditions of a query are read."""

    def as_read(self, conditions: Sequence[Expression]) -> tuple[Expression, ...]:
        """The conditions that the server tests."""
        return tuple(conditions)


@dataclass(kw_only=True)
class FilterIgnored(ConditionFault):
    """Conditions on `field` (default: on every field) are ignored, except the position in the listing."""

    name: ClassVar[str] = "filter_ignored"
    field: str = ""

    def as_read(self, conditions: Sequence[Expression]) -> tuple[Expression, ...]:
        return tuple(one for one in conditions if self.field and self.field not in _fields(one))


@dataclass(kw_only=True)
class LocalTimes(ConditionFault):
    """Times in conditions are read in the server's own time zone, `hours` east of UTC, whatever they say."""

    name: ClassVar[str] = "local_times"
    hours: int = -5

    def as_read(self, conditions: Sequence[Expression]) -> tuple[Expression, ...]:
        return tuple(map(self._shifted, conditions))

    def _shifted(self, one: Expression) -> Expression:
        if isinstance(one, Group):
            return replace(one, parts=self.as_read(one.parts))
        is_time = isinstance(one.value, datetime)
        return replace(one, value=one.value - timedelta(hours=self.hours)) if is_time else one


@dataclass(kw_only=True)
class InadequatePermissions(Fault):
    """The user lacks a permission: 500 with a message that says so."""

    name: ClassVar[str] = "inadequate_permissions"

    def replacement(self) -> Response | None:
        raise ApiError(500, "The logged in Resource does not have the adequate permissions")


@dataclass(kw_only=True)
class RestrictedAccess(NarrowedList):
    """The security level was restricted: only `rows` rows are listed, and the entity information says Restricted."""

    name: ClassVar[str] = "restricted_access"


@dataclass(kw_only=True)
class ThreadLimit(Fault):
    """Too many requests in flight, as when another program uses the same integration code."""

    name: ClassVar[str] = "thread_limit"
    times: int = 1

    def replacement(self) -> Response | None:
        raise ApiError(429, "The thread threshold of 3 threads has been exceeded.", code="threads")


@dataclass(kw_only=True)
class BusyTenant(Fault):
    """The tenant's other integrations made `used` requests within the last hour."""

    name: ClassVar[str] = "busy_tenant"
    used: int = 9000


@dataclass(kw_only=True)
class UdfsAsObject(PageFault):
    """`userDefinedFields` is {} instead of a list."""

    name: ClassVar[str] = "udfs_as_object"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if "userDefinedFields" in record:
                record["userDefinedFields"] = {}
        return page


@dataclass(kw_only=True)
class NumericPostalCodes(PageFault):
    """Postal codes that consist of digits arrive as numbers."""

    name: ClassVar[str] = "numeric_postal_codes"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            for key in {"postalCode", "zipCode"} & record.keys():
                if str(record[key]).isdecimal():
                    record[key] = int(record[key])
        return page


@dataclass(kw_only=True)
class OwnerlessContacts(PageFault):
    """Inactive contacts are listed with company 0, as in their single records."""

    name: ClassVar[str] = "ownerless_contacts"

    def change_page(self, page: Page) -> Page:
        for record in page.records if page.listing.kind == "contacts" else ():
            if record.get("isActive") == 0 and "companyID" in record:
                record["companyID"] = 0
        return page


@dataclass(kw_only=True)
class NewerRelease(PageFault):
    """Records have keys that are not yet in the API description; notes say which contact wrote them."""

    name: ClassVar[str] = "newer_release"

    def change_page(self, page: Page) -> Page:
        notes = page.api.world.notes if page.listing.kind == "notes" else {}
        for id_, record in zip(page.ids, page.records, strict=True):
            record.update(companyCategoryID=1, purchaseOrderTemplateID=None, isVisibleToComanaged=False)
            if id_ in notes:
                record["createdByContactID"] = notes[id_].contact_id
        return page


@dataclass(kw_only=True)
class EmptyPicklists(MetadataFault):
    """Picklist fields are described as plain numbers without values."""

    name: ClassVar[str] = "empty_picklists"

    def change_description(self, field: Described) -> Described:
        return {**field, "isPickList": False, "picklistValues": []} if field["isPickList"] else field


@dataclass(kw_only=True)
class PascalFields(MetadataFault):
    """Field names start with a capital (CompanyType instead of companyType), as in older releases."""

    name: ClassVar[str] = "pascal_fields"

    def change_description(self, field: Described) -> Described:
        return {**field, "name": field["name"][:1].upper() + field["name"][1:]}


def _fields(one: Expression) -> set[str]:
    return {one.field} if isinstance(one, Comparison) else set().union(*map(_fields, one.parts))


ALL: tuple[type[Fault], ...] = (
    TenantMoved,
    FilterIgnored,
    LocalTimes,
    InadequatePermissions,
    RestrictedAccess,
    ThreadLimit,
    BusyTenant,
    UdfsAsObject,
    NumericPostalCodes,
    OwnerlessContacts,
    NewerRelease,
    EmptyPicklists,
    PascalFields,
)
