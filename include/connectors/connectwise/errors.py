"""How ConnectWise words a refusal: a 404 that may mean wrong credentials."""

from __future__ import annotations

from include.model.errors import NotFound, PsaError
from include.model.page import Record


def judge(status: int, _: Record, said: str) -> PsaError | None:
    """The error for a 404, with what else it can mean; every other status says enough."""
    return NotFound(f"{said} The cloud also answers 404 to wrong credentials.") if status == 404 else None
