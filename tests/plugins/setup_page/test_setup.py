"""A person sets up a PSA by ticking, and what is saved does what the page said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, expect

from include.model.request import Request
from include.model.setup import parse
from tests.support.databases import Connections
from tests.support.rig import Clock, Rig
from tests.support.setup_view import SetupView, SetupViewers
from tests.support.ticket_browser import NARROW, Picture
from tests.support.ticket_rig import TicketRig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]

VARIABLES = "/api/v2/variables"


@pytest.fixture(autouse=True)
def no_variable(rig: TicketRig) -> Iterator[None]:
    """Nothing is set up at first."""
    forget(rig)
    yield
    forget(rig)


def test_from_an_empty_variable_to_a_run_by_keyboard(rig: TicketRig, viewers: SetupViewers, picture: Picture) -> None:
    view = viewers.open_setup("connectwise")
    press(view, view.root.get_by_role("button", name="Test the connection"))
    expect(view.root.get_by_text("The login works, and all may be read.")).to_be_visible()
    press(view, view.root.get_by_role("button", name="Read the choices from ConnectWise"))
    client = view.card("Companies").get_by_role("checkbox", name="Client", exact=True)
    expect(client).to_be_visible()
    picture(view.window, "setup")
    press(view, client, "Space")
    assets = view.card("Assets")
    press(view, assets.get_by_role("checkbox", name="Backup Tier", exact=True), "Space")
    press(view, assets.get_by_role("checkbox", name="Lease ends", exact=True), "Space")
    name = assets.get_by_role("textbox", name="Name of Lease ends in the warehouse")
    press(view, name, "Control+A")
    view.window.keyboard.type("lease_ends_on")
    press(view, view.root.get_by_role("button", name="Preview and save"))
    expect(view.review.get_by_role("heading", name="What would change")).to_be_focused()
    expect(view.review).to_contain_text("The custom field 'backup_tier' (11) is added to custom_fields")
    expect(view.review).to_contain_text("The deletion guard asks a person first")
    press(view, view.review.get_by_role("button", name="Save", exact=True))
    expect(view.root.get_by_text("Saved. The next run uses this setup.")).to_be_visible()
    saved = variable(rig)
    assert json.loads(saved) == {
        "companies": {"types": ["1"]},
        "custom_fields": {"assets": {"backup_tier": "11", "lease_ends_on": "15"}},
    }
    rows = run(rig, saved)
    assert rows["companies"] > 0
    assert rows["custom"] == {"backup_tier", "lease_ends_on"}


def test_who_saves_meanwhile_is_not_overwritten(rig: TicketRig, viewers: SetupViewers) -> None:
    view = viewers.open_setup("syncro")
    set_rows(view, "20")
    rig.airflow.api.call("POST", VARIABLES, json={"key": "psa_syncro", "value": '{"requests_in_flight": 2}'})
    press(view, view.root.get_by_role("button", name="Preview and save"))
    press(view, view.review.get_by_role("button", name="Save", exact=True))
    expect(view.review).to_contain_text("Someone else has saved this setup since you opened it.")
    assert json.loads(variable(rig, "syncro")) == {"requests_in_flight": 2}
    view.press("Show what is saved now")
    expect(view.root.get_by_role("textbox", name="Requests in flight")).to_have_value("2")


def test_a_setup_from_git_is_pasted_checked_and_saved_as_it_is(rig: TicketRig, viewers: SetupViewers) -> None:
    view = viewers.open_setup("syncro")
    box = view.root.get_by_role("textbox", name="Setup as JSON")
    box.fill('{"deletion_guards": {"rows": 5}}')
    view.press("Use this JSON")
    expect(view.warnings).to_contain_text(
        "Airflow Variable 'psa_syncro': 'deletion_guards' is not a setting. Did you mean 'deletion_guard'?"
    )
    text = '{"deletion_guard":   {"rows": 5}}'
    box.fill(text)
    view.press("Use this JSON")
    expect(view.root.get_by_role("textbox", name="Deletion guard: rows")).to_have_value("5")
    view.press("Preview and save")
    expect(view.review).to_contain_text("deletion_guard.rows: 5 instead of 10.")
    view.review.get_by_role("button", name="Save", exact=True).click()
    expect(view.root.get_by_text("Saved. The next run uses this setup.")).to_be_visible()
    assert variable(rig, "syncro") == text


def test_a_variable_with_an_unknown_key_is_named_and_kept(rig: TicketRig, viewers: SetupViewers) -> None:
    text = '{"my_own": 1, "requests_in_flight": 2}'
    rig.airflow.api.call("POST", VARIABLES, json={"key": "psa_syncro", "value": text})
    view = viewers.open_setup("syncro")
    expect(view.warnings.first).to_contain_text("'my_own' is not a setting.")
    expect(view.root.get_by_role("textbox", name="Setup as JSON")).to_have_value(text)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("expired_credentials", "Enter credentials that work into the Airflow connection 'psa_halopsa'"),
        ("lost_right:path=*/Users*", "It needs the right: "),
        ("unavailable", "Try again; if it stays so"),
    ],
)
def test_what_is_wrong_with_a_connection_is_said_in_the_page(
    rig: TicketRig, viewers: SetupViewers, fault: str, sentence: str
) -> None:
    viewers.expected_statuses = (502,)
    view = viewers.open_setup("halopsa")
    rig.simulators["halopsa"].faults.add(fault)
    view.press("Test the connection")
    expect(view.card("Connection")).to_contain_text(sentence)


def test_nothing_is_wider_than_a_phone_and_airflow_leads_here(rig: TicketRig, viewers: SetupViewers) -> None:
    view = viewers.open_in_airflow_setup("kaseya_bms", viewport=NARROW)
    view.press("Read the choices from Kaseya BMS")
    expect(view.card("Assets").get_by_role("combobox", name="Module")).to_be_visible()
    assert not view.is_too_wide()
    window = viewers.new_window()
    window.goto(rig.airflow.url)
    window.get_by_role("button", name="Admin").click()
    window.get_by_role("menuitem", name="PSA setup").click()
    expect(window.frame_locator("iframe").get_by_role("heading", name="PSA setup")).to_be_visible()


def press(view: SetupView, target: Locator, key: str = "Enter") -> None:
    """Reach it by Tab from where the focus is, then press the key."""
    expect(target).to_be_visible()
    for _ in range(200):
        if target.evaluate("node => node === document.activeElement"):
            return view.window.keyboard.press(key)
        view.window.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def set_rows(view: SetupView, rows: str) -> None:
    box = view.root.get_by_role("textbox", name="Deletion guard: rows")
    box.fill(rows)
    box.blur()


def forget(rig: TicketRig) -> None:
    for name in rig.simulators:
        rig.simulators[name].faults.clear()
        requests.delete(f"{rig.airflow.url}{VARIABLES}/psa_{name}", headers=authorized(rig), timeout=30)


def variable(rig: TicketRig, source: str = "connectwise") -> str:
    found = requests.get(
        f"{rig.url.replace('psa-tickets', 'psa-setup')}/api/{source}/variable", headers=authorized(rig), timeout=30
    )
    return str(found.json()["text"])


def authorized(rig: TicketRig) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {rig.token()}"}


def run(rig: TicketRig, text: str) -> Mapping[str, Any]:
    """A run with the saved setup, its deletions approved: what is in the warehouse after it."""
    with Connections(rig.airflow.warehouse) as connections:
        synced = Rig(connections, rig.simulators["connectwise"], parse(text, where="psa_connectwise"), Clock())
        synced.run(request=Request(kinds=("companies", "assets"), approved=("companies",)))
        custom = [row["custom_fields"] for row in synced.rows("assets", "source = 'connectwise'")]
        return {
            "companies": len(synced.rows("companies", "source = 'connectwise' AND deleted_at IS NULL")),
            "custom": set().union(*custom),
        }
