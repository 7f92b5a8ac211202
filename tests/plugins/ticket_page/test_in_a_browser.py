"""The ticket page as people use it: a real browser, a real Airflow, and PSAs in which things happen meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, StorageStateCookie, expect

from demo.ports import ADDRESS
from include import connectors
from include.model.tickets import Ticket
from simulator.server import Simulator
from simulator.ticket_activity import simulate_activity
from simulator.world import World
from tests.support.ticket_browser import NARROW, PATIENCE_MS, People, Profiles, View, asking, hidden, logs_in, seen
from tests.support.ticket_rig import PageServer, TicketRig
from tests.support.truth import vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]

IMAGES = Path(__file__).parents[3] / "docs" / "images"
PAGE_SIZE = 50  # of ConnectWise
MORNING = 25  # what has happened at each help desk today, at least every ten minutes
VISIBILITY = {True: "Internal", False: "Customer sees it", None: "Visibility unknown"}
Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def rig(server: PageServer) -> Iterator[TicketRig]:
    now = datetime.now(timezone.utc)
    worlds = {name: World(seed=7, companies=40, tickets_now=now - timedelta(days=1)) for name in connectors.NAMES}
    for world in worlds.values():
        for seed in range(MORNING):
            simulate_activity(world, seed, at=now - timedelta(minutes=9 * (MORNING - seed)))
    with server.rig(worlds) as running:
        yield running


@pytest.fixture(scope="module")
def profiles(rig: TicketRig, browser: Browser) -> Profiles:
    expect.set_options(timeout=PATIENCE_MS)
    place: StorageStateCookie = {"name": "_token", "value": rig.token(), "domain": ADDRESS, "path": "/"}
    return Profiles(browser, {"cookies": [place]})


@pytest.fixture
def people(rig: TicketRig, profiles: Profiles) -> Iterator[People]:
    """Who looks; nothing may go wrong in any of their windows."""
    people = People(rig, profiles)
    yield people
    for simulator in rig.simulators.values():
        simulator.faults.clear()
    people.leave()
    assert people.troubles == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """For the docs, when they are written."""

    def take(window: Page, name: str) -> None:
        if request.config.getoption("--write-docs"):
            window.mouse.move(0, 0)
            window.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    return take


def test_a_stranger_logs_in_and_is_led_back_to_the_page(rig: TicketRig, people: People) -> None:
    window = people.window(storage_state=None, reduced_motion="no-preference")
    window.goto(f"{rig.url}/")
    logs_in(window, rig.airflow.login)
    expect(seen(window, is_framed=False).rows.first).to_be_visible()


def test_airflows_navigation_leads_to_the_page(rig: TicketRig, people: People) -> None:
    window = people.window()
    window.goto(rig.airflow.url)
    window.get_by_role("link", name="PSA tickets").click()
    view = seen(window, is_framed=True)
    expect(view.rows.first).to_be_visible()
    psas = view.place.get_by_role("navigation", name="PSA").get_by_role("button")
    expect(psas).to_have_text(["Autotask", "ConnectWise", "HaloPSA", "Kaseya BMS", "Syncro"])


def test_the_tab_of_a_dag_shows_the_tickets_of_its_psa_alone(rig: TicketRig, people: People) -> None:
    window = people.window()
    window.goto(f"{rig.airflow.url}/dags/psa_syncro")
    window.get_by_role("link", name="Live tickets").click()
    view = seen(window, is_framed=True)
    expect(view.place.get_by_role("heading", name="Syncro tickets")).to_be_visible()
    expect(view.place.get_by_role("navigation", name="PSA")).to_be_hidden()
    assert set(view.keys()) <= truth(rig, "syncro").keys()


@pytest.mark.parametrize("name", connectors.NAMES)
def test_every_psa_lists_its_tickets_and_opens_them_whole(rig: TicketRig, people: People, name: str) -> None:
    view = people.alone(f"psa={name}&state=all")
    shown = view.keys()
    assert shown
    assert set(shown) <= truth(rig, name).keys()
    world, psa = rig.simulators[name].world, vendor(name)
    details = {key: psa.detail(world, key) for key in shown}
    key = max(shown, key=lambda key: (len({entry.is_internal for entry in details[key].entries}), key))
    view.open(key)
    expect(view.ticket.get_by_role("heading", level=2)).to_have_text(world.tickets[int(key)].summary)
    expect(view.entries).to_have_count(len(details[key].entries))
    for entry, shown_entry in zip(details[key].entries, view.entries.all(), strict=True):
        expect(shown_entry).to_contain_text(VISIBILITY[entry.is_internal])
        expect(shown_entry).to_contain_text(entry.text)


FILTERS: dict[str, tuple[Callable[[View], None], Callable[[Ticket], bool]]] = {
    "board": (lambda view: view.pick("Board", "Alerts (RMM)"), lambda one: one.board.name == "Alerts (RMM)"),
    "status": (lambda view: view.pick("Status", "New"), lambda one: one.status.name == "New"),
    "priority": (lambda view: view.pick("Priority", "Niedrig"), lambda one: one.priority.name == "Niedrig"),
    "owner": (lambda view: view.find("Owner", "Miguel López"), lambda one: one.owner.name == "Miguel López"),
    "state": (lambda view: view.state("Closed"), lambda one: one.is_closed is True),
    "text": (lambda view: view.search("VPN"), lambda one: "VPN" in (one.summary or "")),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_shows_what_the_psa_has_of_it_and_nothing_else(rig: TicketRig, people: People, name: str) -> None:
    choose, matches = FILTERS[name]
    view = people.alone("psa=connectwise&state=all")
    everything = view.keys()
    choose(view)
    assert view.keys() == newest(rig, matches)
    assert view.keys() != everything
    view.press("Clear filters")
    view.state("All")
    assert view.keys() == everything


def test_filters_narrow_each_other_and_the_browsers_back_undoes_them(rig: TicketRig, people: People) -> None:
    of_companies = [one.company.name for one in truth(rig, "connectwise").values() if one.is_closed is False]
    company = max(sorted(filter(None, of_companies)), key=of_companies.count)
    view = people.alone("psa=connectwise")
    view.find("Company", company)
    of_company = newest(rig, lambda one: one.company.name == company and one.is_closed is False)
    assert view.keys() == of_company
    status = truth(rig, "connectwise")[of_company[0]].status.name or ""
    view.pick("Status", status)
    assert view.keys() == [key for key in of_company if truth(rig, "connectwise")[key].status.name == status]
    view.search("nothing has this text")
    expect(view.tickets.get_by_text("No tickets match")).to_be_visible()
    view.window.go_back()
    assert view.keys() == of_company


def test_the_pages_hold_every_ticket_once_and_lead_back(rig: TicketRig, people: People) -> None:
    view = people.alone("psa=connectwise&state=all")
    turned, following = [view.keys()], view.place.get_by_role("button", name="Next")
    while following.get_attribute("aria-disabled") == "false":
        following.click()
        turned.append(view.keys())
    assert len(turned) > 2
    assert sorted(key for keys in turned for key in keys) == sorted(truth(rig, "connectwise"))
    view.press("Previous")
    assert view.keys() == turned[-2]
    view.window.reload()
    assert view.keys() == turned[-2]
    view.window.go_back()
    assert view.keys() == turned[-1]


@pytest.mark.parametrize("place", ["alone", "in Airflow", "on the page of a DAG"])
def test_a_colleague_who_is_sent_the_address_sees_the_same(rig: TicketRig, people: People, place: str) -> None:
    fragment = "psa=connectwise&state=all&status=New"
    if place == "alone":
        view = people.alone(fragment)
    elif place == "in Airflow":
        view = people.framed(fragment)
    else:
        dag = f"{rig.airflow.url}/dags/psa_connectwise/plugin/live-tickets"
        view = people.goes_to(people.window(), f"{dag}#dag=psa_connectwise&{fragment}")
    view.find("Owner", "Miguel López")
    key = view.keys()[0]
    view.open(key)
    colleague = people.colleague(view.window.url)
    assert colleague.keys() == view.keys()
    expect(colleague.ticket.get_by_role("heading", level=2)).to_have_text(truth(rig, "connectwise")[key].summary or "")
    colleague.press("Close the ticket")
    expect(colleague.filter("Owner")).to_have_value("Miguel López")
    expect(colleague.filter("Status")).to_have_value("New")


def test_a_copied_link_has_what_was_typed_and_airflows_own_address_which_gets_into_logs_has_not(
    rig: TicketRig, people: People
) -> None:
    view = people.framed("psa=connectwise&state=all", permissions=["clipboard-read", "clipboard-write"])
    view.search("vpn")
    found = newest(rig, lambda one: "VPN" in (one.summary or ""))
    assert view.keys() == found
    assert "vpn" not in view.window.url
    view.press("Copy link")
    expect(view.place.get_by_role("button", name="Copied")).to_be_visible()
    copied = str(view.window.evaluate("navigator.clipboard.readText()"))
    assert people.colleague(copied).keys() == found


def test_what_happens_in_the_psa_appears_by_itself_and_is_marked(rig: TicketRig, people: People) -> None:
    simulator = rig.simulators["halopsa"]
    view = people.alone("psa=halopsa&state=all", has_clock=True)
    view.window.evaluate("window.isStillHere = true")
    moved, status = happens(simulator, "status_changed")
    changed = view.row(moved).get_by_role("cell").filter(has_text=f"{status} (changed)")
    view.looks_until(changed)
    called, _ = happens(simulator, "created")
    view.looks_until(view.row(called).get_by_text("New", exact=True).first)
    assert view.keys()[0] == called
    assert view.window.evaluate("window.isStillHere")


def test_what_is_said_appears_on_the_open_ticket_and_is_marked(rig: TicketRig, people: People) -> None:
    view = people.alone("psa=halopsa&state=all", has_clock=True)
    key, seed = view.keys()[0], 100
    view.open(key)
    before = view.entries.count()
    while happens(rig.simulators["halopsa"], "commented", seed)[0] != key:
        seed += 1
    fresh = view.entries.filter(has=view.place.get_by_text("New", exact=True))
    view.looks_until(fresh)
    expect(fresh).to_have_count(1)
    expect(view.entries).to_have_count(before + 1)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unavailable", "Syncro does not answer as it should at the moment."),
        ("rate_limit:times=0,wait=8", "Syncro asks for fewer requests at the moment."),
        ("hang", "Syncro takes too long to answer."),
    ],
)
def test_trouble_in_the_psa_is_told_in_words_takes_nothing_away_and_ends_by_itself(
    rig: TicketRig, people: People, fault: str, words: str
) -> None:
    people.forgiven = (502, 503, 504)
    simulator = rig.simulators["syncro"]
    view = people.alone("psa=syncro", has_clock=True)
    kept, fetched = view.keys(), view.place.get_by_text(re.compile("^Fetched")).first.inner_text()
    simulator.faults.add(fault)
    view.looks_until(view.problem)
    expect(view.problem).to_contain_text(words)
    expect(view.problem).to_contain_text("Shown here is how it was at " + fetched.split()[1])
    assert view.keys() == kept
    expect(view.problem).to_contain_text("Next try in")
    simulator.faults.clear()
    view.looks_until(view.problem, is_there=False)
    assert view.keys() == kept


def test_refused_credentials_are_tried_again_by_hand_alone(rig: TicketRig, people: People) -> None:
    people.forgiven = (502,)
    simulator = rig.simulators["autotask"]
    view = people.alone("psa=autotask", has_clock=True)
    simulator.faults.add("expired_credentials")
    view.looks_until(view.problem)
    expect(view.problem).to_contain_text("Autotask does not accept the credentials of the Airflow connection.")
    with asking(view) as asked:
        view.waits()
        view.settles()
    assert asked == []  # asking on could lock the account
    simulator.faults.clear()
    view.looks_until(view.problem, is_there=False, look=view.problem.get_by_role("button", name="Try now").click)


def test_an_ended_login_is_told_and_can_be_renewed_beside_the_page(rig: TicketRig, people: People) -> None:
    people.forgiven = (401,)
    view = people.alone("psa=autotask", storage_state=people.profiles.login)
    kept = view.keys()
    view.window.context.clear_cookies()
    view.press("Refresh now")
    expect(view.problem).to_contain_text("Please log in again")
    with hidden(view.window), view.window.expect_popup() as opened:
        view.problem.get_by_role("link", name="Log in").click()
        logs_in(opened.value, rig.airflow.login)
        expect(opened.value.get_by_role("link", name="PSA tickets")).to_be_visible()
    expect(view.problem).to_be_hidden()
    assert view.keys() == kept


def test_the_page_has_the_colours_of_airflow_and_follows_them(people: People, picture: Picture) -> None:
    view = people.framed("psa=connectwise", color_scheme="light")
    around = view.window.locator("html")
    light = view.colour()
    expect(around).to_have_css("background-color", light)
    view.settles()
    picture(view.window, "tickets-light")
    view.window.get_by_role("button", name="User").click()
    view.window.get_by_role("menuitem", name="Appearance").hover()
    view.window.keyboard.press("ArrowRight")
    view.window.get_by_role("menuitemradio", name="Dark Mode").click()
    expect(around).not_to_have_css("background-color", light)
    dark = around.evaluate("root => getComputedStyle(root).backgroundColor")
    expect(view.place.locator("body")).to_have_css("background-color", dark)
    view.window.keyboard.press("Escape")
    expect(view.window.get_by_role("menu")).to_have_count(0)
    picture(view.window, "tickets-dark")
    chosen = view.window.context.storage_state()
    assert people.alone("psa=connectwise", storage_state=chosen, color_scheme="light").colour() == dark


def test_nothing_is_wider_than_a_phone(people: People, picture: Picture) -> None:
    view = people.alone("psa=connectwise", viewport=NARROW)
    assert not view.is_too_wide()
    picture(view.window, "tickets-narrow")
    view.open(view.keys()[0])
    assert not view.is_too_wide()
    expect(view.ticket).to_have_css("width", f"{NARROW['width']}px")
    framed = people.framed("psa=connectwise", viewport=NARROW)
    assert not framed.is_too_wide()


def test_a_ticket_opens_and_closes_by_keyboard_alone(people: People) -> None:
    view = people.alone("psa=connectwise")
    key = view.keys()[1]
    board = view.window.keyboard
    board.press("Tab")
    board.press("Enter")
    board.press("Tab")
    while not view.row(key).get_by_role("link").first.evaluate("link => link === document.activeElement"):
        board.press("ArrowDown")
    board.press("Enter")
    expect(view.ticket.get_by_role("heading", level=2)).to_be_focused()
    board.press("Escape")
    expect(view.ticket).to_be_hidden()
    expect(view.row(key).get_by_role("link").first).to_be_focused()


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_seen_again(people: People) -> None:
    view = people.alone("psa=autotask", has_clock=True)
    view.keys()
    with asking(view) as asked:
        with hidden(view.window):
            for _ in range(5):
                view.waits()
                view.settles()
            assert asked == []
        view.settles()
    assert len(asked) == 1


def test_times_are_told_in_the_viewers_zone_and_in_utc_on_hover(rig: TicketRig, people: People) -> None:
    view = people.alone("psa=connectwise&state=all", timezone_id="Asia/Kathmandu", locale="en-GB")
    key = view.keys()[0]
    opened_at = truth(rig, "connectwise")[key].created_at
    assert opened_at
    view.open(key)
    there = opened_at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    told = view.ticket.get_by_text(there.strftime("%H:%M")).first
    expect(told).to_have_attribute("title", opened_at.strftime("%Y-%m-%d %H:%M:%S UTC"))


def test_a_ticket_opens_beside_the_list_in_airflow_and_stays_while_the_psa_is_down(
    rig: TicketRig, people: People, picture: Picture
) -> None:
    people.forgiven = (502,)
    view = people.framed("psa=connectwise&state=all", has_clock=True)
    world, psa = rig.simulators["connectwise"].world, vendor("connectwise")
    details = {key: psa.detail(world, key) for key in view.keys()[:7]}
    view.open(max(details, key=lambda key: any(entry.is_internal for entry in details[key].entries[:2])))
    list_box, ticket_box = view.tickets.bounding_box(), view.ticket.bounding_box()
    assert list_box and ticket_box
    assert list_box["x"] + list_box["width"] <= ticket_box["x"]
    picture(view.window, "ticket-open")
    said = view.entries.count()
    rig.simulators["connectwise"].faults.add("unavailable")
    view.looks_until(view.problem)
    view.looks_until(view.ticket.get_by_role("group", name="Problem"))
    expect(view.entries).to_have_count(said)
    view.press("Close the ticket")
    picture(view.window, "tickets-psa-down")


def truth(rig: TicketRig, name: str) -> dict[str, Ticket]:
    """The tickets that the PSA has at this moment, by key."""
    return vendor(name).tickets(rig.simulators[name].world)


def newest(rig: TicketRig, matches: Callable[[Ticket], bool]) -> list[str]:
    """The keys that the first page must hold, in its order."""
    found = [one for one in truth(rig, "connectwise").values() if matches(one)]
    return [one.key for one in sorted(found, key=lambda one: (one.updated_at, one.key), reverse=True)][:PAGE_SIZE]


def happens(simulator: Simulator, kind: str, seed: int = 1) -> tuple[str, str]:
    """To which ticket it happens, and the status that this has then."""
    answer = requests.post(f"{simulator.url}/_simulator/activity", json={"kind": kind, "seed": seed}, timeout=30)
    world, key = simulator.world, answer.json()["ticket_id"]
    return str(key), world.board_statuses[world.tickets[key].status_id].name
