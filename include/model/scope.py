"""What part of a PSA's data a run reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Scope:
    """The part of the data that a run asks the PSA for; everything by default."""

    company: str | None = None
    """The vendor's key of the only company to read; None for all that setup selects."""
    since: datetime | None = None
    """Read only what changed since then, in UTC; None for a full listing."""
    companies: frozenset[str] = frozenset()
    """In a quick run, the companies below which a list is read that has no dates of its own."""

    def filter_by(self, name: str) -> dict[str, str]:
        """The filter for the records of the company, by the vendor's name for it; empty where all are read."""
        return {name: self.company} if self.company else {}


EVERYTHING = Scope()
