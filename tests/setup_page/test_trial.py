"""The test of a connection, and what is known of it without asking the PSA."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from include import connectors
from include.model.errors import AuthError, PsaError
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.setup_page.connection import connection_facts
from include.setup_page.offer import company_choices, custom_fields
from include.setup_page.problems import setup_problem
from include.setup_page.trial import trial
from tests.setup_page.conftest import session_at
from tests.support.rig import Rig

NEEDED = {"connectwise": "/company/contacts*", "autotask": "/Contacts*", "halopsa": "/Users*"}
NEEDED |= {"kaseya_bms": "/v2/crm/contacts*", "syncro": "/contacts*"}


def test_every_kind_that_may_be_read_is_named_with_its_count(tenant: Rig) -> None:
    before = len(tenant.simulator.requests)
    with session_at(tenant) as session:
        found = trial(session, Setup())
    kinds = {kind["kind"]: kind for kind in found["kinds"]}
    assert list(kinds) == [kind.replace("_", " ") for kind in KINDS]
    assert [kind["problem"] for kind in found["kinds"]] == [""] * len(KINDS)
    stored = [len(tenant.rows("companies", where)) for where in ("true", "deleted_at IS NULL")]
    assert kinds["companies"]["count"] in stored
    assert (found["remarks"], found["problems"]) == ([], [])
    assert found["requests"] == len(tenant.simulator.requests) - before


def test_a_missing_right_is_named_as_the_vendor_names_it_and_the_other_kinds_are_tried(tenant: Rig) -> None:
    tenant.simulator.faults.add(f"lost_right:path=*{NEEDED[tenant.vendor]}")
    with session_at(tenant) as session:
        kinds = {kind["kind"]: kind for kind in trial(session, None)["kinds"]}
    refused = kinds.pop("contacts")
    assert refused["problem"]
    assert refused["right"] == connectors.load(tenant.vendor).rights["contacts"]
    assert kinds["companies"]["problem"] == ""


def test_wrong_credentials_are_one_problem_that_says_what_to_do(tenant: Rig) -> None:
    with session_at(tenant, password="wrong") as session, pytest.raises(AuthError) as refused:
        trial(session, None)
    shown = setup_problem(refused.value, "psa_x")
    assert (shown.kind, shown.retry_after_seconds) == ("login", None)
    assert shown.message.endswith("Enter credentials that work into the Airflow connection 'psa_x', then test again.")
    assert "wrong" not in shown.message


def test_a_psa_that_is_down_is_one_problem_that_passes(tenant: Rig) -> None:
    tenant.simulator.faults.add("unavailable")
    with session_at(tenant) as session, pytest.raises(PsaError) as down:
        session.client.http.patience_seconds = 0
        trial(session, None)
    shown = setup_problem(down.value, "psa_x")
    assert (shown.kind, shown.retry_after_seconds is not None) in (("down", True), ("limit", True))


def test_custom_fields_have_examples_and_secretive_ones_are_locked_without_any(tenant: Rig) -> None:
    with session_at(tenant) as session:
        found = [custom_fields(session, table) for table in ("assets", "contacts")]
    groups = [group for one in found for group in (one["fields"], *(one["modules"] or {}).values())]
    fields = [field for group in groups for field in group]
    locked = [field for field in fields if field["locked"]]
    assert any(field["examples"] for field in fields)
    assert any("Password" in field["label"] + field["id"] for field in locked)
    assert all(field["examples"] == [] for field in locked)
    assert "s3cret" not in json.dumps(fields)


def test_company_types_are_offered_where_there_are_any(tenant: Rig) -> None:
    with session_at(tenant) as session:
        offered = company_choices(session)
    has_types = connectors.load(tenant.vendor).company_choices.types is not None
    assert bool(offered["types"]) is has_types
    assert {"Active", "Inactive"} & {status["label"] for status in offered["statuses"]}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Puts a connection into the environment, where Airflow finds it."""

    def put(conn_id: str, **fields: Any) -> None:
        text = json.dumps({"conn_type": "http", **fields})
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", text)

    yield put


def test_a_connection_that_does_not_exist_is_said_with_every_field_that_it_needs(vendor: str) -> None:
    connector = connectors.load(vendor)
    facts = connection_facts(connector, "psa_nothing")
    assert facts["problem"].startswith("There is no Airflow connection 'psa_nothing'.")
    assert [field["name"] for field in facts["fields"]] == list(connector.connection)
    assert not any(field["filled"] for field in facts["fields"])


def test_fields_that_are_filled_in_are_told_apart_and_no_value_is_shown(vendor: str, typed: Any) -> None:
    typed("psa_half", host="https://127.0.0.1:9", password="hunter2hunter2")
    facts = connection_facts(connectors.load(vendor), "psa_half")
    assert {field["name"] for field in facts["fields"] if field["filled"]} == {"host", "password"}
    assert bool(facts["problem"]) is (vendor != "syncro")
    assert "hunter2" not in json.dumps(facts)
