"""What is odd about Syncro."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.choices import CUSTOM_FIELD_TABLES
from include.connectors.common.mapping import map_page
from include.connectors.common.setup import discover
from include.connectors.contract import ReadContext, Stream
from include.connectors.syncro.client import CUSTOMERS, Entity, SyncroClient
from include.connectors.syncro.custom_fields import refusal
from include.connectors.syncro.setup import custom_fields
from include.http.call import Answer
from include.model.choices import Sizes
from include.model.errors import (
    AuthError,
    ConfigError,
    FormError,
    RightsError,
    ServerError,
    ShapeError,
    Truncated,
    Unreachable,
)
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.numbers import Number
from include.model.page import Page
from include.model.request import Request
from include.model.scope import EVERYTHING, Scope
from include.model.setup import CompanyChoice, MappedField, Setup
from include.sync.preflight import preflight
from simulator.world import World
from tests.support.rig import Rig, rig
from tests.support.truth import differences
from tests.support.truth.syncro import SETTINGS, truth
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")


def tenant(dsn: str, world: World | None = None, **more: Any) -> Any:
    return rig(dsn, world, vendor="syncro", **more)


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("syncro").streams if s.table == table)


def mapped(table: str, records: Sequence[Any], setup: Setup | None = None) -> list[dict[str, Any]]:
    """The rows of records of which none is rejected."""
    rows = map_page(stream(table), Page(list(records)), setup or Setup())
    assert rows.rejects == []
    return rows.rows


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    (only,) = mapped(table, [record], setup)
    return only


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / "syncro" / name).read_text(encoding="utf-8"))


class Recorded:
    """An account that answers with documents, and with one company; nothing has further pages."""

    def __init__(self, documents: Mapping[str, Any], company: Any = None) -> None:
        self.documents, self.company = documents, company

    def document(self, path: str) -> Any:
        return self.documents[path]

    def record(self, _: Entity, __: str) -> Any:
        return self.company

    def existing(self, _: Entity, keys: Sequence[str], __: Any = None, **___: Any) -> list[Page]:
        return [Page([self.company]) for _key in keys]

    def page(self, _: Entity, __: int) -> Page:
        return Page([])


def settings_cases() -> Recorded:
    cases = sample("10_settings_and_lookups.json")["cases"]
    return Recorded({case["request"]["path"]: case["response"]["body"] for case in cases})


def read(table: str, client: Any, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
    pages = stream(table).read(ReadContext(client, Setup(), scope))
    return [one for page in pages for one in mapped(table, page.records)]


# ---- the recorded answers ----


@needs_specs
def test_the_recorded_asset_maps_and_nothing_of_its_customer_comes_along() -> None:
    record = sample("01_asset_detail_recorded.json")["response"]["body"]["asset"]
    chosen = {"model": "Model No.:", "imei": "IMEI No."}
    asset = row("assets", record, Setup(custom_fields={"assets": chosen}))
    assert asset["source_updated_at"].isoformat() == "2025-05-19T13:00:53.119000+00:00"
    assert {key: value for key, value in asset.items() if value is not None and key != "source_updated_at"} == {
        "source_id": "9708669",
        "name": "SM-A705X",
        "type": "GOL",
        "serial_number": "R00X00X00XX",
        "company_source_id": "31383993",
        "custom_fields": {"model": "SM-A705X", "imei": "000000000000000000"},
    }


@needs_specs
def test_the_recorded_customer_maps_to_a_company_and_its_main_site() -> None:
    record = sample("01_asset_detail_recorded.json")["response"]["body"]["asset"]["customer"]
    company = row("companies", record)
    assert (company["name"], company["status"], company["status_source_id"]) == ("riza kad", "Active", "active")
    (site,) = read("company_sites", Recorded({}, record), Scope("31383993"))
    assert (site["source_id"], site["name"], site["is_primary"]) == ("31383993", "riza kad", True)
    assert (site["address_line_1"], site["city"]) == ("1 Roderon St, Newilum, Riba Moka, 8001, Yotan Legoyo", None)


@needs_specs
def test_the_assembled_settings_map_by_name_and_the_empty_priority_is_no_row() -> None:
    api = settings_cases()
    assert [(b["source_id"], b["is_active"]) for b in read("service_boards", api)] == [
        ("12", True),
        ("13", False),
        ("14", True),
    ]
    statuses = read("ticket_statuses", api)
    assert [(s["source_id"], s["name"], s["sort_order"]) for s in statuses][:2] == [
        ("Luy", "Luy", 1),
        ("In Tabatapi", "In Tabatapi", 2),
    ]
    priorities = read("ticket_priorities", api)
    assert [(p["source_id"], p["sort_order"]) for p in priorities] == [
        ("0 Pidesu", 2),
        ("1 Leka", 3),
        ("9 Sumaleba", 4),
    ]


@needs_specs
def test_definitions_of_one_name_are_one_choice_that_says_what_they_are() -> None:
    recorded: Any = settings_cases()
    found = {table: list(custom_fields(recorded, table, None).values()) for table in CUSTOM_FIELD_TABLES}
    assert [(c.id, c.note) for c in found["companies"]] == [("Gonu", "widelesu, wima"), ("MOG zabago", "winew_nur")]
    assert [(c.id, c.note) for c in found["assets"]] == [
        ("Zalum No.:", "wima of Finuwiv"),
        ("Vezalede zaka", "zaka of Finuwiv, wima of Wimogo Pibasu"),
    ]
    assert found["contacts"] == []


# ---- odd records ----

REPORT: dict[str, Any] = {"general": {"manufacturer": "Dell"}, "os": {"name": "Windows 11"}}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"properties": {"kabuto_information": REPORT}}, ("Dell", "Windows 11")),
        ({"properties": {"kabuto_information": json.dumps(REPORT)}}, ("Dell", "Windows 11")),
        ({"rmm_store": {"general": {"info": json.dumps(REPORT)}}}, ("Dell", "Windows 11")),
        (
            {"rmm_store": {"general": {"info": REPORT}}, "properties": {"kabuto_information": "off"}},
            ("Dell", "Windows 11"),
        ),
        ({"properties": {"kabuto_information": {**REPORT, "general": "pending"}}}, (None, "Windows 11")),
        ({"properties": {"kabuto_information": {"general": {"manufacturer": ["Dell"]}, "os": None}}}, (None, None)),
        ({"properties": {}, "rmm_store": {"general": {"info": "{"}}}, (None, None)),
        ({"properties": None, "rmm_store": None}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_the_agents_report_is_read_as_object_or_text_and_is_missed_by_nobody(more: Any, told: Any) -> None:
    asset = row("assets", {"id": 1, "name": "PC", **more})
    assert (asset["manufacturer"], asset["os_type"]) == told


def test_offsets_of_summer_and_winter_become_utc_and_ids_may_be_longer_than_32_bits() -> None:
    winter = row("contacts", {"id": 2**40, "customer_id": 2**33, "updated_at": "2025-01-11T15:00:00.119-05:00"})
    summer = row("contacts", {"id": 2, "customer_id": None, "updated_at": "2025-07-11T15:00:00.119-04:00"})
    assert (winter["source_id"], winter["company_source_id"]) == (str(2**40), str(2**33))
    assert (winter["source_updated_at"].hour, summer["source_updated_at"].hour) == (20, 19)
    assert summer["company_source_id"] is None


@pytest.mark.parametrize(
    ("record", "name", "status"),
    [
        ({"business_name": " ", "fullname": "Ann Lee", "disabled": None}, "Ann Lee", "Active"),
        ({"business_name": "", "firstname": "Ann", "lastname": "Lee", "business_then_name": "x"}, "Ann Lee", "Active"),
        ({"business_name": None, "fullname": "", "disabled": True}, "7", "Disabled"),
    ],
)
def test_a_company_without_a_business_has_its_persons_name_else_its_number(record: Any, name: str, status: str) -> None:
    company = row("companies", {"id": 7, **record})
    assert (company["name"], company["status"]) == (name, status)


def test_an_asset_stands_at_the_main_address_a_further_one_or_nowhere() -> None:
    where: list[dict[str, Any]] = [{"address": {"id": 7}}, {"address": {"id": 2**33}}, {"address": None}, {}]
    assets = mapped("assets", [{"id": 1, "customer_id": 7, **each} for each in where])
    assert [asset["site_source_id"] for asset in assets] == ["7", f"7/{2**33}", None, None]


def test_a_key_is_the_same_however_its_number_is_spelled() -> None:
    asset = row("assets", {"id": 1.0, "customer_id": "7.0", "contact_id": 8.0, "address": {"id": 9.0}})
    assert [asset[f"{one}source_id"] for one in ("", "company_", "contact_", "site_")] == ["1", "7", "8", "7/9"]


def test_a_company_without_an_id_costs_what_hangs_on_it_and_nothing_is_deleted_for_it(warehouse_dsn: str) -> None:
    with tenant(
        warehouse_dsn, new_world(companies=60), setup=Setup(companies=CompanyChoice(statuses=("Active",)))
    ) as running:
        running.run("sites", "assets", "contacts")
        running.simulator.faults.add("missing_id:path=/customers")
        counts = running.run("sites", "assets", "contacts")
        assert [one.rejected for one in counts.values()] == [1, 1, 1]
        for table in ("company_sites", "assets", "contacts"):
            assert running.rows(table, "deleted_at IS NOT NULL") == []


@pytest.mark.parametrize("odd", ["unexpected", [{"name": "no id"}], [{}], [None]])
def test_an_odd_address_is_rejected_and_the_companys_other_sites_stay_as_they_are(odd: Any) -> None:
    api = Recorded({}, {"id": 7, "fullname": "Ann", "addresses": odd})
    (page,) = stream("company_sites").read(ReadContext(api, Setup(), Scope("7")))
    assert [record["id"] for record in page.records] == ["7"]
    assert [reject.scope for reject in page.rejects] == [("company_source_id", "7")]


def test_a_tenant_without_ticket_types_has_its_problem_types_for_boards() -> None:
    api = Recorded({"/tickets/settings": {"ticket_types": []}, "/settings": {"ticket": {"problem_types": ["Virus"]}}})
    (board,) = read("service_boards", api)
    assert (board["source_id"], board["name"], board["is_active"]) == ("Virus", "Virus", True)


def test_one_status_counts_as_closed_and_no_status_at_all_is_refused() -> None:
    api = Recorded({"/tickets/settings": {"ticket_status_list": ["New", "Resolved"]}})
    assert [status["is_closed"] for status in read("ticket_statuses", api)] == [False, True]
    with pytest.raises(ShapeError, match="lists no ticket status at all"):
        read("ticket_statuses", Recorded({"/tickets/settings": {"ticket_status_list": []}}))


# ---- secrets ----


@pytest.mark.parametrize(
    "name",
    ["Local Admin Password", "adminPassword", "WLAN pw", "wifi_psk", "API Key", "O365 token", "PIN:", "Portal-Key"],
)
def test_a_field_that_seems_to_hold_secrets_is_refused_and_never_kept(name: str) -> None:
    assert "secrets" in refusal(name)
    record = {"id": 1, "name": "PC", "properties": {name: "hunter2", "Nested": {name: "hunter2", "size": 2}}}
    asset = row("assets", record, Setup(custom_fields={"assets": {"a": name, "b": "Nested"}}))
    assert asset["custom_fields"] == {"a": None, "b": {"size": 2}}


@pytest.mark.parametrize("name", ["Passport No.", "Secretary", "Shipping", "Tokenring", "Opinion"])
def test_a_field_that_only_sounds_like_one_is_not(name: str) -> None:
    assert refusal(name) == ""


def test_custom_values_are_what_postgres_can_store() -> None:
    values = {
        "n": 7,
        "text": "a\x00b",
        "blank": " ",
        "many": ["x", " ", None],
        "money": Number("10.50"),
        "flag": "1",
        "kabuto_information": 1,
    }
    setup = Setup(custom_fields={"contacts": {key: key for key in values}})
    assert row("contacts", {"id": 1, "properties": values}, setup)["custom_fields"] == {
        "n": 7,
        "text": "ab",
        "blank": None,
        "many": ["x", None, None],
        "money": Number("10.50"),
        "flag": "1",
        "kabuto_information": None,
    }


def test_no_token_portal_key_or_community_string_is_logged_or_stored(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with tenant(warehouse_dsn, setup=SETTINGS) as running:
        running.run()
        discover(load("syncro"), running.client())
        stored = str([running.rows(table) for tables in KINDS.values() for table in tables])
        for secret in (running.simulator.connection["password"], "portal_key", "community"):
            assert secret not in caplog.text + stored


# ---- login ----


@pytest.mark.parametrize("password", ["", "two words", "token\u200b", "to\tken"])
def test_a_token_that_cannot_be_one_is_refused_before_anything_is_asked(warehouse_dsn: str, password: str) -> None:
    with tenant(warehouse_dsn, World(companies=1)) as running:
        with pytest.raises(ConfigError, match="The password of the connection 'psa_syncro' must be the API token"):
            running.client(password=password)
        assert running.simulator.requests == []


def test_a_wrong_token_a_missing_right_and_nobody_there_are_told_apart(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, World(companies=1), faults=["missing_right:path=/customers"]) as running:
        with pytest.raises(AuthError, match="answered 401") as wrong:
            running.client(password="wrong").page(CUSTOMERS, 1)
        assert not isinstance(wrong.value, RightsError)
        with pytest.raises(RightsError, match="Not authorized"):
            running.client().page(CUSTOMERS, 1)
        late = running.client()
    with pytest.raises(Unreachable, match="Is the host of the connection right"):
        late.page(CUSTOMERS, 1)


# ---- single records ----


class Answering:
    """A client that gets the same answer to whatever it asks."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def get(self, _: str, __: Any = None, **___: Any) -> Answer:
        return Answer(self.body, has_next=False)


@pytest.mark.parametrize(
    "body", [{"customer": {"id": 8}}, {"customer": None}, {"error": "no"}, {"id": 7}, [], None, "Off"]
)
def test_an_answer_without_the_one_record_that_was_asked_for_is_refused(body: Any) -> None:
    with pytest.raises(ShapeError, match="/customers/"):
        SyncroClient(Answering(body)).record(CUSTOMERS, "7")  # type: ignore[arg-type]


# ---- listings ----


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("renamed_envelope:path=/customer_assets", ShapeError),
        ("unstable_slices:path=/customer_assets", Truncated),
        ("early_end:path=/customer_assets,rows=60", Truncated),
        ("repeated_page:path=/customer_assets", Truncated),
        ("count_disagrees:path=/customer_assets", Truncated),
        ("count_disagrees:path=/customer_assets,after=3", Truncated),
        ("missing_right:path=/customer_assets,after=1", RightsError),
        ("html_200:path=/customer_assets,after=1", ServerError),
        ("empty_body:path=/customer_assets,after=1", ServerError),
        ("null_body:path=/customer_assets,after=1", ShapeError),
    ],
)
def test_a_listing_that_is_not_whole_turns_its_kind_red_and_changes_nothing(
    warehouse_dsn: str, fault: str, raised: type[Exception]
) -> None:
    with tenant(warehouse_dsn, new_world(companies=5, assets=120)) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add(fault)
        with pytest.raises(raised):
            running.run("assets")
        assert running.state() == before
        assert running.run("contacts")["contacts"].rejected == 0


def test_a_list_without_meta_is_read_until_a_page_brings_nothing(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, new_world(companies=10, assets=100), faults=["no_meta"]) as running:
        assert running.run("assets")["assets"].inserted == 100
        pages = [request.query["page"] for request in running.simulator.requests if "assets" in request.path]
        assert set(pages) - {"4"} == {"1", "2", "3"}  # while the third is awaited, the fourth may be in flight


def test_what_an_uncounted_listing_lacks_is_asked_for_before_it_is_taken_for_deleted(warehouse_dsn: str) -> None:
    world = new_world()
    with tenant(warehouse_dsn, world) as running:
        running.run(*OF_COMPANIES)
        gone = world.assets.ids[0]
        world.assets.pop(gone)
        for path in ("/customers", "/customer_assets", "/contacts"):
            running.simulator.faults.add(f"no_meta:path={path}")
        counts = running.run(*OF_COMPANIES)
        assert {table: (b.deleted, b.inserted) for table, b in counts.items()} == {
            "companies": (0, 0),
            "company_sites": (0, 0),
            "assets": (1, 0),
            "contacts": (0, 0),
        }
        assert f"/api/v1/customer_assets/{gone}" in [request.path for request in running.simulator.requests]
        assert differences(running.rows("assets"), truth(world, Setup())["assets"]) == []
        running.simulator.faults.add("unstable_slices:path=/customer_assets")
        with pytest.raises(Truncated, match="exists when it is asked for by its key"):
            running.run("assets")


def test_disabled_companies_are_there_and_say_so(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        running.run("companies")
        assert running.rows("companies", "status_source_id = 'disabled' AND deleted_at IS NULL")


def test_a_429_that_says_nothing_is_waited_out_for_more_than_a_minute(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, faults=["bare_rate_limit:path=/contacts"]) as running:
        running.run("contacts")
        assert max(running.slept) >= 65


def test_a_company_that_goes_while_its_sites_are_read_is_a_line_in_the_log(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn) as running:
        running.simulator.faults.add("row_deleted_between_pages:path=/customers,after=1")
        running.run("sites")
        assert " does not exist any more." in caplog.text


def test_a_night_costs_no_more_than_paging_needs(warehouse_dsn: str) -> None:
    world = new_world(companies=120, assets=600)
    with tenant(warehouse_dsn, world) as running:
        running.run()
        living = len(truth(world, Setup())["companies"])
        cost = load("syncro").cost(Sizes(living, 0, len(world.assets), len(world.contacts)))
        assert 0.95 <= len(running.simulator.requests) / sum(cost.values()) <= 1


# ---- requests ----


@needs_specs
def test_every_request_of_a_night_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec("syncro")
    world = new_world()
    with tenant(
        warehouse_dsn, world, setup=replace(SETTINGS, companies=CompanyChoice(statuses=("Active",)))
    ) as running:
        running.run()
        discover(load("syncro"), running.client())
        synced = running.rows("companies", "deleted_at IS NULL")[0]["source_id"]
        leaving = world.assets.by("company_id")[int(synced)][0]
        world.assets.add(replace(world.assets[leaving], company_id=world.companies.ids[1]))
        running.run(request=Request(company=synced))  # asks for the one that left it by its key
        with pytest.raises(FormError):
            running.run(request=Request(company='A "quoted" name that nobody has'))
        assert len(running.simulator.requests) > 40
        for request in running.simulator.requests:
            path = request.path.removeprefix("/api/v1")
            check_request(spec, request.method, path, request.query, request.headers)


# ---- the company filter, and one company ----


def test_what_belongs_to_companies_that_setup_leaves_out_is_left_out(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(statuses=("disabled",)))
    with tenant(warehouse_dsn, setup=setup, faults=["odd_record:path=/contacts,key=customer_id,kind=list"]) as running:
        counts = running.run()
        disabled = {r["source_id"] for r in running.rows("companies")}
        assert disabled
        assert {r["status"] for r in running.rows("companies")} == {"Disabled"}
        for table in ("company_sites", "assets", "contacts"):
            assert {r["company_source_id"] for r in running.rows(table)} <= disabled
        assert counts["contacts"].rejected == 1  # odd, so it may have been wanted


def test_what_was_synced_before_setup_left_it_out_is_deleted_and_not_found_again(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        running.run()
        running.setup = Setup(companies=CompanyChoice(statuses=("Active",)))
        running.run(request=Request(approved=tuple(KINDS)))
        left_out = {r["source_id"] for r in running.rows("companies", "deleted_at IS NOT NULL")}
        assert left_out
        for table in ("company_sites", "assets", "contacts"):
            assert left_out.isdisjoint(r["company_source_id"] for r in running.rows(table, "deleted_at IS NULL"))


def one_company(running: Rig, typed: str) -> str:
    company = preflight(running.sync(request=Request(kinds=OF_COMPANIES, company=typed)))
    assert company is not None
    return company.id


def test_a_company_is_found_by_number_or_name_also_where_the_name_is_a_persons(warehouse_dsn: str) -> None:
    world = new_world(companies=40)
    names = {key: row["name"] for key, row in truth(world, Setup())["companies"].items()}
    with tenant(warehouse_dsn, world) as running:
        for key in ("25", "36", "41"):  # a person, a person beside a blank business, a company without any name
            assert one_company(running, key) == key
            assert one_company(running, names[key].upper()) == key
        with pytest.raises(FormError, match=r"There is no company 'Summit'\. Similar: Summit"):
            one_company(running, "Summit")
        running.setup = Setup(companies=CompanyChoice(statuses=("Disabled",)))
        with pytest.raises(FormError, match=r"Setup leaves .* \(25\) out"):
            one_company(running, "25")


def test_records_of_other_companies_than_the_one_asked_for_are_refused(warehouse_dsn: str) -> None:
    with (
        tenant(warehouse_dsn, faults=["ignored_parameter:path=/customer_assets"]) as running,
        pytest.raises(ShapeError, match="the filter was ignored"),
    ):
        running.run(request=Request(kinds=("assets",), company="25"))


# ---- preflight and discovery ----


def test_a_login_that_sees_a_single_company_or_no_tickets_is_noticed(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with tenant(warehouse_dsn) as running:
        preflight(running.sync())
        assert "Single-Customer" not in caplog.text
        assert "may not read tickets" not in caplog.text
        running.simulator.faults.add("single_customer_user")
        running.simulator.faults.add("unreadable_in_me:right=ticket")
        preflight(running.sync())
        assert "Single-Customer" in caplog.text
        assert "may not read tickets" in caplog.text


def test_wishes_that_syncro_cannot_grant_are_named(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Client",), statuses=("Inactive",), status_from="type"),
        custom_fields={"assets": {"pw": "Local Admin Password", "x": "asset tag", "agent": "kabuto_information"}},
        field_map={"assets": {"notes": MappedField("Nowhere")}},
    )
    with tenant(warehouse_dsn, setup=setup) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert "There is no company status 'Inactive'. Did you mean 'Active'?" in said
    assert "Syncro has no company types, take this out; there are companies.statuses." in said
    assert "companies.status_from: Syncro has only 'activity'" in said
    assert "custom_fields.assets.pw: field Local Admin Password seems by its name to hold secrets" in said
    assert "custom_fields.assets.agent: field kabuto_information is Syncro's own" in said
    assert "custom_fields.assets.x: there is no custom field asset tag. There are: " in said
    assert "field_map.assets.notes: there is no custom field Nowhere" in said


def test_a_contacts_field_that_the_first_page_lacks_is_a_warning_unless_it_seems_secret(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    setup = Setup(custom_fields={"contacts": {"x": "Rarely used"}})
    with tenant(warehouse_dsn, setup=setup) as running:
        preflight(running.sync())
        assert "no record on the first page has the custom field" in " ".join(caplog.text.split())
        running.setup = Setup(custom_fields={"contacts": {"x": "Rarely used password"}})
        with pytest.raises(ConfigError, match="seems by its name to hold secrets"):
            preflight(running.sync())


@pytest.mark.parametrize("fault", ["missing_right", "poisoned_record:path=/customer_assets", "html_200:path=/settings"])
def test_trouble_with_custom_fields_does_not_stop_the_other_kinds(warehouse_dsn: str, fault: str) -> None:
    setup = Setup(custom_fields={"assets": {"x": "Rarely used"}})
    with tenant(warehouse_dsn, setup=setup, faults=[fault]) as running:
        assert running.run("contacts")["contacts"].inserted == 100


def test_discovery_lists_what_setup_can_choose_with_examples_but_none_of_secrets(warehouse_dsn: str) -> None:
    world = new_world()
    with tenant(warehouse_dsn, world) as running:
        found = {(choice.group, choice.id): choice for choice in discover(load("syncro"), running.client())}
    groups: dict[str, set[str]] = {}
    for group, id_ in found:
        groups.setdefault(group, set()).add(id_)
    assert groups["company statuses"] == {"active", "disabled"}
    assert groups["boards"] == {str(board) for board in world.boards}
    assert "Website" in groups["custom fields of companies"]
    assert "Badge number" in groups["custom fields of contacts"]
    assert not {id_ for ids in groups.values() for id_ in ids if id_.startswith(("kabuto", "notification"))}
    assets = "custom fields of assets"
    assert found[assets, "Purchased"].examples
    assert found[assets, "Größe (Zoll) "].note.endswith("ends in a blank")
    assert found[assets, "Local Admin Password"].refused
    assert found[assets, "Local Admin Password"].examples == ()
