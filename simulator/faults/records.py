"""Faults of records: a page arrives, but one of its records is not as the API description says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any, ClassVar

from simulator.faults.base import Page, PageFault, RowFault
from simulator.messages import ApiError

# A NUL, an invisible mark, and half of a surrogate pair: legal in JSON, but not in a database.
UNSTORABLE = "\x00\u200e\ud83d"
EMPTY: tuple[Any, ...] = (None, "", "  ", [], {})


@dataclass(kw_only=True)
class PoisonedRecord(RowFault):
    """A page with this row fails with 500, unless only ids or only fields other than `key` are selected."""

    name: ClassVar[str] = "poisoned_record"
    key: str = ""

    def change_page(self, page: Page) -> Page:
        if self.position(page) is not None and self._is_selected(page.listing.fields):
            raise ApiError(500, "String was not recognized as a valid Boolean.")
        return page

    def _is_selected(self, fields: tuple[str, ...]) -> bool:
        if not fields:
            return True
        return self.key in fields if self.key else fields != ("id",)


@dataclass(kw_only=True)
class NulBytes(PageFault):
    """The text `key` of every `every`-th row (by id) ends with NUL, an invisible mark and half a surrogate pair."""

    name: ClassVar[str] = "nul_bytes"
    key: str = "name"
    every: int = 7

    def change_page(self, page: Page) -> Page:
        for id_, record in zip(page.ids, page.records, strict=True):
            if id_ % self.every == 0 and isinstance(record.get(self.key), str):
                record[self.key] += UNSTORABLE
        return page


@dataclass(kw_only=True)
class RenamedKey(PageFault):
    """The field `key` arrives under the name `to`, on every row."""

    name: ClassVar[str] = "renamed_key"
    key: str = "name"
    to: str = "displayName"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if self.key in record:
                record[self.to] = record.pop(self.key)
        return page


@dataclass(kw_only=True)
class Retyped(PageFault):
    """The field `key` arrives as another type on every row that has it: text, number, list or object."""

    name: ClassVar[str] = "retyped"
    key: str = "name"
    to: str = "text"

    TYPES: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "text": str,
        "number": lambda value: len(str(value)),
        "list": lambda value: [value],
        "object": lambda value: {"value": value},
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.to not in self.TYPES:
            raise ValueError(f"to must be one of {', '.join(self.TYPES)}, not {self.to!r}")

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if record.get(self.key) not in EMPTY:
                record[self.key] = self.TYPES[self.to](record[self.key])
        return page


@dataclass(kw_only=True)
class ReorderedLists(PageFault):
    """The lists inside every row come in the reverse order."""

    name: ClassVar[str] = "reordered_lists"

    def change_page(self, page: Page) -> Page:
        page.records[:] = [{name: reversed_lists(value) for name, value in row.items()} for row in page.records]
        return page


def reversed_lists(value: Any) -> Any:
    """The value with all lists in it reversed."""
    if isinstance(value, dict):
        return {name: reversed_lists(inner) for name, inner in value.items()}
    return [reversed_lists(inner) for inner in reversed(value)] if isinstance(value, list) else value


@dataclass(kw_only=True)
class MissingId(RowFault):
    """One row comes without its id."""

    name: ClassVar[str] = "missing_id"

    def change_page(self, page: Page) -> Page:
        at = self.position(page)
        if at is not None:
            page.records[at].pop("id", None)
        return page


@dataclass(kw_only=True)
class OddRecord(RowFault):
    """In one row, the field `key` has a value of a wrong `kind`: not_a_date, object, list, number or text."""

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

    def change_page(self, page: Page) -> Page:
        at = self.position(page)
        if at is not None:
            page.records[at][self.key] = self.ODDITIES[self.kind]
        return page


@dataclass(kw_only=True)
class EmptyInOtherForms(PageFault):
    """Each null, blank text, empty list and empty object in the rows comes as another one of these."""

    name: ClassVar[str] = "empty_in_other_forms"

    def change_page(self, page: Page) -> Page:
        forms = cycle(EMPTY)

        def other(_: str, value: Any) -> Any:
            return next(one for one in forms if one != value) if value in EMPTY else value

        return _with_values(page, other)


@dataclass(kw_only=True)
class Respelled(PageFault):
    """In the rows, flags come as 1.0 and 0.0, and ids that are numbers come as text with blanks around them."""

    name: ClassVar[str] = "respelled"

    def change_page(self, page: Page) -> Page:
        return _with_values(page, _respelled)


def _respelled(key: str, value: Any) -> Any:
    if isinstance(value, bool) and key != "value":  # of a custom field, which may be of any type
        return float(value)
    return f" {value} " if isinstance(value, int) and key.lower().endswith("id") else value


def _with_values(page: Page, change: Callable[[str, Any], Any]) -> Page:
    """The page with all values in its records changed, given the names of their fields."""

    def changed(key: str, value: Any) -> Any:
        if isinstance(value, dict) and value:
            return {name: changed(name, inner) for name, inner in value.items()}
        return [changed("", inner) for inner in value] if isinstance(value, list) and value else change(key, value)

    page.records[:] = [changed("", record) for record in page.records]
    return page
