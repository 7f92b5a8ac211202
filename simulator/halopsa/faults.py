"""Faults that only HaloPSA has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from simulator.faults.base import Fault, Page, PageFault
from simulator.faults.transport import ExpiredCredentials
from simulator.halopsa.query import time
from simulator.halopsa.ticket_filters import FILTERS as TICKET_FILTERS
from simulator.messages import ApiError, Response

FROM = "lastupdatefromdate"
NOT_A_DETAIL = "*[!0-9]"


@dataclass(kw_only=True)
class ParameterFault(PageFault):
    """A fault of how parameters are read."""

    def as_read(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters as the server understands them."""
        return query


@dataclass(kw_only=True)
class IgnoredParameters(ParameterFault):
    """Some parameters are silently ignored."""

    name: ClassVar[str] = "ignored"
    parameters: ClassVar[frozenset[str]] = frozenset()

    def as_read(self, query: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in query.items() if name not in self.parameters}


@dataclass(kw_only=True)
class PagingIgnored(IgnoredParameters):
    """Paging parameters are ignored: every page is the first one, and `record_count` is its number of rows."""

    name: ClassVar[str] = "paging_ignored"
    parameters: ClassVar[frozenset[str]] = frozenset({"pageinate", "page_no", "page_size"})


@dataclass(kw_only=True)
class FilterIgnored(IgnoredParameters):
    """Filters by client, site, type and SLA, and all filters of tickets, are ignored: all rows come."""

    name: ClassVar[str] = "filter_ignored"
    parameters: ClassVar[frozenset[str]] = frozenset(
        {"client_id", "client_ids", "site_id", "assettype_id", "type_id", "slaid", *TICKET_FILTERS}
    )


@dataclass(kw_only=True)
class ChangesIgnored(IgnoredParameters):
    """The parameters for the time of the last change are ignored, as their description as booleans suggests."""

    name: ClassVar[str] = "changes_ignored"
    parameters: ClassVar[frozenset[str]] = frozenset({"lastupdatefromdate", "lastupdatetodate"})


@dataclass(kw_only=True)
class ChangesHidden(ParameterFault):
    """A server that cannot compare with the time that it is given lists nothing."""

    name: ClassVar[str] = "changes_hidden"

    def as_read(self, query: Mapping[str, str]) -> Mapping[str, str]:
        return {**query, FROM: "9999-12-31"} if FROM in query else query


@dataclass(kw_only=True)
class LocalTimes(ParameterFault):
    """The time of the last change is read in the server's own time zone, `hours` east of UTC, whatever it says."""

    name: ClassVar[str] = "local_times"
    hours: int = -5

    def as_read(self, query: Mapping[str, str]) -> Mapping[str, str]:
        at = time(query, FROM)
        return {**query, FROM: (at - timedelta(hours=self.hours)).isoformat()} if at else query


@dataclass(kw_only=True)
class ActiveOnly(IgnoredParameters):
    """Inactive rows are not listed even if they are requested."""

    name: ClassVar[str] = "active_only"
    parameters: ClassVar[frozenset[str]] = frozenset({"includeinactive", "includedisabled", "activeinactive"})


@dataclass(kw_only=True)
class OlderServer(IgnoredParameters):
    """A server of 2025: no custom fields in lists, no `client_ids`, and clients without website and main site."""

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
    """Lists that are otherwise bare arrays come in an envelope."""

    name: ClassVar[str] = "wrapped_lookups"


@dataclass(kw_only=True)
class TokenEnded(Fault):
    """The token ends before it expires: 401 until the client gets a new one."""

    name: ClassVar[str] = "token_ended"
    path: str = "/[!t]*"
    times: int = 1


@dataclass(kw_only=True)
class OneToken(Fault):
    """A new token ends all older ones, so that a client with one token per task interrupts its other tasks."""

    name: ClassVar[str] = "one_token"
    path: str = "/token"


@dataclass(kw_only=True)
class UnauthorizedPath(ExpiredCredentials):
    """401 on one path with a valid token: the agent lacks the permission."""

    name: ClassVar[str] = "unauthorized_path"
    path: str = "/Asset*"


@dataclass(kw_only=True)
class SilentRateLimit(Fault):
    """429 without Retry-After."""

    name: ClassVar[str] = "silent_rate_limit"
    times: int = 1

    def replacement(self) -> Response:
        raise ApiError(429, "Too many requests.")


@dataclass(kw_only=True)
class Redirected(Fault):
    """302 to the login page of the web application, which is 200 with HTML."""

    name: ClassVar[str] = "redirected"

    def replacement(self) -> Response:
        return Response(302, b"", {"Location": "/auth/account/login"})


@dataclass(kw_only=True)
class NothingToSee(Fault):
    """204: the path exists, but the agent may see none of its rows."""

    name: ClassVar[str] = "nothing_to_see"

    def replacement(self) -> Response:
        return Response(204, b"")


ALL: tuple[type[Fault], ...] = (
    PagingIgnored,
    FilterIgnored,
    ChangesIgnored,
    ChangesHidden,
    LocalTimes,
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
