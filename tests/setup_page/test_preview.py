"""What a preview says is what the next run does, at each PSA."""

from __future__ import annotations

from dataclasses import replace

from include.model.kinds import KINDS
from include.model.request import Request
from include.model.setup import CompanyChoice, DeletionGuard, MappedField, Setup
from include.setup_page.offer import company_choices, count_companies, custom_fields
from include.setup_page.preview import COMPARED, WITHOUT_COMPANY, preview
from tests.setup_page.conftest import EMPTY, session_at
from tests.support.rig import Rig

NOUNS = {"companies": "companies", "company_sites": "sites", "assets": "assets", "contacts": "contacts"}


def test_the_rows_that_a_filter_would_mark_deleted_are_those_that_the_run_marks(tenant: Rig) -> None:
    new = replace(EMPTY, companies=a_filter(tenant))
    live = {table: len(tenant.rows(table, "deleted_at IS NULL")) for table in NOUNS}
    said = sentences(tenant, EMPTY, new)
    with session_at(tenant) as session:
        counted = count_companies(session, tenant.vendor, new)
    tenant.setup = new
    tenant.run(request=Request(approved=tuple(KINDS)))
    gone = {table: number - len(tenant.rows(table, "deleted_at IS NULL")) for table, number in live.items()}
    assert 0 < gone["companies"] < live["companies"]
    assert counted == {"selected": live["companies"] - gone["companies"], "stored": live["companies"]}
    numbers = [f"{gone[table]:,} of {live[table]:,} {noun}" for table, noun in NOUNS.items() if gone[table]]
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if numbers[1:] else numbers[0]
    assert said[0].startswith(f"{listed} would be marked deleted. The companies: ")
    assert said[-1] == COMPARED.sentence


def test_companies_that_a_filter_left_out_appear_without_it(tenant: Rig) -> None:
    only = replace(EMPTY, companies=a_filter(tenant))
    live = len(tenant.rows("companies", "deleted_at IS NULL"))
    tenant.setup = only
    tenant.run(request=Request(approved=tuple(KINDS)))
    kept = len(tenant.rows("companies", "deleted_at IS NULL"))
    said = sentences(tenant, only, EMPTY)
    assert said[0].startswith(f"{live - kept} compan{'y' if live - kept == 1 else 'ies'} would appear. ")
    assert WITHOUT_COMPANY.sentence in said


def test_the_guard_is_named_where_it_would_ask_a_person(tenant: Rig) -> None:
    strict = replace(EMPTY, companies=a_filter(tenant), deletion_guard=DeletionGuard(share=0, rows=0))
    loose = replace(strict, deletion_guard=DeletionGuard(share=1))
    assert any(said.startswith("The deletion guard asks a person first") for said in sentences(tenant, EMPTY, strict))
    assert not any(said.startswith("The deletion guard asks") for said in sentences(tenant, EMPTY, loose))


def test_custom_fields_that_come_go_and_move_are_named_with_their_rows(tenant: Rig) -> None:
    module = {"assets": 33} if tenant.vendor == "kaseya_bms" else {}
    with session_at(tenant) as session:
        offered = custom_fields(session, "assets")
    fields = offered["modules"]["33"] if module else offered["fields"]
    one, two = (field["id"] for field in [field for field in fields if not field["locked"]][:2])
    old = replace(EMPTY, custom_fields={"assets": {"kept": one, "gone": two}}, custom_field_modules=module)
    new = replace(
        EMPTY,
        custom_fields={"assets": {"kept": two, "added": one}},
        field_map={"assets": {"notes": MappedField(one)}},
        custom_field_modules=module,
    )
    said = "\n".join(sentences(tenant, old, new))
    assert f"'added' ({one}) is added to custom_fields: up to 40 rows change" in said
    assert f"'gone' ({two}) disappears. It has a value in 0 rows now." in said
    assert f"'kept' is filled from {two} instead of {one}: up to 40 rows change" in said
    assert f"notes is filled from the custom field {one}: up to 40 rows change" in said


def test_nothing_changes_with_the_same_setup_and_numbers_are_said_with_their_meaning(tenant: Rig) -> None:
    assert sentences(tenant, EMPTY, EMPTY) == ["Nothing changes: the next run does what the last one did."]
    guarded = replace(EMPTY, deletion_guard=DeletionGuard(rows=25))
    (said,) = sentences(tenant, EMPTY, guarded)
    assert said.startswith("deletion_guard.rows: 25 instead of 10. Number of rows")


def test_what_the_tenant_does_not_have_is_said_before_it_is_saved(tenant: Rig) -> None:
    wrong = replace(EMPTY, companies=CompanyChoice(statuses=("Nonsense",)))
    with session_at(tenant) as session:
        found = preview(session, tenant.vendor, EMPTY, wrong)
    assert "There is no company status 'Nonsense'." in found["problems"][0]
    assert found["effects"] == []


def test_while_the_psa_is_down_the_warehouse_is_still_compared(tenant: Rig) -> None:
    tenant.simulator.faults.add("unavailable")
    new = replace(EMPTY, companies=CompanyChoice(statuses=("Active",)), deletion_guard=DeletionGuard(rows=25))
    with session_at(tenant) as session:
        session.client.http.patience_seconds = 0
        found = preview(session, tenant.vendor, EMPTY, new)
    assert found["unknown"]
    assert [effect["about"] for effect in found["effects"]] == ["deletion_guard.rows"]


def a_filter(tenant: Rig) -> CompanyChoice:
    """The type or else the status that selects some companies, but not all."""
    with session_at(tenant) as session:
        offered = company_choices(session)
        total = len(tenant.rows("companies", "deleted_at IS NULL"))
        for kind in ("types", "statuses"):
            for choice in offered[kind] or ():
                keys = (choice["id"],)
                chosen = CompanyChoice(types=keys) if kind == "types" else CompanyChoice(statuses=keys)
                if 0 < count_companies(session, tenant.vendor, Setup(companies=chosen))["selected"] < total:
                    return chosen
    raise AssertionError("no choice leaves some companies out")


def sentences(tenant: Rig, old: Setup, new: Setup) -> list[str]:
    with session_at(tenant) as session:
        found = preview(session, tenant.vendor, old, new)
    assert (found["problems"], found["unknown"]) == ([], "")
    return [effect["sentence"] for effect in found["effects"]]
