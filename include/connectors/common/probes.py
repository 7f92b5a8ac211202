"""Whether a kind may be read at a PSA, and which right is missing where it may not."""

from __future__ import annotations

from dataclasses import dataclass

from include.connectors.contract import C, Connector
from include.model.errors import Blocked, NotFound, PsaError, RequestRefused, RightsError, ServerError, ShapeError

ONE_KIND_ONLY = (RightsError, NotFound, RequestRefused, Blocked, ServerError, ShapeError)
"""Errors that concern one kind: others may still be readable."""


@dataclass(frozen=True)
class Probe:
    """What the PSA answered when a kind was tried."""

    kind: str
    count: int | None = None
    """How many records there are, where the PSA says so."""
    error: PsaError | None = None
    """Why the kind cannot be read, if so."""
    right: str = ""
    """The right that is missing, in the vendor's words; empty where the error is another one."""

    @property
    def reason(self) -> str:
        """The error, and the right that is missing; empty where the kind may be read."""
        needs = f" It needs the right: {self.right}." if self.right else ""
        return f"{self.error.said}{needs}" if self.error else ""


def probe(connector: Connector[C], client: C, kind: str) -> Probe:
    """Try a kind; raises errors that concern the whole account."""
    try:
        return Probe(kind, connector.probe(client, kind))
    except ONE_KIND_ONLY as error:
        return Probe(kind, error=error, right=connector.rights[kind] if isinstance(error, RightsError) else "")
