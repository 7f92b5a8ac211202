"""What passes between the door and a vendor's fake: plain requests and answers, no web framework."""

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

Record = dict[str, Any]  # one object of an answer, as JSON has it


@dataclass(frozen=True)
class Request:
    """A request as it came in; `endpoint` is the path as the vendor's own description spells it."""

    method: str
    path: str
    endpoint: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str


@dataclass(frozen=True)
class Response:
    """An answer, and how the line behaves while it is given."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    cut_after_bytes: int | None = None
    never_sent: bool = False

    def delayed(self, wait_seconds: float) -> Response:
        """The same answer, given that much later."""
        return replace(self, wait_seconds=self.wait_seconds + wait_seconds)


@dataclass
class ApiError(Exception):
    """The API says no; the vendor's fake words it the way that vendor does."""

    status: int
    message: str
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """What a listing is asked for: rows of which kind, in id order, which of their fields, and which page."""

    kind: str
    ids: Sequence[int]
    fields: tuple[str, ...] = ()
    after: int | None = None
    page: int = 1
    size: int = 25


class VendorApi(Protocol):
    """A vendor's fake: pure answers over a world, told which faults are on for this request.

    `limits` are the documented ones; `faults` those that only this vendor knows.
    """

    limits: ClassVar[Limits]
    faults: ClassVar[tuple[type[Fault], ...]]
    world: World

    def __init__(self, world: World) -> None: ...

    def endpoint(self, path: str) -> str:
        """The path without what differs between tenants."""
        ...

    def budget_key(self, endpoint: str) -> str | None:
        """Whose budget a request spends: a name that all requests of one limit share; None when it is exempt."""
        ...

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """The answer, or `Refused`."""
        ...

    def error_response(self, error: ApiError) -> Response:
        """The vendor's wording of a refusal."""
        ...

    def connection(self) -> Mapping[str, Any]:
        """What a person types into the Airflow connection beside the host: `login`, `password`, `extra`."""
        ...


def to_json(body: object) -> bytes:
    """JSON; the slow way only for text that UTF-8 has no bytes for."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode()
