"""The ticket page as a part of Airflow's pages: login, navigation, colours, keyboard, small screens."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from playwright.sync_api import expect

from tests.support.ticket_browser import NARROW, Picture, Viewers
from tests.support.ticket_rig import TicketRig
from tests.support.ticket_view import hidden, log_in, view_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]


def test_a_person_logs_in_and_returns_to_the_page(rig: TicketRig, viewers: Viewers) -> None:
    window = viewers.new_window(storage_state=None, reduced_motion="no-preference")
    window.goto(f"{rig.url}/")
    log_in(window, rig.airflow.login)
    expect(view_of(window, is_framed=False).rows.first).to_be_visible()


def test_airflows_navigation_leads_to_the_page(rig: TicketRig, viewers: Viewers) -> None:
    window = viewers.new_window()
    window.goto(rig.airflow.url)
    window.get_by_role("link", name="PSA tickets").click()
    view = view_of(window, is_framed=True)
    expect(view.rows.first).to_be_visible()
    psas = view.root.get_by_role("navigation", name="PSA").get_by_role("button")
    expect(psas).to_have_text(["Autotask", "ConnectWise", "HaloPSA", "Kaseya BMS", "Syncro"])


def test_the_tab_of_a_dag_shows_the_tickets_of_its_psa_only(rig: TicketRig, viewers: Viewers) -> None:
    window = viewers.new_window()
    window.goto(f"{rig.airflow.url}/dags/psa_syncro")
    window.get_by_role("link", name="Live tickets").click()
    view = view_of(window, is_framed=True)
    expect(view.root.get_by_role("heading", name="Syncro tickets")).to_be_visible()
    expect(view.root.get_by_role("navigation", name="PSA")).to_be_hidden()
    assert set(view.keys()) <= rig.tickets("syncro").keys()


def test_an_ended_login_is_shown_and_can_be_renewed_in_another_tab(rig: TicketRig, viewers: Viewers) -> None:
    viewers.expected_statuses = (401,)
    view = viewers.open_page("psa=autotask", storage_state=viewers.profiles.login)
    kept = view.keys()
    view.window.context.clear_cookies()
    view.press("Refresh now")
    expect(view.problem).to_contain_text("Please log in again")
    with hidden(view.window), view.window.expect_popup() as opened:
        view.problem.get_by_role("link", name="Log in").click()
        log_in(opened.value, rig.airflow.login)
        expect(opened.value.get_by_role("link", name="PSA tickets")).to_be_visible()
    expect(view.problem).to_be_hidden()
    assert view.keys() == kept


def test_the_page_has_the_colours_of_airflow_and_follows_them(viewers: Viewers, picture: Picture) -> None:
    view = viewers.open_in_airflow("psa=connectwise", color_scheme="light")
    around = view.window.locator("html")
    light = view.background_colour()
    expect(around).to_have_css("background-color", light)
    view.wait_until_loaded()
    picture(view.window, "tickets-light")
    view.window.get_by_role("button", name="User").click()
    view.window.get_by_role("menuitem", name="Appearance").hover()
    view.window.keyboard.press("ArrowRight")
    view.window.get_by_role("menuitemradio", name="Dark Mode").click()
    expect(around).not_to_have_css("background-color", light)
    dark = around.evaluate("root => getComputedStyle(root).backgroundColor")
    expect(view.root.locator("body")).to_have_css("background-color", dark)
    view.window.keyboard.press("Escape")
    expect(view.window.get_by_role("menu")).to_have_count(0)
    picture(view.window, "tickets-dark")
    chosen = view.window.context.storage_state()
    assert viewers.open_page("psa=connectwise", storage_state=chosen, color_scheme="light").background_colour() == dark


def test_nothing_is_wider_than_a_phone(viewers: Viewers, picture: Picture) -> None:
    view = viewers.open_page("psa=connectwise", viewport=NARROW)
    assert not view.is_too_wide()
    picture(view.window, "tickets-narrow")
    view.open(view.keys()[0])
    assert not view.is_too_wide()
    expect(view.ticket).to_have_css("width", f"{NARROW['width']}px")
    framed = viewers.open_in_airflow("psa=connectwise", viewport=NARROW)
    assert not framed.is_too_wide()


def test_a_ticket_opens_and_closes_by_keyboard(viewers: Viewers) -> None:
    view = viewers.open_page("psa=connectwise")
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


def test_times_are_shown_in_the_viewers_zone_and_in_utc_on_hover(rig: TicketRig, viewers: Viewers) -> None:
    view = viewers.open_page("psa=connectwise&state=all", timezone_id="Asia/Kathmandu", locale="en-GB")
    key = view.keys()[0]
    opened_at = rig.tickets("connectwise")[key].created_at
    assert opened_at
    view.open(key)
    there = opened_at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    shown = view.ticket.get_by_text(there.strftime("%H:%M")).first
    expect(shown).to_have_attribute("title", opened_at.strftime("%Y-%m-%d %H:%M:%S UTC"))
