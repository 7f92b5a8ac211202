"""The status page in a browser, by what a person finds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator

from tests.support.ticket_browser import Viewers
from tests.support.ticket_view import View, view_of

PAGE = "/psa-status/"


@dataclass(frozen=True)
class StatusView(View):
    """The page in a window; `root` is the window, or Airflow's frame in it."""

    @property
    def headline(self) -> Locator:
        return self.root.get_by_role("region", name="In short")

    def psa(self, title: str) -> Locator:
        return self.root.get_by_role("region", name=title, exact=True)

    def table(self, title: str, name: str) -> Locator:
        """The button that opens a table of a PSA."""
        return self.psa(title).get_by_role("button", name=name, exact=True)

    def line(self, title: str, name: str) -> Locator:
        return self.psa(title).get_by_role("row").filter(has=self.root.get_by_role("button", name=name, exact=True))


class StatusViewers(Viewers):
    """Opens the status page, alone or as Airflow's navigation opens it."""

    def open_status(self, fragment: str = "", **options: Any) -> StatusView:
        window = self.new_window(**options)
        window.goto(f"{self.rig.airflow.url}{PAGE}#{fragment}")
        return status_view(window, is_framed=False)


def status_view(window: Any, *, is_framed: bool) -> StatusView:
    opened = view_of(window, is_framed=is_framed)
    return StatusView(opened.window, opened.root)
