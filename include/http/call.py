"""A request and its answer, as vendors' clients write and read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from include.model.page import Record


@dataclass(frozen=True)
class Call:
    """A request. Of `json` and `form` at most one is its body."""

    method: str
    path: str
    """Below the client's address, or a whole address."""
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Record = None
    form: Mapping[str, str] | None = None
    anonymous: bool = False
    """Sent without credentials."""
    endpoint: str = ""
    """What the vendor's limits count it under; the path, where empty."""


@dataclass(frozen=True)
class Answer:
    """An answer with status 200."""

    body: Record
    """The JSON of its body."""
    has_next: bool
    """Whether its Link header names another page."""


def request_line(vendor: str, call: Call) -> str:
    """The request as an error names it: without parameters, which can hold names of people."""
    return f"{vendor}: {call.method} {call.path.partition('://')[2] or call.path}"
