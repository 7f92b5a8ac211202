"""What a run asks a PSA only once, and when it asks again."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest

from include import connectors
from include.connectors.autotask.client import CHECKED
from include.model.errors import RightsError, ShapeError, Truncated
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.sync.extract import extract, prepare
from include.sync.preflight import preflight
from simulator.world import World
from tests.support.rig import Rig, rig

SMALL = World(companies=5)
LOGINS = {
    "autotask": "/V1.0/ZoneInformation",
    "connectwise": "/login/companyinfo/simulated",
    "halopsa": "/api/authinfo",
}

GIVING_TOKENS = {"halopsa": "/auth/token", "kaseya_bms": "/security/authenticate"}


def asked(running: Rig, ending: str) -> int:
    """How many requests had a path with this end."""
    return sum(request.path.endswith(ending) for request in running.simulator.requests)


def text(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(caplog.text.replace("INFO     include.sync.preflight:wording.py:45", "").split())


@pytest.mark.parametrize(("vendor", "address"), LOGINS.items())
def test_the_address_that_a_server_names_is_asked_for_once_in_a_run(
    warehouse_dsn: str, vendor: str, address: str
) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        running.run()
        assert asked(running, address) == 1


@pytest.mark.parametrize(("vendor", "address"), LOGINS.items())
def test_what_is_known_of_another_server_is_not_used(warehouse_dsn: str, vendor: str, address: str) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        run.known["server"] = "https://another.example"
        extract(run, "contacts")
        assert asked(running, address) == 2


def test_nothing_secret_is_passed_on(warehouse_dsn: str) -> None:
    for vendor in LOGINS:
        with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
            run = running.sync()
            preflight(run)
            login = running.login()
            typed = [login.password, *(v for k, v in login.extra.items() if k in ("integrationCode", "clientId"))]
            assert run.known
            typed += [run.tokens.token.access] if run.tokens.token else []
            assert not any(secret in value for value in run.known.values() for secret in typed)


@pytest.mark.parametrize("vendor", GIVING_TOKENS)
def test_the_tasks_of_a_run_share_a_login(warehouse_dsn: str, vendor: str) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor, setup=Setup(details_per_night=3)) as running:
        running.run()
        assert len(running.rows("contacts")) > 0
        assert asked(running, GIVING_TOKENS[vendor]) == 1


@pytest.mark.parametrize("vendor", GIVING_TOKENS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"whose": "another login"},
        {"valid_until": datetime.now(timezone.utc)},
        {"access": "no\r\nheader"},
        {"access": "revoked"},
    ],
    ids=["of another login", "run out", "not a token", "refused"],
)
def test_a_task_logs_in_where_it_cannot_use_the_token_of_preflight(
    warehouse_dsn: str, vendor: str, wrong: dict[str, Any]
) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        assert run.tokens.token
        run.tokens.keep(replace(run.tokens.token, **wrong))
        extract(run, "contacts")
        assert asked(running, GIVING_TOKENS[vendor]) == 2


@pytest.mark.parametrize("vendor", GIVING_TOKENS)
def test_a_server_that_accepts_a_token_only_from_the_worker_that_logged_in_is_read(
    warehouse_dsn: str, vendor: str
) -> None:
    """It may say that a right is missing, which it is not."""
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        running.simulator.faults.add("lost_right:times=1")
        extract(run, "contacts")
        assert asked(running, GIVING_TOKENS[vendor]) == 2


@pytest.mark.parametrize("vendor", GIVING_TOKENS)
def test_a_shared_token_that_runs_out_is_replaced_by_a_login(warehouse_dsn: str, vendor: str) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        with running.open_client() as client:
            prepare(client, run, "contacts", asks_again=False)
            client.http.auth.clock = lambda: time.monotonic() + 86_400.0
            connectors.load(vendor).probe(client, "contacts")
        assert asked(running, GIVING_TOKENS[vendor]) == 2


@pytest.mark.parametrize(("vendor", "login"), [*LOGINS.items(), *GIVING_TOKENS.items()])
@pytest.mark.parametrize(("state", "times"), [("extracting", 1), ("failed", 2)])
def test_an_attempt_after_a_failed_one_asks_again_and_one_after_a_killed_one_does_not(
    warehouse_dsn: str, vendor: str, login: str, state: str, times: int
) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        extract(run, "contacts")
        with psycopg.connect(warehouse_dsn) as connection:
            connection.execute("UPDATE psa.sync_runs SET state = %s, checkpoint = NULL", [state])
        extract(replace(run, is_retry=True), "contacts")
        assert asked(running, login) == times


def test_a_tenant_that_moves_after_preflight_is_found(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, SMALL, vendor="autotask") as running:
        run = running.sync()
        preflight(run)
        running.simulator.faults.add("tenant_moved:path=/Contacts/query")
        extract(run, "contacts")
        assert running.rows("sync_runs")[0]["state"] == "extracted"


def test_where_tokens_are_given_is_asked_for_again_when_the_known_place_gives_none(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, SMALL, vendor="halopsa") as running:
        run = running.sync()
        preflight(run)
        run.tokens.token = None
        run.known["auth_url"] = f"{running.simulator.url}/elsewhere"
        extract(run, "contacts")
        assert asked(running, "/api/authinfo") == 2


@pytest.mark.parametrize(
    ("vendor", "name", "address"),
    [("halopsa", "auth_url", "https://elsewhere.example/auth"), ("autotask", "zone", "https://autotask.net.example/")],
)
def test_credentials_are_sent_to_no_other_host_because_of_what_was_passed_on(
    warehouse_dsn: str, vendor: str, name: str, address: str
) -> None:
    with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
        run = running.sync()
        preflight(run)
        run.tokens.token = None
        run.known[name] = address
        with suppress(ShapeError):  # or it is asked for again
            extract(run, "contacts")
            assert asked(running, LOGINS[vendor]) == 2


@pytest.mark.parametrize(("minutes", "times"), [(9, 1), (11, 2)])
def test_a_task_that_begins_later_looks_again_how_much_of_the_hour_is_used(
    warehouse_dsn: str, minutes: int, times: int
) -> None:
    with rig(warehouse_dsn, SMALL, vendor="autotask") as running:
        run = running.sync()
        preflight(run)
        run.known[CHECKED] = (datetime.now(timezone.utc) - timedelta(minutes=minutes)).isoformat()
        extract(run, "contacts")
        assert asked(running, "/ThresholdInformation") == times


def test_a_list_that_does_not_page_is_refused_although_another_one_does(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=5, sites=60), vendor="halopsa", faults=["paging_ignored:path=/Site"]) as it:
        run = it.sync()
        preflight(run)
        assert {name for name in run.known if name.startswith("paging of")} == {
            f"paging of {path}" for path in ("/Client", "/Asset", "/Users")
        }
        with pytest.raises(Truncated, match="does not page"):
            extract(run, "sites")


def test_preflight_does_not_try_what_the_last_run_has_read(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, SMALL) as running:
        running.run("statuses", "companies", "assets")
        caplog.clear()
        preflight(running.sync())
        assert "sites: may be read" in text(caplog)
        assert "contacts: may be read" in text(caplog)
        assert "statuses, companies, assets: not tried, because the last run has read them." in text(caplog)


AGE = "UPDATE psa.sync_runs SET extracted_at = extracted_at - interval '4 days' WHERE table_name = 'assets'"
FAILED = "UPDATE psa.sync_runs SET state = 'failed' WHERE table_name = 'assets'"
ONE_COMPANY = "UPDATE psa.sync_runs SET company_source_id = '1' WHERE table_name = 'assets'"


@pytest.mark.parametrize("changed", [AGE, FAILED, ONE_COMPANY], ids=["long ago", "failed", "of one company"])
def test_preflight_tries_what_the_last_run_has_not_read(
    warehouse_dsn: str, changed: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, SMALL) as running:
        running.run()
        with psycopg.connect(warehouse_dsn) as connection:
            connection.execute(changed)
        caplog.clear()
        preflight(running.sync())
        assert "assets: may be read" in text(caplog)
        assert "contacts: may be read" not in text(caplog)


def test_an_account_that_lost_its_rights_since_the_last_run_stops_the_run(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with rig(warehouse_dsn, SMALL) as running:
        running.run()
        running.simulator.faults.add("lost_right:path=/company/*")
        running.simulator.faults.add("lost_right:path=/service/*")
        with pytest.raises(RightsError):
            preflight(running.sync())
        assert all(f"{kind} will fail" in caplog.text for kind in KINDS)


def test_a_kind_whose_right_was_lost_since_the_last_run_names_it(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, SMALL) as running:
        running.run()
        running.simulator.faults.add("lost_right:path=/company/contacts")
        run = running.sync()
        preflight(run)
        with pytest.raises(RightsError, match=r"It needs the right: Companies > Contacts, inquire All\. Give the API"):
            extract(run, "contacts")


def test_preflight_asks_each_question_once(warehouse_dsn: str) -> None:
    for vendor in ("autotask", "connectwise", "halopsa", "kaseya_bms", "syncro"):
        with rig(warehouse_dsn, SMALL, vendor=vendor) as running:
            preflight(running.sync())
            lines = Counter((one.method, one.path, str(one.query), one.body) for one in running.simulator.requests)
            assert {line: times for line, times in lines.items() if times > 1} == {}
