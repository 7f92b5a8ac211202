"""How ConnectWise words a refusal: a 404 that may mean wrong credentials, and a 403 that means a wrong host."""

from __future__ import annotations

from include.model.errors import ConfigError, NotFound, PsaError
from include.model.page import Record

WRONG_HOST = "ssl is required"  # what cloud hosts without `api-` in front answer


def judge(status: int, _: Record, said: str) -> PsaError | None:
    """The error for a 404, with what else it can mean, and for a host that has no API."""
    if status == 404:
        return NotFound(f"{said} The cloud also answers 404 to wrong credentials.")
    if status == 403 and WRONG_HOST in said.lower():
        return ConfigError(f"{said} This host has no API: the connection's host must be the one that begins with api-.")
    return None
