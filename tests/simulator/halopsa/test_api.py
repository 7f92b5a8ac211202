"""The simulated HaloPSA API: tokens, paging, filters, records and faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from simulator.daily_changes import apply_daily_changes
from simulator.entities import Asset, Contact
from simulator.faults import Faults
from simulator.halopsa import Api
from simulator.halopsa.auth import Tokens
from simulator.halopsa.contacts import GENERAL_USER
from simulator.messages import Request
from simulator.server import known_faults
from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.halopsa.client import PAGED, Client


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="module")
def halo(world: World) -> Iterator[Client]:
    """A client of the unchanging world."""
    with serve(Client, world) as client:
        yield client


@pytest.fixture
def own() -> Iterator[Client]:
    """A client of a world of its own, where the test may switch faults on."""
    with serve(Client, World(seed=5, companies=12)) as client:
        yield client


@pytest.mark.parametrize("path", ["/auth/token", "/token"])
def test_both_addresses_issue_a_token_that_lasts_an_hour(halo: Client, path: str) -> None:
    answer = halo.token(path=path)
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 3600)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"tenant": "somebody-else"}, "invalid_client"),
        ({"tenant": ""}, "invalid_client"),
        ({"scope": "read:users"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_login_gets_an_oauth_error(halo: Client, wrong: dict[str, str], error: str) -> None:
    answer = halo.token(**wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_token_without_scope_is_issued_but_always_refused(own: Client) -> None:
    own.log_in(scope="")
    answer = own.ask("/Team")
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_scope_permits_its_own_paths_only(own: Client) -> None:
    own.log_in(scope="read:customers read:tickets")
    paths = ("/Client", "/Site", "/Users", "/Team", "/Asset", "/FieldInfo")
    assert [own.ask(path).status_code for path in paths] == [200, 200, 200, 200, 403, 200]


def test_a_token_expires_after_an_hour() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    own = Api(World(seed=1, companies=1)).connection()
    form = f"grant_type=client_credentials&client_id={own['login']}&client_secret={own['password']}&scope=all"
    request = Request("POST", "/token", "/token", own["extra"], {}, form.encode(), "http://halo.example")
    token = tokens.issue(request)["access_token"]
    now[0] = 3599.0
    assert tokens.check(token) == {"all"}
    now[0] = 3600.0
    with pytest.raises(Exception, match="401"):
        tokens.check(token)


def test_authinfo_names_the_token_server_without_a_login(halo: Client) -> None:
    answer = requests.get(f"{halo.simulator.url}/api/authinfo", timeout=10)
    assert answer.json() == {"auth_url": f"{halo.simulator.url}/auth", "tenant_id": "simulated"}


def test_a_wrong_base_address_is_a_web_page(halo: Client) -> None:
    answer = halo.session.get(f"{halo.simulator.url}/Client", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")


@pytest.mark.parametrize("path", ["/Client/999999", "/Client/19/sites", "/Tickets/1", "/SLA/1"])
def test_an_unknown_path_is_404_without_a_body(halo: Client, path: str) -> None:
    answer = halo.ask(path)
    assert (answer.status_code, answer.content) == (404, b"")


def test_writing_is_refused(halo: Client) -> None:
    answer = halo.session.post(f"{halo.simulator.url}/api/Client", json=[{"name": "New"}], timeout=10)
    assert answer.status_code == 405


@pytest.mark.parametrize("missing", ["pageinate", "page_no"])
def test_without_all_paging_parameters_only_the_served_rows_are_counted(
    halo: Client, world: World, missing: str
) -> None:
    query = {name: value for name, value in {**PAGED, "page_no": "3"}.items() if name != missing}
    body = halo.rows("/Asset", **query)
    assert (len(body["assets"]), body["record_count"]) == (50, 50)
    assert "page_no" not in body


def test_count_is_for_lists_without_pages_and_makes_every_page_the_first(halo: Client) -> None:
    assert len(halo.rows("/Asset", count=70)["assets"]) == 70
    first, second = (halo.rows("/Asset", count=70, page_no=page, **PAGED)["assets"] for page in (1, 2))
    assert first == second


def test_a_list_without_pages_stops_at_a_thousand() -> None:
    with serve(Client, World(seed=1, companies=1, assets=1200)) as client:
        body = client.rows("/Asset", count=5000)
    assert len(body["assets"]) == body["record_count"] == 1000


def test_a_page_has_at_most_fifty_assets_or_a_hundred_other_rows(halo: Client) -> None:
    query = {**PAGED, "page_size": "1000", "page_no": "1"}
    body = halo.rows("/Asset", **query)
    assert (len(body["assets"]), body["page_size"]) == (50, 1000)
    assert len(halo.rows("/Users", **query)["users"]) == 100


def test_paging_reads_every_row_and_the_last_page_repeats(halo: Client, world: World) -> None:
    rows = halo.every("/Asset", "assets")
    assert [row["id"] for row in rows] == list(world.assets.ids)
    last, beyond = (halo.rows("/Asset", page_no=page, **PAGED) for page in (8, 99))
    assert last["assets"] == beyond["assets"] == rows[350:]


def test_without_an_order_pages_overlap_and_the_newest_rows_come_first(halo: Client, world: World) -> None:
    first, second = (halo.rows("/Asset", page_no=page, **{**PAGED, "order": ""})["assets"] for page in (1, 2))
    assert first[0]["id"] == world.assets.ids[-1]
    assert first[-1] == second[0]


def test_a_boolean_must_be_the_text_true(halo: Client, world: World) -> None:
    ids = [
        [row["id"] for row in halo.rows("/Asset", page_no=1, orderdesc=word, **PAGED)["assets"][:1]]
        for word in ("true", "1", "True")
    ]
    assert ids == [[world.assets.ids[-1]], [world.assets.ids[0]], [world.assets.ids[0]]]


def test_a_list_of_ids_has_no_pages(halo: Client) -> None:
    body = halo.rows("/Asset", idonly="true", page_no=2, **PAGED)
    assert body["record_count"] == 50
    assert all(row.keys() == {"id"} for row in body["assets"])


def test_inactive_rows_come_only_if_they_are_requested(halo: Client, world: World) -> None:
    everyone = {one.id for one in world.contacts.values()}
    active = {one.id for one in world.contacts.values() if one.is_active}
    contacts = {"exclude_generaluser": "true"}

    def users(**query: str) -> set[int]:
        return {row["id"] for row in halo.every("/Users", "users", **contacts, **query)}

    assert users() == users(includeinactive="false", activeinactive="true,true") == everyone
    assert users(includeinactive="false") == active
    assert users(includeactive="false") == everyone - active


def test_unknown_parameters_and_values_of_a_wrong_type_are_ignored(halo: Client, world: World) -> None:
    company = world.companies.ids[3]
    counts = [
        halo.rows("/Asset", page_no=1, **PAGED, **query)["record_count"]
        for query in (
            {},
            {"clientid": company},
            {"client_id": f"{company}.0"},
            {"client_id": f"{company},{company}"},
            {"client_id": company},
        )
    ]
    owned = len(world.assets.by("company_id")[company])
    assert counts == [len(world.assets)] * 4 + [owned]


def test_filters_by_client_site_and_type(halo: Client, world: World) -> None:
    one, other = world.companies.ids[1], world.companies.ids[2]
    owned = {id_: set(world.assets.by("company_id")[id_]) for id_ in (one, other)}

    def ids(path: str, key: str, **query: Any) -> set[int]:
        return {int(row["id"]) for row in halo.every(path, key, **query)}

    assert ids("/Asset", "assets", client_id=one) == owned[one]
    assert ids("/Asset", "assets", client_ids=f"{one},{other}") == owned[one] | owned[other]
    assert ids("/Asset", "assets", client_id=one, assettype_id=1) == owned[one] & set(world.assets.by("type_id")[1])
    assert ids("/Site", "sites", client_id=one) == set(world.sites.by("company_id")[one])
    site = world.sites.by("company_id")[one][0]
    contacts = ids("/Users", "users", site_id=site, exclude_generaluser="true")
    assert contacts == set(world.contacts.by("site_id").get(site, ()))


def test_deleted_clients_are_not_listed_but_their_rows_are(own: Client) -> None:
    world = own.simulator.world
    gone = replace(world.companies[world.companies.ids[1]], is_deleted=True)
    world.companies.add(gone)
    assert gone.id not in {row["id"] for row in own.every("/Client", "clients")}
    assert own.ask(f"/Client/{gone.id}").status_code == 404
    assert len(own.every("/Asset", "assets", client_id=gone.id)) == len(world.assets.by("company_id")[gone.id])


def test_the_built_in_client_is_listed_first(halo: Client) -> None:
    first = halo.every("/Client", "clients")[0]
    assert (first["id"], first["name"], first["inactive"]) == (1, "Unknown", False)


def test_the_client_names_its_main_site(halo: Client, world: World) -> None:
    main = {row["id"]: row["main_site_id"] for row in halo.every("/Client", "clients")}
    primary = {site.company_id: site.id for site in world.sites.values() if site.is_primary}
    assert {id_: site for id_, site in main.items() if site > 0} == {
        id_: primary[id_] for id_ in main if id_ in primary
    }
    assert min(main.values()) < 0 or 0 in main.values()


def test_ids_of_sites_are_integers_decimals_or_text(halo: Client, world: World) -> None:
    rows = halo.every("/Site", "sites")
    assert {type(row["id"]) for row in rows} == {int, str}
    assert {type(row["client_id"]) for row in rows} == {float, str}
    assert {int(row["id"]): int(float(row["client_id"])) for row in rows} == {
        site.id: site.company_id for site in world.sites.values()
    }


def test_addresses_come_only_if_they_are_requested(halo: Client) -> None:
    assert not any("delivery_address_line1" in row for row in halo.every("/Site", "sites"))
    assert any(row.get("delivery_address_line1") for row in halo.every("/Site", "sites", includeaddress="true"))


def test_a_user_has_a_client_or_at_least_a_site(halo: Client, world: World) -> None:
    silent = 0
    for row in halo.every("/Users", "users", exclude_generaluser="true"):
        contact: Contact = world.contacts[row["id"]]
        site = world.sites.get(int(row["site_id"]))
        assert (site.id if site else None) == contact.site_id
        silent += "client_id" not in row
        shown = row["client_id"] if "client_id" in row or site is None else site.company_id
        assert (shown if shown > 0 else None) == contact.company_id
    assert silent


def test_each_site_has_a_general_user(halo: Client, world: World) -> None:
    extra = [row for row in halo.every("/Users", "users") if row["id"] not in world.contacts]
    assert {row["name"] for row in extra} == {"General User"}
    assert {row["site_id_int"] for row in extra} == set(world.sites)


def test_empty_dates_are_null_or_placeholders(halo: Client, world: World) -> None:
    warranties = {row["id"]: row.get("warranty_end") for row in halo.every("/Asset", "assets")}
    empty = {value for id_, value in warranties.items() if world.assets[id_].warranty_expires_on is None}
    assert empty == {None, "1900-01-01T00:00:00", "1899-12-30T00:00:00"}
    shown = {id_: value for id_, value in warranties.items() if world.assets[id_].warranty_expires_on}
    assert all(str(value).startswith(f"{world.assets[id_].warranty_expires_on}T") for id_, value in shown.items())


def test_asset_fields_come_only_in_a_list_of_one_type(halo: Client, world: World) -> None:
    assert not any("fields" in row for row in halo.every("/Asset", "assets", includeassetfields="true"))
    rows = halo.every("/Asset", "assets", includeassetfields="true", assettype_id=1)
    for row in rows:
        shown = {one["id"]: one["display"] for one in row["fields"]}
        asset: Asset = world.assets[row["id"]]
        assert (shown[117], shown[118]) == (asset.serial_number or "", asset.manufacturer or "")
    makers = {one["value"] for row in rows for one in row["fields"] if one["id"] == 118 and one["display"] == "Dell"}
    assert makers == {3}


def test_custom_fields_come_by_id_in_lists_and_always_in_single_records(halo: Client, world: World) -> None:
    rows = halo.every("/Asset", "assets", include_custom_fields="11,16")
    for row in rows:
        shown = {one["id"]: one for one in row["customfields"]}
        tier = world.assets[row["id"]].custom_fields.get(11)
        assert shown.keys() == {11, 16}
        assert shown[11]["display"] == (tier or "")
    assert not any("customfields" in row for row in halo.every("/Asset", "assets"))
    detail = halo.rows(f"/Asset/{rows[0]['id']}", includedetails="true")
    assert {one["id"] for one in detail["customfields"]} == {field.id for field in world.fields_of("asset")}


def test_encrypted_values_are_not_shown(halo: Client) -> None:
    rows = halo.every("/Asset", "assets", include_custom_fields="19")
    assert not any(one["value"] or one["display"] for row in rows for one in row["customfields"])


def test_every_sla_has_the_same_priorities(halo: Client, world: World) -> None:
    rows = halo.rows("/Priority")
    assert len(rows) == 2 * len(world.priorities)
    assert len({(row["slaid"], row["priorityid"]) for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    assert {row["slaid"] for row in halo.rows("/Priority", slaid=2)} == {2}


def test_inactive_teams_and_teams_of_others_come_only_if_they_are_requested(halo: Client, world: World) -> None:
    asked = {"showall": "true", "includeenabled": "true", "includedisabled": "true"}
    assert {row["id"] for row in halo.rows("/Team", **asked)} == set(world.boards)
    assert {row["id"] for row in halo.rows("/Team")} == set(world.boards) - {7, 11}


def test_statuses_are_the_same_for_every_team(halo: Client) -> None:
    names = [row["name"] for row in halo.rows("/Status")]
    assert names == ["New", "In Progress", "Waiting on Customer", "Completed", "Closed"]


def test_the_list_of_statuses_can_be_requested_without_closed_ones(halo: Client) -> None:
    assert [row["name"] for row in halo.rows("/Status", excludeclosed="true")] == [
        "New",
        "In Progress",
        "Waiting on Customer",
        "Completed",
    ]
    assert len(halo.rows("/Status", excludeclosed="false")) == 5


def test_daily_changes_show_in_the_lists(own: Client) -> None:
    world = own.simulator.world
    before = {row["id"]: row["name"] for row in own.every("/Client", "clients")}
    happened = apply_daily_changes(world, 1, adds=2, edits=2, deletes=1)
    after = {row["id"]: row["name"] for row in own.every("/Client", "clients")}
    living = {id_ for id_ in happened.added["companies"] if not world.companies[id_].is_deleted}
    assert after.keys() == before.keys() - set(happened.deleted["companies"]) | living
    assert all(after[id_].endswith("(edited)") for id_ in happened.edited["companies"])


def test_a_moved_asset_is_listed_under_its_new_client_at_once(own: Client) -> None:
    world = own.simulator.world
    seller, buyer = world.companies.ids[1:3]
    sold = world.assets[world.assets.by("company_id")[seller][0]]
    assert sold.id in {row["id"] for row in own.every("/Asset", "assets", client_id=seller)}
    world.assets.add(replace(sold, company_id=buyer))
    assert sold.id not in {row["id"] for row in own.every("/Asset", "assets", client_id=seller)}
    assert sold.id in {row["id"] for row in own.every("/Asset", "assets", client_id=buyer)}


def test_a_request_above_the_limit_is_refused_without_retry_after() -> None:
    with serve(Client, World(seed=1, companies=1), rate_limit=2) as client:
        answers = [client.ask("/Team") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Retry-After" not in answers[2].headers


@pytest.mark.parametrize("kind", Api.faults, ids=lambda kind: kind.name)
def test_each_own_fault_can_be_parsed_and_has_a_description(kind: type[Any]) -> None:
    known: Faults = known_faults("halopsa")
    assert type(known.parse(f"{kind.name}:after=1,times=2")) is kind
    assert str(kind.__doc__) in known.describe()


def test_paging_ignored_repeats_the_first_rows_and_counts_only_them(own: Client) -> None:
    own.switch_on("paging_ignored:path=/Asset")
    first, second = (own.rows("/Asset", page_no=page, **PAGED) for page in (1, 2))
    assert first == second
    assert first["record_count"] == 50 < len(own.simulator.world.assets)


def test_filter_ignored_serves_all_rows(own: Client) -> None:
    company = own.simulator.world.companies.ids[1]
    own.switch_on("filter_ignored:path=/Asset")
    assert len(own.every("/Asset", "assets", client_id=company)) == len(own.simulator.world.assets)


@pytest.mark.parametrize(("path", "key"), [("/Client", "clients"), ("/Site", "sites"), ("/Asset", "assets")])
def test_lists_are_filtered_by_the_time_of_the_last_change(halo: Client, world: World, path: str, key: str) -> None:
    kind = {"clients": "companies"}.get(key, key)
    rows = {id_: one for id_, one in getattr(world, kind).items() if not getattr(one, "is_deleted", False)}
    middle = sorted(one.updated_at for one in rows.values())[len(rows) // 2]
    newer = {id_ for id_, one in rows.items() if one.updated_at >= middle}
    for text in (f"{middle:%Y-%m-%dT%H:%M:%S.000Z}", f"{middle:%Y-%m-%dT%H:%M:%S}"):
        found = halo.every(path, key, lastupdatefromdate=text)
        assert {int(row["id"]) for row in found} == newer != set(rows)
        older = halo.every(path, key, lastupdatetodate=text)
        assert {int(row["id"]) for row in older} == {id_ for id_, one in rows.items() if one.updated_at <= middle}
    assert len(halo.every(path, key, lastupdatefromdate="true")) == len(rows)


def test_users_are_filtered_by_their_own_last_change_and_general_users_by_that_of_their_site(
    halo: Client, world: World
) -> None:
    middle = sorted(one.updated_at for one in world.contacts.values())[len(world.contacts) // 2]
    found = halo.every("/Users", "users", lastupdatefromdate=f"{middle:%Y-%m-%dT%H:%M:%SZ}")
    people = {id_ for id_, one in world.contacts.items() if one.updated_at >= middle}
    sites = {GENERAL_USER + id_ for id_, one in world.sites.items() if one.updated_at >= middle}
    assert {row["id"] for row in found} == people | sites


def test_a_server_may_ignore_the_time_of_the_last_change_or_list_nothing_or_use_its_own_time_zone(own: Client) -> None:
    assets = own.simulator.world.assets
    middle = sorted(one.updated_at for one in assets.values())[len(assets) // 2]
    since = {"lastupdatefromdate": f"{middle:%Y-%m-%dT%H:%M:%SZ}"}
    own.switch_on("changes_ignored")
    assert len(own.every("/Asset", "assets", **since)) == len(assets)
    own.simulator.faults.clear()
    own.switch_on("changes_hidden")
    assert own.every("/Asset", "assets", **since) == []
    assert len(own.every("/Asset", "assets")) == len(assets)
    own.simulator.faults.clear()
    own.switch_on("local_times:hours=10")
    newer = [id_ for id_, one in assets.items() if one.updated_at >= middle - timedelta(hours=10)]
    assert {row["id"] for row in own.every("/Asset", "assets", **since)} == set(newer)


def test_active_only_hides_inactive_rows_in_list_and_count(own: Client) -> None:
    own.switch_on("active_only:path=/Asset")
    active = [one.id for one in own.simulator.world.assets.values() if one.is_active]
    assert len(own.every("/Asset", "assets")) == len(active) < len(own.simulator.world.assets)


def test_an_older_server_has_custom_fields_and_website_in_single_records_only(own: Client) -> None:
    own.switch_on("older_server")
    row = own.every("/Client", "clients", include_custom_fields="3")[1]
    assert row.keys().isdisjoint({"customfields", "website", "main_site_id"})
    detail = own.rows(f"/Client/{row['id']}", includedetails="true")
    assert detail.keys() >= {"customfields", "main_site_id"}


def test_wrapped_lookups_come_in_an_envelope(own: Client) -> None:
    own.switch_on("wrapped_lookups:path=/Status")
    body = own.rows("/Status")
    assert body["record_count"] == len(body["statuses"]) == 5


def test_a_token_that_ended_is_replaced_by_a_new_one(own: Client) -> None:
    own.switch_on("token_ended:after=1")
    assert [own.ask("/Team").status_code for _ in range(3)] == [200, 401, 401]
    own.log_in()
    assert own.ask("/Team").status_code == 200


def test_one_token_ends_the_older_ones(own: Client) -> None:
    own.switch_on("one_token")
    assert own.token().status_code == 200
    assert own.ask("/Team").status_code == 401


def test_an_unauthorized_path_refuses_a_valid_token(own: Client) -> None:
    own.switch_on("unauthorized_path")
    own.log_in()
    assert [own.ask(path).status_code for path in ("/Asset", "/Client")] == [401, 200]


def test_a_silent_rate_limit_has_no_retry_after(own: Client) -> None:
    own.switch_on("silent_rate_limit")
    answer = own.ask("/Team")
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, False)
    assert own.ask("/Team").status_code == 200


def test_redirected_ends_on_a_web_page_with_200(own: Client) -> None:
    own.switch_on("redirected:path=/Client")
    answer = own.ask("/Client")
    assert (answer.status_code, answer.history[0].status_code) == (200, 302)
    assert answer.headers["Content-Type"] == "text/html"


def test_nothing_to_see_is_204(own: Client) -> None:
    own.switch_on("nothing_to_see:path=/Asset")
    answer = own.ask("/Asset")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("fault", "rows", "count"),
    [
        ("narrowed_list:path=/Asset,rows=3", 3, 3),
        ("emptied_list:path=/Asset", 0, 0),
        ("early_end:path=/Asset,rows=20", 20, 120),
        ("count_disagrees:path=/Asset,by=7", 50, 127),
        ("duplicate_record:path=/Asset,nth=0", 51, 120),
        ("capped_page:path=/Asset,rows=10", 10, 120),
    ],
)
def test_the_faults_of_listings_apply_to_pages_and_counts(own: Client, fault: str, rows: int, count: int) -> None:
    own.switch_on(fault)
    struck = own.rows("/Asset", page_no=1, **PAGED)
    assert (len(struck["assets"]), struck["record_count"]) == (rows, count)
