"""The simulated Syncro API: the API key, lists, records and faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.daily_changes import apply_daily_changes
from simulator.faults import COMMON_FAULTS
from simulator.faults.base import Fault
from simulator.server import known_faults
from simulator.syncro import Api
from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.syncro.client import ASSETS, CONTACTS, CUSTOMERS, Client

FAULTS: tuple[type[Fault], ...] = (*COMMON_FAULTS, *Api.faults)
# Faults of the transport, which do not depend on the vendor, and faults that change the world.
UNTRIED = ("hang", "slow", "dropped_connection", "row_edited_between_pages", "row_deleted_between_pages")


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[Client]:
    """A client of the unchanging world."""
    with serve(Client, world) as one:
        yield one


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic OnNlY3JldA==", ""])
def test_every_path_needs_the_api_key(client: Client, header: str | None) -> None:
    for path in (CUSTOMERS, "/me", "/nowhere"):
        answer = client.ask(path, headers={"Authorization": header})
        assert (answer.status_code, list(answer.json())) == (401, ["error"])


def test_the_api_key_permits_reading_only(client: Client) -> None:
    answer = client.session.post(f"{client.simulator.url}/api/v1/customers", json={"business_name": "X"}, timeout=10)
    assert answer.status_code == 401
    rights = client.body("/me")["permissions"]
    assert [rights[one]["read"] for one in ("customer", "asset", "ticket")] == [True] * 3
    assert not any(right.get("write") for right in rights.values())


@pytest.mark.parametrize(("path", "size"), [(CUSTOMERS, 100), (CONTACTS, 50), (ASSETS, 50)])
def test_the_client_cannot_choose_the_page_size(path: str, size: int) -> None:
    with serve(Client, World(companies=105, contacts=60, assets=60)) as client:
        assert len(client.ids(path, per_page=5, include_disabled="true")) == size


@pytest.mark.parametrize(("path", "kind"), [(CUSTOMERS, "companies"), (CONTACTS, "contacts"), (ASSETS, "assets")])
def test_pages_together_are_the_whole_list_newest_first(client: Client, world: World, path: str, kind: str) -> None:
    assert client.every_id(path, include_disabled="true") == list(getattr(world, kind).ids)[::-1]


def test_meta_has_the_total_on_every_page(client: Client, world: World) -> None:
    total = len(world.assets)
    meta = client.body(ASSETS, page=3)["meta"]
    assert meta == {"total_pages": -(-total // 50), "total_entries": total, "per_page": 50, "page": 3}


def test_a_page_after_the_last_one_is_empty_and_no_page_means_the_first(client: Client) -> None:
    assert client.ids(ASSETS, page=1000) == []
    assert client.ids(ASSETS, page="many") == client.ids(ASSETS, page=0) == client.ids(ASSETS)


def test_disabled_customers_are_listed_only_if_requested(client: Client, world: World) -> None:
    inactive = {one.id for one in world.statuses.values() if not one.is_active}
    disabled = {one.id for one in world.companies.values() if one.status_id in inactive}
    assert disabled
    assert {*client.ids(CUSTOMERS)} == {*world.companies} - disabled
    rows = client.body(CUSTOMERS, include_disabled="true")["customers"]
    assert {row["id"] for row in rows if row["disabled"]} == disabled
    assert any(row["disabled"] is None for row in rows)


def test_a_disabled_customer_is_found_by_id(client: Client, world: World) -> None:
    hidden = next(iter({*world.companies} - {*client.ids(CUSTOMERS)}))
    assert client.body(f"{CUSTOMERS}/{hidden}")["customer"]["id"] == hidden


def test_a_customer_is_a_business_or_a_person_or_has_no_name_at_all(client: Client, world: World) -> None:
    rows = client.body(CUSTOMERS, include_disabled="true")["customers"]
    businesses = [row for row in rows if (row["business_name"] or "").strip()]
    persons = [row for row in rows if row not in businesses and row["fullname"].strip()]
    assert all(row["business_name"] == world.companies[row["id"]].name != row["fullname"] for row in businesses)
    assert all(row["fullname"] == world.companies[row["id"]].name for row in persons)
    assert {row["business_name"] for row in persons} == {None, "  "}
    assert len(businesses) + len(persons) < len(rows)


def test_an_unknown_filter_is_silently_ignored(client: Client) -> None:
    assert client.ids(CUSTOMERS, since_updated_at="2026-01-09T00:00:00Z", shoe_size=44) == client.ids(CUSTOMERS)


@pytest.mark.parametrize(("path", "kind"), [(CONTACTS, "contacts"), (ASSETS, "assets")])
def test_lists_can_be_filtered_by_customer(client: Client, world: World, path: str, kind: str) -> None:
    company_id, ids = max(getattr(world, kind).by("company_id").items(), key=lambda item: (len(item[1]), str(item[0])))
    assert client.every_id(path, customer_id=company_id) == list(ids)[::-1]
    assert client.ids(path, customer_id=999_999) == client.ids(path, customer_id="none") == []


def test_customers_can_be_filtered_and_ordered(client: Client, world: World) -> None:
    some = client.ids(CUSTOMERS)
    assert client.ids(CUSTOMERS, **{"id[]": some[3]}) == client.ids(CUSTOMERS, id=some[3]) == [some[3]]
    assert some[3] not in client.ids(CUSTOMERS, **{"not_id[]": some[3]})
    assert client.ids(CUSTOMERS, sort="id ASC") == some[::-1]
    assert client.ids(CUSTOMERS, sort="shoe_size ASC") == some
    name = next(row["business_name"] for row in client.body(CUSTOMERS)["customers"] if row["business_name"])
    found = client.body(CUSTOMERS, business_name=name[2:].upper())["customers"]
    assert name in [row["business_name"] for row in found]
    assert len(found) < len(some)


def test_assets_can_be_filtered(client: Client, world: World) -> None:
    assert client.every_id(ASSETS, asset_type_id=2) == list(world.assets.by("type_id")[2])[::-1]
    assert client.every_id(ASSETS, snmp_enabled="true") == list(world.assets.by("type_id")[7])[::-1]
    name = world.assets[world.assets.ids[0]].name
    assert client.ids(ASSETS, query=name) == [i for i in world.assets.ids[::-1] if name in world.assets[i].name]


def test_single_records_come_in_an_envelope_except_contacts(client: Client, world: World) -> None:
    asset, contact = world.assets.ids[7], world.contacts.ids[7]
    assert client.body(f"{ASSETS}/{asset}")["asset"]["id"] == asset
    assert client.body(f"{CONTACTS}/{contact}")["id"] == contact
    assert client.body("/users/101")["user"]["full_name"] == "Jane Doe"


@pytest.mark.parametrize("path", ["/customers/1", "/contacts/1", "/customer_assets/1", "/users/1", "/nowhere", "/me/1"])
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    answer = client.ask(path)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})


def test_only_the_single_customer_has_additional_addresses(client: Client, world: World) -> None:
    site = next(site for site in world.sites.values() if not site.is_primary)
    assert all("addresses" not in row for row in client.body(CUSTOMERS)["customers"])
    addresses = client.body(f"{CUSTOMERS}/{site.company_id}")["customer"]["addresses"]
    found = next(one for one in addresses if one["id"] % 1_000_000_000 == site.id)
    assert found["id"] > 2**31
    assert (found["name"], found["address1"] or None) == (site.name, site.address.line1)


@pytest.fixture(scope="module")
def assets(client: Client) -> dict[int, dict[str, Any]]:
    """Every asset as the list shows it, by id."""
    pages = client.body(ASSETS)["meta"]["total_pages"]
    return {row["id"]: row for page in range(pages) for row in client.body(ASSETS, page=page + 1)["assets"]}


def test_a_asset_without_a_site_has_no_address_or_a_null_one(world: World, assets: dict[int, Any]) -> None:
    nowhere = [row for id_, row in assets.items() if world.assets[id_].site_id is None]
    assert {row.get("address", "absent") for row in nowhere} == {None, "absent"}


def test_a_asset_at_the_main_address_shows_the_customers_id_there(world: World, assets: dict[int, Any]) -> None:
    seen = set()
    for id_, row in assets.items():
        site = world.sites[site_id] if (site_id := world.assets[id_].site_id) else None
        if site is not None:
            seen.add(site.is_primary)
            assert (row["address"]["id"] == row["customer_id"]) is site.is_primary
    assert seen == {True, False}


def test_an_agents_report_is_an_object_or_text_and_may_be_incomplete(world: World, assets: dict[int, Any]) -> None:
    objects, texts = [], []
    for id_, row in assets.items():
        store = row["rmm_store"] or {"general": {}}
        reported = row["properties"].get("kabuto_information"), store["general"].get("info")
        assert (reported != (None, None)) is (world.assets[id_].os_type is not None)
        assert None in reported
        objects += [reported[0]] if reported[0] is not None else []
        texts += [reported[1]] if reported[1] is not None else []
    whole = [one for one in objects if isinstance(one, dict)]
    assert "agent offline" in objects
    assert {type(one["general"]) for one in whole} == {dict, str}
    assert "no report yet" in texts
    assert {"general", "os"} == {*json.loads(next(one for one in texts if one.startswith("{")))}


def test_times_have_the_offset_of_their_season(client: Client) -> None:
    rows = client.body(CUSTOMERS)["customers"]
    assert {row["updated_at"][-10:] for row in rows} == {".000-05:00", ".000-04:00"}
    assert any(row["created_at"][-6:] != row["updated_at"][-6:] for row in rows)


def test_custom_fields_have_their_exact_display_names(client: Client, assets: dict[int, Any]) -> None:
    names = {name for row in assets.values() for name in row["properties"]}
    assert {"Größe (Zoll) ", "Warranty until:", "顧客管理番号", "Remarks"} <= names
    kinds = {type(value) for row in assets.values() for value in row["properties"].values()}
    assert kinds == {str, int, float, list, dict}
    defined = [one["name"] for one in client.body("/settings")["assets"]["asset_type_fields"]]
    assert names - {"kabuto_information"} <= {*defined}
    assert defined.count("Remarks") == 2 * 8


def test_statuses_and_priorities_have_names_only(client: Client) -> None:
    assert client.body("/tickets/settings")["ticket_status_list"] == [
        "New",
        "In Progress",
        "Waiting on Customer",
        "Completed",
        "Resolved",
    ]
    priorities = client.body("/settings")["ticket"]["priorities"]
    assert priorities[:2] == ["", "Priority 1 - Emergency"]
    assert len(priorities) == 6


def test_ticket_types_replace_boards_and_not_all_have_disabled(client: Client) -> None:
    types = client.body("/tickets/settings")["ticket_types"]
    assert {one["name"]: one.get("disabled") for one in types}["Old Help Desk"] is True
    assert any("disabled" not in one for one in types)
    assert client.body("/settings")["ticket"]["ticket_types"] == types


def test_users_are_pairs_or_objects_without_inactive_ones(client: Client, world: World) -> None:
    pairs = client.body("/users")["users"]
    assert [id_ for id_, _ in pairs] == [id_ for id_, one in world.members.items() if one.is_active]
    assert [{"id": id_, "name": name} for id_, name in pairs] == client.body("/tickets/settings")["users"]


def test_a_request_above_the_limit_gets_plain_text_without_retry_after() -> None:
    with serve(Client, World(companies=2), rate_limit=2) as client:
        answers = [client.ask("/me"), client.ask(CUSTOMERS), client.ask(ASSETS)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert "Retry-After" not in answers[-1].headers
        assert not answers[-1].headers["Content-Type"].startswith("application/json")


def test_the_documented_limit_is_180_a_minute_for_all_paths_together() -> None:
    (rate,) = Api.limits.rates
    assert (rate.requests, rate.seconds, rate.per_endpoint) == (180, 60, False)


def test_deleted_customers_are_not_listed_but_their_assets_are() -> None:
    world = World(seed=5, companies=12)
    with serve(Client, world) as client:
        passed = apply_daily_changes(world, adds=1, edits=2, deletes=2)
        gone = {*passed.deleted["companies"]}
        orphan = next(one for one in world.assets.values() if one.company_id in gone)
        assert not gone & {*client.every_id(CUSTOMERS, include_disabled="true")}
        assert client.ask(f"{CUSTOMERS}/{orphan.company_id}").status_code == 404
        assert client.body(f"{ASSETS}/{orphan.id}")["asset"]["customer"] is None
        assert client.every_id(ASSETS) == list(world.assets.ids)[::-1]
        assert client.body(f"{ASSETS}/{passed.edited['assets'][0]}")["asset"]["name"].endswith("(edited)")


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind.name not in UNTRIED], ids=lambda kind: kind.name)
def test_every_fault_can_be_parsed_and_does_not_break_the_simulator(kind: type[Fault], world: World) -> None:
    with serve(Client, world, f"{kind.name}:path=*") as client:
        assert type(known_faults("syncro").parse(f"{kind.name}:after=2,times=3")) is kind
        company = world.sites[world.sites.by("is_primary")[False][0]].company_id
        for path in (CUSTOMERS, f"{CUSTOMERS}/{company}", ASSETS, CONTACTS, "/settings", "/tickets/settings", "/me"):
            assert "simulator itself" not in client.ask(path).text


def test_a_parameter_can_be_ignored(world: World) -> None:
    with serve(Client, world, "ignored_parameter:param=customer_id") as client:
        assert client.ids(ASSETS, customer_id=world.companies.ids[0]) == client.ids(ASSETS)


def test_a_single_customer_user_gets_only_its_own_rows_and_no_error(world: World) -> None:
    with serve(Client, world, "single_customer_user") as client:
        own = world.companies.ids[0]
        assert client.every_id(CUSTOMERS, include_disabled="true") == [own]
        assert client.body(ASSETS)["meta"]["total_entries"] == len(world.assets.by("company_id").get(own, ()))
        assert client.ask(f"{CUSTOMERS}/{world.companies.ids[1]}").status_code == 404
        assert client.body("/tickets/settings")["ticket_types"]


def test_meta_can_be_missing(world: World) -> None:
    with serve(Client, world, f"no_meta:path={ASSETS}") as client:
        assert list(client.body(ASSETS)) == ["assets"]
        assert "meta" in client.body(CONTACTS)


def test_the_envelope_can_have_another_name(world: World) -> None:
    with serve(Client, world, f"renamed_envelope:path={ASSETS},to=customer_assets") as client:
        assert set(client.body(ASSETS)) == {"customer_assets", "meta"}


def test_unstable_slices_repeat_rows_and_hide_others_with_the_right_total(world: World) -> None:
    with serve(Client, world, "unstable_slices:rows=3") as client:
        found = client.every_id(ASSETS)
        assert len(found) == len(world.assets)
        assert len(set(found)) == len(world.assets) - 3


def test_a_missing_permission_is_a_401_on_its_path_only(world: World) -> None:
    with serve(Client, world, "missing_right") as client:
        statuses = [client.ask(path).status_code for path in ("/me", CUSTOMERS, ASSETS, f"{ASSETS}/1")]
        assert statuses == [200, 200, 401, 401]
        assert client.body("/me")["permissions"]["asset"]["read"] is True


def test_me_can_say_that_a_permission_is_missing(world: World) -> None:
    with serve(Client, world, "unreadable_in_me:right=ticket") as client:
        rights = client.body("/me")["permissions"]
        assert (rights["ticket"]["read"], rights["asset"]["read"]) == (False, True)


def test_a_429_can_come_below_the_limit(world: World) -> None:
    with serve(Client, world, f"bare_rate_limit:path={ASSETS},after=1") as client:
        answers = [client.ask(ASSETS, page=page) for page in (1, 2, 2)]
        assert [answer.status_code for answer in answers] == [200, 429, 200]
        assert "Retry-After" not in answers[1].headers


def test_an_account_can_have_no_ticket_types(world: World) -> None:
    with serve(Client, world, "no_ticket_types") as client:
        assert client.body("/tickets/settings")["ticket_types"] == []
        assert client.body("/settings")["ticket"]["ticket_types"] == []
        assert client.body("/settings")["ticket"]["problem_types"]


def test_after_an_early_end_meta_announces_empty_pages(world: World) -> None:
    with serve(Client, world, f"early_end:path={ASSETS},rows=60") as client:
        meta = client.body(ASSETS)["meta"]
        assert meta["total_entries"] == len(world.assets)
        assert [len(client.ids(ASSETS, page=page)) for page in range(1, meta["total_pages"] + 1)][:3] == [50, 10, 0]


def test_a_wrong_count_is_in_meta(world: World) -> None:
    with serve(Client, world, f"count_disagrees:path={ASSETS},after=1") as client:
        totals = [client.body(ASSETS, page=page)["meta"]["total_entries"] for page in (1, 2)]
        assert totals == [len(world.assets), len(world.assets) + 7]


def test_faults_of_records_apply_to_lists_inside_other_records(world: World) -> None:
    site = world.sites[world.sites.by("is_primary")[False][0]]
    with serve(
        Client, world, f"missing_id:path=/customers/*,row={site.id}", "odd_record:path=/settings,key=name"
    ) as client:
        addresses = client.body(f"{CUSTOMERS}/{site.company_id}")["customer"]["addresses"]
        assert sum("id" not in one for one in addresses) == 1
        assert {"unexpected": True} in client.body("/settings")["ticket"]["priorities"]
