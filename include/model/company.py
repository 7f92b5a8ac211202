"""One company of a PSA, as a person names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Company:
    """A company by the vendor's key."""

    id: str
    """The vendor's key, as text."""
    name: str
    is_deleted: bool = False
    """Whether the vendor keeps it as deleted."""

    def __str__(self) -> str:
        return f"{self.name} ({self.id}{', deleted' if self.is_deleted else ''})"
