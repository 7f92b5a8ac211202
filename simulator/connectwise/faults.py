"""Faults that only ConnectWise has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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


ALL: tuple[type[Fault], ...] = (CodebaseUpgraded, ForbiddenBoard, OlderModel)
