"""The lists of the ticket page in a browser: each PSA's tickets, filters, pages, and addresses to send to others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from include import connectors
from include.model.tickets import Ticket
from tests.support.ticket_browser import People, View
from tests.support.ticket_rig import TicketRig
from tests.support.truth import vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]

PAGE_SIZE = 50  # of ConnectWise
VISIBILITY = {True: "Internal", False: "Customer sees it", None: "Visibility unknown"}
FILTERS: dict[str, tuple[Callable[[View], None], Callable[[Ticket], bool]]] = {
    "board": (lambda view: view.pick("Board", "Alerts (RMM)"), lambda one: one.board.name == "Alerts (RMM)"),
    "status": (lambda view: view.pick("Status", "New"), lambda one: one.status.name == "New"),
    "priority": (lambda view: view.pick("Priority", "Niedrig"), lambda one: one.priority.name == "Niedrig"),
    "owner": (lambda view: view.find("Owner", "Miguel López"), lambda one: one.owner.name == "Miguel López"),
    "state": (lambda view: view.state("Closed"), lambda one: one.is_closed is True),
    "text": (lambda view: view.search("VPN"), lambda one: "VPN" in (one.summary or "")),
}


@pytest.mark.parametrize("name", connectors.NAMES)
def test_every_psa_lists_its_tickets_and_opens_them_whole(rig: TicketRig, people: People, name: str) -> None:
    view = people.alone(f"psa={name}&state=all")
    shown = view.keys()
    assert shown
    assert set(shown) <= rig.tickets(name).keys()
    world, psa = rig.simulators[name].world, vendor(name)
    details = {key: psa.detail(world, key) for key in shown}
    key = max(shown, key=lambda key: (len({entry.is_internal for entry in details[key].entries}), key))
    view.open(key)
    expect(view.ticket.get_by_role("heading", level=2)).to_have_text(world.tickets[int(key)].summary)
    expect(view.entries).to_have_count(len(details[key].entries))
    for entry, shown_entry in zip(details[key].entries, view.entries.all(), strict=True):
        expect(shown_entry).to_contain_text(VISIBILITY[entry.is_internal])
        expect(shown_entry).to_contain_text(entry.text)


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
    of_companies = [one.company.name for one in rig.tickets("connectwise").values() if one.is_closed is False]
    company = max(sorted(filter(None, of_companies)), key=of_companies.count)
    view = people.alone("psa=connectwise")
    view.find("Company", company)
    of_company = newest(rig, lambda one: one.company.name == company and one.is_closed is False)
    assert view.keys() == of_company
    status = rig.tickets("connectwise")[of_company[0]].status.name or ""
    view.pick("Status", status)
    assert view.keys() == [key for key in of_company if rig.tickets("connectwise")[key].status.name == status]
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
    assert sorted(key for keys in turned for key in keys) == sorted(rig.tickets("connectwise"))
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
    expect(colleague.ticket.get_by_role("heading", level=2)).to_have_text(rig.tickets("connectwise")[key].summary or "")
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


def newest(rig: TicketRig, matches: Callable[[Ticket], bool]) -> list[str]:
    """The keys that the first page must hold, in its order."""
    found = [one for one in rig.tickets("connectwise").values() if matches(one)]
    return [one.key for one in sorted(found, key=lambda one: (one.updated_at, one.key), reverse=True)][:PAGE_SIZE]
