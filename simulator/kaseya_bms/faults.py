"""Faults that only this vendor has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from simulator.faults.base import Fault, Page, PageFault
from simulator.messages import Listing, Record, Request, Response, to_json

SECURITY = "/v2/security/"
# Names whose first letters are all capitals in the document.
ABBREVIATED = {
    "ipAddress": "IPAddress", "dnsServers": "DNSServers", "dhcpEnabled": "DHCPEnabled", "ccs": "CCs",
    "vsaAssetId": "VSAAssetId", "slaName": "SLAName", "slaId": "SLAId", "slaObjectiveId": "SLAObjectiveId",
    "slaStatusEventId": "SLAStatusEventId", "slaStatusEnum": "SLAStatusEnum",
    "slaLastPausedTime": "SLALastPausedTime", "slaLastResumedTime": "SLALastResumedTime",
}  # fmt: skip


def reworded(response: Response, change: Callable[[Record], object]) -> Response:
    """The answer with another body; what is no JSON object stays as it is."""
    try:
        body = json.loads(response.body)
    except ValueError:
        return response
    return replace(response, body=to_json(change(body))) if isinstance(body, dict) else response


@dataclass(kw_only=True)
class SuccessFalse(Fault):
    """200 and an empty list, but Success is false and nothing says why."""

    name: ClassVar[str] = "success_false"

    def replacement(self) -> Response:
        body: Record = {"success": False, "error": None, "result": []}
        return Response(200, to_json(body), {"Content-Type": "application/json; charset=utf-8"})


@dataclass(kw_only=True)
class NullResult(Fault):
    """200, Success true, and a Result that is null on the first page already."""

    name: ClassVar[str] = "null_result"

    def change_response(self, response: Response) -> Response:
        return reworded(response, lambda body: {**body, "result": None} if "result" in body else body)


@dataclass(kw_only=True)
class PascalCase(Fault):
    """Names are spelled as in the vendor's document, not as the servers were seen to spell them."""

    name: ClassVar[str] = "pascal_case"

    def change_response(self, response: Response) -> Response:
        return reworded(response, self._spelled)

    def _spelled(self, body: Any) -> object:
        if isinstance(body, list):
            return [self._spelled(one) for one in body]
        if isinstance(body, dict):
            return {ABBREVIATED.get(key, key[:1].upper() + key[1:]): self._spelled(body[key]) for key in body}
        return body


@dataclass(kw_only=True)
class ForeignEnvelope(Fault):
    """An answer in the envelope of another product, as a wrong host or an older API has it."""

    name: ClassVar[str] = "foreign_envelope"

    def change_response(self, response: Response) -> Response:
        return reworded(
            response, lambda body: {"ResponseCode": 200, "Status": "OK", "Error": "", "Data": body.get("result")}
        )


@dataclass(kw_only=True)
class EnvelopedSummary(Fault):
    """A single account or contact comes in the envelope that its description leaves out."""

    name: ClassVar[str] = "enveloped_summary"
    path: str = "/v2/crm/*/summary/*"

    def change_response(self, response: Response) -> Response:
        return reworded(
            response, lambda body: body if "success" in body else {"success": True, "error": None, "result": body}
        )


@dataclass(kw_only=True)
class FilterIgnored(Fault):
    """Filters are ignored without a word: every row there is comes, active or not."""

    name: ClassVar[str] = "filter_ignored"


@dataclass(kw_only=True)
class LastPageRepeats(PageFault):
    """Beyond the last page the last page comes again, for ever."""

    name: ClassVar[str] = "last_page_repeats"

    def change_listing(self, listing: Listing) -> Listing:
        last = max(1, -(-len(listing.ids) // listing.size))
        return replace(listing, page=min(listing.page, last))


@dataclass(kw_only=True)
class LocationsLeftOut(PageFault):
    """No account of the list says which locations it has."""

    name: ClassVar[str] = "locations_left_out"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if "locations" in record:
                record["locations"] = None
        return page


@dataclass(kw_only=True)
class TokenEndsEarly(Fault):
    """The access token of a request is worth nothing any more, whatever its date says; it can be renewed."""

    name: ClassVar[str] = "token_ends_early"
    times: int = 1

    def applies_to(self, request: Request) -> bool:
        return not request.endpoint.startswith(SECURITY) and super().applies_to(request)


@dataclass(kw_only=True)
class RefreshRefused(Fault):
    """No token can be renewed, as after a password change: only a login helps."""

    name: ClassVar[str] = "refresh_refused"
    path: str = f"{SECURITY}refreshtoken"


@dataclass(kw_only=True)
class MfaDemanded(Fault):
    """The user is a normal one: a login needs the code that its authenticator shows."""

    name: ClassVar[str] = "mfa_demanded"
    path: str = f"{SECURITY}authenticate"


ALL: tuple[type[Fault], ...] = (
    SuccessFalse,
    NullResult,
    PascalCase,
    ForeignEnvelope,
    EnvelopedSummary,
    FilterIgnored,
    LastPageRepeats,
    LocationsLeftOut,
    TokenEndsEarly,
    RefreshRefused,
    MfaDemanded,
)
