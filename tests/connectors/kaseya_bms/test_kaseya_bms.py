"""What is odd about Kaseya BMS."""

from __future__ import annotations

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from include.connectors import load
from include.connectors.common.companies import ACTIVITY
from include.connectors.common.mapping import map_details, map_page
from include.connectors.contract import ReadContext, Stream
from include.connectors.kaseya_bms.auth import USER, account_key, api_origin, lasts_seconds
from include.connectors.kaseya_bms.client import ASSET, KaseyaClient, Listing
from include.connectors.kaseya_bms.companies import COMPANIES
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS, QUEUES
from include.connectors.kaseya_bms.setup import choices_of, discover
from include.http.session import PsaLogin, origin
from include.model.choices import Sizes
from include.model.errors import (
    ConfigError,
    FormError,
    LoginRefused,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
    ShapeError,
    Truncated,
)
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.scope import EVERYTHING, Scope
from include.model.setup import CompanyChoice, MappedField, Setup
from include.sync.preflight import preflight
from simulator.kaseya_bms.auth import TOTP_SECRET, one_time_code
from simulator.world import World
from tests.support.rig import Unpaced, rig
from tests.support.truth import differences, vendor
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
BMS = "kaseya_bms"
TOKENS = {
    "accessToken": "access-1",
    "refreshToken": "refresh-1",
    "accessTokenExpireOn": "2099-01-01T00:00:00.1234567Z",
    "refreshTokenExpireOn": "2099-01-02T00:00:00Z",
}


def stream(table: str) -> Stream[Any]:
    return next(s for s in load(BMS).streams if s.table == table)


def rows(table: str, records: list[Any], setup: Setup | None = None) -> list[dict[str, Any]]:
    """The rows of records none of which is rejected."""
    mapped = map_page(stream(table), Page(records), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows


def listed(table: str, client: KaseyaClient, setup: Setup | None = None, scope: Scope = EVERYTHING) -> list[Any]:
    """The records that a listing brings."""
    pages = stream(table).read(ReadContext(client, setup or Setup(), scope))
    return [record for page in pages for record in page.records]


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / BMS / name).read_text(encoding="utf-8"))


def cases(name: str) -> dict[str, Any]:
    return {case["name"]: case["response"]["body"] for case in sample(name)["cases"]}


def good(result: Any, **more: Any) -> dict[str, Any]:
    return {"success": True, "error": None, "result": result, **more}


def bad(code: Any, message: str = "No") -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message}, "result": None}


Asked = tuple[str, dict[str, str]]
Answers = Callable[[str, dict[str, str]], Any]


@contextmanager
def scripted(answers: Answers | Mapping[str, Any], **extra: str) -> Iterator[tuple[KaseyaClient, list[Asked]]]:
    """An account at a server that says what it is told to by path, and logs everybody in; with what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def _answer(self, form: str) -> None:
            path, query = urlsplit(self.path).path, dict(parse_qsl(form))
            asked.append((path, query))
            body = answers(path, query) if callable(answers) else answers.get(path)
            if body is None and path.startswith("/v2/security/"):
                body = good(TOKENS)
            content = json.dumps(body).encode()
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """A test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    origin_ = f"http://127.0.0.1:{server.server_port}"
    login = PsaLogin("psa_kaseya_bms", origin_, "api", "pw", {"tenant": "Example", **extra})
    try:
        with requests.Session() as session:
            session.trust_env = False
            client = load(BMS).connect(session, login, Unpaced())
            assert isinstance(client, KaseyaClient)
            client.http.sleep = lambda _: None
            yield client, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def numbered(records: list[Any], *, first: int, size: int = 100) -> Answers:
    """A list whose pages are counted from `first`; a page before that is the first again."""

    def answer(path: str, query: dict[str, str]) -> Any:
        if "PageNumber" not in query:
            return None
        start = max(int(query["PageNumber"]) - first, 0) * size
        return good(records[start : start + size] or None)

    return answer


# ---- the login ----


@needs_specs
@pytest.mark.parametrize("name", ["success, camelCase", "success, PascalCase, expiry without zone"])
def test_a_recorded_login_is_read_in_either_case(name: str) -> None:
    with scripted({"/v2/security/authenticate": cases("01_authenticate.json")[name], "/x": good(1)}) as (api, asked):
        assert api.result("/x") == 1
    assert asked[0][1] == {"GrantType": "password", "UserName": "api", "Password": "pw", "Tenant": "Example"}
    assert {"LUBARIBA.A", "LUBARIBA.R"} == {secret[:10] for secret in api.http.secrets} - {"pw"}


@needs_specs
@pytest.mark.parametrize("name", ["bad password with HTTP 200", "success false without error object"])
def test_a_login_refused_with_200_is_refused_at_once(name: str) -> None:
    with (
        scripted({"/v2/security/authenticate": cases("01_authenticate.json")[name]}) as (api, asked),
        pytest.raises(LoginRefused, match=r"answered 200.* with Success false\."),
    ):
        api.result("/x")
    assert len(asked) == 1


def test_a_token_that_runs_out_is_renewed_with_the_latest_pair() -> None:
    given = iter(range(1, 9))

    def answers(path: str, query: dict[str, str]) -> Any:
        if not path.startswith("/v2/security/"):
            return good(path)
        number = next(given)
        return good({**TOKENS, "accessToken": f"access-{number}", "refreshToken": f"refresh-{number}"})

    with scripted(answers) as (api, asked):
        for _ in range(3):
            api.result("/x")
            api.http.auth.clock = lambda: float("inf")  # type: ignore[attr-defined]
    renewals = [form for path, form in asked if path == "/v2/security/refreshtoken"]
    assert [form["RefreshToken"] for form in renewals] == ["refresh-1", "refresh-2"]


@pytest.mark.parametrize(
    "faults", [["token_ends_early:after=30,times=3"], ["token_ends_early:after=9", "refresh_refused"]]
)
def test_a_token_that_ends_in_mid_run_is_replaced_and_nothing_is_lost(warehouse_dsn: str, faults: list[str]) -> None:
    with rig(warehouse_dsn, vendor=BMS, faults=faults) as running:
        assert running.run("companies", "contacts")["contacts"].inserted == 100


@needs_specs
def test_a_refused_renewal_leads_to_one_login() -> None:
    refused = cases("01_authenticate.json")["refresh refused"]
    with scripted({"/v2/security/refreshtoken": refused, "/x": good(1)}) as (api, asked):
        api.result("/x")
        api.http.auth.clock = lambda: float("inf")  # type: ignore[attr-defined]
        api.result("/x")
    called = [path.rpartition("/")[2] for path, _ in asked]
    assert called == ["authenticate", "x", "refreshtoken", "authenticate", "x"]


def test_a_user_with_one_time_codes_logs_in_with_the_secret_and_not_without(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor=BMS, faults=["mfa_demanded"]) as running:
        extra = dict(running.login().extra)
        with pytest.raises(LoginRefused, match="MFA"):
            running.client().lookup("/v2/system/queues/lookup")
        client = running.client(extra={**extra, "totpSecret": f"{TOTP_SECRET[:8]} {TOTP_SECRET[8:]}"})
        assert client.lookup("/v2/system/queues/lookup")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (bad("429"), RateLimited),
        (bad(0, "Request limit exceeded"), RateLimited),
        (bad(503), ServerError),
        (bad(0, "Too many failed attempts, the user is locked"), LoginRefused),
        (bad(404, "Tenant not found"), LoginRefused),
    ],
)
def test_only_what_is_about_the_login_is_a_refused_login(body: Any, error: type[PsaError]) -> None:
    with scripted({"/v2/security/authenticate": body}) as (api, _), pytest.raises(PsaError) as caught:
        api.result("/x")
    assert type(caught.value) is error


@pytest.mark.parametrize(("used_up", "codes"), [(1, 2), (2, 2)])
def test_a_one_time_code_that_was_taken_before_is_followed_by_the_next_one_and_no_more(
    used_up: int, codes: int
) -> None:
    sent: list[str] = []

    def answers(path: str, query: dict[str, str]) -> Any:
        if path == "/v2/security/authenticate":
            sent.append(query["MFACode"])
            return bad(0, "Invalid MFA code") if len(sent) <= used_up else None
        return good(1)

    clock = [datetime(2026, 11, 22, 3, 0, 10, tzinfo=timezone.utc)]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += timedelta(seconds=seconds)

    with scripted(answers, totpSecret=TOTP_SECRET) as (api, _):
        api.http.now, api.http.sleep = lambda: clock[0], sleep
        if used_up < codes:
            assert api.result("/x") == 1
        else:
            with pytest.raises(LoginRefused):
                api.result("/x")
    assert slept == [20]
    assert sent == [one_time_code(TOTP_SECRET, clock[0].timestamp() - late) for late in (20, 0)]


def test_a_date_that_cannot_be_a_new_tokens_is_not_believed() -> None:
    now = datetime(2026, 11, 22, tzinfo=timezone.utc)
    assert lasts_seconds(now + timedelta(minutes=5), now) == 300
    assert lasts_seconds(now - timedelta(hours=5), now) == lasts_seconds(None, now) == 900


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extra": {}}, r'needs the extra {"tenant"'),
        ({"extra": {"tenant": " "}}, r'needs the extra {"tenant"'),
        ({"extra": {"tenant": "x", "totpSecret": "no base 32!"}}, "totpSecret of the connection 'psa_kaseya_bms'"),
    ],
)
def test_a_half_filled_connection_says_what_is_missing(warehouse_dsn: str, changes: Any, said: str) -> None:
    with rig(warehouse_dsn, World(companies=1), vendor=BMS) as running, pytest.raises(ConfigError, match=said):
        running.client(**changes)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("bms.kaseya.com", "https://api.bms.kaseya.com"),
        ("https://bmsemea.kaseya.com/react/login", "https://api.bmsemea.kaseya.com"),
        ("api.bmsapac.kaseya.com", "https://api.bmsapac.kaseya.com"),
        ("api.vorexlogin.com", "https://api.vorexlogin.com"),
        ("http://127.0.0.1:9100", "http://127.0.0.1:9100"),
    ],
)
def test_the_host_that_people_sign_in_at_becomes_the_apis(typed: str, asked: str) -> None:
    assert api_origin(origin(typed, None, None)) == asked


def test_all_users_of_a_tenant_share_a_budget() -> None:
    one, two = (PsaLogin("c", "https://bms.kaseya.com", user, "pw", {"tenant": "Acme "}) for user in ("a", "b"))
    assert account_key(one) == account_key(two) == "https://api.bms.kaseya.com acme"


# ---- the recorded answers ----


@needs_specs
def test_the_recorded_accounts_and_their_sites_map() -> None:
    body = sample("03_accounts_page_camel.json")["response"]["body"]
    lookup = {
        "/v2/crm/accounts/102/locations/lookup": good([{"id": 700, "name": "X", "accountId": 102, "isMain": True}])
    }
    full = {"id": 700, "locationName": "Hidden", "isMain": True, "isActive": True, "addresses": [{"city": "Oslo"}]}

    def answers(path: str, query: dict[str, str]) -> Any:
        if path == "/v2/crm/accounts/summary":
            part = [r for r in body["result"] if str(r["isActive"]).lower() == query["Filter.IsActive"]]
            return {**body, "result": part, "totalRecords": len(part)}
        return good(full) if path == "/v2/crm/accounts/102/locations/700" else lookup.get(path)

    with scripted(answers) as (api, _):
        first, second = (
            r for page in stream("companies").read(ReadContext(api, Setup())) for r in rows("companies", page.records)
        )
        by_type = Setup(companies=CompanyChoice(status_from="type"))
        typed = [
            r
            for page in stream("companies").read(ReadContext(api, by_type))
            for r in rows("companies", page.records, by_type)
        ]
        sites = [
            r
            for page in stream("company_sites").read(ReadContext(api, Setup()))
            for r in rows("company_sites", page.records)
        ]
    assert (first["status"], first["status_source_id"], first["website"]) == ("Active", "active", None)
    assert first["source_updated_at"].isoformat() == "2026-10-31T01:30:00.500000+00:00"
    assert (second["status_source_id"], second["source_updated_at"]) == ("inactive", None)
    assert [(r["status"], r["status_source_id"]) for r in typed] == [("Customer", "3"), (None, None)]
    told = {site["source_id"]: (site["name"], site["is_primary"], site["is_active"], site["city"]) for site in sites}
    assert told == {
        "501": ("Main", True, True, "Århus"),
        "502": ("Lager ", False, False, None),
        "503": ("Location 503", False, True, None),
        "700": ("Hidden", True, True, "Oslo"),
    }
    assert sites[0]["postal_code"] == "08000"


@needs_specs
def test_the_recorded_assets_map_and_zero_is_nobody() -> None:
    mapped = rows("assets", lowered_records(cases("07_hardware_assets_list.json")["page 1, full"]))
    assert [(r["serial_number"], r["contact_source_id"], r["type"]) for r in mapped] == [
        ("0000123", None, "Zapifi"),
        ("To be nupiri by O.E.M.", "7001", None),
        (None, None, "Finuwiv"),
    ]
    assert "status" in mapped[0]["kept"]


@needs_specs
@pytest.mark.parametrize("end", ["page 2, empty", "page 2, null", "page 2 repeats page 1"])
def test_a_list_without_a_total_ends_with_a_page_that_brings_nothing_new(end: str) -> None:
    recorded = cases("07_hardware_assets_list.json")

    def answers(path: str, query: dict[str, str]) -> Any:
        return recorded["page 1, full" if int(query["PageNumber"]) < 2 else end] if path == ASSETS else None

    with scripted(answers) as (api, _):
        listing = Listing(ASSETS, is_counted=False, may_be_null=False)
        keys = [r["id"] for page in api.pages(listing) for r in page.records]
    assert sorted(set(keys)) == [9001, 9002, 9003]
    assert not stream("assets").is_counted


@needs_specs
def test_the_recorded_lookups_map_and_a_refused_table_is_an_error() -> None:
    recorded = cases("09_lookups.json")
    assert [r["is_active"] for r in rows("service_boards", lowered_records(recorded["queues"]))] == [True, False]
    assert [r["color"] for r in rows("ticket_priorities", lowered_records(recorded["priorities"]))] == ["#00FF00", None]
    statuses = rows("ticket_statuses", lowered_records(recorded["statuses"]))
    assert [(r["source_id"], r["name"], r["sort_order"]) for r in statuses] == [("10", "Luy", 1), ("11", "Luy", 2)]
    with (
        scripted({"/v2/system/queues/lookup": recorded["lookup table refused"]}) as (api, _),
        pytest.raises(RequestRefused, match="«400 Invalid table name» with Success false"),
    ):
        listed("service_boards", api)


def lowered_records(body: Any) -> list[Any]:
    """The records of a recorded list, as an account gives them."""
    with scripted({"/x": body}) as (api, _):
        return api.lookup("/x")


def test_of_e_mail_addresses_the_default_counts_else_the_first_that_is_filled_in() -> None:
    def contact(*emails: tuple[str | None, bool]) -> dict[str, Any]:
        return {"id": 1, "emails": [{"emailaddress": address, "isdefault": flag} for address, flag in emails]}

    two_defaults, none, empty = (
        contact(("a", False), ("b", True), ("c", True)),
        contact(("a", False), ("b", False)),
        contact((None, True), ("b", False)),
    )
    assert [r["email"] for r in rows("contacts", [two_defaults, none, empty, {"id": 2, "emails": None}])] == [
        "b",
        "a",
        "b",
        None,
    ]


def test_a_date_of_the_year_one_is_no_date() -> None:
    details = stream("assets").details
    assert details
    record = {
        "acquisitiondate": "0001-01-01T00:00:00",
        "warrantyexpirationdate": "2027-05-01T00:00:00",
        "modifiedon": "0001-01-01T00:00:00+02:00",
    }
    row = map_details(stream("assets"), details, record, Setup(), Counter())
    assert (row["purchase_date"], row["source_updated_at"]) == (None, None)
    assert row["warranty_expires_on"].isoformat() == "2027-05-01"


# ---- envelopes ----


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (bad(403), RightsError),
        (bad(429), RateLimited),
        (bad(500), ServerError),
        (bad(0), ServerError),
        (bad("403"), RightsError),
        (bad(0, "You do not have permission to view this"), RightsError),
        (bad(None, "Access denied: the object was not found"), RightsError),
        (bad(0, "Too many requests"), RateLimited),
        (bad(1404, "Object not found"), NotFound),
        (bad("NOT_FOUND", "The object does not exist"), NotFound),
        ({"Success": False, "Error": None, "Result": []}, ServerError),
        ({"Status": "OK", "Result": [], "TotalRecords": 0}, ShapeError),  # version 1
        ({"ResponseCode": 200, "Data": []}, ShapeError),
        ({"success": True}, ShapeError),
        (good({"id": 1}), ShapeError),
        (good(None), ShapeError),
        ([], ShapeError),
    ],
)
def test_a_200_that_is_no_good_answer_is_never_an_empty_list(body: Any, error: type[PsaError]) -> None:
    with scripted({"/v2/system/queues/lookup": body}) as (api, _), pytest.raises(error):
        api.lookup("/v2/system/queues/lookup")


def test_a_401_inside_a_200_is_answered_with_a_new_login() -> None:
    bodies = iter([bad(401), good([{"id": 1}])])
    with scripted(lambda path, _: next(bodies) if path == "/x" else None) as (api, asked):
        assert api.lookup("/x") == [{"id": 1}]
    assert [path for path, _ in asked].count("/v2/security/authenticate") == 2


@pytest.mark.parametrize("fault", ["pascal_case", "enveloped_summary", "locations_left_out", "last_page_repeats"])
def test_another_way_to_say_the_same_changes_no_row(warehouse_dsn: str, fault: str) -> None:
    told = vendor(BMS)
    world = World(seed=7, companies=20, assets=130, contacts=30)
    with rig(warehouse_dsn, world, setup=told.setup, vendor=BMS, faults=[fault]) as running:
        running.run()
        wrong = [
            d for name, rows in told.truth(world, told.setup).items() for d in differences(running.rows(name), rows)
        ]
    assert wrong == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("success_false:path=/v2/crm/contacts/summary", ServerError),
        ("foreign_envelope:path=/v2/crm/contacts/summary", ShapeError),
        ("null_result:path=/v2/crm/contacts/summary", Truncated),
        ("filter_ignored", ShapeError),
    ],
)
def test_a_list_that_may_not_be_believed_leaves_every_row(
    warehouse_dsn: str, fault: str, error: type[PsaError]
) -> None:
    with rig(warehouse_dsn, vendor=BMS) as running:
        running.run("contacts")
        before = running.state()
        running.simulator.faults.add(fault)
        with pytest.raises(error):
            running.run("contacts")
        assert running.state() == before


def test_null_where_a_tenants_assets_should_begin_is_no_proof_that_there_are_none(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, vendor=BMS, faults=[f"null_result:path={ASSETS}"]) as running,
        pytest.raises(ShapeError, match="null"),
    ):
        running.run("assets")


# ---- listings ----


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("many", [0, 70, 100, 250])
def test_pages_counted_from_0_or_from_1_are_all_read(first: int, many: int) -> None:
    with scripted(numbered([{"id": n} for n in range(many)], first=first)) as (api, _):
        for _ in range(2):  # what the first listing has shown is known to the second
            assert {r["id"] for page in api.pages(Listing("/list", is_counted=False)) for r in page.records} == set(
                range(many)
            )


def test_null_after_page_0_is_the_end_where_pages_are_counted_from_0() -> None:
    """Only null instead of the first page proves nothing."""
    with scripted(numbered([{"id": n} for n in range(70)], first=0)) as (api, _):
        api.first_page = 0
        listing = Listing("/list", is_counted=False, may_be_null=False)
        assert len([r for page in api.pages(listing) for r in page.records]) == 70


def test_a_page_0_that_the_server_refuses_is_none() -> None:
    def answers(path: str, query: dict[str, str]) -> Any:
        number = query.get("PageNumber")
        return {"0": bad(0, "PageNumber must be positive"), "1": good([{"id": 1}]), "2": good([])}.get(number or "")

    with scripted(answers) as (api, _):
        assert [r["id"] for page in api.pages(Listing("/list", is_counted=False)) for r in page.records] == [1]
        assert api.first_page == 1


def test_a_contact_that_becomes_active_between_the_two_lists_is_read() -> None:
    """It is in neither list: when the active ones were read it was not active, when the others were, it was."""
    active = [{"id": 1, "isActive": True, "accountId": 5}]

    def answers(path: str, query: dict[str, str]) -> Any:
        if path != CONTACTS:
            return None
        if query["Filter.IsActive"] == "false":
            active.append({"id": 2, "isActive": True, "accountId": 5})
            return good([], totalRecords=0)
        return good(active[: int(query["PageSize"])], totalRecords=len(active))

    with scripted(answers) as (api, _):
        read = {r["id"] for r in listed("contacts", api)}
    assert read == {1, 2}


def test_a_list_without_an_asset_that_is_found_by_its_key_was_cut_short(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor=BMS) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add(f"early_end:path={ASSETS},rows=170")
        with pytest.raises(Truncated, match="which exists when it is asked for by its key"):
            running.run("assets")
        assert running.state() == before


def test_an_account_without_an_id_is_a_reject_and_the_others_keep_their_sites() -> None:
    site = {"id": 1, "locationName": "Main", "isMain": True}
    accounts = [
        {"id": None, "isActive": True, "locations": [site]},
        {"id": 8.0, "isActive": True, "locations": [{**site, "id": 2}]},
    ]

    def answers(path: str, query: dict[str, str]) -> Any:
        part = accounts if query.get("Filter.IsActive") == "true" else []
        return good(part, totalRecords=str(len(part))) if path == COMPANIES else None

    with scripted(answers) as (api, _):
        pages = list(stream("company_sites").read(ReadContext(api, Setup())))
    assert [r["company_source_id"] for r in rows("company_sites", [r for p in pages for r in p.records])] == ["8"]
    assert [reject.reason for p in pages for reject in p.rejects] == ["the sites of an account without a usable Id"]


def test_a_total_that_is_spelled_as_text_is_read_and_one_that_is_none_is_refused() -> None:
    with scripted({"/list": good([], totalRecords="250"), "/none": good([], totalRecords="many")}) as (api, _):
        assert api.total(Listing("/list")) == 250
        with pytest.raises(ShapeError, match="invalid count: totalrecords"):
            api.total(Listing("/none"))


def test_a_key_is_spelled_alike_wherever_it_stands_and_zero_is_none() -> None:
    contact = {"id": 5.0, "accountid": 12.0, "locationid": 0.0}
    (row,) = rows("contacts", [contact])
    assert (row["source_id"], row["company_source_id"], row["site_source_id"]) == ("5", "12", None)
    assert rows("ticket_statuses", [{"id": 3.0}])[0]["source_id"] == "3"
    assert [r["source_id"] for r in rows("company_statuses", [{"id": 3.0}, {"id": "active"}])] == ["3", "active"]


def test_sites_that_cannot_be_looked_up_stay_as_they_are() -> None:
    client = {"id": 7, "isactive": True, "locations": None}
    with scripted({"/v2/crm/accounts/summary/7": client}) as (api, _):
        (page,) = stream("company_sites").read(ReadContext(api, Setup(), Scope("7")))
    assert [reject.scope for reject in page.rejects] == [("company_source_id", "7")]


# ---- details and custom fields ----


def test_a_nights_budget_of_details_goes_to_those_that_were_never_read(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(details_per_night=120), vendor=BMS) as running:
        for known in (120, 200):
            running.run("assets")
            assert len(running.rows("assets", "source_updated_at IS NOT NULL")) == known


def test_a_custom_field_of_choices_is_kept_by_its_label_and_an_empty_one_leaves_the_column() -> None:
    module, values = "/v2/system/customFields/33", "/v2/system/customFields/33/9"
    setup = Setup(
        custom_fields={"assets": {"tier": "4", "note": "5"}},
        field_map={"assets": {"notes": MappedField("6"), "manufacturer": MappedField("5")}},
        custom_field_modules={"assets": 33},
    )
    answers = {
        "/v2/servicedesk/hardwareasset/9": good({"id": 9, "description": "the PSA's own"}),
        module: good([{"id": 4, "name": "Tier", "settings": [{"id": 1, "name": "Gold"}]}, {"id": 5, "settings": None}]),
        values: good(
            [
                {"customFieldId": 4, "data": "1", "settingsId": 1},
                {"customFieldId": 5, "data": "typed", "settingsId": 0},
                {"customFieldId": 6, "data": "", "settingsId": 0},
            ]
        ),
    }
    details = stream("assets").details
    assert details
    with scripted(answers) as (api, asked):
        row = map_details(stream("assets"), details, details.read(ReadContext(api, setup), "9", "1"), setup, Counter())
        details.read(ReadContext(api, setup), "9", "1")
    assert row["custom_fields"] == {"tier": "Gold", "note": "typed"}
    assert (row["notes"], row["manufacturer"]) == ("the PSA's own", "typed")
    assert [path for path, _ in asked].count(module) == 1


def details_of(table: str, answers: Mapping[str, Any], setup: Setup, company: str | None = None) -> dict[str, Any]:
    """The columns that the details of record 7 fill."""
    details = stream(table).details
    assert details
    with scripted(answers) as (api, _):
        return map_details(
            stream(table), details, details.read(ReadContext(api, setup), "7", company), setup, Counter()
        )


@pytest.mark.parametrize(("typed", "website"), [("new.example.org", "new.example.org"), ("", "old.example.org")])
def test_a_custom_field_of_a_company_stands_in_for_a_column_unless_it_is_empty(typed: str, website: str) -> None:
    setup = Setup(field_map={"companies": {"website": MappedField("5")}}, custom_field_modules={"companies": 44})
    answers = {
        "/v2/crm/accounts/summary/7": {"id": 7, "accountName": "Acme", "website": "old.example.org"},
        "/v2/system/customFields/44": good([]),
        "/v2/system/customFields/44/7": good([{"customFieldId": 5, "data": typed, "settingsId": 0}]),
    }
    assert details_of("companies", answers, setup)["website"] == website


def test_fields_of_companies_are_read_within_the_nights_budget_and_only_if_setup_wants_any(warehouse_dsn: str) -> None:
    mapped = {"companies": {"website": MappedField("3")}}
    for field_map, asked in (({}, 0), (mapped, 5)):
        setup = Setup(details_per_night=5, field_map=field_map, custom_field_modules={"companies": 44})
        with rig(warehouse_dsn, World(seed=7, companies=20), setup=setup, vendor=BMS) as running:
            assert running.run("companies")["companies"].fetched > 5
            assert sum("/customFields/44/" in r.path for r in running.simulator.requests) == asked


def test_an_asset_whose_custom_fields_are_not_there_keeps_its_other_details() -> None:
    setup = Setup(custom_fields={"assets": {"tag": "4"}}, custom_field_modules={"assets": 33})
    answers = {
        "/v2/servicedesk/hardwareasset/7": good({"id": 7, "manufacturer": "Dell"}),
        "/v2/system/customFields/33": good([]),
        "/v2/system/customFields/33/7": bad(404),
    }
    row = details_of("assets", answers, setup)
    assert (row["manufacturer"], row["custom_fields"]) == ("Dell", {"tag": None})


def test_an_odd_definition_of_a_custom_field_spoils_no_other_field() -> None:
    setup = Setup(custom_fields={"assets": {"tier": "4"}}, custom_field_modules={"assets": 33})
    answers = {
        "/v2/servicedesk/hardwareasset/7": good({"id": 7}),
        "/v2/system/customFields/33": good(
            [{"id": 3, "settings": "none"}, {"id": 4, "settings": [{"id": 1, "name": "Gold"}]}]
        ),
        "/v2/system/customFields/33/7": good([{"customFieldId": 4.0, "data": "1", "settingsId": 1}]),
    }
    assert details_of("assets", answers, setup)["custom_fields"] == {"tier": "Gold"}


@pytest.mark.parametrize(
    ("body", "city"),
    [({"City": "Oslo", "ZipCode": None}, "Oslo"), (good({"city": "Oslo"}), "Oslo"), (good(None), None)],
)
def test_a_persons_address_comes_with_or_without_an_envelope_or_is_none(body: Any, city: str | None) -> None:
    path = "/v2/crm/accounts/2/contacts/7/summaryinfo"
    assert details_of("contacts", {path: body}, Setup(), "2")["city"] == city


# ---- the company filter ----


@pytest.mark.parametrize(
    "setup",
    [
        Setup(companies=CompanyChoice(statuses=("Inactive",))),
        Setup(companies=CompanyChoice(types=("Client",))),
        Setup(companies=CompanyChoice(statuses=("Client",), status_from="type")),
    ],
)
def test_only_the_chosen_companies_and_what_belongs_to_them_are_synced(warehouse_dsn: str, setup: Setup) -> None:
    world = World(seed=7, companies=40)
    told = vendor(BMS).truth(world, setup)["companies"]
    wanted = (*setup.companies.statuses, *setup.companies.types)
    types = {str(key) for key, kind in world.company_types.items() if kind.name in wanted}
    chosen = {
        key
        for key, row in told.items()
        if row["status"] in wanted
        or (setup.companies.types and str(next(iter(world.companies[int(key)].type_ids), 0)) in types)
    }
    short = replace(setup, details_per_night=0)
    with rig(warehouse_dsn, world, setup=short, vendor=BMS) as running:
        running.run("companies", "sites", "assets", "contacts")
        assert 0 < len(chosen) < len(told)
        assert {row["source_id"] for row in running.rows("companies")} == chosen
        for table in ("company_sites", "assets", "contacts"):
            owners = {row["company_source_id"] for row in running.rows(table)}
            assert owners
            assert owners <= chosen


def test_one_company_alone_is_asked_for_by_its_key(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(details_per_night=0), vendor=BMS) as running:
        running.run()
        before, asked = running.state(), len(running.simulator.requests)
        name = running.rows("companies")[0]["name"]
        running.run(request=Request(company=name.upper()))
        assert running.state() == before
        lists = [r for r in running.simulator.requests[asked:] if r.path in (ASSETS, CONTACTS)]
        assert lists
        assert all("Filter.AccountId" in r.query for r in lists)
        with pytest.raises(FormError, match="There is no company"):
            running.run(request=Request(company="nobody's"))


def test_a_server_that_ignores_the_filter_by_company_is_refused() -> None:
    def answers(path: str, query: dict[str, str]) -> Any:
        others = [{"id": 1, "isActive": True, "accountId": 8}] if query.get("Filter.IsActive") == "true" else []
        return good(others, totalRecords=len(others)) if path == CONTACTS else None

    with scripted(answers) as (api, _), pytest.raises(ShapeError, match="the filter was ignored"):
        listed("contacts", api, scope=Scope("7"))


# ---- preflight, setup and cost ----


@needs_specs
def test_every_request_of_a_night_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec(BMS)
    world = World(seed=7, companies=30)
    with rig(warehouse_dsn, world, setup=vendor(BMS).setup, vendor=BMS) as running:
        running.run(request=Request(approved=tuple(KINDS)))
        discover(running.client())
        running.run(request=Request(company=running.rows("companies")[0]["source_id"]))
        paths = set()
        for asked in running.simulator.requests:
            check_request(spec, asked.method, asked.path, asked.query)
            paths.add(spec.template(asked.method, asked.path))
        assert len(paths) > 14


def test_a_night_costs_no_more_than_its_formula_says(warehouse_dsn: str) -> None:
    sizes = Sizes(companies=150, sites=300, assets=230, contacts=210)
    world = World(seed=7, companies=sizes.companies, assets=sizes.assets, contacts=sizes.contacts)
    with rig(warehouse_dsn, world, vendor=BMS) as running:
        running.run()
        asked = Counter(r.path for r in running.simulator.requests)
        lists = {end: asked[end] for end in (COMPANIES, CONTACTS, ASSETS, QUEUES, USER)}
        details = sum(n for path, n in asked.items() if re.fullmatch(r"/v2/servicedesk/hardwareasset/\d+", path))
    formula = load(BMS).cost(sizes)
    assert {end: n for end, n in lists.items() if n > formula[end]} == {}
    assert {end: n for end, n in lists.items() if n < formula[end] - 3} == {}
    assert sizes.assets <= details <= formula[ASSET]


def test_preflight_says_which_number_is_missing_and_what_there_is(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Cliant",)),
        custom_fields={"assets": {"tag": "9999"}, "contacts": {"language": "30"}},
        custom_field_modules={"assets": 33},
    )
    with rig(warehouse_dsn, setup=setup, vendor=BMS) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert "There is no company type 'Cliant'. Did you mean 'Client'?" in said
    assert "custom_fields.assets.tag: there is no custom field 9999. There are: 10 (" in said
    assert "custom_field_modules.contacts is missing" in said


def test_a_login_of_a_clients_person_is_remarked_upon() -> None:
    connector = load(BMS)
    with scripted({"/v2/security/userinfo": good({"userId": 1, "contactId": 44})}) as (api, _):
        (remark,) = connector.remarks(api)
    assert "contact 44" in remark
    with scripted({"/v2/security/userinfo": good({"userId": 1, "contactId": 0})}) as (api, _):
        assert connector.remarks(api) == []


def test_discovery_lists_the_modules_that_have_fields_under_their_numbers(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    with rig(warehouse_dsn, world, vendor=BMS) as running:
        groups: dict[str, dict[str, Any]] = {}
        for choice in discover(running.client()):
            groups.setdefault(choice.group, {})[choice.id] = choice
    assert groups["company statuses"].keys() == ACTIVITY.keys()
    assert groups["company types"].keys() == {str(key) for key in world.company_types}
    fields = groups["custom fields of module 33"]
    assert fields.keys() == {str(field.id) for field in world.fields_of("asset")}
    assert any(choice.examples for choice in fields.values())


def test_what_looks_like_a_secret_is_offered_without_examples() -> None:
    options = [{"id": 1, "name": "hunter2"}]
    fields = [{"id": 1, "name": "Admin password", "settings": options}, {"id": 2, "name": "Tier", "settings": options}]
    assert [choice.examples for choice in choices_of("custom fields", fields)] == [(), ("hunter2",)]
