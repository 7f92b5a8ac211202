"""Faults that only Syncro has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from simulator.faults.base import Fault, PageFault
from simulator.faults.transport import LostRight
from simulator.messages import ApiError, Listing, Record, Response
from simulator.rate_limit import too_many_requests
from simulator.world import World

NOT_AUTHORIZED = "Not authorized. Please ask account admin to update your group permissions."
COMPANY_KINDS = ("companies", "sites", "contacts", "assets", "tickets")


@dataclass(kw_only=True)
class ListFault(PageFault):
    """A fault of lists that needs more than the common faults get."""

    def remaining(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters that are not ignored."""
        return query

    def visible_rows(self, _world: World, _kind: str, ids: Sequence[int]) -> Sequence[int]:
        """The rows that exist for the caller."""
        return ids

    def change_envelope(self, body: Record, _key: str) -> Record:
        """Change the body around the page, which has the records under `key`."""
        return body


@dataclass(kw_only=True)
class IgnoredParameter(ListFault):
    """The parameter `param` is silently ignored."""

    name: ClassVar[str] = "ignored_parameter"
    param: str = "customer_id"

    def remaining(self, query: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in query.items() if name != self.param}


@dataclass(kw_only=True)
class SingleCustomerUser(ListFault):
    """The API key belongs to one customer (`company` by id, 0: the first), so that lists have only its rows."""

    name: ClassVar[str] = "single_customer_user"
    company: int = 0

    def visible_rows(self, world: World, kind: str, ids: Sequence[int]) -> Sequence[int]:
        own = self.company or world.companies.by("is_deleted")[False][0]
        if kind not in COMPANY_KINDS:
            return ids
        theirs = {own} if kind == "companies" else {*getattr(world, kind).by("company_id").get(own, ())}
        return [id_ for id_ in ids if id_ in theirs]


@dataclass(kw_only=True)
class NoMeta(ListFault):
    """Lists have no `meta`, as in Syncro's example for assets: nothing says how many pages there are."""

    name: ClassVar[str] = "no_meta"

    def change_envelope(self, body: Record, _key: str) -> Record:
        return {name: part for name, part in body.items() if name != "meta"}


@dataclass(kw_only=True)
class RenamedEnvelope(ListFault):
    """The records come under the key `to`."""

    name: ClassVar[str] = "renamed_envelope"
    to: str = "data"

    def change_envelope(self, body: Record, key: str) -> Record:
        return {self.to if name == key else name: part for name, part in body.items()}


@dataclass(kw_only=True)
class UnstableSlices(ListFault):
    """Pages after the first have another order: the last `rows` rows never come, and as many come twice."""

    name: ClassVar[str] = "unstable_slices"
    rows: int = 2

    def change_listing(self, listing: Listing) -> Listing:
        moved = len(listing.ids) - self.rows if listing.page > 1 else len(listing.ids)
        return replace(listing, ids=[*listing.ids[moved:], *listing.ids[:moved]])


@dataclass(kw_only=True)
class MissingRight(LostRight):
    """401 on a path for which the API key has no permission, although `/me` says that it has."""

    name: ClassVar[str] = "missing_right"
    path: str = "/customer_assets*"

    def replacement(self) -> Response:
        raise ApiError(401, NOT_AUTHORIZED)


@dataclass(kw_only=True)
class UnreadableInMe(Fault):
    """`/me` says that the API key has no permission to read `right`: customer, asset or ticket."""

    name: ClassVar[str] = "unreadable_in_me"
    path: str = "/me"
    right: str = "asset"


@dataclass(kw_only=True)
class BareRateLimit(Fault):
    """429 without Retry-After."""

    name: ClassVar[str] = "bare_rate_limit"
    times: int = 1

    def replacement(self) -> Response:
        raise too_many_requests(None, seconds=60)


@dataclass(kw_only=True)
class NoTicketTypes(Fault):
    """The account has no ticket types: their lists are empty, and tickets have none."""

    name: ClassVar[str] = "no_ticket_types"


ALL: tuple[type[Fault], ...] = (
    BareRateLimit,
    IgnoredParameter,
    MissingRight,
    NoMeta,
    NoTicketTypes,
    RenamedEnvelope,
    SingleCustomerUser,
    UnreadableInMe,
    UnstableSlices,
)
