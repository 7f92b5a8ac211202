"""A red run in a real Airflow: two clicks to its cause, a red alert, and links from summary to the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from demo.postgres import EmbeddedPostgres
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, Run, airflow
from tests.support.status_view import status_view
from tests.support.ticket_browser import WIDE, Profiles, login_cookie
from tests.support.ticket_view import TIMEOUT_MS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DAGS = '''
"""A sync and the alert about it, in an Airflow of a test."""

from include.dag_factory import psa_dag
from include.dag_factory.freshness import freshness_dag

sync = psa_dag("connectwise", schedule=None)
refused = psa_dag("connectwise", schedule="@daily", source="refused")
alert = freshness_dag("connectwise", schedule=None)
'''
SAID = "Give the API account the right to read this"


@pytest.fixture(scope="module")
def rig(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowRig]:
    with (
        Simulator(World(seed=7, companies=3), faults=["lost_right:path=/company/contacts"]) as simulator,
        airflow(
            postgres,
            tmp_path_factory.mktemp("airflow"),
            simulator,
            dags=DAGS,
            sources={"connectwise": {}, "refused": {"password": "no longer valid"}},
        ) as running,
    ):
        for dag_id in ("psa_connectwise", "psa_freshness"):
            running.api.unpause(dag_id)
        yield running


@pytest.fixture(scope="module")
def red_run(rig: AirflowRig) -> Run:
    run = rig.trigger("psa_connectwise", conf={"extent": "everything"})
    assert run.wait_until_ended()["state"] == "failed"
    return run


@pytest.fixture(scope="module")
def token(rig: AirflowRig) -> str:
    answer = rig.api.call("POST", "/auth/token", json={"username": "admin", "password": rig.login})
    return str(answer["access_token"])


@pytest.fixture
def window(token: str, browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=TIMEOUT_MS)
    context = Profiles(browser, login_cookie(token)).new(viewport=WIDE)
    yield context.new_page()
    context.close()


@pytest.mark.usefixtures("red_run")
def test_on_call_finds_the_cause_in_two_clicks_from_the_navigation(rig: AirflowRig, window: Page) -> None:
    window.goto(rig.url)
    window.get_by_role("link", name="PSA status").click()
    view = status_view(window, is_framed=True)
    expect(view.headline).to_contain_text("Not fresh: ConnectWise (contacts).")
    view.headline.get_by_role("link", name="Log of contacts.extract").click()
    expect(window.get_by_text(SAID).first).to_be_visible()


def test_the_links_of_summary_lead_to_the_pages_about_its_dag(rig: AirflowRig, red_run: Run, window: Page) -> None:
    window.goto(f"{rig.url}/dags/psa_connectwise/runs/{red_run.run_id}/tasks/summary/details")
    expect(window.get_by_role("link", name="Live tickets").last).to_be_visible()
    window.get_by_role("link", name="Sync status").last.click()
    expect(status_view(window, is_framed=True).headline).to_contain_text("Not fresh.")


@pytest.mark.usefixtures("red_run")
def test_the_alert_is_red_while_something_is_not_fresh(rig: AirflowRig) -> None:
    run = rig.trigger("psa_freshness")
    assert run.wait_until_ended()["state"] == "failed"
    log = rig.api.call("GET", f"{run.path}/taskInstances/check/logs/1")
    said = " ".join(" ".join(str(line.get("event", "")) for line in log["content"]).split())
    assert "Not fresh: connectwise (contacts)." in said
    assert "Log: contacts.extract in psa_connectwise/" in said


def test_a_nightly_run_that_preflight_stopped_is_found_although_the_ledger_has_nothing_of_it(
    rig: AirflowRig, token: str
) -> None:
    def reasons() -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{rig.url}/psa-status/api/health", headers=headers, timeout=60)
        assert answer.status_code == 503
        return [one for one in answer.json()["reasons"] if one["psa"] == "refused"]

    assert reasons() == []  # its DAG is paused, and it was never synced
    rig.api.unpause("psa_refused")
    run = rig.first_run("psa_refused", "scheduled")
    assert run.wait_until_ended()["state"] == "failed"
    failed, never = reasons()
    assert failed["log"] == {"dag_id": "psa_refused", "run_id": run.run_id, "task_id": "preflight"}
    assert failed["reason"] == "The last run failed in the task 'preflight'; its log says why."
    assert (never["state"], never["reason"], len(never["tables"])) == ("never", "The last run failed.", 8)
