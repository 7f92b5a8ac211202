"""What is odd about Autotask."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from include.connectors import load
from include.connectors.autotask.auth import services_origin
from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import (
    ASSET_CATEGORIES,
    ASSET_TYPES,
    COUNTRIES,
    CUSTOM_LABELS,
    MANUFACTURERS,
    PRODUCTS,
)
from include.connectors.autotask.conditions import flag, from_key, one_of
from include.connectors.autotask.errors import judge
from include.connectors.autotask.names import add_products
from include.connectors.autotask.setup import fields_of, remarks
from include.connectors.common.choices import CustomField
from include.connectors.common.mapping import map_page
from include.connectors.common.setup import discover
from include.connectors.contract import ReadContext, Stream
from include.http.session import PsaLogin
from include.model.choices import Sizes
from include.model.errors import (
    AuthError,
    ConfigError,
    FormError,
    NotFound,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
    ShapeError,
)
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, MappedField, Setup
from include.sync.preflight import preflight
from simulator.world import START
from tests.support import truth
from tests.support.rig import Rig, Unpaced, rig
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
NOWHERE = ""  # no warehouse: these tests only ask
VENDOR = truth.vendor("autotask")
OPERATORS = {"and", "eq", "gt", "gte", "in", "or", "contains", "notExist"}
LOGIN = PsaLogin("psa_autotask", "https://webservices.autotask.net", "user@msp", "pass", {"integrationCode": "CODE"})
ZONE = {"url": "https://webservices5.autotask.net/ATServicesRest/"}
QUIET_HOUR = {"externalRequestThreshold": 10000, "currentTimeframeRequestCount": 7500}


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("autotask").streams if s.table == table)


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    """The one row of a record that is not rejected."""
    mapped = map_page(stream(table), Page([record]), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / "autotask" / name).read_text(encoding="utf-8"))


class Answers:
    """A session in which the server says these things in turn."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []

    def request(self, method: str, url: str, *, headers: Mapping[str, str], **_: Any) -> requests.Response:
        self.asked.append(f"{method} {url}")
        self.headers.append(headers)
        status, body = self.answers.pop(0)
        response = requests.Response()
        response.status_code = status
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return response


def client(*answers: Any, login: PsaLogin = LOGIN) -> AutotaskClient:
    session: Any = Answers(*answers)
    opened = load("autotask").connect(session, login, Unpaced())
    assert isinstance(opened, AutotaskClient)
    opened.http.sleep = lambda _: None
    return opened


def asked(opened: AutotaskClient) -> list[str]:
    session: Any = opened.http.session
    return [line.replace("https://", "").replace("/ATServicesRest/V1.0", "") for line in session.asked]


def paths(running: Rig) -> Counter[str]:
    return Counter(request.path.rpartition("/V1.0")[2] for request in running.simulator.requests)


# ---- the recorded answers ----


@needs_specs
def test_the_recorded_company_maps_with_a_postal_code_that_is_a_number() -> None:
    (record,) = sample("companies_query_page.json")["items"]
    mapped = row("companies", record)
    assert (mapped["source_id"], mapped["name"]) == ("174", "Sufide NEW Kapin")
    assert (mapped["status"], mapped["status_source_id"]) == ("Active", "active")
    assert mapped["source_updated_at"].isoformat() == "2012-07-26T13:15:47+00:00"
    assert row("company_sites", record)["postal_code"] == "12061"


@needs_specs
def test_the_recorded_contact_maps_and_its_number_1_means_active() -> None:
    (record,) = sample("contacts_query_demo.json")["items"]
    mapped = row("contacts", record)
    assert (mapped["name"], mapped["email"], mapped["phone"]) == ("Zane Rilum", "kagori@example.org", "555-010-5513")
    assert (mapped["is_active"], mapped["company_source_id"], mapped["country"]) == (True, "174", None)
    assert mapped["source_updated_at"].isoformat() == "2015-07-18T13:22:29.877000+00:00"


@needs_specs
@pytest.mark.parametrize(
    ("name", "error"),
    [("error_500_permissions.json", RightsError), ("error_500_unknown_field.json", RequestRefused)],
)
def test_a_recorded_500_that_repeating_cannot_cure_is_not_repeated(name: str, error: type[Exception]) -> None:
    recorded = sample(name)
    api = client((200, ZONE), (200, QUIET_HOUR), (recorded["status"], recorded["body"]))
    with pytest.raises(error):
        api.count("Companies")
    assert asked(api)[2:] == ["POST webservices5.autotask.net/Companies/query/count"]


@needs_specs
def test_a_tenant_that_has_used_80_percent_of_its_hour_is_left_alone() -> None:
    api = client((200, sample("zone_information.json")), (200, sample("threshold_information.json")))
    with pytest.raises(RateLimited, match=r"have used 8,000 of the 10,000 requests .* stops at 75%") as caught:
        api.count("Companies")
    assert caught.value.retry_after_seconds == 600


@needs_specs
def test_a_full_page_with_a_next_one_does_not_end_a_listing() -> None:
    page = sample("page_with_next_url.json")
    last = {"items": [{"id": 501}], "pageDetails": {"count": 1, "nextPageUrl": None}}
    api = client((200, ZONE), (200, QUIET_HOUR), (200, page), (200, last))
    assert [r["id"] for p in api.part("Companies", ["id"], counted=False).pages(None) for r in p.records] == [500, 501]


@needs_specs
def test_the_recorded_values_of_fields_become_rows() -> None:
    (value,) = sample("fields_company_type.json")["fields"][0]["picklistValues"]
    board = {"source_id": "3", "name": "Vekarile", "is_active": True, "source_updated_at": None}
    assert row("service_boards", value) == board
    assert row("ticket_statuses", value)["is_closed"] is False
    assert row("ticket_statuses", value | {"value": "5"})["is_closed"] is True


# ---- mapping ----


def test_an_asset_takes_each_column_from_the_first_field_that_is_filled() -> None:
    lists = {
        ASSET_TYPES: {"7": "Server"},
        MANUFACTURERS: {"9": "Found Inc."},
        PRODUCTS: {"3": {"name": "Box 1", "manufacturerName": "Maker"}, "4": {"name": "Box 2"}, "5": None},
    }
    record = {"id": 1, "companyID": 0, "configurationItemType": 7, "productID": 3, "serialNumber": "", **lists}
    mapped = row("assets", record | {"dattoSerialNumber": "D1", "rmmDeviceAuditManufacturerID": 9})
    assert (mapped["name"], mapped["type"], mapped["manufacturer"]) == ("Box 1", "Server", "Maker")
    assert (mapped["serial_number"], mapped["company_source_id"], mapped["status"]) == ("D1", "0", None)
    assert row("assets", record | {"rmmDeviceAuditHostname": "pc1"})["name"] == "pc1"
    assert row("assets", record | {"productID": 4, "rmmDeviceAuditManufacturerID": 9})["manufacturer"] == "Found Inc."
    assert row("assets", record | {"productID": 5})["manufacturer"] is None


def test_what_a_list_does_not_have_any_more_is_kept_as_unknown() -> None:
    mapped = row("assets", {"id": 1, "configurationItemType": 8, "rmmDeviceAuditManufacturerID": 2})
    assert (mapped["type"], mapped["manufacturer"]) == ("unknown (8)", "unknown (2)")
    assert row("contacts", {"id": 1, "countryID": 237, COUNTRIES: {"237": ""}})["country"] == "unknown (237)"


def test_a_key_is_the_same_however_its_number_is_spelled() -> None:
    mapped = row("assets", {"id": 1.0, "companyID": "7.0", "contactID": 8.0, "companyLocationID": "9"})
    assert [mapped[f"{one}source_id"] for one in ("", "company_", "contact_", "site_")] == ["1", "7", "8", "9"]
    hidden = row("contacts", {"id": 1, "companyID": 0.0, "isActive": 0})
    assert (hidden["company_source_id"], hidden["kept"]) == (None, ["company_source_id"])
    assert row("contacts", {"id": 1, "countryID": 237.0, COUNTRIES: {"237": "Peru"}})["country"] == "Peru"


def test_a_list_of_the_tenants_own_gives_the_label_where_its_definition_has_one() -> None:
    setup = Setup(custom_fields={"assets": {"tier": "Tier"}})
    labels = {CUSTOM_LABELS: {"Tier": {"1": "Gold"}}}
    tiers = [
        row("assets", {"id": 1, "userDefinedFields": [{"name": "Tier", "value": value}], **labels}, setup)
        for value in ("1", "2", None)
    ]
    assert [one["custom_fields"]["tier"] for one in tiers] == ["Gold", "2", None]


def test_an_install_date_is_no_purchase_date() -> None:
    mapped = row(
        "assets", {"id": 1, "installDate": "2020-01-02T00:00:00Z", "warrantyExpirationDate": "2023-01-02T00:00:00"}
    )
    assert mapped.get("purchase_date") is None
    assert mapped["warranty_expires_on"].isoformat() == "2023-01-02"


@pytest.mark.parametrize("empty", [{}, [], None])
def test_custom_fields_are_text_by_name_and_may_be_none_in_several_ways(empty: Any) -> None:
    setup = Setup(
        custom_fields={"assets": {"tier": "Backup Tier", "inches": "Größe (Zoll) "}},
        field_map={"assets": {"purchase_date": MappedField("Bought")}},
    )
    values = {"Backup Tier": "Gold", "Größe (Zoll) ": "0.1500", "Bought": "2021-05-06T00:00:00Z"}
    filled = {"id": 1, "userDefinedFields": [{"name": name, "value": value} for name, value in values.items()]}
    mapped = row("assets", filled, setup)
    assert mapped["custom_fields"] == {"tier": "Gold", "inches": "0.1500"}
    assert mapped["purchase_date"].isoformat() == "2021-05-06"
    assert row("assets", {"id": 1, "userDefinedFields": empty}, setup)["custom_fields"] == {
        "tier": None,
        "inches": None,
    }


# ---- connection, zone and refusals ----


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extra": {}}, "integrationCode"),
        ({"extra": {"integrationCode": " "}}, "integrationCode"),
        ({"extra": {"integrationCode": "ABC\u200b"}}, "The extra integrationCode of the connection .* invisible"),
        ({"password": "sécret"}, "The password of the connection"),
        ({"login": "user\u200b@msp"}, "The login of the connection"),
    ],
)
def test_a_half_filled_connection_says_what_is_missing(changes: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        client(login=replace(LOGIN, **changes))


def test_wrong_credentials_are_told_apart() -> None:
    with rig(NOWHERE, vendor="autotask") as running:
        with pytest.raises(AuthError, match="answered 401"):
            running.client(password="wrong").count("Companies")
        with pytest.raises(AuthError, match="'integrationCode' in the connection's extra"):
            running.client(extra={"integrationCode": "wrong"}).count("Companies")
        with pytest.raises(ConfigError, match="user name of the API user"):
            running.client(login="nobody").count("Companies")


def test_the_address_that_people_sign_in_at_leads_to_its_zone() -> None:
    assert services_origin("https://ww5.autotask.net") == "https://webservices5.autotask.net"
    assert services_origin("http://127.0.0.1:9100") == "http://127.0.0.1:9100"


def test_the_zone_is_asked_for_without_credentials_and_again_after_a_refusal() -> None:
    moved = {"url": "https://webservices18.autotask.net/atservicesrest"}
    api = client((200, ZONE), (200, QUIET_HOUR), (401, None), (200, moved), (200, {"queryCount": 3}))
    assert api.count("Companies") == 3
    assert [line.partition("/")[0] for line in asked(api)] == [
        "GET webservices.autotask.net",
        "GET webservices5.autotask.net",
        "POST webservices5.autotask.net",
        "GET webservices.autotask.net",
        "POST webservices18.autotask.net",
    ]


def test_a_refusal_in_the_right_zone_stands() -> None:
    for status, error in ((401, AuthError), (404, NotFound)):
        api = client((200, ZONE), (200, QUIET_HOUR), (status, None), (200, ZONE))
        with pytest.raises(error):
            api.count("Companies")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/ATServicesRest/",
        "https://evil.example\\@a.autotask.net/x",
        "https://evil.example/\\@a.autotask.net",
        "https://me@a.autotask.net/x",
        "https://evilautotask.net/",
        "http://webservices5.autotask.net/",
        "https://[",
        "/x",
        "",
    ],
)
def test_credentials_never_go_to_another_server(url: str) -> None:
    with pytest.raises(ShapeError, match="ZoneInformation names"):
        client((200, {"url": url})).count("Companies")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("The logged in Resource does not have the adequate permissions", RightsError),
        ("IntegrationCode is invalid.", AuthError),
        ("Zone information could not be determined", ConfigError),
        ("Invalid query syntax", RequestRefused),
        ("No matching records found", RequestRefused),
        ("Queries are limited to 500 or fewer 'OR' conditions.", RequestRefused),
        ("Itgenatr005: The thread threshold of 3 threads has been exceeded.", RateLimited),
    ],
)
def test_the_text_of_a_500_says_what_it_is(text: str, error: type[Exception]) -> None:
    assert type(judge(500, {"errors": [text]}, "said")) is error


@pytest.mark.parametrize(
    ("status", "body"), [(500, {"errors": ["Timeout expired"]}), (500, None), (429, {"errors": ["thread threshold"]})]
)
def test_other_refusals_are_read_by_their_status(status: int, body: Any) -> None:
    assert judge(status, body, "said") is None


@pytest.mark.parametrize(
    "body",
    [None, {}, {"items": None, "pageDetails": {}}, {"items": []}, {"items": {}, "pageDetails": {"nextPageUrl": None}}],
)
def test_an_answer_without_its_envelope_is_no_empty_list(body: Any) -> None:
    with pytest.raises(ShapeError):
        list(client((200, ZONE), (200, QUIET_HOUR), (200, body)).part("Companies", ["id"], counted=False).pages(None))


def test_a_server_that_fails_is_asked_again_and_a_page_for_people_is_no_answer() -> None:
    api = client((200, ZONE), (200, QUIET_HOUR), (500, {"errors": ["Timeout"]}), (200, {"queryCount": 0}))
    assert api.count("Companies") == 0
    with pytest.raises(ServerError, match="not JSON"):
        client((200, ZONE), (200, QUIET_HOUR), *[(200, b"<html>Maintenance</html>")] * 5).count("Companies")


def test_totals_may_be_spelled_as_text_and_no_other_word_is_one() -> None:
    used = {"externalRequestThreshold": "10000", "currentTimeframeRequestCount": "12"}
    assert client((200, ZONE), (200, used), (200, {"queryCount": "3"})).count("Companies") == 3
    for odd in ("many", "", True):
        with pytest.raises(ShapeError, match="queryCount"):
            client((200, ZONE), (200, used), (200, {"queryCount": odd})).count("Companies")


def test_every_request_says_that_it_speaks_json_though_it_has_no_body() -> None:
    api = client((200, ZONE), (200, QUIET_HOUR), (200, {"queryCount": 3}))
    api.count("Companies")
    session: Any = api.http.session
    assert [headers["Content-Type"] for headers in session.headers] == ["application/json"] * 3


# ---- nights ----


def test_names_that_the_user_may_not_read_stay_as_they_were_and_are_told_once(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor="autotask") as running:
        running.run("sites", "assets", "contacts")
        before = running.state()
        assert running.rows("company_sites", "country IS NOT NULL")
        for entity in ("Countries", "Products", "ConfigurationItemTypes", "ConfigurationItemCategories"):
            running.simulator.faults.add(f"inadequate_permissions:path=/{entity}/*")
        running.run("sites", "assets", "contacts")
        assert running.state() == before
    assert caplog.text.count("Names from Products stay as they are stored") == 1


def test_an_asset_of_unknown_products_is_stored_with_what_is_known() -> None:
    mapped = row("assets", {"id": 1, "productID": 3, "referenceTitle": "pc1", PRODUCTS: None, ASSET_TYPES: None})
    assert (mapped["name"], mapped["manufacturer"], mapped["kept"]) == ("pc1", None, ["type", "manufacturer"])


def test_an_asset_without_a_type_has_the_name_of_its_category_unless_that_may_not_be_read() -> None:
    asset = {"id": 1, "configurationItemCategoryID": 4, ASSET_TYPES: {}}
    assert row("assets", {**asset, ASSET_CATEGORIES: {"4": "Servers"}})["type"] == "Servers"
    assert row("assets", {**asset, ASSET_CATEGORIES: None})["kept"] == ["type"]
    typed = {**asset, "configurationItemType": 7, ASSET_TYPES: {"7": "Laptop"}, ASSET_CATEGORIES: None}
    assert (row("assets", typed)["type"], row("assets", typed)["kept"]) == ("Laptop", None)


def test_a_name_that_is_only_the_products_is_kept_where_products_may_not_be_read() -> None:
    nameless = {"id": 1, "productID": 3, PRODUCTS: None}
    assert row("assets", nameless)["kept"] == ["manufacturer", "name"]
    assert row("assets", {**nameless, "dattoHostname": "dat1"})["kept"] == ["manufacturer"]


def test_a_company_without_an_id_costs_what_hangs_on_it_and_nothing_is_deleted_for_it(warehouse_dsn: str) -> None:
    world = new_world(companies=60)
    setup = Setup(companies=CompanyChoice(statuses=("Active",)))
    with rig(warehouse_dsn, world, vendor="autotask", setup=setup) as running:
        running.run("assets")
        running.simulator.faults.add("missing_id:path=/Companies/query")
        assert running.run("assets")["assets"].rejected == 1
        assert running.rows("assets", "deleted_at IS NOT NULL") == []


def test_a_night_is_complete_though_the_tenant_moves_and_the_api_has_its_oddities(warehouse_dsn: str) -> None:
    world = new_world(companies=60)
    odd = ["pascal_fields", "newer_release", "numeric_postal_codes"]
    faults = ["tenant_moved:path=/ConfigurationItems/query,after=1", "thread_limit:path=/Contacts/query", *odd]
    with rig(warehouse_dsn, world, vendor="autotask", setup=VENDOR.setup, faults=faults) as running:
        running.run()
        expected = VENDOR.truth(world, VENDOR.setup)
        assert [d for table in expected for d in truth.differences(running.rows(table), expected[table])] == []
        assert 0 < max(running.slept) < 10  # calls in flight are over soon; an hour's budget would not be
        assert {request.path.partition("/ATS")[0] for request in running.simulator.requests} == {"", "/moved"}


def test_the_own_company_has_the_number_0_and_can_be_synced_alone(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor="autotask") as running:
        running.run()
        assert running.rows("companies", "source_id = '0'")
        mine = next(iter(world.assets.values()))
        world.assets.add(replace(mine, company_id=0))
        running.run(request=Request(company="0"))
        assert [one["source_id"] for one in running.rows("assets", "company_source_id = '0'")] == [str(mine.id)]


def test_one_company_by_name_takes_what_left_it_from_where_it_is_now(warehouse_dsn: str) -> None:
    world = new_world()
    company, other = list(world.companies.values())[3:5]
    with rig(warehouse_dsn, world, vendor="autotask") as running:
        running.run()
        leaving = world.contacts[world.contacts.by("company_id")[company.id][0]]
        world.contacts.add(replace(leaving, company_id=other.id, is_active=True))
        running.run(request=Request(company=company.name.upper()))
        (moved,) = running.rows("contacts", f"source_id = '{leaving.id}'")
        assert (moved["company_source_id"], moved["deleted_at"]) == (str(other.id), None)
        with pytest.raises(FormError, match="There is no company 'Nobody"):
            preflight(running.sync(request=Request(company="Nobody & Sons")))


def test_an_inactive_contact_that_reports_company_0_keeps_the_owner_that_was_known(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor="autotask") as running:
        running.run("contacts")
        before = running.state()
        running.simulator.faults.add("ownerless_contacts")
        running.run("contacts")
        assert running.rows("contacts", "NOT is_active AND company_source_id <> '0'")
        assert running.state() == before


@pytest.mark.parametrize(
    ("setup", "statuses"),
    [
        (Setup(companies=CompanyChoice(statuses=("inactive",))), {"inactive"}),
        (
            Setup(companies=CompanyChoice(statuses=("Active", "INACTIVE"), types=("Client",))),
            {"active", "inactive"},
        ),
    ],
)
def test_a_company_filter_holds_for_all_that_belongs_to_companies(
    setup: Setup, statuses: set[str], warehouse_dsn: str
) -> None:
    with rig(warehouse_dsn, new_world(companies=60), vendor="autotask", setup=setup) as running:
        running.run()
        wanted = {one["source_id"] for one in running.rows("companies")}
        assert 0 < len(wanted) <= 60
        assert {one["status_source_id"] for one in running.rows("companies")} <= statuses
        for table in ("company_sites", "assets", "contacts"):
            owners = {one["company_source_id"] for one in running.rows(table)}
            assert owners and owners - {None} <= wanted


def test_types_can_stand_in_for_the_status(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(status_from="type"))
    with rig(warehouse_dsn, new_world(), vendor="autotask", setup=setup) as running:
        running.run("statuses", "companies")
        names = {one["source_id"]: one["name"] for one in running.rows("company_statuses")}
        companies = running.rows("companies", "status IS NOT NULL")
        assert companies and all(names[one["status_source_id"]] == one["status"] for one in companies)


@pytest.mark.parametrize(
    "setup", [Setup(companies=CompanyChoice(statuses=("Active",))), Setup(companies=CompanyChoice(types=("Client",)))]
)
@pytest.mark.parametrize("table", ["companies", "company_sites", "assets", "contacts"])
def test_a_server_that_drops_the_filter_is_refused(table: str, setup: Setup) -> None:
    with (
        rig(NOWHERE, vendor="autotask", faults=["filter_ignored"]) as running,
        pytest.raises(ShapeError, match="delivered records that were filtered out"),
    ):
        list(stream(table).read(ReadContext(running.client(), setup)))


def test_a_server_that_drops_the_filter_on_the_owner_is_refused() -> None:
    only = Scope("0")
    with rig(NOWHERE, vendor="autotask", faults=["filter_ignored:field=companyID"]) as running:
        for table in ("company_sites", "assets", "contacts"):
            with pytest.raises(ShapeError, match="delivered records that were filtered out"):
                list(stream(table).read(ReadContext(running.client(), Setup(), only)))


def test_lists_without_values_turn_the_boards_red_and_nothing_else(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="autotask", faults=["empty_picklists"]) as running:
        assert running.run("assets")["assets"].rejected == 0
        with pytest.raises(ShapeError, match="the field queueID of Tickets has no values"):
            running.run("ticket_settings")


def test_products_are_asked_for_once_however_many_assets_are_of_them(warehouse_dsn: str) -> None:
    world, setup = new_world(companies=20, assets=3000), Setup(requests_in_flight=1)
    with rig(warehouse_dsn, world, vendor="autotask", setup=setup) as running:
        running.run("assets")
        asked = paths(running)
        assert asked["/ConfigurationItems/query"] == 7  # a full last page does not prove the end
        assert asked["/Products/query"] <= 3


def test_a_product_that_is_not_there_any_more_is_asked_for_once() -> None:
    nothing = {"items": [], "pageDetails": {"nextPageUrl": None}}
    api = client((200, ZONE), (200, QUIET_HOUR), (200, nothing))
    products: dict[str, Any] = {}
    for _ in range(2):
        add_products(
            api, products, [{"id": 1, "productID": 7}, {"id": 2, "productID": None}, {"id": 3, "productID": ["odd"]}]
        )
    assert products == {"7": None}


def test_a_night_costs_what_the_connector_says(warehouse_dsn: str) -> None:
    world = new_world(companies=60)
    with rig(warehouse_dsn, world, vendor="autotask", setup=VENDOR.setup) as running:
        running.run()
        sizes = Sizes(len(world.companies), len(world.sites), len(world.assets), len(world.contacts))
        assert Counter(path.split("/")[1] for path in paths(running).elements()) == load("autotask").cost(sizes)


# ---- preflight and discovery ----


def test_a_busy_tenant_is_left_alone_for_ten_minutes(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="autotask", faults=["busy_tenant"]) as running:
        with pytest.raises(RateLimited, match="to leave the rest to them") as caught:
            preflight(running.sync())
        assert caught.value.retry_after_seconds == 600
        assert set(paths(running)) == {"/ZoneInformation", "/ThresholdInformation"}


def test_a_missing_right_is_named_and_stops_its_kind_alone(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault = "inadequate_permissions:path=/ConfigurationItems/*"
    setup = Setup(custom_fields={"assets": {"tag": "Asset Tag"}})
    with rig(warehouse_dsn, vendor="autotask", setup=setup, faults=[fault]) as running:
        preflight(running.sync())
        assert running.run("contacts")["contacts"].inserted
    assert "assets will fail" in caplog.text
    assert "Configuration Items & Subscriptions" in " ".join(caplog.text.split())
    assert "contacts will fail" not in caplog.text


def test_a_narrowed_security_level_is_noticed() -> None:
    with rig(NOWHERE, vendor="autotask") as running:
        assert remarks(running.client()) == []
        running.simulator.faults.add("restricted_access:path=/Contacts/*")
        (said,) = remarks(running.client())
        assert said.startswith("The API user's security level is restricted for Contacts:")


def test_choices_that_the_tenant_does_not_have_are_named_with_what_it_has(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Cliant",), statuses=("Dormant",)),
        custom_fields={"assets": {"tag": "Asset Tga"}},
        field_map={"contacts": {"type": MappedField("Nothing")}},
    )
    with rig(warehouse_dsn, vendor="autotask", setup=setup) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert "There is no company type 'Cliant'. Did you mean 'Client'?" in said
    assert "There is no company status 'Dormant'. There are: Active (active), Inactive (inactive)." in said
    assert "custom_fields.assets.tag: there is no custom field Asset Tga. There are: " in said
    assert "field_map.contacts.type: there is no custom field Nothing." in said


def test_discovery_lists_what_setup_can_choose_and_shows_nothing_that_is_guarded() -> None:
    world = new_world()
    guarded = {one.caption for one in world.custom_fields.values() if one.type == "Password"}
    with rig(NOWHERE, world, vendor="autotask") as running:
        choices = discover(load("autotask"), running.client())
    groups: dict[str, set[str]] = {}
    for choice in choices:
        groups.setdefault(choice.group, set()).add(choice.id)
    assert groups["company statuses"] == {"active", "inactive"}
    assert groups["company types"] == {str(one) for one in world.company_types}
    assert groups["boards"] == {str(one) for one in world.boards}
    assert groups["custom fields of assets"] >= {"Asset Tag", "Purchase Date"}
    assert any(choice.examples for choice in choices if choice.id == "Purchase Date")
    hidden = [choice for choice in choices if choice.id in guarded]
    assert hidden and all(choice.refused and not choice.examples for choice in hidden)


def test_no_examples_are_shown_of_what_is_guarded_or_sounds_secret() -> None:
    names = ("Vault", "Admin password", "Colour")
    api = client((200, ZONE), (200, QUIET_HOUR), (200, {"fields": [{"name": name} for name in names]}))
    seen = [CustomField(name, values=("seen",)) for name in names]
    api.protected_fields = frozenset({"Vault"})
    found = fields_of(api, "assets", seen)
    assert {name: choice.examples for name, choice in found.items()} == {
        "Vault": (),
        "Admin password": (),
        "Colour": ("seen",),
    }


# ---- the vendor's description ----


@needs_specs
def test_every_request_of_a_night_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    chosen = replace(VENDOR.setup, companies=CompanyChoice(statuses=("Active",), types=("Client",)))
    for setup in (Setup(companies=CompanyChoice(status_from="type")), chosen):
        world = new_world(companies=60)
        with rig(warehouse_dsn, world, vendor="autotask", setup=setup) as running:
            running.run(request=Request(approved=tuple(KINDS)))
            discover(load("autotask"), running.client())
            key = running.rows("companies", "deleted_at IS NULL AND source_id <> '0'")[0]["source_id"]
            leaving = world.assets.by("company_id")[int(key)][0]
            world.assets.add(replace(world.assets[leaving], company_id=world.companies.ids[-1]))
            running.run(request=Request(company=key))  # asks for the one that left it by its key
            with pytest.raises(FormError):
                running.run(request=Request(company='A "quoted" name that nobody has'))
            read_changes(running, key)
            for request in running.simulator.requests:
                check(request)


def read_changes(running: Rig, company: str) -> None:
    """Ask for all that a quick run may ask for."""
    scope = Scope(since=START, companies=frozenset({company}))
    context = ReadContext(running.client(), running.setup, scope)
    for one in load("autotask").streams:
        for ask in (one.changed, one.changed_companies, one.keys):
            list(ask(context) if ask else ())
        assert one.count is None or one.count(context) is not None


def check(request: Any) -> None:
    """Fails unless the description has the request, its fields and its headers."""
    path = request.path.rpartition("/ATServicesRest")[2]
    operation = description()["paths"][path][request.method.lower()]
    if path == "/V1.0/ZoneInformation":
        assert not {"secret", "apiintegrationcode"} & {name.lower() for name in request.headers}
        return
    assert {"apiintegrationcode", "username", "secret"} <= {name.lower() for name in request.headers}
    if request.method == "GET":
        assert not request.query
        return
    body = json.loads(request.body)
    known = {name.lower() for name in description()["definitions"]["QueryModel"]["properties"]}
    assert {name.lower() for name in body} <= known
    assert body["filter"] and body.get("MaxRecords", 1) <= 500
    conditions = list(flat(body["filter"]))
    assert {one["op"] for one in conditions} <= OPERATORS
    assert sum(len(one["value"]) for one in conditions if one["op"] == "in") <= 500
    names = {*body.get("IncludeFields", ()), *(one["field"] for one in conditions if "field" in one)}
    assert names <= wire_names(path, operation)
    assert "id" in body.get("IncludeFields", ["id"])


def wire_names(path: str, operation: Mapping[str, Any]) -> set[str]:
    """The fields of the entity as they are spelled on the wire; a count's answer does not name them."""
    if path.endswith("/count"):
        operation = description()["paths"][path.removesuffix("/count")]["post"]
    model = operation["responses"]["200"]["schema"]["$ref"].rpartition("/")[2]
    return {one["x-wire-name"] for one in description()["definitions"][model]["properties"].values()}


def flat(conditions: Sequence[Any]) -> Iterator[Any]:
    for one in conditions:
        yield one
        yield from flat(one.get("items", ()))


@cache
def description() -> Any:
    return json.loads((Path(SPECS or "") / "autotask.openapi.json").read_text(encoding="utf-8"))


def test_a_condition_knows_what_keeps_to_it() -> None:
    assert from_key(None) == {"op": "gte", "field": "id", "value": 0}
    assert from_key(0) == {"op": "gt", "field": "id", "value": 0}
    assert one_of("companyID", ["0", "7"]).asked["value"] == [0, 7]
    assert [one_of("companyID", ["0"]).holds({"companyID": key}) for key in (0, "0", 0.0, 7, None)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [flag("isActive", False).holds({"isActive": value}) for value in (False, 0, True, None)] == [
        True,
        True,
        False,
        False,
    ]
