"""Faults that only this vendor has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulator.faults.base import Fault, Page, PageFault
from simulator.faults.transport import ExpiredCredentials
from simulator.halopsa.ticket_filters import FILTERS as TICKET_FILTERS
from simulator.messages import ApiError, Response

NOT_A_DETAIL = "*[!0-9]"


@dataclass(kw_only=True)
class Ignored(PageFault):
    """Some parameters are passed over without a word, as if nobody had sent them."""

    name: ClassVar[str] = "ignored"
    parameters: ClassVar[frozenset[str]] = frozenset()

    def heard(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """What is left of the query."""
        return {name: value for name, value in query.items() if name not in self.parameters}


@dataclass(kw_only=True)
class PagingIgnored(Ignored):
    """The path does not page: its first rows come again and again, and `record_count` is their number."""

    name: ClassVar[str] = "paging_ignored"
    parameters: ClassVar[frozenset[str]] = frozenset({"pageinate", "page_no", "page_size"})


@dataclass(kw_only=True)
class FilterIgnored(Ignored):
    """Filters by client, site, type and SLA, and every filter of tickets, are passed over: all rows come."""

    name: ClassVar[str] = "filter_ignored"
    parameters: ClassVar[frozenset[str]] = frozenset(
        {"client_id", "client_ids", "site_id", "assettype_id", "type_id", "slaid", *TICKET_FILTERS}
    )


@dataclass(kw_only=True)
class ActiveOnly(Ignored):
    """Page out of use stay hidden, whatever was asked for."""

    name: ClassVar[str] = "active_only"
    parameters: ClassVar[frozenset[str]] = frozenset({"includeinactive", "includedisabled", "activeinactive"})


@dataclass(kw_only=True)
class OlderServer(Ignored):
    """A server of 2025: no custom fields in lists, no `client_ids`, clients without website and main site."""

    name: ClassVar[str] = "older_server"
    parameters: ClassVar[frozenset[str]] = frozenset({"include_custom_fields", "client_ids"})
    path: str = NOT_A_DETAIL

    def change_page(self, page: Page) -> Page:
        for record in page.records if page.listing.kind == "companies" else ():
            record.pop("website", None)
            record.pop("main_site_id", None)
        return page


@dataclass(kw_only=True)
class WrappedLookups(Fault):
    """Lists that are bare arrays elsewhere come in an envelope here."""

    name: ClassVar[str] = "wrapped_lookups"


@dataclass(kw_only=True)
class TokenEnded(Fault):
    """The token ends early, in mid-run: 401 until a new one is fetched."""

    name: ClassVar[str] = "token_ended"
    path: str = "/[!t]*"
    times: int = 1


@dataclass(kw_only=True)
class OneToken(Fault):
    """A new token ends every older one: a client that fetches one per task locks its other tasks out."""

    name: ClassVar[str] = "one_token"
    path: str = "/token"


@dataclass(kw_only=True)
class UnauthorizedPath(ExpiredCredentials):
    """401 on one path while the token is good: the agent lacks the right for it."""

    name: ClassVar[str] = "unauthorized_path"
    path: str = "/Asset*"


@dataclass(kw_only=True)
class SilentRateLimit(Fault):
    """429 that does not say how long to wait."""

    name: ClassVar[str] = "silent_rate_limit"
    times: int = 1

    def replacement(self) -> Response:
        raise ApiError(429, "Too many requests.")


@dataclass(kw_only=True)
class Redirected(Fault):
    """302 to the login page for people, which is 200 and HTML."""

    name: ClassVar[str] = "redirected"

    def replacement(self) -> Response:
        return Response(302, b"", {"Location": "/auth/account/login"})


@dataclass(kw_only=True)
class NothingToSee(Fault):
    """204: the path exists, and the agent may see nothing of it."""

    name: ClassVar[str] = "nothing_to_see"

    def replacement(self) -> Response:
        return Response(204, b"")


ALL: tuple[type[Fault], ...] = (
    PagingIgnored,
    FilterIgnored,
    ActiveOnly,
    OlderServer,
    WrappedLookups,
    TokenEnded,
    OneToken,
    UnauthorizedPath,
    SilentRateLimit,
    Redirected,
    NothingToSee,
)
