"""Each fault does what its name says, on its path, and nothing elsewhere."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime

import pytest
import requests

from simulator.connectwise.api import ConnectWise
from simulator.faults import COMMON_FAULTS, Faults
from simulator.faults.base import Fault
from simulator.world import World
from tests.simulator.connectwise.client import Client

ASSETS = "/company/configurations"
COMPANIES = "/company/companies"


@pytest.fixture
def known() -> Faults:
    """All faults of ConnectWise, none of them on."""
    return Faults((*COMMON_FAULTS, *ConnectWise.faults))


@pytest.mark.parametrize("kind", [*COMMON_FAULTS, *ConnectWise.faults], ids=lambda kind: kind.name)
def test_every_fault_can_be_parsed_and_is_listed_with_its_description(kind: type[Fault], known: Faults) -> None:
    assert type(known.parse(f"{kind.name}:path={ASSETS},after=2,times=3")) is kind
    assert kind.__doc__ is not None
    assert kind.__doc__ in known.describe()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("nonsense", "no fault is called 'nonsense'"),
        ("slow:speed=9", "slow has no 'speed'; it takes: path, after, times, ms"),
        ("slow:ms=soon", "slow wants a whole number for ms, not 'soon'"),
        ("odd_record:kind=pink", "kind must be one of"),
    ],
)
def test_the_error_for_a_misspelt_fault_says_what_is_allowed(known: Faults, text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        known.parse(text)


def test_a_fault_starts_late_and_ends_in_time(own_client: Client) -> None:
    own_client.switch_on("server_error:after=1,times=2")
    statuses = [own_client.ask(f"{COMPANIES}/count").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]


def test_a_fault_applies_to_its_path_and_the_count_of_that_path(own_client: Client) -> None:
    own_client.switch_on(f"server_error:path={COMPANIES}")
    statuses = [own_client.ask(path).status_code for path in (COMPANIES, f"{COMPANIES}/count", f"{COMPANIES}/types")]
    assert statuses == [500, 500, 200]


def test_a_path_may_be_a_pattern(own_client: Client, own_world: World) -> None:
    own_client.switch_on("server_error:path=/company/companies/*/sites")
    site_list = f"/company/companies/{own_world.companies.ids[0]}/sites"
    assert [own_client.ask(path).status_code for path in (site_list, COMPANIES)] == [500, 200]


def test_a_fault_can_be_switched_off(own_client: Client) -> None:
    own_client.switch_on("server_error")
    own_client.simulator.faults.remove("server_error")
    assert own_client.ask(COMPANIES).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ("server_error", 500, "application/json", b'"message"'),
        ("unavailable", 503, "text/html", b"<html>"),
        ("html_200", 200, "text/html", b"<html>"),
        ("null_body", 200, "application/json", b"null"),
        ("expired_credentials", 401, "application/json", b'"Unauthorized"'),
        ("lost_right", 403, "application/json", b'"message"'),
        ("edge_block", 403, "text/html", b"Cloudflare"),
        ("refusal:status=408", 408, "text/plain", b"This is not possible now."),
        ("refusal:status=422,form=fields", 422, "application/json", b'"errors"'),
        ("refusal:form=xml", 400, "application/xml", b"<Error>"),
    ],
)
def test_a_response_goes_wrong(own_client: Client, fault: str, status: int, content_type: str, body: bytes) -> None:
    own_client.switch_on(fault)
    answer = own_client.ask(COMPANIES)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, content_type)
    assert body in answer.content


def test_rate_limit_gives_the_seconds_to_wait(own_client: Client) -> None:
    own_client.switch_on("rate_limit:wait=30")
    answer = own_client.ask(COMPANIES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert answer.json()["error"] == "ConnectWiseAPI"
    assert own_client.ask(COMPANIES).status_code == 200


def test_rate_limit_can_give_a_date_instead(own_client: Client) -> None:
    own_client.switch_on("rate_limit:wait=30,form=date")
    assert parsedate_to_datetime(own_client.ask(COMPANIES).headers["Retry-After"]).tzinfo is not None


def test_empty_body_has_no_bytes(own_client: Client) -> None:
    own_client.switch_on("empty_body")
    answer = own_client.ask(COMPANIES)
    assert (answer.status_code, answer.content) == (200, b"")


def test_not_json_stops_half_way(own_client: Client) -> None:
    own_client.switch_on("not_json")
    with pytest.raises(requests.JSONDecodeError):
        own_client.ask(COMPANIES).json()


def test_not_a_number_is_in_the_body_once(own_client: Client) -> None:
    own_client.switch_on("not_a_number")
    assert own_client.ask(COMPANIES).content.count(b"NaN") == 1


def test_login_404_html_hides_wrong_credentials_only(own_client: Client) -> None:
    own_client.switch_on("login_404_html")
    assert own_client.ask(COMPANIES).status_code == 200
    own_client.session.auth = ("simulated+wrong", "wrong")
    answer = own_client.ask(COMPANIES)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html")


def test_an_upgrade_moves_the_tenant_to_another_codebase(own_client: Client) -> None:
    own_client.switch_on("codebase_upgraded:after=1")
    assert own_client.ask(COMPANIES, codebase="v2025_1").status_code == 200
    statuses = [own_client.ask(COMPANIES, codebase=one).status_code for one in ("v2025_1", "v2025_2", "v4_6_release")]
    assert statuses == [404, 200, 200]
    info = own_client.session.get(f"{own_client.simulator.url}/login/companyinfo/simulated", timeout=10)
    assert info.json()["Codebase"] == "v2025_2/"


def test_repeated_page_ignores_number_cursor_and_position(own_client: Client) -> None:
    first = own_client.ids(ASSETS, pageSize=10)
    own_client.switch_on("repeated_page")
    assert own_client.ids(ASSETS, pageSize=10, page=3) == first
    assert own_client.ids(ASSETS, pageSize=10, conditions=f"id>{first[-1]}") == first


@pytest.mark.parametrize(("rows", "pages"), [(20, [10, 10, 0]), (15, [10, 5, 0])])
def test_early_end_leaves_the_count_alone(own_client: Client, own_world: World, rows: int, pages: list[int]) -> None:
    own_client.switch_on(f"early_end:path={ASSETS},rows={rows}")
    assert [len(own_client.ids(ASSETS, pageSize=10, page=page)) for page in (1, 2, 3)] == pages
    assert len(own_client.every_id(ASSETS, size=10)) == rows
    assert own_client.rows(f"{ASSETS}/count") == {"count": len(own_world.assets)}


def test_capped_page_gives_fewer_than_asked_but_loses_nothing(own_client: Client, own_world: World) -> None:
    own_client.switch_on("capped_page:rows=50")
    first, second = (own_client.ids(ASSETS, pageSize=1000, page=page) for page in (1, 2))
    assert first + second == list(own_world.assets)[:100]


def test_narrowed_list_hides_rows_from_listing_count_and_detail(own_client: Client, own_world: World) -> None:
    own_client.switch_on(f"narrowed_list:path={COMPANIES}*,rows=3")
    assert own_client.ids(COMPANIES) == list(own_world.companies)[:3]
    assert own_client.rows(f"{COMPANIES}/count") == {"count": 3}
    assert own_client.ask(f"{COMPANIES}/{own_world.companies.ids[5]}").status_code == 404


def test_a_narrowed_list_stays_narrow_under_conditions(own_client: Client) -> None:
    query = {"conditions": "deletedFlag=False", "pageSize": 1000}
    everything = own_client.ids(COMPANIES, **query)
    own_client.switch_on(f"narrowed_list:path={COMPANIES},rows=3")
    assert own_client.ids(COMPANIES, **query) == everything[:3]


def test_emptied_list_is_a_successful_response_without_rows(own_client: Client) -> None:
    own_client.switch_on(f"emptied_list:path={COMPANIES}")
    assert own_client.rows(COMPANIES) == []
    assert own_client.rows(f"{COMPANIES}/count") == {"count": 0}


def test_count_disagrees_with_the_rows(own_client: Client, own_world: World) -> None:
    own_client.switch_on("count_disagrees:by=-2")
    assert own_client.rows(f"{COMPANIES}/count") == {"count": len(own_world.companies) - 2}
    assert len(own_client.ids(COMPANIES, pageSize=1000)) == len(own_world.companies)


def test_duplicate_record_comes_twice(own_client: Client, own_world: World) -> None:
    own_client.switch_on(f"duplicate_record:path={COMPANIES},nth=2")
    found = own_client.ids(COMPANIES, pageSize=1000)
    assert sorted(found) == sorted([*own_world.companies, own_world.companies.ids[2]])


def test_a_row_is_edited_after_its_page_was_served(own_client: Client, own_world: World) -> None:
    row = own_world.assets.ids[0]
    own_client.switch_on(f"row_edited_between_pages:path={ASSETS}")
    first, again = (own_client.rows(ASSETS, pageSize=1)[0] for _ in range(2))
    assert again["name"] == f"{first['name']} (edited)" == own_world.assets[row].name
    assert again["_info"]["lastUpdated"] > first["_info"]["lastUpdated"]


def test_a_row_deleted_between_pages_makes_page_numbers_skip_one(own_client: Client, own_world: World) -> None:
    before = list(own_world.assets)
    own_client.switch_on(f"row_deleted_between_pages:path={ASSETS}")
    own_client.rows(f"{ASSETS}/count")
    found = own_client.ids(ASSETS, pageSize=10) + own_client.ids(ASSETS, pageSize=10, page=2)
    assert found == before[:10] + before[11:21]
    assert before[0] not in own_world.assets


def test_a_poisoned_record_fails_its_page_but_not_a_page_of_ids(own_client: Client, own_world: World) -> None:
    row = own_world.assets.ids[12]
    own_client.switch_on(f"poisoned_record:path={ASSETS}*,row={row}")
    assert own_client.ask(ASSETS, pageSize=100).status_code == 500
    assert own_client.ask(ASSETS, pageSize=100, fields="id,name").status_code == 500
    assert own_client.ask(f"{ASSETS}/{row}").status_code == 500
    assert own_client.ask(ASSETS, pageSize=10).status_code == 200
    assert row in own_client.ids(ASSETS, pageSize=100)
    assert len(own_client.rows(ASSETS, pageSize=100, conditions=f"id>{row}")) == 100


def test_a_poisoned_record_can_fail_for_one_field_only(own_client: Client) -> None:
    own_client.switch_on(f"poisoned_record:path={ASSETS},key=notes")
    assert own_client.ask(ASSETS, pageSize=100, fields="id,name").status_code == 200
    assert own_client.ask(ASSETS, pageSize=100, fields="id,name,notes").status_code == 500


def test_forbidden_board_refuses_its_statuses(own_client: Client) -> None:
    own_client.switch_on("forbidden_board")
    statuses = [own_client.ask(f"/service/boards/{board}/statuses").status_code for board in (1, 11)]
    assert statuses == [200, 403]


def test_nul_bytes_end_the_text_of_some_rows(own_client: Client) -> None:
    own_client.switch_on(f"nul_bytes:path={ASSETS},every=5")
    rows = own_client.rows(ASSETS, pageSize=100)
    assert {row["id"] % 5 == 0 for row in rows if row["name"].endswith("\x00\u200e\ud83d")} == {True}


def test_renamed_key_arrives_under_another_name(own_client: Client) -> None:
    own_client.switch_on(f"renamed_key:path={ASSETS},key=serialNumber,to=serial")
    rows = own_client.rows(ASSETS, pageSize=100)
    assert any("serial" in row for row in rows)
    assert not any("serialNumber" in row for row in rows)


@pytest.mark.parametrize(("to", "kind"), [("text", str), ("number", int), ("list", list), ("object", dict)])
def test_retyped_arrives_as_another_type(own_client: Client, to: str, kind: type) -> None:
    own_client.switch_on(f"retyped:path={ASSETS},key=name,to={to}")
    assert {type(row["name"]) for row in own_client.rows(ASSETS, pageSize=100)} == {kind}


def test_missing_id_is_missing_once(own_client: Client) -> None:
    own_client.switch_on(f"missing_id:path={ASSETS}")
    assert [i for i, row in enumerate(own_client.rows(ASSETS)) if "id" not in row] == [5]


def test_empty_values_come_in_other_forms(own_client: Client) -> None:
    empty: tuple[object, ...] = (None, "", "  ", [], {})
    before = own_client.rows(COMPANIES, pageSize=1000)
    own_client.switch_on(f"empty_in_other_forms:path={COMPANIES}")
    after = own_client.rows(COMPANIES, pageSize=1000)
    pairs = [(one[key], other[key]) for one, other in zip(before, after, strict=True) for key in one]
    changed = [pair for pair in pairs if pair[0] != pair[1] and not isinstance(pair[0], dict)]
    assert changed
    assert all(one in empty and other in empty for one, other in changed)


def test_respelled_flags_and_ids_mean_the_same(own_client: Client) -> None:
    own_client.switch_on(f"respelled:path={ASSETS}")
    row = own_client.rows(ASSETS)[0]
    assert (row["id"].strip().isdecimal(), row["company"]["id"] != row["company"]["id"].strip()) == (True, True)
    assert type(row["activeFlag"]) is float


@pytest.mark.parametrize(("kind", "value"), [("not_a_date", "31/31/2024 25:61"), ("object", {"unexpected": True})])
def test_odd_record_holds_something_else_once(own_client: Client, kind: str, value: object) -> None:
    own_client.switch_on(f"odd_record:path={ASSETS},key=purchaseDate,kind={kind},nth=1")
    assert [i for i, row in enumerate(own_client.rows(ASSETS)) if row.get("purchaseDate") == value] == [1]


def test_older_model_spells_things_differently(own_client: Client, own_world: World) -> None:
    own_client.switch_on("older_model")
    sites = own_client.rows(f"/company/companies/{own_world.companies.ids[0]}/sites")
    contacts = own_client.rows("/company/contacts", pageSize=1000)
    assert all("inactive" in site and "inactiveFlag" not in site for site in sites)
    assert any("type" in contact for contact in contacts)
    assert not any("types" in contact for contact in contacts)


def test_slow_responses_come_later(own_client: Client) -> None:
    own_client.switch_on("slow:ms=40")
    assert own_client.ask(COMPANIES).elapsed.total_seconds() >= 0.04


def test_hang_never_responds(own_client: Client) -> None:
    own_client.switch_on("hang")
    url = f"{own_client.simulator.url}/v4_6_release/apis/3.0{COMPANIES}"
    with pytest.raises(requests.Timeout):
        own_client.session.get(url, timeout=0.1)


def test_a_dropped_connection_breaks_the_body(own_client: Client) -> None:
    own_client.switch_on("dropped_connection:times=1")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        own_client.ask(COMPANIES)
    assert own_client.ask(COMPANIES).status_code == 200


def test_two_faults_can_be_on_at_once(own_client: Client) -> None:
    own_client.switch_on("expired_credentials")
    own_client.switch_on("login_404_html")
    assert own_client.ask(COMPANIES).headers["Content-Type"] == "text/html"


def test_half_a_surrogate_pair_is_legal_json(own_client: Client) -> None:
    own_client.switch_on(f"nul_bytes:path={COMPANIES},every=1")
    assert json.loads(own_client.ask(COMPANIES).content)
