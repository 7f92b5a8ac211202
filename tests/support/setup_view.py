"""The setup page in a browser, by what a person finds there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.support.ticket_browser import Viewers
from tests.support.ticket_view import View, view_of

PAGE = "/psa-setup/"


@dataclass(frozen=True)
class SetupView(View):
    """The page in a window; `root` is the window, or Airflow's frame in it."""

    @property
    def warnings(self) -> Locator:
        return self.root.get_by_role("note")

    @property
    def review(self) -> Locator:
        return self.root.get_by_role("region", name="What would change")

    def card(self, name: str) -> Locator:
        return self.root.get_by_role("region", name=name, exact=True)


class SetupViewers(Viewers):
    """Opens the setup page, alone or as Airflow's navigation opens it."""

    def open_setup(self, source: str, **options: object) -> SetupView:
        return self._opened(f"{self.rig.airflow.url}{PAGE}#psa={source}", is_framed=False, **options)

    def open_in_airflow_setup(self, source: str, **options: object) -> SetupView:
        address = f"{self.rig.airflow.url}/plugin/psa-setup{PAGE}#psa={source}"
        return self._opened(address, is_framed=True, **options)

    def _opened(self, address: str, *, is_framed: bool, **options: object) -> SetupView:
        window = self.new_window(**options)  # type: ignore[arg-type]
        window.goto(address)
        opened = view_of(window, is_framed=is_framed)
        view = SetupView(opened.window, opened.root)
        view.card("Connection").wait_for()
        return view
