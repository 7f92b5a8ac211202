"""Faults that only Kaseya BMS has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from simulator.faults.base import Fault, Page, PageFault
from simulator.messages import Listing, Record, Request, Response, to_json

SECURITY = "/v2/security/"
# Names that start with an abbreviation, which the document writes in capitals.
ABBREVIATED = {
    "ipAddress": "IPAddress", "dnsServers": "DNSServers", "dhcpEnabled": "DHCPEnabled",
    "dhcpServer": "DHCPServer", "ccs": "CCs",
    "vsaAssetId": "VSAAssetId", "slaName": "SLAName", "slaId": "SLAId", "slaObjectiveId": "SLAObjectiveId",
    "slaStatusEventId": "SLAStatusEventId", "slaStatusEnum": "SLAStatusEnum",
    "slaLastPausedTime": "SLALastPausedTime", "slaLastResumedTime": "SLALastResumedTime",
}  # fmt: skip
# Names that the document spells differently in one kind of record, by a name that only this kind has.
SPELLED_BESIDE = {
    "dhcpServer": {"ipAddress": "IpAddress"},  # a single asset
    "clientName": {"latitude": "latitude", "longitude": "longitude"},  # a contact's summary
    "slaStage": {"slaName": "SlaName"},  # a ticket's service level
}


def change_body(response: Response, change: Callable[[Record], object]) -> Response:
    """The response with a changed body. A body that is not a JSON object stays as it is."""
    try:
        body = json.loads(response.body)
    except ValueError:
        return response
    return replace(response, body=to_json(change(body))) if isinstance(body, dict) else response


@dataclass(kw_only=True)
class SuccessFalse(Fault):
    """200 with an empty list and no error message, but Success is false."""

    name: ClassVar[str] = "success_false"

    def replacement(self) -> Response:
        body: Record = {"success": False, "error": None, "result": []}
        return Response(200, to_json(body), {"Content-Type": "application/json; charset=utf-8"})


@dataclass(kw_only=True)
class NullResult(Fault):
    """200 and Success true, but the Result is null even on the first page."""

    name: ClassVar[str] = "null_result"

    def change_response(self, response: Response) -> Response:
        return change_body(response, lambda body: {**body, "result": None} if "result" in body else body)


@dataclass(kw_only=True)
class PascalCase(Fault):
    """Names are spelled as in Kaseya's document and not as real servers spell them."""

    name: ClassVar[str] = "pascal_case"

    def change_response(self, response: Response) -> Response:
        return change_body(response, self._spelled)

    def _spelled(self, body: Any) -> object:
        if isinstance(body, list):
            return [self._spelled(one) for one in body]
        if isinstance(body, dict):
            names = ABBREVIATED | next((names for key, names in SPELLED_BESIDE.items() if key in body), {})
            return {names.get(key, key[:1].upper() + key[1:]): self._spelled(body[key]) for key in body}
        return body


@dataclass(kw_only=True)
class ForeignEnvelope(Fault):
    """A response in the envelope of another product, as from a wrong host or an older API."""

    name: ClassVar[str] = "foreign_envelope"

    def change_response(self, response: Response) -> Response:
        return change_body(
            response, lambda body: {"ResponseCode": 200, "Status": "OK", "Error": "", "Data": body.get("result")}
        )


@dataclass(kw_only=True)
class EnvelopedSummary(Fault):
    """A single account or contact comes in an envelope, which its description does not have."""

    name: ClassVar[str] = "enveloped_summary"
    path: str = "/v2/crm/*/summary/*"

    def change_response(self, response: Response) -> Response:
        return change_body(
            response, lambda body: body if "success" in body else {"success": True, "error": None, "result": body}
        )


@dataclass(kw_only=True)
class FilterIgnored(Fault):
    """Filters are silently ignored, or only `field`: rows come that were not asked for."""

    name: ClassVar[str] = "filter_ignored"
    field: str = ""

    def remaining(self, filters: Mapping[str, str]) -> dict[str, str]:
        """The filters that are not ignored."""
        return {name: value for name, value in filters.items() if self.field and name != self.field}


@dataclass(kw_only=True)
class LocalTimes(PageFault):
    """Dates of changes are in the tenant's time, `hours` from UTC, without a zone; so filters by them are read."""

    name: ClassVar[str] = "local_times"
    hours: int = -8

    def meant(self, value: object) -> object:
        """A filter's value, as the tenant's time."""
        return value - timedelta(hours=self.hours) if isinstance(value, datetime) else value

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            for name in ("createdOn", "modifiedOn"):
                if record.get(name):
                    moment = datetime.fromisoformat(record[name][:19]) + timedelta(hours=self.hours)
                    record[name] = moment.isoformat()
        return page


@dataclass(kw_only=True)
class LastPageRepeats(PageFault):
    """For every page number after the last page, the last page comes again."""

    name: ClassVar[str] = "last_page_repeats"

    def change_listing(self, listing: Listing) -> Listing:
        last = max(1, -(-len(listing.ids) // listing.size))
        return replace(listing, page=min(listing.page, last))


@dataclass(kw_only=True)
class LocationsLeftOut(PageFault):
    """The accounts of the list have no locations in them."""

    name: ClassVar[str] = "locations_left_out"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if "locations" in record:
                record["locations"] = None
        return page


@dataclass(kw_only=True)
class TokenEndsEarly(Fault):
    """The access token of a request ends before it expires. It can be renewed."""

    name: ClassVar[str] = "token_ends_early"
    times: int = 1

    def applies_to(self, request: Request) -> bool:
        return not request.endpoint.startswith(SECURITY) and super().applies_to(request)


@dataclass(kw_only=True)
class RefreshRefused(Fault):
    """Tokens cannot be renewed, as after a change of the password: the client must log in again."""

    name: ClassVar[str] = "refresh_refused"
    path: str = f"{SECURITY}refreshtoken"


@dataclass(kw_only=True)
class MfaDemanded(Fault):
    """The user is an ordinary one, whose login needs the code of an authenticator."""

    name: ClassVar[str] = "mfa_demanded"
    path: str = f"{SECURITY}authenticate"


ALL: tuple[type[Fault], ...] = (
    SuccessFalse,
    NullResult,
    PascalCase,
    ForeignEnvelope,
    EnvelopedSummary,
    FilterIgnored,
    LocalTimes,
    LastPageRepeats,
    LocationsLeftOut,
    TokenEndsEarly,
    RefreshRefused,
    MfaDemanded,
)
