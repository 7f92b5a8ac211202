"""What passes between the app and a vendor's API: plain requests and responses, without a web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

if TYPE_CHECKING:
    from simulator.faults.base import Fault
    from simulator.rate_limit import Limits
    from simulator.world import World

Record = dict[str, Any]  # one JSON object of a response


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    endpoint: str  # the path as the vendor's API description spells it
    query: Mapping[str, str]
    headers: Mapping[str, str]  # by lower-case name
    body: bytes
    origin: str  # scheme, host and port that the client used


@dataclass(frozen=True)
class Response:
    """A response, and how the connection behaves while it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0  # before the response is sent
    cut_after_bytes: int | None = None  # the connection closes after this much of the body
    never_sent: bool = False  # the client waits until it gives up

    def delayed(self, wait_seconds: float) -> Response:
        """The same response, sent this much later."""
        return replace(self, wait_seconds=self.wait_seconds + wait_seconds)


@dataclass
class ApiError(Exception):
    """The API refuses a request; the vendor's class formats it as that vendor does."""

    status: int
    message: str
    code: str = ""  # tells refusals of one status apart, where a vendor formats them differently
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Which part of a listing a request wants."""

    kind: str  # the world's name for the rows
    ids: Sequence[int]  # all rows of the listing, in order
    fields: tuple[str, ...] = ()  # the selected fields; all if empty
    after: int | None = None  # only rows with greater ids
    page: int = 1
    size: int = 25  # rows per page


class VendorApi(Protocol):
    """The API of one vendor over a world."""

    limits: ClassVar[Limits]  # as the vendor documents them
    faults: ClassVar[tuple[type[Fault], ...]]  # those that only this vendor has
    world: World

    def __init__(self, world: World) -> None: ...

    def endpoint(self, path: str) -> str:
        """The path without the parts that differ between tenants."""
        ...

    def budget_key(self, endpoint: str) -> str | None:
        """The name of the budget that a request uses; None if it is not counted."""
        ...

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request while these faults are on. Raises `ApiError` to refuse it."""
        ...

    def error_response(self, error: ApiError) -> Response:
        """A refusal in the vendor's format."""
        ...

    def connection(self) -> Mapping[str, Any]:
        """The fields of the Airflow connection besides the host: `login`, `password`, `extra`."""
        ...


def to_json(body: object) -> bytes:
    """Encode as JSON. Text that UTF-8 cannot encode takes the slower path."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode()
