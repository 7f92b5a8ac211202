"""The status page in a browser and as JSON: what on-call reads, in both themes, on a phone, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from include import connectors
from include.model.page import Reject
from include.model.storable_text import storable_text
from include.warehouse.connection import Connection
from tests.support.hostile_text import CHARACTERS, MARKUP
from tests.support.ledgers import HELD, PastRuns
from tests.support.long_ledger import write_nights
from tests.support.page_client import PageClient
from tests.support.status_view import StatusViewers, status_view
from tests.support.ticket_browser import NARROW, Picture
from tests.support.ticket_rig import TicketRig
from tests.support.traces import renamed_schema

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("browser")]

NIGHTS = 60
DETAILS = """
    INSERT INTO psa.detail_runs (source, run_id, table_name, state, note, began_at, ended_at, asked, updated, unchanged,
                                 duplicate, failed, unread, oldest_read_at, known_by)
    VALUES ('kaseya_bms', 'psa_kaseya_bms/scheduled__1', 'assets', 'ended', 'details_until is 06:00 UTC', now(), now(),
            10, 1, 9, 0, 0, 1200, now() - interval '3 days', now() + interval '2 days')
"""


@pytest.fixture
def fresh(ledger: Connection) -> Connection:
    """All PSAs were synced every night for two months."""
    write_nights(ledger, list(connectors.NAMES), nights=NIGHTS)
    return ledger


@contextmanager
def unreachable(rig: TicketRig, admin: Connection) -> Iterator[None]:
    """The warehouse's connection leads nowhere during the block, and open sessions have ended."""
    path = "/api/v2/connections/psa_warehouse"
    (entry,) = [one for one in rig.airflow.settings.connections if one["connection_id"] == "psa_warehouse"]
    rig.airflow.api.call("PATCH", path, json={**entry, "port": 1})
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
    )
    yield
    rig.airflow.api.apply(rig.airflow.settings)


def health(rig: TicketRig, user: str = "admin") -> tuple[int, Any]:
    reply = PageClient(rig, page="/psa-status").ask_as(user, "GET", "/api/health")
    return reply.status, reply.json


def test_all_is_fresh_and_every_table_has_a_line(
    rig: TicketRig, fresh: Connection, viewers: StatusViewers, picture: Picture
) -> None:
    fresh.execute(DETAILS)
    window = viewers.new_window()
    window.goto(rig.airflow.url)
    window.get_by_role("link", name="PSA status").click()
    view = status_view(window, is_framed=True)
    expect(view.headline).to_have_text("All fresh: 5 PSAs, 40 tables.")
    expect(view.root.get_by_role("button", expanded=False)).to_have_count(40)
    line = view.line("Kaseya BMS", "assets")
    words = line.get_by_role("img").last.get_attribute("aria-label") or ""
    assert words.startswith("Last 30 runs of assets: ")
    assert "The last one: nightly run of " in words
    view.table("Kaseya BMS", "assets").click()
    for part in ("Rows over time", "Rejected records", "Details", "Last runs"):
        expect(view.root.get_by_role("region", name=part)).to_be_visible()
    expect(view.root.get_by_role("region", name="Details")).to_contain_text("Those of 1,200 records were never read")
    expect(view.root.get_by_role("img", name="Rows of assets from")).to_be_visible()
    picture(window, "status-open")
    status, answer = health(rig)
    assert (status, answer["fresh"], answer["reasons"]) == (200, True, [])


def test_what_is_not_fresh_is_said_at_the_top_with_its_reason_and_the_log(
    rig: TicketRig, fresh: Connection, viewers: StatusViewers, picture: Picture
) -> None:
    PastRuns(fresh).held("scheduled__2026-11-26T01:00:00+00:00", "contacts", hours_ago=1)
    PastRuns(fresh, "halopsa").failed("scheduled__2026-11-26T01:00:00+00:00", "ticket_settings", hours_ago=1)
    fresh.execute("UPDATE psa.sync_watermarks SET watermark = watermark - interval '2 days' WHERE source = 'syncro'")
    for scheme in ("light", "dark"):
        view = viewers.open_status(color_scheme=scheme)
        expect(view.headline).to_contain_text("Not fresh: ConnectWise (contacts); HaloPSA (service_boards")
        expect(view.headline.get_by_role("listitem").first).to_contain_text(HELD)
        expect(view.headline).to_contain_text("Syncro: all tables too old")
        expect(view.line("ConnectWise", "contacts")).to_contain_text("held")
        log = view.headline.get_by_role("link", name="Log of contacts.load")
        run = "scheduled__2026-11-26T01%3A00%3A00%2B00%3A00"
        assert (log.get_attribute("href") or "").endswith(f"/dags/psa_connectwise/runs/{run}/tasks/contacts.load")
        if scheme == "light":
            picture(view.window, "status-light")
    status, answer = health(rig)
    assert status == 503
    assert [(one["psa"], one["state"]) for one in answer["reasons"]] == [
        ("connectwise", "held"), ("halopsa", "failed"), ("syncro", "late")
    ]  # fmt: skip


def test_the_tab_of_a_dag_shows_its_psa_only(rig: TicketRig, fresh: Connection, viewers: StatusViewers) -> None:
    window = viewers.new_window()
    window.goto(f"{rig.airflow.url}/dags/psa_syncro")
    window.get_by_role("link", name="Sync status").click()
    view = status_view(window, is_framed=True)
    expect(view.headline).to_have_text("All fresh.")
    expect(view.psa("Syncro")).to_be_visible()
    expect(view.psa("ConnectWise")).to_have_count(0)


def test_on_a_phone_by_keyboard(fresh: Connection, viewers: StatusViewers, picture: Picture) -> None:
    view = viewers.open_status("psa=connectwise", viewport=NARROW)
    expect(view.headline).to_be_visible()
    keys, table = view.window.keyboard, view.table("ConnectWise", "assets")
    for _ in range(20):
        keys.press("Tab")
        if table.evaluate("button => button === document.activeElement"):
            break
    keys.press("Enter")
    expect(table).to_have_attribute("aria-expanded", "true")
    expect(view.root.get_by_role("region", name="Last runs")).to_be_visible()
    assert not view.is_too_wide()
    picture(view.window, "status-narrow")
    keys.press("Enter")
    expect(view.root.get_by_role("region", name="Last runs")).to_have_count(0)


def test_hostile_text_in_reasons_and_keys_is_shown_as_text(fresh: Connection, viewers: StatusViewers) -> None:
    texts = [*MARKUP, *CHARACTERS]
    rejects = [Reject(storable_text(text), text) for text in texts]
    PastRuns(fresh).rejecting("scheduled__9", "assets", hours_ago=0.5, rejects=rejects)
    PastRuns(fresh).failed("scheduled__9", "contacts", hours_ago=0.5, note=" ".join(MARKUP))
    view = viewers.open_status("psa=connectwise")
    expect(view.headline.get_by_role("listitem")).to_contain_text("<script")
    view.table("ConnectWise", "assets").click()
    rows = view.root.get_by_role("region", name="Rejected records").get_by_role("row")
    expect(rows).to_have_count(1 + len(texts))
    assert view.window.evaluate("window.__executed") is None
    assert not view.is_too_wide()


def test_when_the_warehouse_is_down_the_page_and_the_monitor_say_so(
    rig: TicketRig, fresh: Connection, viewers: StatusViewers
) -> None:
    viewers.expected_statuses = (503,)
    view = viewers.open_status()
    expect(view.headline).to_be_visible()
    with renamed_schema(PageClient(rig)):  # as before the first run: nothing was ever synced
        assert health(rig)[0] == 503
    with unreachable(rig, fresh):
        status, answer = health(rig)
        assert (status, answer["fresh"]) == (503, False)
        assert answer["headline"].startswith("The warehouse database does not answer.")
        down = viewers.open_status()
        expect(down.root.get_by_role("group", name="Problem")).to_contain_text("The warehouse does not answer")


def test_a_user_sees_nothing_of_a_psa_whose_dag_they_may_not_read(rig: TicketRig, fresh: Connection) -> None:
    PastRuns(fresh).held("scheduled__9", "contacts", hours_ago=1)
    client = PageClient(rig, page="/psa-status")
    assert health(rig, "narrow")[0] == 200
    hidden, missing = (client.ask_as("narrow", "GET", f"/api/{source}/assets") for source in ("connectwise", "none"))
    assert (hidden.status, hidden.text) == (404, missing.text)
    assert client.ask_as("narrow", "GET", "/api/syncro/assets").status == 200
    assert client.ask_as("admin", "GET", "/api/syncro/pg_class").status == 404
    assert health(rig, "patient")[0] == 503  # of PSAs that were never synced
