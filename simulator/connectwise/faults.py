"""Faults that only ConnectWise has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import ClassVar

from simulator.connectwise.filters import Expression, Group, Not
from simulator.faults.base import Fault, Page, PageFault
from simulator.faults.transport import LostRight


@dataclass(kw_only=True)
class CodebaseUpgraded(Fault):
    """From the first such request on, the old codebase responds 404 and the company info names the new one, `to`."""

    name: ClassVar[str] = "codebase_upgraded"
    times: int = 1
    to: str = "v2025_2"


@dataclass(kw_only=True)
class ForbiddenBoard(LostRight):
    """403 on the statuses of one board, which the API member has no access to."""

    name: ClassVar[str] = "forbidden_board"
    path: str = "/service/boards/11/statuses"


@dataclass(kw_only=True)
class OlderModel(PageFault):
    """Records in the format of an older version: sites have `inactive`, contacts have one `type`."""

    name: ClassVar[str] = "older_model"

    def change_page(self, page: Page) -> Page:
        for record in page.records:
            if page.listing.kind == "sites" and "inactiveFlag" in record:
                record["inactive"] = record.pop("inactiveFlag")
            if page.listing.kind == "contacts" and "types" in record:
                types = record.pop("types")
                record.update({"type": types[0]} if types else {})
        return page


@dataclass(kw_only=True)
class DateFault(Fault):
    """Something about the dates in conditions."""

    def conditions(self, conditions: Iterable[Expression]) -> tuple[Expression, ...]:
        """The conditions as the server reads them."""
        return tuple(read for one in conditions if (read := self._condition(one)) is not None)

    def _condition(self, one: Expression) -> Expression | None:
        if isinstance(one, Group):
            parts = self.conditions(one.parts)
            return replace(one, parts=parts) if parts else None
        if isinstance(one, Not):
            return None if (part := self._condition(one.part)) is None else Not(part)
        if not isinstance(one.value, datetime):
            return one
        return None if (moment := self.read(one.value)) is None else replace(one, value=moment)

    def read(self, moment: datetime) -> datetime | None:
        """A date as the server reads it; None if it ignores the condition."""
        raise NotImplementedError


@dataclass(kw_only=True)
class IgnoredDates(DateFault):
    """Conditions with dates are ignored."""

    name: ClassVar[str] = "ignored_dates"

    def read(self, _moment: datetime) -> None:
        return None


@dataclass(kw_only=True)
class EmptyDates(DateFault):
    """Conditions with dates fit nothing."""

    name: ClassVar[str] = "empty_dates"

    def read(self, _moment: datetime) -> datetime:
        return datetime.max.replace(tzinfo=timezone.utc)


@dataclass(kw_only=True)
class LocalDates(DateFault):
    """Dates in conditions are read in the server's own zone, which is so many hours ahead of UTC, whatever they say."""

    name: ClassVar[str] = "local_dates"
    hours: int = -8

    def read(self, moment: datetime) -> datetime:
        return moment - timedelta(hours=self.hours)


ALL: tuple[type[Fault], ...] = (CodebaseUpgraded, EmptyDates, ForbiddenBoard, IgnoredDates, LocalDates, OlderModel)
