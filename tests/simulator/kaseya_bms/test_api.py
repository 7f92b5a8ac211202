"""The simulated Kaseya BMS API: logging in, lists, records, errors and faults."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from simulator.daily_changes import apply_daily_changes
from simulator.kaseya_bms.auth import TOTP_SECRET, Tokens, one_time_code
from simulator.messages import ApiError
from simulator.server import Simulator
from simulator.world import World
from tests.simulator.clients import ANY_NUMBER, connect, serve
from tests.simulator.kaseya_bms.client import Client

ACCOUNTS, CONTACTS = "/v2/crm/accounts/summary", "/v2/crm/contacts/summary"
ASSETS, ASSET = "/v2/servicedesk/hardwareasset/searchselect", "/v2/servicedesk/hardwareasset"
FIELDS = "/v2/system/customFields"
INVALID = "Invalid username, password or tenant"


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Simulator]:
    """One simulator for all tests that only read."""
    with Simulator(world, vendor="kaseya_bms", rate_limit=ANY_NUMBER) as simulator:
        yield simulator


@pytest.fixture
def client(served: Simulator) -> Iterator[Client]:
    """A client of the unchanging world."""
    with connect(Client, served) as client:
        yield client


@pytest.fixture
def own_client() -> Iterator[Client]:
    """A client of a world of its own, where the test may change rows and switch faults on."""
    with serve(Client, World(seed=5, companies=12)) as one:
        yield one


def ids(rows: list[Any]) -> list[int]:
    """The ids of rows."""
    return [row["id"] for row in rows]


def why(answer: requests.Response) -> tuple[int, int, str]:
    """HTTP status, code and message of an error."""
    body = answer.json()
    assert body["success"] is False
    assert body["result"] is None
    return answer.status_code, body["error"]["code"], body["error"]["message"]


# Logging in


def test_a_login_may_be_a_multipart_form_as_the_document_has_it(client: Client) -> None:
    own = client.simulator.connection
    fields = {
        "GrantType": "password",
        "UserName": own["login"],
        "Password": own["password"],
        "Tenant": own["extra"]["tenant"],
    }
    answer = client.post("authenticate", {}, files={name: (None, value) for name, value in fields.items()})
    assert answer.json()["result"]["accessToken"]


@pytest.mark.parametrize("wrong", [{"Password": "no"}, {"UserName": "no"}, {"Tenant": "no"}])
def test_a_wrong_login_is_refused_with_status_200(client: Client, wrong: dict[str, str]) -> None:
    assert why(client.authenticate(**wrong)) == (200, 0, INVALID)


def test_a_login_without_a_grant_type_or_as_json_is_refused(client: Client) -> None:
    assert why(client.authenticate(GrantType=""))[1] == 400
    assert client.post("authenticate", {}, headers={"Content-Type": "application/json"}).status_code == 415


def test_an_unknown_token_gets_a_401_without_a_body(client: Client) -> None:
    client.use({"accessToken": "made up"})
    answer = client.ask(ACCOUNTS)
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_renewal_changes_both_tokens_and_the_old_ones_become_invalid(client: Client) -> None:
    old, new = client.tokens, client.refresh().json()["result"]
    assert not {old["accessToken"], old["refreshToken"]} & set(new.values())
    assert client.ask(ACCOUNTS).status_code == 401
    assert why(client.refresh()) == (200, 401, "Refresh token expired")
    client.use(new)
    assert client.ask(ACCOUNTS).status_code == 200


def test_tokens_expire_at_the_announced_time() -> None:
    now = [0.0]
    login = Tokens(clock=lambda: now[0])
    right = {"granttype": "password", "username": "psa.sync", "password": "simPassw0rd", "tenant": "Simulated MSP"}
    tokens = login.authenticate(right)
    assert tokens["accessTokenExpireOn"].startswith("1970-01-01T00:15:00.")
    now[0] = 24 * 3600.0
    with pytest.raises(ApiError, match="expired"):
        login.refresh({"accesstoken": tokens["accessToken"], "refreshtoken": tokens["refreshToken"]})


def test_a_one_time_code_follows_the_standard() -> None:
    assert one_time_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1111111109) == "081804"  # RFC 6238, appendix B


def test_user_info_has_the_permissions_of_the_user(client: Client) -> None:
    rights = client.result("/v2/security/userinfo")["userAccessRights"]
    assert {right["canView"] for right in rights} == {True}


# Lists


def test_accounts_and_contacts_come_with_a_total_and_assets_without(client: Client, world: World) -> None:
    for path, table in ((ACCOUNTS, world.companies), (CONTACTS, world.contacts), (ASSETS, world.assets)):
        living = [id_ for id_, row in sorted(table.items()) if not getattr(row, "is_deleted", False)]
        assert ids(client.every(path)) == living
        totals = [client.ask(path, Filter_IsActive=active).json().get("totalRecords") for active in (True, False)]
        assert totals == [None, None] if path == ASSETS else sum(totals) == len(living)


def test_a_list_has_active_rows_only_by_default(client: Client, world: World) -> None:
    active = [asset.id for asset in world.assets.values() if asset.is_active]
    assert ids(client.result(ASSETS, PageSize=100)) == active[:100]


def test_a_page_has_25_rows_by_default_and_at_most_100(client: Client) -> None:
    assert [len(client.result(ASSETS, **query)) for query in ({}, {"PageSize": 1000})] == [25, 100]


def test_pages_begin_at_one_and_zero_is_the_same(client: Client) -> None:
    first, zeroth, second = (client.result(ASSETS, PageNumber=number) for number in (1, 0, 2))
    assert ids(first) == ids(zeroth)
    assert not set(ids(first)) & set(ids(second))


def test_after_its_last_page_a_list_is_empty_or_null(client: Client) -> None:
    assert client.result(ACCOUNTS, PageNumber=99) == []
    assert client.result(ASSETS, PageNumber=99) is None


def test_filters_select_rows_and_the_case_of_names_does_not_matter(client: Client, world: World) -> None:
    company, owned = max(world.assets.by("company_id").items(), key=lambda item: len(item[1]))
    assert ids(client.every(ASSETS, Filter_AccountId=company)) == list(owned)
    assert ids(client.every(ASSETS, Filter_accountid=company)) == list(owned)


def test_modified_on_from_finds_later_changes(client: Client, world: World) -> None:
    since = sorted(contact.updated_at for contact in world.contacts.values())[-10]
    found = client.every(CONTACTS, Filter_ModifiedOnFrom=f"{since:%Y-%m-%dT%H:%M:%S}.0000000")
    assert ids(found) == [id_ for id_, one in sorted(world.contacts.items()) if one.updated_at >= since]


def test_undocumented_parameters_are_ignored(client: Client) -> None:
    asked = {"Filter_ModifiedOnFrom": "2099-01-01", "colour": "blue", "Sort": "what", "Exclude": "x"}
    assert client.result(ASSETS, **asked) == client.result(ASSETS)


@pytest.mark.parametrize("wrong", [{"PageSize": "many"}, {"Filter_AccountId": "x"}, {"Filter_IsActive": "maybe"}])
def test_a_value_that_cannot_be_read_is_refused(client: Client, wrong: dict[str, str]) -> None:
    assert client.ask(ASSETS, **wrong).status_code == 400


def test_a_deleted_account_is_not_listed_but_its_rows_are(own_client: Client) -> None:
    world = own_client.simulator.world
    id_ = next(id_ for id_ in world.assets.by("company_id") if isinstance(id_, int) and id_ in world.companies)
    world.companies.add(replace(world.companies[id_], is_deleted=True))
    assert id_ not in ids(own_client.every(ACCOUNTS))
    assert {row["accountName"] for row in own_client.every(ASSETS, Filter_AccountId=id_)} == {None}
    assert why(own_client.ask(f"{ACCOUNTS}/{id_}"))[:2] == (200, 404)
    assert why(own_client.ask(f"/v2/crm/accounts/{id_}/locations/lookup"))[:2] == (200, 404)


# Records


def test_a_single_account_or_contact_has_no_envelope(client: Client, world: World) -> None:
    for path, table in ((ACCOUNTS, world.companies), (CONTACTS, world.contacts)):
        row = client.every(path)[0]
        assert client.ask(f"{path}/{row['id']}").json() == row
        assert row["id"] in table


def test_every_seventh_account_does_not_list_its_locations_but_has_them(client: Client, world: World) -> None:
    for account in client.every(ACCOUNTS):
        below = f"/v2/crm/accounts/{account['id']}/locations"
        looked_up = client.result(f"{below}/lookup")
        in_full = [client.result(f"{below}/{row['id']}") for row in looked_up]
        assert ids(in_full) == list(world.sites.by("company_id")[account["id"]])
        assert account["locations"] == (in_full if account["id"] % 7 else None)
        assert not {"isActive", "addresses"} & {key for row in looked_up for key in row}


def test_a_location_has_no_address_or_one_or_the_main_one_after_another(client: Client) -> None:
    sites = [site for account in client.every(ACCOUNTS) for site in account["locations"] or ()]
    marks = {tuple(one["isMain"] for one in site["addresses"] or ()) for site in sites}
    assert marks == {(), (True,), (False,), (False, True)}


def test_the_list_of_assets_has_fewer_fields_than_the_single_record(client: Client, world: World) -> None:
    asset = next(one for one in world.assets.values() if one.purchase_date and one.site_id and one.contact_id)
    row = next(row for row in client.every(ASSETS) if row["id"] == asset.id)
    detail = client.result(f"{ASSET}/{asset.id}")
    assert not {"modifiedOn", "state", "accountLocationId", "acquisitionDate"} & set(row)
    assert detail["acquisitionDate"] == f"{asset.purchase_date}T00:00:00"
    assert (detail["accountLocationId"], detail["contactId"]) == (asset.site_id, asset.contact_id)


def test_missing_values_are_null_or_zero_or_the_first_day_of_the_calendar(client: Client, world: World) -> None:
    bare = [one.id for one in world.assets.values() if not (one.purchase_date or one.contact_id)]
    details = [client.result(f"{ASSET}/{id_}") for id_ in bare[:20]]
    assert {detail["acquisitionDate"] for detail in details} == {None, "0001-01-01T00:00:00"}
    assert {detail["contactId"] for detail in details} == {None, 0}
    assert {row["contactId"] for row in client.every(ASSETS) if row["id"] in bare} == {0}


def test_the_address_of_a_contact_is_below_its_account(client: Client, world: World) -> None:
    cities = {one.id: one.address.city for one in world.contacts.values() if one.address and one.address.city}
    id_, owner = next((id_, one.company_id) for id_, one in world.contacts.items() if one.company_id and id_ in cities)
    path = "/v2/crm/accounts/{}/contacts/{}/summaryinfo"
    assert client.result(path.format(owner, id_))["city"] == cities[id_]
    assert why(client.ask(path.format(owner + 1, id_)))[:2] == (200, 404)


def test_a_custom_field_has_a_text_or_a_choice(client: Client, world: World) -> None:
    asset = next(one for one in world.assets.values() if {11, 15, 16} <= set(one.custom_fields))
    values = {row["customFieldId"]: row for row in client.result(f"{FIELDS}/33/{asset.id}")}
    choices = {row["id"]: row["settings"] for row in client.result(f"{FIELDS}/33")}
    chosen = [choice["name"] for choice in choices[11] if choice["id"] == values[11]["settingsId"]]
    assert chosen == [asset.custom_fields[11]]
    assert values[16]["data"] == str(asset.custom_fields[16])
    assert {values[id_]["data"] for id_ in values if id_ not in asset.custom_fields} <= {"", None}


def test_an_unknown_module_has_no_custom_fields(client: Client) -> None:
    assert client.result(f"{FIELDS}/99") == []


def test_an_unknown_record_is_an_error_with_status_200(client: Client, world: World) -> None:
    for path in (f"{ASSET}/1", f"{ACCOUNTS}/1", f"{CONTACTS}/1", f"{FIELDS}/33/1"):
        assert why(client.ask(path))[:2] == (200, 404)
    assert client.ask("/v2/crm/shoes").status_code == 404


def test_statuses_belong_to_no_queue_and_a_name_can_repeat(client: Client, world: World) -> None:
    statuses = client.result("/v2/system/statuses/lookup")
    names = [(row["name"], row["isActive"]) for row in statuses]
    assert len(names) == len(set(names)) == len({name for name, _ in names}) + 1
    assert {name for name, _ in names} == set(world.board_statuses.by("name"))


# Limits, faults, changes


def test_all_ids_of_a_path_share_a_budget_and_the_429_has_no_retry_after() -> None:
    world = World(seed=5, companies=2)
    first, second, third, *_ = world.assets.ids
    with serve(Client, world, rate_limit=2) as client:
        answers = [client.ask(f"{ASSET}/{id_}") for id_ in (first, second, third)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert "Retry-After" not in answers[-1].headers
        assert client.ask(ASSETS).status_code == 200


def test_success_false_comes_with_status_200_and_an_empty_list(own_client: Client) -> None:
    own_client.switch_on(f"success_false:path={ASSETS}")
    answer = own_client.ask(ASSETS)
    assert (answer.status_code, answer.json()) == (200, {"success": False, "error": None, "result": []})


def test_names_can_be_spelled_as_in_the_document(own_client: Client) -> None:
    own_client.switch_on("pascal_case")
    row = own_client.ask(ASSETS).json()["Result"][0]
    assert {"Id", "AssetName", "IPAddress"} <= set(row)


@pytest.mark.parametrize(
    ("fault", "path", "body"),
    [
        ("null_result", ASSETS, {"success": True, "error": None, "result": None}),
        ("foreign_envelope:path=/v2/system/*", "/v2/system/queues/lookup", {"ResponseCode": 200, "Status": "OK"}),
    ],
)
def test_an_envelope_can_be_empty_or_foreign(own_client: Client, fault: str, path: str, body: dict[str, Any]) -> None:
    own_client.switch_on(fault)
    assert own_client.ask(path).json().items() >= body.items()


def test_a_record_without_envelope_can_come_in_one(own_client: Client) -> None:
    id_ = own_client.every(ACCOUNTS)[0]["id"]
    own_client.switch_on("enveloped_summary")
    assert own_client.result(f"{ACCOUNTS}/{id_}")["id"] == id_
    assert own_client.ask(ACCOUNTS).json()["totalRecords"]


def test_filters_can_be_silently_ignored(own_client: Client) -> None:
    own_client.switch_on("filter_ignored")
    rows = own_client.result(ASSETS, Filter_AccountId=1, PageSize=100)
    assert {row["isActive"] for row in rows} == {True, False}


def test_one_filter_alone_can_be_ignored(own_client: Client) -> None:
    own_client.switch_on("filter_ignored:field=ModifiedOnFrom")
    rows = own_client.result(CONTACTS, Filter_IsActive="false", Filter_ModifiedOnFrom="2099-01-01", PageSize=100)
    assert {row["isActive"] for row in rows} == {False}


def test_times_can_be_those_of_the_tenant(own_client: Client) -> None:
    usual = {row["id"]: row["modifiedOn"][:19] for row in own_client.every(CONTACTS)}
    own_client.switch_on("local_times:hours=-8")
    rows = own_client.every(CONTACTS)
    shifted = timedelta(hours=-8)
    assert all(
        datetime.fromisoformat(row["modifiedOn"]) == datetime.fromisoformat(usual[row["id"]]) + shifted for row in rows
    )
    newest = max(row["modifiedOn"] for row in rows)
    found = own_client.every(CONTACTS, Filter_ModifiedOnFrom=f"{newest}Z")
    assert {row["modifiedOn"] for row in found} == {newest}


def test_the_last_page_can_repeat(own_client: Client) -> None:
    own_client.switch_on(f"last_page_repeats:path={CONTACTS}")
    total = own_client.ask(CONTACTS).json()["totalRecords"]
    last = own_client.result(CONTACTS, PageNumber=-(-total // 25))
    assert own_client.result(CONTACTS, PageNumber=99) == last != []


def test_locations_can_be_missing_from_all_accounts(own_client: Client) -> None:
    own_client.switch_on("locations_left_out")
    assert {row["locations"] for row in own_client.every(ACCOUNTS)} == {None}


def test_a_token_can_end_early_and_be_renewed(own_client: Client) -> None:
    own_client.switch_on("token_ends_early:after=1")
    assert [own_client.ask(ASSETS).status_code for _ in range(3)] == [200, 401, 401]
    own_client.use(own_client.refresh().json()["result"])
    assert own_client.ask(ASSETS).status_code == 200


def test_a_renewal_can_be_refused_while_a_login_works(own_client: Client) -> None:
    own_client.switch_on("refresh_refused")
    assert why(own_client.refresh())[1] == 401
    assert own_client.authenticate().json()["success"] is True


def test_an_ordinary_user_needs_a_one_time_code(own_client: Client) -> None:
    own_client.switch_on("mfa_demanded")
    assert why(own_client.authenticate(MFACode="000000")) == (200, 0, "Invalid MFA code")
    assert own_client.authenticate(MFACode=one_time_code(TOTP_SECRET, time.time())).json()["success"] is True


@pytest.mark.parametrize(
    ("fault", "rows", "total"),
    [
        ("narrowed_list:rows=3", [3, 0], 3),
        ("early_end:rows=30", [25, 5], None),
        ("count_disagrees:by=7", [25, 25], 7),
        ("repeated_page", [25, 25], None),
        ("capped_page:rows=10", [10, 10], None),
    ],
)
def test_the_faults_of_listings_are_those_of_all_vendors(
    own_client: Client, fault: str, rows: list[int], total: int | None
) -> None:
    known = own_client.ask(CONTACTS).json()["totalRecords"]
    own_client.switch_on(fault)
    bodies = [own_client.ask(CONTACTS, PageNumber=page).json() for page in (1, 2)]
    assert [len(body["result"]) for body in bodies] == rows
    assert bodies[0]["totalRecords"] == {None: known, 7: known + 7, 3: 3}[total]


def test_daily_changes_show_at_once(own_client: Client) -> None:
    world = own_client.simulator.world
    before = set(ids(own_client.every(ASSETS)))
    since = world.now
    passed = apply_daily_changes(world, adds=2, edits=3, deletes=2)
    assert set(ids(own_client.every(ASSETS))) ^ before == {*passed.added["assets"], *passed.deleted["assets"]}
    changed = own_client.every(CONTACTS, Filter_ModifiedOnFrom=f"{since:%Y-%m-%dT%H:%M:%SZ}")
    assert set(ids(changed)) >= set(passed.edited["contacts"]) - set(passed.deleted["contacts"])
