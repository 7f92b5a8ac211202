"""The ticket page in a browser, by what a person finds there: labels, rows, the open ticket, the words of a problem."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FrameLocator,
    Locator,
    Page,
    Request,
    StorageState,
    expect,
)

from tests.support.ticket_rig import TicketRig

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE_MS = 30_000
PATIENCE_SECONDS = 60
LONGEST_WAIT_MS = 300_000  # the page looks again within it, whatever the PSA said
HIDE = """isHidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOWN_KEYS = "rows => rows.map(row => row.dataset.key)"
TOO_WIDE = "root => Math.max(root.scrollWidth, document.body.scrollWidth) > root.clientWidth"


@dataclass(frozen=True)
class View:
    """The page as one person has it: `place` is their window, or Airflow's frame in it."""

    window: Page
    place: Page | FrameLocator

    @property
    def tickets(self) -> Locator:
        return self.place.get_by_role("main")

    @property
    def rows(self) -> Locator:
        return self.tickets.locator("tr[data-key]")

    @property
    def ticket(self) -> Locator:
        """The one that is open."""
        return self.place.get_by_role("complementary")

    @property
    def entries(self) -> Locator:
        """What was said and done on it."""
        return self.ticket.locator("ol > li")

    @property
    def problem(self) -> Locator:
        return self.tickets.get_by_role("group", name="Problem")

    def row(self, key: str) -> Locator:
        return self.tickets.locator(f'tr[data-key="{key}"]')

    def keys(self) -> list[str]:
        """The tickets on the list, once the PSA has answered."""
        self.settles()
        found: list[str] = self.rows.evaluate_all(SHOWN_KEYS)
        return found

    def open(self, key: str) -> None:
        self.row(key).get_by_role("link").first.click()
        self.settles()

    def press(self, name: str) -> None:
        self.place.get_by_role("button", name=name, exact=True).click()

    def filter(self, label: str) -> Locator:
        """One of those that fold away where there is little room."""
        folded = self.place.get_by_role("button", name=re.compile("^Filters"), expanded=False)
        if folded.is_visible():
            folded.click()
        return self.place.get_by_role("combobox", name=label, exact=True)

    def pick(self, label: str, option: str) -> None:
        """In a plain list."""
        self.filter(label).select_option(option)

    def find(self, label: str, name: str) -> None:
        """In a list that wants some letters first."""
        box = self.filter(label)
        box.click()
        box.fill(name[:6])
        self.place.get_by_role("option", name=name, exact=True).click()

    def state(self, name: str) -> None:
        self.place.get_by_role("radio", name=name, exact=True).check(force=True)  # its label is what one sees of it

    def search(self, text: str) -> None:
        box = self.place.get_by_role("searchbox", name="Search")
        box.fill(text)
        box.press("Enter")

    def settles(self) -> None:
        """All that was asked is answered."""
        expect(self.place.locator("[aria-busy=true]")).to_have_count(0)

    def waits(self) -> None:
        """So long that the page looks again by itself, if it ever does; the window needs a clock."""
        self.window.clock.fast_forward(LONGEST_WAIT_MS)

    def looks_until(self, sign: Locator, *, is_there: bool = True, look: Callable[[], None] | None = None) -> None:
        """Look by look, by itself or by hand; looks of one moment share an answer, which may be the old one."""
        self.settles()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sign.is_visible() is not is_there:
            assert time.monotonic() < deadline, f"{sign} did not change"
            with self.window.expect_response(lambda answer: answer.url.endswith("/tickets"), timeout=2 * PATIENCE_MS):
                (look or self.waits)()
            self.settles()

    def colour(self) -> str:
        """Behind all."""
        return str(self.place.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))

    def is_too_wide(self) -> bool:
        return bool(self.place.locator("html").evaluate(TOO_WIDE))


@dataclass
class People:
    """Those who look, logged in to Airflow, each in a window of their own; `troubles` is what browsers complain of.

    `forgiven` are the statuses of answers that a test brings about: browsers complain of each, whatever the page does.
    """

    rig: TicketRig
    browser: Browser
    login: StorageState
    forgiven: tuple[int, ...] = ()
    troubles: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, **options: Any) -> Page:
        context = self.browser.new_context(**{"viewport": WIDE, "storage_state": self.login, **options})
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("request", lambda request: self._at_home(request.url))
        return context.new_page()

    def alone(self, fragment: str, *, has_clock: bool = False, **options: Any) -> View:
        """The page without Airflow around it; with `has_clock` the test says how fast time passes there."""
        window = self.window(**options)
        if has_clock:
            window.clock.install()
        return self.goes_to(window, f"{self.rig.url}/#{fragment}")

    def framed(self, fragment: str, *, has_clock: bool = False, **options: Any) -> View:
        """The page as Airflow's navigation opens it."""
        window = self.window(**options)
        if has_clock:
            window.clock.install()
        return self.goes_to(window, f"{self.rig.airflow.url}/plugin/psa-tickets/psa-tickets/#{fragment}")

    def goes_to(self, window: Page, address: str) -> View:
        """Whatever of the two the address leads to, once it shows tickets."""
        window.goto(address)
        view = seen(window, is_framed=address.startswith(self.rig.url) is False)
        expect(view.rows.first).to_be_visible()
        return view

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        is_ours = "/psa-tickets/" in message.location.get("url", "")
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type == "error" and is_ours and not (status and int(status[1]) in self.forgiven):
            self.troubles.append(f"{message.text} at {message.location}")

    def _at_home(self, url: str) -> None:
        if not url.startswith((self.rig.airflow.url, "data:", "blob:")):
            self.troubles.append(f"asked another host: {url}")


def seen(window: Page, *, is_framed: bool) -> View:
    return View(window, window.frame_locator("iframe") if is_framed else window)


def logs_in(window: Page, password: str) -> None:
    """By Airflow's own form."""
    window.get_by_label("Username").fill("admin")
    window.get_by_label("Password", exact=True).fill(password)
    window.get_by_role("button", name="Sign in").click()


@contextmanager
def hidden(window: Page) -> Iterator[None]:
    """Another tab is in front of it. A headless browser has none in front: the page is told so."""
    window.evaluate(HIDE, True)
    yield
    window.evaluate(HIDE, False)


@contextmanager
def asking(view: View) -> Iterator[list[str]]:
    """What the page asks meanwhile."""
    asked: list[str] = []

    def listen(request: Request) -> None:
        asked.append(request.url)

    view.window.on("request", listen)
    yield asked
    view.window.remove_listener("request", listen)
