"""The ticket page in a browser, by what a person finds there: labels, rows, the open ticket, the words of a problem."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
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
    ViewportSize,
    WebError,
    expect,
)

from demo.ports import ADDRESS
from tests.support.ticket_rig import TicketRig

Picture = Callable[[Page, str], None]
"""Takes a picture of a window for the docs, under that name."""
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 844}
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
        context.set_default_timeout(PATIENCE_MS)
        return context


@dataclass
class People:
    """Those who look, each in windows of their own; `troubles` is what browsers complain of.

    `forgiven` are the statuses of answers that a test brings about: browsers complain of each, whatever the page does.
    """

    rig: TicketRig
    profiles: Profiles
    forgiven: tuple[int, ...] = ()
    troubles: list[str] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _watched: list[BrowserContext] = field(default_factory=list)

    def window(
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

    def alone(self, fragment: str, **options: Any) -> View:
        """The page without Airflow around it."""
        return self.goes_to(self.window(**options), f"{self.rig.url}/#{fragment}")

    def framed(self, fragment: str, **options: Any) -> View:
        """The page as Airflow's navigation opens it."""
        return self.goes_to(
            self.window(**options), f"{self.rig.airflow.url}/plugin/psa-tickets/psa-tickets/#{fragment}"
        )

    def colleague(self, address: str) -> View:
        """Another person, who was sent the address."""
        return self.goes_to(self.window("colleague"), address)

    def goes_to(self, window: Page, address: str) -> View:
        """Whatever of the two the address leads to, once it shows tickets."""
        window.goto(address)
        view = seen(window, is_framed=address.startswith(self.rig.url) is False)
        expect(view.rows.first).to_be_visible()
        return view

    def leave(self) -> None:
        self._stack.close()

    def _watch(self, context: BrowserContext) -> None:
        self._watched.append(context)
        listeners = {"console": self._console, "weberror": self._error, "request": self._request}
        for event, listener in listeners.items():
            context.on(event, listener)  # type: ignore[call-overload]
            self._stack.callback(context.remove_listener, event, listener)

    def _error(self, error: WebError) -> None:
        self.troubles.append(str(error.error))

    def _console(self, message: ConsoleMessage) -> None:
        is_ours = "/psa-tickets/" in message.location.get("url", "")
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type == "error" and is_ours and not (status and int(status[1]) in self.forgiven):
            self.troubles.append(f"{message.text} at {message.location}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.rig.airflow.url, "data:", "blob:")):
            self.troubles.append(f"asked another host: {request.url}")


def login_cookie(token: str) -> StorageState:
    """A browser's storage when its owner is logged in to Airflow."""
    return {"cookies": [{"name": "_token", "value": token, "domain": ADDRESS, "path": "/"}]}


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
