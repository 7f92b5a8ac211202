"""Faults that only this vendor has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from simulator.autotask.filters import Comparison, Expression
from simulator.faults.base import Fault, Page, PageFault
from simulator.faults.listings import NarrowedList
from simulator.messages import ApiError, Response

Described = dict[str, Any]


class MetadataFault(Fault):
    """A fault of what an entity tells about its fields."""

    def described(self, field: Described) -> Described:
        """What is told about a field instead."""
        return field


@dataclass(kw_only=True)
class TenantMoved(Fault):
    """From the first strike on, the old address answers 401 and the zone information names another."""

    name: ClassVar[str] = "tenant_moved"
    times: int = 1


@dataclass(kw_only=True)
class FilterIgnored(Fault):
    """Conditions on `field` (default: on every field) are ignored, but for the position in the listing."""

    name: ClassVar[str] = "filter_ignored"
    field: str = ""

    def kept(self, conditions: Sequence[Expression]) -> tuple[Expression, ...]:
        """The conditions that count."""
        return tuple(one for one in conditions if self.field and self.field not in _fields(one))


@dataclass(kw_only=True)
class InadequatePermissions(Fault):
    """A right is missing, and the answer is a 500 that says so in words."""

    name: ClassVar[str] = "inadequate_permissions"

    def replacement(self) -> Response | None:
        raise ApiError(500, "The logged in Resource does not have the adequate permissions")


@dataclass(kw_only=True)
class RestrictedAccess(NarrowedList):
    """The security level was narrowed: only `rows` are listed, and the entity's information says Restricted."""

    name: ClassVar[str] = "restricted_access"


@dataclass(kw_only=True)
class ThreadLimit(Fault):
    """Refused for too many calls at once, as when another program uses the same tracking identifier."""

    name: ClassVar[str] = "thread_limit"
    times: int = 1

    def replacement(self) -> Response | None:
        raise ApiError(429, "The thread threshold of 3 threads has been exceeded.", code="threads")


@dataclass(kw_only=True)
class BusyTenant(Fault):
    """The tenant's other integrations made `used` calls in this hour."""

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
    """Postal codes of digits alone arrive as numbers."""

    name: ClassVar[str] = "numeric_postal_codes"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            for key in {"postalCode", "zipCode"} & record.keys():
                if str(record[key]).isdecimal():
                    record[key] = int(record[key])
        return page


@dataclass(kw_only=True)
class OwnerlessContacts(PageFault):
    """Inactive contacts are listed with company 0, as they are when read one by one."""

    name: ClassVar[str] = "ownerless_contacts"

    def change_page(self, page: Page) -> Page:
        for record in page.records if page.listing.kind == "contacts" else ():
            if record.get("isActive") == 0 and "companyID" in record:
                record["companyID"] = 0
        return page


@dataclass(kw_only=True)
class NewerRelease(PageFault):
    """Records have keys that the description does not know yet; a note says which contact wrote it."""

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
    """Picklists come without values, and as plain numbers."""

    name: ClassVar[str] = "empty_picklists"

    def described(self, field: Described) -> Described:
        return {**field, "isPickList": False, "picklistValues": []} if field["isPickList"] else field


@dataclass(kw_only=True)
class PascalFields(MetadataFault):
    """Fields are called CompanyType instead of companyType, as in older releases."""

    name: ClassVar[str] = "pascal_fields"

    def described(self, field: Described) -> Described:
        return {**field, "name": field["name"][:1].upper() + field["name"][1:]}


def _fields(one: Expression) -> set[str]:
    return {one.field} if isinstance(one, Comparison) else set().union(*map(_fields, one.parts))


ALL: tuple[type[Fault], ...] = (
    TenantMoved,
    FilterIgnored,
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
