"""Browser profiles of viewers, and the windows that they open."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    StorageState,
    ViewportSize,
    WebError,
    expect,
)

from demo.ports import ADDRESS
from tests.support.ticket_rig import TicketRig
from tests.support.ticket_view import TIMEOUT_MS, View, view_of

Picture = Callable[[Page, str], None]
"""Takes a picture of a window for the docs, under that name."""
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 844}


class Profiles:
    """Browser profiles of people who are logged in to Airflow.

    Opening a profile takes longer than most pages, so a test uses those of the tests before it, unless it needs another
    kind. Without animations: where there is no graphics card, they keep the processor busy.
    """

    def __init__(self, browser: Browser, login: StorageState) -> None:
        self.login = login
        self._browser = browser
        self._kept: dict[str, BrowserContext] = {}

    def of(self, owner: str) -> BrowserContext:
        """The profile of a person; no two people share what a browser stores."""
        if owner not in self._kept:
            self._kept[owner] = self.new()
        return self._kept[owner]

    def new(self, **options: Any) -> BrowserContext:
        usual = {"viewport": WIDE, "storage_state": self.login, "reduced_motion": "reduce"}
        context = self._browser.new_context(**{**usual, **options})
        context.set_default_timeout(TIMEOUT_MS)
        return context


@dataclass
class Viewers:
    """Opens the page in windows of one or more viewers, and collects what their browsers report as errors."""

    rig: TicketRig
    profiles: Profiles
    expected_statuses: tuple[int, ...] = ()
    """Of answers that a test provokes: browsers report each as an error, whatever the page does."""
    browser_errors: list[str] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _watched: list[BrowserContext] = field(default_factory=list)

    def new_window(
        self, owner: str = "viewer", *, viewport: ViewportSize = WIDE, has_clock: bool = False, **options: Any
    ) -> Page:
        """With options or a clock, in a new profile; with a clock the test says how fast time passes there."""
        if has_clock or options:
            context = self._stack.enter_context(closing(self.profiles.new(**options)))
        else:
            context = self.profiles.of(owner)
        if context not in self._watched:
            self._watch(context)
        window = self._stack.enter_context(closing(context.new_page()))
        window.set_viewport_size(viewport)
        if has_clock:
            window.clock.install()
        return window

    def open_page(self, fragment: str, **options: Any) -> View:
        """The page without Airflow around it."""
        return self.open(self.new_window(**options), f"{self.rig.url}/#{fragment}")

    def open_in_airflow(self, fragment: str, **options: Any) -> View:
        """The page as Airflow's navigation opens it."""
        return self.open(
            self.new_window(**options), f"{self.rig.airflow.url}/plugin/psa-tickets/psa-tickets/#{fragment}"
        )

    def open_as_colleague(self, address: str) -> View:
        """Another person, who was sent the address."""
        return self.open(self.new_window("colleague"), address)

    def open(self, window: Page, address: str) -> View:
        """The page at the address, in Airflow or not, once it shows tickets."""
        window.goto(address)
        view = view_of(window, is_framed=address.startswith(self.rig.url) is False)
        expect(view.rows.first).to_be_visible()
        return view

    def close(self) -> None:
        self._stack.close()

    def _watch(self, context: BrowserContext) -> None:
        self._watched.append(context)
        listeners = {"console": self._console, "weberror": self._error, "request": self._request}
        for event, listener in listeners.items():
            context.on(event, listener)  # type: ignore[call-overload]
            self._stack.callback(context.remove_listener, event, listener)

    def _error(self, error: WebError) -> None:
        self.browser_errors.append(str(error.error))

    def _console(self, message: ConsoleMessage) -> None:
        is_ours = "/psa-" in message.location.get("url", "")
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type == "error" and is_ours and not (status and int(status[1]) in self.expected_statuses):
            self.browser_errors.append(f"{message.text} at {message.location}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.rig.airflow.url, "data:", "blob:")):
            self.browser_errors.append(f"asked another host: {request.url}")


def login_cookie(token: str) -> StorageState:
    """What a browser has stored when its owner is logged in to Airflow."""
    return {"cookies": [{"name": "_token", "value": token, "domain": ADDRESS, "path": "/"}]}
