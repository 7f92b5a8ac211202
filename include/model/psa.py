"""A PSA that is synced here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Psa:
    """A PSA that a page can show."""

    source: str
    """The name of its sync, as in `psa_<source>`."""
    vendor: str
