"""What happens in a PSA while a person views its tickets: changes and problems appear, and nothing disappears."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect

from simulator.server import Simulator
from tests.support.ticket_browser import Picture, Viewers
from tests.support.ticket_rig import TicketRig
from tests.support.ticket_view import hidden, requests_of
from tests.support.truth import vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]


def test_a_change_in_the_psa_appears_at_the_next_refresh_and_is_marked(rig: TicketRig, viewers: Viewers) -> None:
    simulator = rig.simulators["halopsa"]
    view = viewers.open_page("psa=halopsa&state=all", has_clock=True)
    view.window.evaluate("window.isStillHere = true")
    moved, status = simulate(simulator, "status_changed")
    changed = view.row(moved).get_by_role("cell").filter(has_text=f"{status} (changed)")
    view.refresh_until(changed)
    called, _ = simulate(simulator, "created")
    view.refresh_until(view.row(called).get_by_text("New", exact=True).first)
    assert view.keys()[0] == called
    assert view.window.evaluate("window.isStillHere")


def test_a_new_comment_appears_on_the_open_ticket_and_is_marked(rig: TicketRig, viewers: Viewers) -> None:
    view = viewers.open_page("psa=halopsa&state=all", has_clock=True)
    key, seed = view.keys()[0], 100
    view.open(key)
    before = view.entries.count()
    while simulate(rig.simulators["halopsa"], "commented", seed)[0] != key:
        seed += 1
    fresh = view.entries.filter(has=view.root.get_by_text("New", exact=True))
    view.refresh_until(fresh)
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
def test_a_problem_at_the_psa_is_described_leaves_the_list_and_goes_away(
    rig: TicketRig, viewers: Viewers, fault: str, words: str
) -> None:
    viewers.expected_statuses = (502, 503, 504)
    simulator = rig.simulators["syncro"]
    view = viewers.open_page("psa=syncro", has_clock=True)
    kept, fetched = view.keys(), view.root.get_by_text(re.compile("^Fetched")).first.inner_text()
    simulator.faults.add(fault)
    view.refresh_until(view.problem)
    expect(view.problem).to_contain_text(words)
    expect(view.problem).to_contain_text("Shown here is how it was at " + fetched.split()[1])
    assert view.keys() == kept
    expect(view.problem).to_contain_text("Next try in")
    simulator.faults.clear()
    view.refresh_until(view.problem, is_visible=False)
    assert view.keys() == kept


def test_refused_credentials_are_tried_again_only_when_a_person_asks(rig: TicketRig, viewers: Viewers) -> None:
    viewers.expected_statuses = (502,)
    simulator = rig.simulators["autotask"]
    view = viewers.open_page("psa=autotask", has_clock=True)
    simulator.faults.add("expired_credentials")
    view.refresh_until(view.problem)
    expect(view.problem).to_contain_text("Autotask does not accept the credentials of the Airflow connection.")
    with requests_of(view) as asked:
        view.fast_forward()
        view.wait_until_loaded()
    assert asked == []  # asking on could lock the account
    simulator.faults.clear()
    view.refresh_until(view.problem, is_visible=False, refresh=view.problem.get_by_role("button", name="Try now").click)


def test_a_hidden_tab_sends_no_request_and_sends_one_when_it_is_shown_again(viewers: Viewers) -> None:
    view = viewers.open_page("psa=autotask", has_clock=True)
    view.keys()
    with requests_of(view) as asked:
        with hidden(view.window):
            for _ in range(5):
                view.fast_forward()
                view.wait_until_loaded()
            assert asked == []
        view.wait_until_loaded()
    assert len(asked) == 1


def test_a_ticket_opens_beside_the_list_in_airflow_and_stays_while_the_psa_is_down(
    rig: TicketRig, viewers: Viewers, picture: Picture
) -> None:
    viewers.expected_statuses = (502,)
    view = viewers.open_in_airflow("psa=connectwise&state=all", has_clock=True)
    world, psa = rig.simulators["connectwise"].world, vendor("connectwise")
    details = {key: psa.detail(world, key) for key in view.keys()[:7]}
    view.open(max(details, key=lambda key: any(entry.is_internal for entry in details[key].entries[:2])))
    list_box, ticket_box = view.tickets.bounding_box(), view.ticket.bounding_box()
    assert list_box and ticket_box
    assert list_box["x"] + list_box["width"] <= ticket_box["x"]
    picture(view.window, "ticket-open")
    said = view.entries.count()
    rig.simulators["connectwise"].faults.add("unavailable")
    view.refresh_until(view.problem)
    view.refresh_until(view.ticket.get_by_role("group", name="Problem"))
    expect(view.entries).to_have_count(said)
    view.press("Close the ticket")
    picture(view.window, "tickets-psa-down")


def simulate(simulator: Simulator, kind: str, seed: int = 1) -> tuple[str, str]:
    """Let the PSA change a ticket; its key, and its status afterwards."""
    answer = requests.post(f"{simulator.url}/_simulator/activity", json={"kind": kind, "seed": seed}, timeout=30)
    world, key = simulator.world, answer.json()["ticket_id"]
    return str(key), world.board_statuses[world.tickets[key].status_id].name
