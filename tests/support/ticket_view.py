"""The ticket page in a browser, by what a person finds there: labels, rows, the open ticket, the words of a problem."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Locator, Page, Request, expect

TIMEOUT_MS = 30_000
TIMEOUT_SECONDS = 60
LONGEST_WAIT_MS = 300_000  # the page refreshes at least that often, whatever the PSA said
HIDE = """isHidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOWN_KEYS = "rows => rows.map(row => row.dataset.key)"
TOO_WIDE = "root => Math.max(root.scrollWidth, document.body.scrollWidth) > root.clientWidth"


@dataclass(frozen=True)
class View:
    """The page in a window; `root` is the window, or Airflow's frame in it."""

    window: Page
    root: Page | FrameLocator

    @property
    def tickets(self) -> Locator:
        return self.root.get_by_role("main")

    @property
    def rows(self) -> Locator:
        return self.tickets.locator("tr[data-key]")

    @property
    def ticket(self) -> Locator:
        """The open ticket."""
        return self.root.get_by_role("complementary")

    @property
    def entries(self) -> Locator:
        """Its notes, time entries and other entries."""
        return self.ticket.locator("ol > li")

    @property
    def problem(self) -> Locator:
        return self.tickets.get_by_role("group", name="Problem")

    def row(self, key: str) -> Locator:
        return self.tickets.locator(f'tr[data-key="{key}"]')

    def keys(self) -> list[str]:
        """The tickets on the list, once the PSA has answered."""
        self.wait_until_loaded()
        found: list[str] = self.rows.evaluate_all(SHOWN_KEYS)
        return found

    def open(self, key: str) -> None:
        self.row(key).get_by_role("link").first.click()
        self.wait_until_loaded()

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def filter(self, label: str) -> Locator:
        """A filter; they are folded away where there is little room."""
        folded = self.root.get_by_role("button", name=re.compile("^Filters"), expanded=False)
        if folded.is_visible():
            folded.click()
        return self.root.get_by_role("combobox", name=label, exact=True)

    def select(self, label: str, option: str) -> None:
        """Select an option of a plain list."""
        self.filter(label).select_option(option)

    def choose(self, label: str, name: str) -> None:
        """Choose from a list that is searched by typing."""
        box = self.filter(label)
        box.click()
        box.fill(name[:6])
        self.root.get_by_role("option", name=name, exact=True).click()

    def choose_state(self, name: str) -> None:
        self.root.get_by_role("radio", name=name, exact=True).check(force=True)  # its label is what one sees of it

    def search(self, text: str) -> None:
        box = self.root.get_by_role("searchbox", name="Search")
        box.fill(text)
        box.press("Enter")

    def wait_until_loaded(self) -> None:
        """Return when all requests of the page are answered."""
        expect(self.root.locator("[aria-busy=true]")).to_have_count(0)

    def fast_forward(self) -> None:
        """Let the time pass until the next automatic refresh, if there is one; the window needs a clock."""
        self.window.clock.fast_forward(LONGEST_WAIT_MS)

    def refresh_until(
        self, sign: Locator, *, is_visible: bool = True, refresh: Callable[[], None] | None = None
    ) -> None:
        """Refresh until the sign appears or disappears: viewers share answers, so the first may be an old one."""
        self.wait_until_loaded()
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while sign.is_visible() is not is_visible:
            assert time.monotonic() < deadline, f"{sign} did not change"
            with self.window.expect_response(lambda answer: answer.url.endswith("/tickets"), timeout=2 * TIMEOUT_MS):
                (refresh or self.fast_forward)()
            self.wait_until_loaded()

    def background_colour(self) -> str:
        """The colour behind everything."""
        return str(self.root.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))

    def is_too_wide(self) -> bool:
        return bool(self.root.locator("html").evaluate(TOO_WIDE))


def view_of(window: Page, *, is_framed: bool) -> View:
    return View(window, window.frame_locator("iframe") if is_framed else window)


def log_in(window: Page, password: str) -> None:
    """Log in by Airflow's own form."""
    window.get_by_label("Username").fill("admin")
    window.get_by_label("Password", exact=True).fill(password)
    window.get_by_role("button", name="Sign in").click()


@contextmanager
def hidden(window: Page) -> Iterator[None]:
    """Let the page believe that another tab hides it: a headless browser has no tabs in front."""
    window.evaluate(HIDE, True)
    yield
    window.evaluate(HIDE, False)


@contextmanager
def requests_of(view: View) -> Iterator[list[str]]:
    """The addresses that the page requests during the block."""
    asked: list[str] = []

    def listen(request: Request) -> None:
        asked.append(request.url)

    view.window.on("request", listen)
    yield asked
    view.window.remove_listener("request", listen)
