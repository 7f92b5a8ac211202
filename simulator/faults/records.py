"""Faults of records: a page arrives, and something in it is not as the description says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from simulator.faults.base import PageFault, RowFault, Rows
from simulator.messages import Refused

# A NUL, an invisible mark, and half of a surrogate pair: all legal in JSON, none welcome in a database.
UNWELCOME = "\x00\u200e\ud83d"


@dataclass(kw_only=True)
class PoisonedRecord(RowFault):
    """A page with this row dies with 500, unless only ids, or only fields other than `key`, are asked for."""

    name: ClassVar[str] = "poisoned_record"
    key: str = ""

    def records(self, rows: Rows) -> Rows:
        if self.position(rows) is not None and self._asked(rows.listing.fields):
            raise Refused(500, "String was not recognized as a valid Boolean.")
        return rows

    def _asked(self, fields: tuple[str, ...]) -> bool:
        if not fields:
            return True
        return self.key in fields if self.key else fields != ("id",)


@dataclass(kw_only=True)
class NulBytes(PageFault):
    """NUL, an invisible mark and a lone surrogate end the text `key` (default: name) of every `every`-th row by id."""

    name: ClassVar[str] = "nul_bytes"
    key: str = "name"
    every: int = 7

    def records(self, rows: Rows) -> Rows:
        for id_, record in zip(rows.ids, rows.records, strict=True):
            if id_ % self.every == 0 and isinstance(record.get(self.key), str):
                record[self.key] += UNWELCOME
        return rows


@dataclass(kw_only=True)
class RenamedKey(PageFault):
    """The field `key` arrives under the name `to`, on every row."""

    name: ClassVar[str] = "renamed_key"
    key: str = "name"
    to: str = "displayName"

    def records(self, rows: Rows) -> Rows:
        for record in rows.records:
            if self.key in record:
                record[self.to] = record.pop(self.key)
        return rows


@dataclass(kw_only=True)
class MissingId(RowFault):
    """One row comes without its id."""

    name: ClassVar[str] = "missing_id"

    def records(self, rows: Rows) -> Rows:
        at = self.position(rows)
        if at is not None:
            rows.records[at].pop("id", None)
        return rows


@dataclass(kw_only=True)
class OddRecord(RowFault):
    """In one row the field `key` is a `kind` of thing it must not be: not_a_date, object, list, number or text."""

    name: ClassVar[str] = "odd_record"
    key: str = "name"
    kind: str = "object"

    ODDITIES: ClassVar[dict[str, Any]] = {
        "not_a_date": "31/31/2024 25:61",
        "object": {"unexpected": True},
        "list": [["unexpected"]],
        "number": 10**30,
        "text": "unexpected",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in self.ODDITIES:
            raise ValueError(f"kind must be one of {', '.join(self.ODDITIES)}, not {self.kind!r}")

    def records(self, rows: Rows) -> Rows:
        at = self.position(rows)
        if at is not None:
            rows.records[at][self.key] = self.ODDITIES[self.kind]
        return rows
