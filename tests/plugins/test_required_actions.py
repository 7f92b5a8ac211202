"""A person decides about held deletions, in a real Airflow and as its Required Actions do: by the REST API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demo.airflow_api import AirflowApi
from demo.errors import DemoError
from demo.postgres import EmbeddedPostgres
from demo.state import State
from include.model.kinds import KINDS
from include.model.run import Run as SyncRun
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from simulator.server import Simulator
from simulator.world import World
from tests.support.airflow import AirflowRig, Run, airflow
from tests.support.databases import Connections
from tests.support.rig import Rig
from tests.support.ticket_browser import NARROW, WIDE, Picture
from tests.support.ticket_view import TIMEOUT_MS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SOURCES = ("approving", "rejecting", "unanswered", "nothing_held", "clicked", "narrow")
DAGS = '"""Our DAGs, in an Airflow of a test."""\n\nfrom include.dag_factory import psa_dag\n\n' + "".join(
    f'{source} = psa_dag("connectwise", schedule=None, source="{source}")\n' for source in SOURCES
)
USERS = {"olga": "op", "vera": "viewer"}
PASSWORD = "a password for tests"
GONE = 30
TALL: ViewportSize = {"width": 1280, "height": 1300}


@pytest.fixture(scope="module")
def rig(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowRig]:
    """Contacts of four PSAs are in the warehouse, and the PSA lists 30 of them no longer."""
    folder = tmp_path_factory.mktemp("airflow")
    world = World(seed=7, companies=10)
    with (
        Simulator(world) as simulator,
        airflow(
            postgres, folder, simulator, dags=DAGS, sources={name: {} for name in SOURCES}, environment=settings(folder)
        ) as rig,
        Connections(rig.warehouse) as connections,
    ):
        for source in SOURCES:
            fill(Rig(connections, simulator), source)
        with connections.borrow() as connection:
            connection.execute("DELETE FROM psa.request_budget")  # its times are those of the rig's clock
        for key in list(world.contacts)[:GONE]:
            del world.contacts[key]
        rig.api.call("POST", "/api/v2/variables", json=variable("unanswered", {"answer_hours": 0.001}))
        rig.api.call("POST", "/api/v2/variables", json=variable("nothing_held", {"rows": 1000}))
        yield rig


def settings(folder: Path) -> Mapping[str, str]:
    passwords = folder / "passwords of the test.json"
    passwords.write_text(
        json.dumps({"admin": State(folder).secrets().login, **dict.fromkeys(USERS, PASSWORD)}), encoding="utf-8"
    )
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin," + ",".join(map(":".join, USERS.items())),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
    }


def variable(source: str, guard: Mapping[str, float]) -> dict[str, str]:
    return {"key": f"psa_{source}", "value": json.dumps({"deletion_guard": guard})}


def fill(running: Rig, source: str) -> None:
    run = running.sync(run=SyncRun(source, f"psa_{source}/before"))
    preflight(run)
    extract(run, "contacts")
    load(run, "contacts")


def started(rig: AirflowRig, source: str) -> Run:
    rig.api.unpause(f"psa_{source}")
    return rig.trigger(f"psa_{source}", conf={"kinds": ["contacts"]})


def asking(rig: AirflowRig, source: str) -> Run:
    """A run that asks, and has reported. An answer could get lost before the scheduler notes that the task waits."""
    run = started(rig, source)
    run.wait_for_state("contacts.decide", "awaiting_input")
    run.wait_for_state("summary", "success")
    noted = f"TaskInstance Finished: dag_id={run.dag_id}, task_id=contacts.decide, run_id={run.run_id}"
    log = rig.home.parent / "logs" / "scheduler.log"
    rig.until(lambda: True if noted in log.read_text(encoding="utf-8") else None)
    return run


def answer(rig: AirflowRig, run: Run, option: str, user: str) -> None:
    """What the buttons under Required Actions do."""
    api = AirflowApi(rig.url)
    api.log_in(user, PASSWORD)
    api.call("PATCH", f"{run.path}/taskInstances/contacts.decide/-1/hitlDetails", json={"chosen_options": [option]})


def deleted(rig: AirflowRig, source: str) -> dict[str, str]:
    """Name by key of the contacts that are marked deleted."""
    with Connections(rig.warehouse) as connections, connections.borrow() as connection:
        rows = connection.execute(
            "SELECT source_id, name FROM psa.contacts WHERE source = %s AND deleted_at IS NOT NULL", [source]
        ).fetchall()
    return dict(rows)


def held(rig: AirflowRig, source: str) -> set[tuple[Any, ...]]:
    with Connections(rig.warehouse) as connections, connections.borrow() as connection:
        rows = connection.execute(
            "SELECT DISTINCT decision, decided_by, outcome FROM psa.held_deletions WHERE source = %s", [source]
        ).fetchall()
    return set(rows)


def log_of(rig: AirflowRig, run: Run, task_id: str) -> str:
    return " ".join(" ".join(str(line.get("event", "")) for line in rig.api.log(run.task(task_id))).split())


def test_what_is_shown_is_deleted_once_a_person_who_may_has_approved(rig: AirflowRig) -> None:
    run = asking(rig, "approving")
    assert run.facts["state"] == "running"
    said = log_of(rig, run, "summary")
    assert f"{GONE} deletions wait for a person" in said
    assert "Required Actions" in said
    (detail,) = rig.api.call("GET", f"{run.path}/hitlDetails")["hitl_details"]
    assert detail["subject"] == f"contacts: mark {GONE} rows deleted?"
    assert detail["options"] == ["Approve", "Reject"]
    assert deleted(rig, "approving") == {}
    with pytest.raises(DemoError, match="403"):
        answer(rig, run, "Approve", "vera")
    answer(rig, run, "Approve", "olga")
    assert run.wait_until_ended()["state"] == "success"
    assert run.task("contacts.decide")["state"] == "success"
    gone = deleted(rig, "approving")
    assert len(gone) == GONE
    shown = detail["body"].partition("~~~text\n")[2].partition("\n~~~")[0].splitlines()
    assert set(shown[:20]) <= set(gone.values())
    assert shown[20:] == [f"… and {GONE - 20} more"]
    assert held(rig, "approving") == {("approved", "olga", "deleted")}
    said = log_of(rig, run, "contacts.decide")
    assert f"olga has approved {GONE} deletions: {GONE} rows marked deleted." in said
    assert not any(name in said for name in gone.values())


def window_of(browser: Browser, rig: AirflowRig, size: ViewportSize, scheme: Literal["light", "dark"]) -> Page:
    """A window of a person who may edit runs."""
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    window = context.new_page()
    window.goto(rig.url)
    window.get_by_label("Username").fill("olga")
    window.get_by_label("Password", exact=True).fill(PASSWORD)
    window.get_by_role("button", name="Sign in").click()
    expect(window.get_by_role("link", name="Dags", exact=True)).to_be_visible()
    return window


def test_a_person_approves_in_the_browser(rig: AirflowRig, browser: Browser, picture: Picture) -> None:
    run = asking(rig, "clicked")
    window = window_of(browser, rig, WIDE, "light")
    window.goto(f"{rig.url}/dags/psa_clicked/runs/{run.run_id}/tasks/contacts.decide/required_actions")
    expect(window.get_by_text(f"contacts: mark {GONE} rows deleted?")).to_be_visible()
    expect(window.get_by_text(f"the PSA listed 20 records; {GONE} of the 50 live rows")).to_be_visible()
    expect(window.get_by_role("link", name="Required Action (1)")).to_be_visible()
    window.set_viewport_size(TALL)  # the buttons are below the names
    expect(window.get_by_role("link", name="contacts Toggle group")).to_be_visible()
    picture(window, "required-action")
    window.get_by_role("button", name="Approve").click()
    assert run.wait_until_ended()["state"] == "success"
    assert len(deleted(rig, "clicked")) == GONE


def test_a_person_rejects_by_keyboard_on_a_phone(rig: AirflowRig, browser: Browser) -> None:
    run = asking(rig, "narrow")
    window = window_of(browser, rig, NARROW, "dark")
    window.goto(f"{rig.url}/dags/psa_narrow/runs/{run.run_id}/tasks/contacts.decide/required_actions")
    window.get_by_role("button", name="Reject").focus()
    window.keyboard.press("Enter")
    assert run.wait_until_ended()["state"] == "success"
    assert held(rig, "narrow") == {("rejected", "olga", None)}


def test_a_rejection_leaves_the_rows_and_the_run_is_green(rig: AirflowRig) -> None:
    run = asking(rig, "rejecting")
    answer(rig, run, "Reject", "olga")
    assert run.wait_until_ended()["state"] == "success"
    assert run.task("contacts.decide")["state"] == "skipped"
    assert "olga has rejected the deletions" in log_of(rig, run, "contacts.decide")
    assert deleted(rig, "rejecting") == {}
    assert held(rig, "rejecting") == {("rejected", "olga", None)}


def test_without_an_answer_in_time_the_rows_stay_and_the_run_is_red(rig: AirflowRig) -> None:
    run = started(rig, "unanswered")
    assert run.wait_until_ended()["state"] == "failed"
    states = {task_id: task["state"] for task_id, task in run.tasks().items()}
    assert (states["contacts.load"], states["contacts.decide"], states["summary"]) == ("success", "failed", "success")
    assert run.task("contacts.decide")["try_number"] == 1
    assert "no one has decided until" in log_of(rig, run, "contacts.decide")
    assert deleted(rig, "unanswered") == {}
    assert held(rig, "unanswered") == {("unanswered", None, None)}


def test_where_nothing_is_in_doubt_no_process_is_started_for_a_decision(rig: AirflowRig) -> None:
    run = started(rig, "nothing_held")
    assert run.wait_until_ended()["state"] == "success"
    assert len(deleted(rig, "nothing_held")) == GONE
    tasks = run.tasks()
    assert {(tasks[f"{kind}.decide"]["state"], tasks[f"{kind}.decide"]["pid"]) for kind in KINDS} == {("skipped", None)}
