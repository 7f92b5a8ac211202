"""What became of the records of one table in one run."""

from __future__ import annotations

from dataclasses import dataclass

COUNTS = ("fetched", "inserted", "updated", "unchanged", "duplicate", "rejected")
NUMBERS = (*COUNTS, "deleted")
"""Everything that is counted of a table in a run."""


@dataclass(frozen=True)
class Counts:
    """Records by what became of them; every fetched record is in exactly one of the five counts after `fetched`."""

    fetched: int = 0
    """Records that the PSA delivered, or could not deliver one by one."""
    inserted: int = 0
    """Rows that are new here."""
    updated: int = 0
    """Rows in which something differed."""
    unchanged: int = 0
    """Rows that were the same, and were not written."""
    duplicate: int = 0
    """Records of which a newer copy was used: one of the same listing, or one that another run has stored."""
    rejected: int = 0
    """Records that were not stored."""
    deleted: int = 0
    """Rows marked deleted; most of them were not fetched."""
    held: int = 0
    """Rows that would be marked deleted, and for which the deletion guard asks a person."""

    def __post_init__(self) -> None:
        accounted = self.inserted + self.updated + self.unchanged + self.duplicate + self.rejected
        if self.fetched != accounted:
            raise AssertionError(f"the counts do not balance: {self}")


DETAIL_COUNTS = ("asked", "updated", "unchanged", "duplicate", "failed")


@dataclass(frozen=True)
class DetailCounts:
    """What became of the details of one table in one run; all that were asked for are in one of the other counts."""

    asked: int = 0
    """Records whose details were asked for."""
    updated: int = 0
    """Rows that their details changed."""
    unchanged: int = 0
    """Rows whose details were the stored ones, so that they were not written."""
    duplicate: int = 0
    """Details that were not used, because another run had stored newer ones."""
    failed: int = 0
    """Records whose details could not be read or used."""

    def __post_init__(self) -> None:
        if self.asked != self.updated + self.unchanged + self.duplicate + self.failed:
            raise AssertionError(f"the counts do not balance: {self}")
