"""What is odd about ConnectWise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.connectors.connectwise.client import api_origin, known_key
from include.connectors.connectwise.setup import discover
from include.connectors.contract import Stream
from include.http.session import origin
from include.model.errors import AuthError, ConfigError, FormError, NotFound, RightsError, ShapeError, Unreachable
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.setup import CompanyChoice, Setup
from include.sync.extract import extract
from include.sync.preflight import preflight
from simulator.world import World
from tests.support.rig import rig
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("connectwise").streams if s.table == table)


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    """The one row of a record that is not rejected."""
    mapped = map_page(stream(table), Page([record]), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / "connectwise" / name).read_text(encoding="utf-8"))


# ---- the recorded answers ----


@needs_specs
def test_the_recorded_deleted_company_maps() -> None:
    record = sample("company_get_deleted_customfields.json")
    mapped = row("companies", record)
    assert mapped["source_id"] == "200"
    assert mapped["status_source_id"] == "1"
    assert mapped["is_deleted"] is True
    assert mapped["deleted_at"].isoformat() == "2018-12-17T21:19:15+00:00"
    assert mapped["source_updated_at"].isoformat() == "2019-07-21T15:27:10+00:00"


@needs_specs
def test_the_recorded_contact_maps() -> None:
    (record,) = sample("contacts_list.json")
    mapped = row("contacts", record)
    assert mapped["name"] == "Fif Roderon"
    assert (mapped["phone"], mapped["phone_extension"]) == ("5550100100", "401")
    assert mapped["email"] == "Fif@example.org"
    assert (mapped["company_source_id"], mapped["site_source_id"]) == ("2", "28")
    assert mapped["type"] is None
    assert mapped["is_active"] is True


@needs_specs
def test_recorded_custom_fields_map_by_id_and_keep_their_type() -> None:
    values = sample("custom_fields_values.json")
    chosen = {"flag": "5", "list": "28", "long": "7", "number": "12", "nowhere": "99"}
    mapped = row("assets", {"id": 1, "name": "PC", "customFields": values}, Setup(custom_fields={"assets": chosen}))
    assert mapped["custom_fields"] == {
        "flag": False,
        "list": "riza",
        "long": "2604140040004895\u200e",
        "number": 7,
        "nowhere": None,
    }


@needs_specs
def test_recorded_priorities_map_with_and_without_colour() -> None:
    first, second = (row("ticket_priorities", record) for record in sample("priorities.json"))
    assert (first["color"], first["sort_order"]) == (None, None)
    assert (second["color"], second["sort_order"]) == ("five", 6)


def test_passwords_in_custom_fields_are_never_kept() -> None:
    record = {"id": 1, "name": "PC", "customFields": [{"id": 9, "type": "Password", "value": "hunter2"}]}
    mapped = row("assets", record, Setup(custom_fields={"assets": {"admin": "9"}}))
    assert mapped["custom_fields"] == {"admin": None}


def test_a_contact_of_an_old_model_and_one_with_nothing_but_an_id_map() -> None:
    assert row("contacts", {"id": 1, "type": {"id": 2, "name": "Owner"}})["type"] == "Owner"
    bare = row("contacts", {"id": 1})
    assert {name: value for name, value in bare.items() if value is not None} == {"source_id": "1"}


def test_the_default_item_wins_over_the_first_and_a_fax_is_no_telephone() -> None:
    contact_items = [
        {"communicationType": "Fax", "value": "1", "defaultFlag": True},
        {"communicationType": "Phone", "value": "2", "defaultFlag": False},
        {"communicationType": "Phone", "value": "3", "extension": "9", "defaultFlag": True},
        {"communicationType": "Email", "value": "a@example.org"},
    ]
    mapped = row("contacts", {"id": 1, "communicationItems": contact_items, "defaultPhoneNbr": "1"})
    assert (mapped["phone"], mapped["phone_extension"], mapped["email"]) == ("3", "9", "a@example.org")
    fax_only = row("contacts", {"id": 1, "communicationItems": contact_items[:1], "defaultPhoneNbr": "1"})
    assert fax_only["phone"] is None


# ---- address and login ----


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("na.myconnectwise.net", "https://api-na.myconnectwise.net"),
        ("api-eu.myconnectwise.net", "https://api-eu.myconnectwise.net"),
        (" https://AU.myconnectwise.net/v4_6_release/apis/3.0/ ", "https://api-au.myconnectwise.net"),
        ("staging.connectwisedev.com", "https://api-staging.connectwisedev.com"),
        ("cw.example.org", "https://cw.example.org"),
        ("cw.example.org:8443", "https://cw.example.org:8443"),
        ("http://127.0.0.1:9100", "http://127.0.0.1:9100"),
        ("evil-myconnectwise.net", "https://evil-myconnectwise.net"),
        ("na.myconnectwise.net:443", "https://api-na.myconnectwise.net:443"),
        ("na.myconnectwise.net.", "https://api-na.myconnectwise.net"),
    ],
)
def test_a_host_as_people_type_it_is_mended(typed: str, asked: str) -> None:
    assert api_origin(origin(typed, None, None)) == asked


def test_schema_and_port_of_the_connection_count_where_the_host_has_none() -> None:
    assert origin("127.0.0.1", "http", 9100) == "http://127.0.0.1:9100"
    assert origin("[::1]", "http", 9100) == "http://[::1]:9100"


@pytest.mark.parametrize("host", ["", "ftp://cw.example.org", "https://", "cw.example.org:port", "[abc"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="host"):
        origin(host, None, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": "public-key"}, "<company id>\\+<public key>"),
        ({"login": "+public-key"}, "<company id>\\+<public key>"),
        ({"extra": {}}, "clientId"),
        ({"extra": {"clientId": " "}}, "clientId"),
        ({"extra": {"clientId": "5d3f\u200b"}}, "The extra clientId of the connection .* invisible"),
        ({"password": "private\u200bkey"}, "The password of the connection"),
    ],
)
def test_a_half_filled_connection_says_what_is_missing(warehouse_dsn: str, changes: Any, said: str) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running, pytest.raises(ConfigError, match=said):
        running.client(**changes)


def test_wrong_keys_an_unknown_company_and_nobody_there_are_told_apart(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running:
        public = running.simulator.connection["login"].partition("+")[2]
        with pytest.raises(AuthError, match="answered 401"):
            running.client(password="wrong").count("/company/companies")
        with pytest.raises(ConfigError, match="knows no company 'nobody'"):
            running.client(login=f"nobody+{public}").count("/company/companies")
        with pytest.raises(RightsError, match="answered 403"):
            running.client(extra={"clientId": "not-a-guid"}).labels("/company/companies/types")
        late = running.client()
    with pytest.raises(Unreachable, match="Is the host of the connection right"):
        late.count("/company/companies")


def test_the_pinned_model_can_be_changed_in_the_connection(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running:
        extra = {**running.login().extra, "version": "2024.1"}
        assert running.client(extra=extra).http.headers["Accept"].endswith("version=2024.1")


def test_a_self_hosted_server_without_companyinfo_is_asked_at_its_only_codebase(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1), faults=["html_200:path=/login/companyinfo/*"]) as running:
        client = running.client()
        assert client.count("/company/companies") == 1
        assert client.codebase == "v4_6_release/"


# ---- requests ----


@needs_specs
def test_every_request_of_a_night_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec("connectwise")
    chosen = Setup(
        companies=CompanyChoice(statuses=("Active",), types=("Client",)),
        custom_fields={"assets": {"a": "10"}, "contacts": {"b": "30"}},
    )
    for setup in (Setup(), chosen):
        world = World(seed=7, companies=150)
        with rig(warehouse_dsn, world, setup=setup) as running:
            running.run(request=Request(approved=tuple(KINDS)))
            discover(running.client())
            synced = running.rows("companies", "deleted_at IS NULL")[0]["source_id"]
            leaving = world.assets.by("company_id")[int(synced)][0]
            world.assets.add(replace(world.assets[leaving], company_id=next(reversed(world.companies.ids))))
            running.run(request=Request(company=synced))  # asks for the one that left it by its key
            with pytest.raises(FormError):
                running.run(request=Request(company='A "quoted" name that nobody has'))
            asked = [(r, r.path.partition("/apis/3.0")[2]) for r in running.simulator.requests if "/apis/3.0" in r.path]
            assert len(asked) > 20
            for request, path in asked:
                check_request(spec, request.method, path, request.query, request.headers)


def test_a_full_night_costs_no_more_than_paging_needs(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=120, assets=3000)
    with rig(warehouse_dsn, world) as running:
        preflight(running.sync())
        before = len(running.simulator.requests)
        run = running.sync()
        for kind in ("statuses", "companies", "sites", "assets", "contacts"):
            extract(run, kind)
        pages = 1 + 1 + (1 + 120) + 4 + 1  # 3,000 assets end on a full page: one more request proves the end
        counts = 5
        logins = 5
        assert len(running.simulator.requests) - before <= pages + counts + logins


def test_addresses_stay_short_whatever_is_filtered(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=400)
    with rig(warehouse_dsn, world, setup=Setup(companies=CompanyChoice(statuses=("Active",)))) as running:
        running.run("assets")
        longest = max(len(json.dumps(r.query)) + len(r.path) for r in running.simulator.requests)
        assert longest < 1900


class Deaf:
    """A server that ignores every filter."""

    def labels(self, path: str) -> dict[str, str]:
        return {"1": "Old", "2": "New"}

    def listing(self, path: str, **_: str) -> Iterator[Page]:
        yield Page([{"id": 7, "status": {"id": 2}, "types": [{"id": 2}], "company": {"id": 8}}])


@pytest.mark.parametrize(
    "setup", [Setup(companies=CompanyChoice(statuses=("Old",))), Setup(companies=CompanyChoice(types=("Old",)))]
)
@pytest.mark.parametrize("table", ["companies", "assets", "company_sites"])
def test_a_server_that_ignores_the_company_filter_is_refused(table: str, setup: Setup) -> None:
    with pytest.raises(ShapeError, match="the filter was ignored"):
        list(stream(table).read(Deaf(), setup))


def test_assets_of_companies_that_were_not_asked_for_are_refused() -> None:
    with pytest.raises(ShapeError, match="/company/configurations delivered records that were filtered out"):
        list(stream("assets").read(Deaf(), Setup(companies=CompanyChoice(statuses=("New",)))))


def test_an_odd_record_of_a_filtered_listing_is_rejected_and_no_crash(warehouse_dsn: str) -> None:
    odd = "odd_record:path=/company/configurations,key=company,kind=list"
    with rig(warehouse_dsn, setup=Setup(companies=CompanyChoice(statuses=("Active",))), faults=[odd]) as running:
        counts = running.run("assets")["assets"]
        assert counts.rejected == 1
        assert counts.inserted == counts.fetched - 1


class Lost:
    """One company, whose sites are answered 404; `counted` is how many companies of its id there are."""

    def __init__(self, counted: int | None) -> None:
        self.counted = counted

    def listing(self, path: str, **_: str) -> Iterator[Page]:
        yield Page([{"id": 7}])

    def short_listing(self, path: str) -> Iterator[Page]:
        raise NotFound("answered 404.")

    def count(self, path: str, conditions: str) -> int | None:
        return self.counted


def test_sites_answered_404_are_kept_when_the_company_lives_and_swept_when_it_is_gone() -> None:
    read = stream("company_sites").read
    (page,) = read(Lost(1), Setup())
    assert [reject.scope for reject in page.rejects] == [("company_source_id", "7")]
    assert list(read(Lost(0), Setup())) == []
    with pytest.raises(NotFound):  # nobody can say: the keys may be revoked
        list(read(Lost(None), Setup()))


def test_flags_spelled_as_text_are_read() -> None:
    mails = [{"communicationType": "Email", "value": f"{flag}@x", "defaultFlag": flag} for flag in ("false", "true")]
    assert row("contacts", {"id": 1, "communicationItems": mails})["email"] == "true@x"


def test_a_board_without_a_usable_id_is_not_passed_over() -> None:
    with pytest.raises(ShapeError, match=r"a record of /service/boards has no usable 'id'"):
        known_key({"id": "four", "name": "Board"}, "/service/boards")


def test_one_company_whose_sites_may_not_be_read_turns_the_kind_red(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("sites")
        before = running.state()
        key = running.rows("company_sites")[0]["company_source_id"]
        running.simulator.faults.add(f"lost_right:path=/company/companies/{key}/sites")
        with pytest.raises(RightsError):
            running.run("sites")
        assert running.state() == before


# ---- preflight and discovery ----


@pytest.mark.parametrize(
    "fault",
    [
        "poisoned_record:path=/company/configurations,nth=3",
        "lost_right:path=/company/configurations",
        "lost_right:path=/system/userDefinedFields",
        "odd_record:path=/company/configurations,key=customFields,kind=text",
    ],
)
def test_trouble_with_custom_fields_does_not_stop_the_other_kinds(warehouse_dsn: str, fault: str) -> None:
    setup = Setup(custom_fields={"assets": {"agent": "10"}})
    with rig(warehouse_dsn, setup=setup, faults=[fault]) as running:
        assert running.run("contacts")["contacts"].inserted == 100


def test_preflight_is_red_when_the_cloud_answers_404_to_wrong_keys(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, faults=["expired_credentials", "login_404_html"]) as running,
        pytest.raises(NotFound, match="The cloud also answers 404 to wrong credentials"),
    ):
        preflight(running.sync())


def test_a_choice_that_the_tenant_does_not_have_is_named_with_what_it_has(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(types=("Cliant",)), custom_fields={"assets": {"agent": "9999"}})
    with rig(warehouse_dsn, setup=setup) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert said.startswith(
        "Airflow Variable 'psa_connectwise': There is no company type 'Cliant'. Did you mean 'Client'?"
    )
    assert "custom_fields.assets.agent: there is no custom field 9999. There are: 10 (" in said


def test_a_custom_field_of_passwords_is_refused(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    key = next(f.id for f in world.custom_fields.values() if f.type == "Password")
    with (
        rig(warehouse_dsn, world, setup=Setup(custom_fields={"assets": {"admin": str(key)}})) as running,
        pytest.raises(ConfigError, match="holds passwords, which are never synced"),
    ):
        preflight(running.sync())


def test_preflight_names_each_kind_that_may_not_be_read(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    with rig(warehouse_dsn, faults=["lost_right:path=/company/contacts"]) as running:
        preflight(running.sync())
    assert "contacts will fail" in caplog.text
    assert "assets will fail" not in caplog.text


def test_an_account_that_may_read_nothing_stops_the_run(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, faults=["lost_right:path=/company/*", "lost_right:path=/service/*"]) as running,
        pytest.raises(RightsError, match="Give the API account the right"),
    ):
        preflight(running.sync())


def test_discovery_lists_what_setup_can_choose(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    with rig(warehouse_dsn, world) as running:
        groups: dict[str, set[str]] = {}
        for choice in discover(running.client()):
            groups.setdefault(choice.group, set()).add(choice.id)
    assert groups["company types"] == {str(t) for t in world.company_types}
    assert groups["company statuses"] == {str(s) for s in world.statuses}
    assert groups["boards"] == {str(b) for b in world.boards}
    assert groups["custom fields of assets"] >= {str(f.id) for f in world.custom_fields.values() if f.entity == "asset"}
