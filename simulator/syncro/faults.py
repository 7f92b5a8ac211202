"""Faults that only this vendor has."""

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
OF_ONE_COMPANY = ("companies", "sites", "contacts", "assets", "tickets")


@dataclass(kw_only=True)
class ListFault(PageFault):
    """A fault of the lists that asks for more than the neutral ones are told."""

    def heeded(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters that are taken note of."""
        return query

    def seen(self, _world: World, _kind: str, ids: Sequence[int]) -> Sequence[int]:
        """The rows that exist for this user."""
        return ids

    def envelope(self, body: Record, _key: str) -> Record:
        """The answer around the page, whose records are under `key`."""
        return body


@dataclass(kw_only=True)
class IgnoredParameter(ListFault):
    """The parameter `param` has no effect, and nothing says so."""

    name: ClassVar[str] = "ignored_parameter"
    param: str = "customer_id"

    def heeded(self, query: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in query.items() if name != self.param}


@dataclass(kw_only=True)
class SingleCustomerUser(ListFault):
    """The token is one company's own (`company` by id, 0: the first): every list holds that company's rows alone."""

    name: ClassVar[str] = "single_customer_user"
    company: int = 0

    def seen(self, world: World, kind: str, ids: Sequence[int]) -> Sequence[int]:
        own = self.company or world.companies.by("is_deleted")[False][0]
        if kind not in OF_ONE_COMPANY:
            return ids
        theirs = {own} if kind == "companies" else {*getattr(world, kind).by("company_id").get(own, ())}
        return [id_ for id_ in ids if id_ in theirs]


@dataclass(kw_only=True)
class NoMeta(ListFault):
    """Lists come without `meta`, as in the vendor's own example of assets: nothing tells how many pages there are."""

    name: ClassVar[str] = "no_meta"

    def envelope(self, body: Record, _key: str) -> Record:
        return {name: part for name, part in body.items() if name != "meta"}


@dataclass(kw_only=True)
class RenamedEnvelope(ListFault):
    """The records arrive under the key `to`."""

    name: ClassVar[str] = "renamed_envelope"
    to: str = "data"

    def envelope(self, body: Record, key: str) -> Record:
        return {self.to if name == key else name: part for name, part in body.items()}


@dataclass(kw_only=True)
class UnstableSlices(ListFault):
    """Every page but the first is cut from another order: `rows` of the end are never seen, as many come twice."""

    name: ClassVar[str] = "unstable_slices"
    rows: int = 2

    def change_listing(self, listing: Listing) -> Listing:
        moved = len(listing.ids) - self.rows if listing.page > 1 else len(listing.ids)
        return replace(listing, ids=[*listing.ids[moved:], *listing.ids[:moved]])


@dataclass(kw_only=True)
class MissingRight(LostRight):
    """401 on a path whose right the token lacks, while `/me` goes on saying that all is well."""

    name: ClassVar[str] = "missing_right"
    path: str = "/customer_assets*"

    def replacement(self) -> Response:
        raise ApiError(401, NOT_AUTHORIZED)


@dataclass(kw_only=True)
class UnreadableInMe(Fault):
    """`/me` says that the token may not read `right`: customer, asset or ticket."""

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
    """The account never made ticket types: their list is empty wherever it is shown, and tickets have none."""

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
