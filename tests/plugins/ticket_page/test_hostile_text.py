"""Whatever people write into tickets: in a real browser none of it runs, and none of it moves the page's parts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route, ViewportSize, expect

from include import connectors
from include.tickets.view import MAX_LINE
from simulator.world import World
from tests.support.hostile_text import CANARY, HUGE, MARKUP, PAYLOADS, hostile_world
from tests.support.page_client import PageClient
from tests.support.page_queries import CONTROL_BOXES, FOREIGN_ELEMENTS, MISPLACED_TEXTS, RECORD_VIOLATIONS
from tests.support.ticket_rig import PageServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WIDE: ViewportSize = {"width": 1280, "height": 800}
WIDTHS = (1280, 390)
HIGHEST_ROW = {1280: 72, 390: 190}
OPENED = 12  # tickets of each vendor, each with a dozen hostile texts: as many as a minute allows
TIMEOUT_MS = 45_000
MOST_SECONDS = 30  # four at most, on a machine that has nothing else to do


@dataclass
class PageEvents:
    """What a page did beyond showing text."""

    home: str
    seen: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(RECORD_VIOLATIONS)
        context.on("request", self._request)
        context.on("dialog", self._dialog)
        context.on("console", lambda said: self.seen.append(f"console {said.type} {said.text}"))
        context.on("weberror", lambda error: self.seen.append(f"error {error.error}"))
        context.on("page", lambda page: page.on("framenavigated", self._navigated))

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:image/svg+xml")):
            self.seen.append(f"request {request.url[:200]}")

    def _navigated(self, frame: Any) -> None:
        if not frame.url.startswith((self.home, "about:blank")):
            self.seen.append(f"navigation {frame.url[:200]}")


@pytest.fixture(scope="module")
def client(server: PageServer) -> Iterator[PageClient]:
    now = datetime.now(timezone.utc)
    worlds = {name: hostile_world(12, now, start=17 * number) for number, name in enumerate(connectors.NAMES)}
    for world in worlds.values():
        add_huge_texts(world)
    with server.rig(worlds) as rig:
        yield PageClient(rig)


@pytest.fixture(scope="module")
def events(client: PageClient) -> PageEvents:
    return PageEvents(client.rig.airflow.url)


@pytest.fixture(scope="module")
def context(browser: Browser, client: PageClient, events: PageEvents) -> Iterator[BrowserContext]:
    """The browser of a person who is logged in."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    context.add_cookies([{"name": "_token", "value": client.token("admin"), "url": client.rig.airflow.url}])
    events.watch(context)
    yield context
    context.close()


@pytest.fixture(scope="module", params=connectors.NAMES)
def vendor(request: pytest.FixtureRequest) -> str:
    """All tests of a vendor run one after the other, on the same page: most of their time was spent on loading it."""
    return str(request.param)


@pytest.fixture(scope="module")
def loaded(context: BrowserContext, client: PageClient, vendor: str) -> Iterator[Page]:
    page = context.new_page()
    load(page, client, vendor)
    yield page
    page.close()


@pytest.fixture
def page(loaded: Page, events: PageEvents) -> Page:
    """The vendor's list, wide and with no ticket open."""
    loaded.set_viewport_size(WIDE)
    select(loaded, None)
    return loaded


def test_no_text_of_a_ticket_runs_or_moves_anything(
    page: Page, context: BrowserContext, events: PageEvents, client: PageClient, vendor: str
) -> None:
    empty_boxes = boxes_without_tickets(context, client, vendor)
    keys = page.eval_on_selector_all("[data-open]", "links => links.map((link) => link.dataset.open)")[:OPENED]
    for number, width in enumerate(WIDTHS):
        if number:
            page.set_viewport_size({"width": width, "height": 800})
            load(page, client, vendor)
        assert page.evaluate(CONTROL_BOXES) == empty_boxes[width]
        assert_harmless(page, events, highest=HIGHEST_ROW[width])
        for key in keys[number :: len(WIDTHS)]:
            open_ticket(page, key)
            assert_harmless(page, events)


def test_text_is_shown_as_it_was_written(page: Page, client: PageClient, vendor: str) -> None:
    world = client.rig.simulators[vendor].world
    shown = page.eval_on_selector_all("[data-open]", "all => all.map((link) => [link.dataset.open, link.textContent])")
    assert len(shown) >= 25
    for key, text in shown:
        written = world.tickets[int(key.rpartition("-")[2])].summary
        assert letters(text) == letters(written[:MAX_LINE]) or not letters(written), written[:80]


def test_changed_texts_stay_in_their_place(page: Page, events: PageEvents, client: PageClient, vendor: str) -> None:
    world = client.rig.simulators[vendor].world
    for one in list(world.tickets.values()):
        other = PAYLOADS[(one.id + world.version) % len(PAYLOADS)]
        world.tickets.add(replace(one, summary=other, contact_name=other, priority_id=4, updated_at=world.tickets_now))
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while not page.locator(".changed").count():  # for a moment all viewers get the shared answer from before
        assert time.monotonic() < deadline
        with page.expect_response(f"**/{vendor}/tickets"):
            page.get_by_role("button", name="Refresh now").click()
    assert_harmless(page, events, highest=HIGHEST_ROW[1280])


def test_a_megabyte_opens_within_seconds(page: Page, events: PageEvents, client: PageClient, vendor: str) -> None:
    world = client.rig.simulators[vendor].world
    for id_ in world.tickets.ids[: len(HUGE)]:
        project = vendor == "connectwise" and world.tickets[id_].is_project
        begun = time.monotonic()
        open_ticket(page, f"project-{id_}" if project else str(id_))
        page.get_by_role("button", name="Close the ticket").click()
        expect(page.locator("#ticket")).to_be_hidden()
        assert time.monotonic() - begun < MOST_SECONDS
        assert_harmless(page, events)


def test_the_same_texts_run_on_a_page_that_does_not_escape_them(browser: Browser, client: PageClient) -> None:
    context, events = browser.new_context(), PageEvents(client.rig.airflow.url)
    events.watch(context)
    context.route(f"https://{CANARY}/**", lambda route: route.abort())
    page = context.new_page()
    page.set_content("".join(MARKUP[:8]))
    page.wait_for_function("window.__executed > 1")
    assert any(event.startswith("dialog") for event in events.seen)
    assert any(CANARY in event for event in events.seen if event.startswith("request"))
    assert {"element img", "attribute onload", "attribute onerror", "scripts"} <= set(page.evaluate(FOREIGN_ELEMENTS))
    context.close()


def add_huge_texts(world: World) -> None:
    """Write a megabyte into each text of the first tickets."""
    for id_, text in zip(world.tickets.ids, HUGE, strict=False):
        world.tickets.add(replace(world.tickets[id_], summary=text, description=text))
        for note in [note for note in world.notes.values() if note.ticket_id == id_]:
            world.notes.add(replace(note, text=text))


def load(page: Page, client: PageClient, vendor: str) -> None:
    """Show the vendor's tickets, open and closed ones, without automatic refresh."""
    page.goto("about:blank")
    page.goto(f"{client.rig.url}/#psa={vendor}&state=all&every=0")
    expect(page.locator("tbody tr").first).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.locator("#filters option").nth(5)).to_be_attached(timeout=TIMEOUT_MS)


def letters(text: str) -> str:
    """The visible ASCII characters of the text."""
    return re.sub(r"[^!-~]", "", text)


def select(page: Page, key: str | None) -> None:
    """Open the ticket by the page's address, or close the open one."""
    ticket = f"&ticket={key}" if key else ""
    page.evaluate("ticket => { location.hash = location.hash.replace(/&ticket=.*|$/, ticket) }", ticket)
    expect(page.locator("#ticket")).to_be_visible(visible=bool(key))


def open_ticket(page: Page, key: str) -> None:
    select(page, key)
    expect(page.locator("#ticket .tally")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.locator("#ticket")).to_have_attribute("aria-busy", "false", timeout=TIMEOUT_MS)


def boxes_without_tickets(context: BrowserContext, client: PageClient, vendor: str) -> dict[int, Any]:
    """The places of head and filters when every answer is empty."""
    page = context.new_page()
    empty: dict[str, Any] = {"boards": [], "statuses": [], "priorities": [], "as_of": "2026-01-01T00:00:00Z"}
    empty |= {"tickets": [], "next": None, "total": 0, "unreadable": 0}
    empty |= {"fetched_at": datetime.now(timezone.utc).isoformat(), "age_seconds": 0, "psa_seconds": 0.1}

    def answer(route: Route) -> None:
        route.fulfill(json=empty)

    page.route(f"**/api/{vendor}/*", answer)
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("about:blank")
        page.goto(f"{client.rig.url}/#psa={vendor}&state=all&every=0")
        expect(page.get_by_role("heading", name="No tickets match")).to_be_visible(timeout=TIMEOUT_MS)
        found[width] = page.evaluate(CONTROL_BOXES)
    page.close()
    return found


def assert_harmless(page: Page, events: PageEvents, *, highest: int = 190) -> None:
    """Nothing has run, nothing is there that the page did not create, and each text is in its place."""
    for frame in page.frames:
        assert frame.evaluate("[window.__executed, window.__violations]") == [None, []], frame.url
    assert len(page.frames) == 1
    assert page.evaluate(FOREIGN_ELEMENTS) == []
    assert page.evaluate(MISPLACED_TEXTS, highest) == []
    assert events.seen == []
