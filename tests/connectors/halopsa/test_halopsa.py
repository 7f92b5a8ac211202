"""What is odd about HaloPSA."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext, Stream
from include.connectors.halopsa.auth import account_key, new_grant
from include.connectors.halopsa.client import TEAMS, HaloClient
from include.connectors.halopsa.custom_fields import CUSTOM
from include.connectors.halopsa.listings import TICKET_STATUSES
from include.connectors.halopsa.setup import check_setup, discover, on_records, remarks
from include.http.call import Answer
from include.http.session import PsaLogin
from include.model.choices import Sizes
from include.model.errors import (
    AuthError,
    ConfigError,
    FormError,
    LoginRefused,
    NotFound,
    PsaError,
    RightsError,
    ServerError,
    ShapeError,
    Truncated,
)
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, DeletionGuard, MappedField, Setup
from include.sync import load as loading
from include.sync.extract import extract
from include.sync.preflight import preflight
from simulator.world import World
from tests.support.rig import Rig, Unpaced, rig
from tests.support.truth import differences
from tests.support.truth.halopsa import SETTINGS, truth
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
PAGED = ("/api/Client", "/api/Site", "/api/Users", "/api/Asset")
LOGIN = PsaLogin("psa_halopsa", "https://halo.example.org", "client-id", "client-secret", {})
SERIAL = Setup(field_map={"assets": {"serial_number": MappedField("field:117")}})
TAG = Setup(custom_fields={"assets": {"tag": "10"}})


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("halopsa").streams if s.table == table)


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    """The one row of a record that is not rejected."""
    mapped = map_page(stream(table), Page([record]), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def context(client: Any, setup: Setup | None = None, *, company: str | None = None) -> ReadContext[Any]:
    """What the connector is given, for all companies or for one."""
    return ReadContext(client, setup or Setup(), Scope(company=company))


def read(client: Any, table: str, setup: Setup | None = None, *, company: str | None = None) -> list[Any]:
    """Every record of a table's listing."""
    pages = stream(table).read(context(client, setup, company=company))
    return [record for page in pages for record in page.records]


def wrong(running: Rig, *tables: str) -> list[str]:
    """What the warehouse has and should not, or lacks."""
    expected = truth(running.simulator.world, running.setup)
    return [sentence for table in tables for sentence in differences(running.rows(table), expected[table])]


@dataclass
class Scripted:
    """A server that says what it was told to, whatever is asked of it."""

    rows: Mapping[str, list[Any]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def listing(self, what: Any, **_: str) -> Iterator[Page]:
        yield Page(list(self.rows.get(what.path, [])))

    def count(self, what: Any, **_: str) -> int:
        return len(self.rows[what.path])

    def unpaged(self, what: Any, **params: str) -> list[Any]:
        return self.rows[f"{what.path}?excludeclosed" if "excludeclosed" in params else what.path]

    def record(self, what: Any, key: str, **_: int) -> Any:
        path = f"{what.path}/{key}"
        self.asked.append(path)
        if path not in self.details:
            raise NotFound(f"{path} is not there.")
        return self.details[path]


@dataclass
class Told:
    """A client that always gets the same answer."""

    answer: Answer

    def get(self, *_: Any, **__: Any) -> Answer:
        return self.answer


# ---- the recorded answers ----


def sample(name: str, case: str) -> Any:
    cases = json.loads((Path(SPECS or "") / "samples" / "halopsa" / name).read_text(encoding="utf-8"))["cases"]
    return next(one for one in cases if one["name"] == case)["response"]["body"]


@needs_specs
def test_recorded_sites_map_whatever_their_ids_look_like() -> None:
    first, second = (
        row("company_sites", record) for record in sample("03_site_client_id_forms.json", "decimal")["sites"]
    )
    assert (first["company_source_id"], first["name"], second["company_source_id"]) == ("21", None, "22")
    found = [row("company_sites", r) for r in sample("03_site_client_id_forms.json", "text, unset and null")["sites"]]
    assert [r["source_id"] for r in found] == ["33", "34", "35", "36"]
    assert [r["company_source_id"] for r in found] == ["21", None, None, "22"]


@needs_specs
def test_recorded_rows_that_hold_little_map() -> None:
    (company,) = sample("07_lists_demo_instance.json", "clients")["clients"]
    assert (row("companies", company)["status"], row("companies", company)["website"]) == ("Active", None)
    (asset,) = sample("07_lists_demo_instance.json", "assets")["assets"]
    assert (row("assets", asset)["name"], row("assets", asset)["company_source_id"]) == ("10CE010100D0G", None)
    (contact,) = sample("07_lists_demo_instance.json", "users")["users"]
    assert (row("contacts", contact)["name"], row("contacts", contact)["is_active"]) == ("Nulu Denu", True)


@needs_specs
def test_recorded_teams_map_and_an_inactive_one_stays_a_board() -> None:
    teams = [row("service_boards", record) for record in sample("13_board_lookups.json", "team")]
    assert [(t["source_id"], t["is_active"]) for t in teams] == [("13", True), ("14", False)]


# ---- values ----


@pytest.mark.parametrize("none", ["1900-01-01T00:00:00", "1899-12-30T00:00:00.000", "1979-12-31T00:00:00", "", None])
def test_a_date_before_1980_is_none(none: Any) -> None:
    asset = row("assets", {"id": 1, "warranty_end": none, "supplier_purchasedate": "2024-05-06T00:00:00.12"})
    assert (asset["warranty_expires_on"], asset["purchase_date"]) == (None, date(2024, 5, 6))


def test_a_zero_date_in_a_field_of_a_type_stands_for_none_too() -> None:
    fields = [{"id": 24, "value": "1900-01-01T00:00:00", "display": "01/01/1900"}]
    setup = Setup(field_map={"assets": {"warranty_expires_on": MappedField("field:24")}})
    assert row("assets", {"id": 1, "fields": fields}, setup)["warranty_expires_on"] is None


def test_a_field_of_a_type_tells_its_label_but_a_date_as_it_is_kept() -> None:
    fields = [
        {"id": 24, "value": "2024-06-05T00:00:00", "display": "05/06/2024"},
        {"id": 118, "value": 7, "display": "Dell"},
    ]
    mapped = {"purchase_date": MappedField("field:24"), "manufacturer": MappedField("field:118")}
    asset = row("assets", {"id": 1, "fields": fields}, Setup(field_map={"assets": mapped}))
    assert (asset["purchase_date"], asset["manufacturer"]) == (date(2024, 6, 5), "Dell")


@pytest.mark.parametrize("unset", [-1, 0, -99, "-1", -1.0, "", None])
def test_ids_that_mean_nobody_are_null(unset: Any) -> None:
    asset = row("assets", {"id": "7.0", "client_id": unset, "site_id": unset, "first_user_id": unset})
    keys = [asset[key] for key in ("source_id", "company_source_id", "site_source_id", "contact_source_id")]
    assert keys == ["7", None, None, None]


def test_a_site_id_falls_back_to_its_decimal_form() -> None:
    assert row("contacts", {"id": 1, "site_id_int": 0, "site_id": 33.0})["site_source_id"] == "33"


def test_the_same_priority_of_two_slas_is_two_rows() -> None:
    records = [{"id": "8f14e45f-ceea", "slaid": sla, "priorityid": 2, "name": "High"} for sla in (1, 3)]
    assert [row("ticket_priorities", record)["source_id"] for record in records] == ["1/2", "3/2"]
    nameless = map_page(stream("ticket_priorities"), Page([{"id": "8f14e45f-ceea", "priorityid": 2}]), Setup())
    assert [reject.reason for reject in nameless.rejects] == ["the record has no id"]


def test_custom_fields_tell_labels_of_selects_and_never_what_is_encrypted() -> None:
    values = [
        {"id": 1, "type": 0, "value": "text", "display": "shown"},
        {"id": 2, "type": 2, "value": 4, "display": "Gold"},
        {"id": 3, "type": 3, "value": [4, 5], "display": "Gold, Silver"},
        {"id": 4, "type": 6, "value": True, "display": "Yes"},
        {"id": 5, "type": 4, "value": "1900-01-01T00:00:00", "display": ""},
        {"id": 6, "type": 0, "value": "hunter2", "isencrypted": True},
        {"id": 7, "type": 0, "value": 9, "value_is_password_id": True},
        {"id": 8, "type": 7, "value": [{"id": 1}], "display": "a table"},
        {"id": 9, "type": 0, "value": "", "display": None},
    ]
    chosen = Setup(custom_fields={"contacts": {str(n): str(n) for n in range(1, 10)}})
    kept = row("contacts", {"id": 1, "name": "Ann", "customfields": values}, chosen)["custom_fields"]
    assert {name: value for name, value in kept.items() if value is not None} == {
        "1": "text",
        "2": "Gold",
        "3": "Gold, Silver",
        "4": True,
    }


def test_a_select_without_a_label_tells_what_was_chosen() -> None:
    values = [
        {"id": 1, "type": 2, "value": 4},
        {"id": 2, "type": 3, "value": [4, 5], "display": ""},
        {"id": 3, "type": 2, "value": -1, "display": None},
    ]
    chosen = Setup(custom_fields={"contacts": {key: key for key in "123"}})
    kept = row("contacts", {"id": 1, "customfields": values}, chosen)["custom_fields"]
    assert kept == {"1": 4, "2": "4, 5", "3": None}


@pytest.mark.parametrize("key", [117, 117.0, "117", "117.0"])
def test_a_field_is_found_however_its_id_is_spelled(key: Any) -> None:
    strange = {"id": "none", "value": "x"}
    asset = {
        "id": 1,
        "customfields": [{"id": key, "value": "own"}, strange],
        "fields": [{"id": key, "value": "of the type"}, strange],
    }
    setup = replace(SERIAL, custom_fields={"assets": {"tag": "117"}})
    found = row("assets", asset, setup)
    assert (found["serial_number"], found["custom_fields"]) == ("of the type", {"tag": "own"})


@pytest.mark.parametrize(
    "name", [{"label": "Wi-Fi password"}, {"name": "CFPIN"}, {"name": "Alarm code", "label": None}]
)
def test_what_seems_by_its_name_to_hold_secrets_is_not_stored(name: dict[str, Any]) -> None:
    value = {"id": 117, "type": 0, "value": "hunter2", "display": "hunter2", **name}
    setup = replace(SERIAL, custom_fields={"assets": {"tag": "117"}})
    found = row("assets", {"id": 1, "customfields": [value], "fields": [value]}, setup)
    assert (found.get("serial_number"), found["custom_fields"]) == (None, {"tag": None})


def test_a_free_text_of_a_contact_can_stand_in_for_the_job_title_which_the_salutation_is_not() -> None:
    contact = {"id": 1, "name": "Ann", "title": "Ms", "other2": "Controller"}
    assert row("contacts", contact).get("title") is None
    mapped = Setup(field_map={"contacts": {"title": MappedField("other2")}})
    assert row("contacts", contact, mapped)["title"] == "Controller"


def test_a_status_is_closed_when_the_list_without_closed_ones_lacks_it_and_unknown_when_that_is_ignored() -> None:
    everything = [{"id": 1, "name": "New", "sequence": 1}, {"id": 9, "name": "Closed", "sequence": 2}]
    obeying = Scripted({"/Status": everything, "/Status?excludeclosed": everything[:1]})
    closed = [row("ticket_statuses", record)["is_closed"] for record in read(obeying, "ticket_statuses")]
    assert closed == [False, True]
    deaf = Scripted({"/Status": everything, "/Status?excludeclosed": everything})
    assert [row("ticket_statuses", record)["is_closed"] for record in read(deaf, "ticket_statuses")] == [None, None]


# ---- address and login ----


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": "client\u200bid"}, "The login of the connection 'psa_halopsa' .* invisible"),
        ({"password": "client secret"}, "The password of the connection"),
        ({"password": "client\tsecret"}, "The password of the connection"),
        ({"extra": {"tenant": 7}}, "The extra tenant of the connection"),
        ({"extra": {"scope": ["all"]}}, "The extra scope of the connection"),
        ({"extra": {"authServer": "ftp://halo.example.org"}}, "The extra authServer of the connection"),
    ],
)
def test_a_connection_with_a_wrong_field_says_which(changes: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load("halopsa").connect(None, replace(LOGIN, **changes), Unpaced())


@dataclass
class TokenServer:
    """Gives a token to everybody, and `info` to strangers; `told` raises instead."""

    info: Any = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def get(self, path: str, *, anonymous: bool, tries: int) -> Answer:
        assert (path, anonymous) == ("/api/authinfo", True)
        if isinstance(self.info, Exception):
            raise self.info
        return Answer(self.info, has_next=False)

    def log_in(self, path: str, form: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        self.asked.append((path, params.get("tenant", ""), form["scope"]))
        return Answer({"access_token": "the-token", "expires_in": "3600"}, has_next=False)


OWN = {"auth_url": "https://auth.example.org/auth/", "tenant_id": "told"}


@pytest.mark.parametrize(
    ("info", "extra", "asked"),
    [
        (OWN, {}, ("https://auth.example.org/auth/token", "told", "all")),
        (
            OWN,
            {"tenant": "typed", "scope": "read:assets"},
            ("https://auth.example.org/auth/token", "typed", "read:assets"),
        ),
        ({"auth_url": OWN["auth_url"]}, {}, ("https://auth.example.org/auth/token", "", "all")),
        ({"auth_url": "https://auth.example.org/token/"}, {}, ("https://auth.example.org/token", "", "all")),
        (OWN, {"authServer": "login.example.org/auth/token"}, ("https://login.example.org/auth/token", "", "all")),
        (NotFound("404."), {}, ("https://halo.example.org/auth/token", "", "all")),
        (
            ServerError("a page.", status=200),
            {"tenant": "typed"},
            ("https://halo.example.org/auth/token", "typed", "all"),
        ),
    ],
)
def test_tokens_are_asked_for_where_it_was_typed_or_where_the_server_says(info: Any, extra: Any, asked: Any) -> None:
    server: Any = TokenServer(info)
    grant = new_grant(server, replace(LOGIN, extra=extra))
    assert (grant.access, grant.lasts_seconds, server.asked) == ("the-token", 3600, [asked])
    assert "the-token" in server.secrets  # so that no error quotes it


def test_a_secret_is_not_sent_in_the_clear_because_a_server_says_so() -> None:
    server: Any = TokenServer({"auth_url": "http://auth.example.org"})
    with pytest.raises(ConfigError, match="not encrypted"):
        new_grant(server, LOGIN)
    assert server.asked == []


def test_wrong_secrets_tenants_and_scopes_are_told_apart(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1), vendor="halopsa") as running:
        with pytest.raises(LoginRefused, match=r"invalid_client.*Client Secret"):
            remarks(running.client(password="wrong"))
        with pytest.raises(LoginRefused, match="Tenant that Halo shows"):
            remarks(running.client(extra={"tenant": "nobody"}))
        with pytest.raises(ConfigError, match=r"invalid_scope.*extra 'scope'"):
            remarks(running.client(extra={"tenant": "simulated", "scope": "read:users"}))


@pytest.mark.parametrize("path", ["*", "/Team"])
def test_a_wrong_base_address_says_which_one_is_meant(warehouse_dsn: str, path: str) -> None:
    with (
        rig(warehouse_dsn, World(companies=1), vendor="halopsa", faults=[f"html_200:path={path},times=99"]) as running,
        pytest.raises(ServerError, match="the connection's host must be the Resource Server"),
    ):
        running.client().unpaged(TEAMS)


def test_a_scope_that_covers_one_kind_only_leaves_the_others_red(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=20), vendor="halopsa") as running:
        client = running.client(extra={"tenant": "simulated", "scope": "read:customers read:tickets"})
        assert load("halopsa").probe(client, "contacts") == 100
        with pytest.raises(RightsError, match="answered 403"):
            load("halopsa").probe(client, "assets")


def test_401_on_one_path_with_a_good_token_is_a_missing_right(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["unauthorized_path:path=/Asset*"]) as running:
        with pytest.raises(RightsError, match="/api/Asset answered 401"):
            running.run("assets", "contacts")
        assert running.run("contacts")["contacts"].inserted == 100


def test_a_token_that_ends_early_is_asked_for_anew(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["token_ended:path=/Asset"]) as running:
        assert running.run("assets")["assets"].inserted == 200
        assert sum(r.path == "/auth/token" for r in running.simulator.requests) == 3


def test_tasks_whose_new_tokens_end_each_others_all_get_through(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["one_token"], latency_ms=2) as running:
        preflight(running.sync())
        failures: list[BaseException] = []

        def work(kind: str) -> None:
            run = running.sync()
            try:
                extract(run, kind)
                loading.load(run, kind)
            except PsaError as error:
                failures.append(error)

        workers = [threading.Thread(target=work, args=(kind,)) for kind in KINDS]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert failures == []
        assert wrong(running, *(table for tables in KINDS.values() for table in tables)) == []


def test_without_the_right_to_the_teams_only_the_help_desk_fails(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["unauthorized_path:path=/Team*"]) as running:
        counts = running.run(*(kind for kind in KINDS if kind != "ticket_settings"))
        assert (counts["assets"].inserted, counts["contacts"].inserted) == (200, 100)
        preflight(running.sync())
        assert "ticket_settings will fail" in caplog.text
        with pytest.raises(RightsError, match="/api/Team answered 401"):
            extract(running.sync(), "ticket_settings")


def test_a_429_that_does_not_say_how_long_is_waited_out(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["silent_rate_limit:path=/Users"]) as running:
        assert running.run("contacts")["contacts"].inserted == 100
        assert sum(running.slept) >= 60


def test_two_logins_at_one_instance_share_its_budget_and_tenants_of_one_host_do_not() -> None:
    assert account_key(LOGIN) == account_key(replace(LOGIN, login="another"))
    assert account_key(replace(LOGIN, extra={"tenant": "a"})) != account_key(replace(LOGIN, extra={"tenant": "b"}))


# ---- listings ----


def test_every_request_for_a_list_pages_is_ordered_and_asks_for_inactive_rows(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=60), setup=SETTINGS, vendor="halopsa") as running:
        running.run()
        discover(running.client())
        lists = [request.query for request in running.simulator.requests if request.path in PAGED]
        assert len(lists) > 30
        for query in lists:
            assert (query["pageinate"], query["order"], query["orderdesc"]) == ("true", "id", "false")
            assert query["page_no"].isdigit() and query["page_size"].isdigit() and "count" not in query
            assert (query["includeactive"], query["includeinactive"]) == ("true", "true")


@needs_specs
def test_every_request_of_a_night_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec("halopsa")
    for setup in (replace(SETTINGS, companies=CompanyChoice(statuses=("Active",))), SETTINGS):
        with rig(warehouse_dsn, World(seed=7, companies=30), setup=setup, vendor="halopsa") as running:
            running.run(request=Request(approved=tuple(KINDS)))
            discover(running.client())
            running.run(request=Request(company=running.rows("companies", "deleted_at IS NULL")[3]["name"]))
            undescribed = ("/auth/token", "/api/authinfo")  # the description begins after the login
            asked = [request for request in running.simulator.requests if request.path not in undescribed]
            assert len(asked) > 40
            for request in asked:
                check_request(spec, request.method, request.path.removeprefix("/api"), request.query, request.headers)


@pytest.mark.parametrize("path", ["/Client", "/Asset"])
def test_a_list_that_does_not_page_and_miscounts_is_refused(warehouse_dsn: str, path: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=60), vendor="halopsa") as running:
        kind = {"/Client": "companies", "/Asset": "assets"}[path]
        running.run(kind)
        before = running.state()
        running.simulator.faults.add(f"paging_ignored:path={path}")
        with pytest.raises(Truncated, match=f"{path} counts 50 records and has more: it does not page"):
            running.run(kind)
        assert running.state() == before


@pytest.mark.parametrize("fault", ["capped_page:rows=7,path=/Asset", "duplicate_record:path=/Asset"])
def test_pages_shorter_than_asked_and_rows_that_come_twice_lose_nothing(warehouse_dsn: str, fault: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=[fault]) as running:
        running.run("assets")
        assert wrong(running, "assets") == []


def test_the_same_page_for_ever_is_refused(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, vendor="halopsa", faults=["repeated_page:path=/Asset"]) as running,
        pytest.raises(Truncated, match="50 different records were listed, the server counted 200"),
    ):
        running.run("assets")


def test_lists_that_are_wrapped_are_read_by_the_name_of_their_rows(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["wrapped_lookups"]) as running:
        running.run("ticket_settings")
        assert wrong(running, "service_boards", "ticket_statuses", "ticket_priorities") == []


@pytest.mark.parametrize("count", [2, 2.0, "2", None])
def test_a_short_list_may_spell_its_count_as_it_likes(count: Any) -> None:
    client: Any = Told(Answer({"record_count": count, "teams": [{"id": 1}, {"id": 2}]}, has_next=False))
    assert len(HaloClient(client).unpaged(TEAMS)) == 2


@pytest.mark.parametrize(("count", "error"), [("3", Truncated), ("many", ShapeError)])
def test_a_short_list_that_is_not_as_long_as_it_counts_is_refused(count: str, error: type[Exception]) -> None:
    client: Any = Told(Answer({"record_count": count, "teams": [{"id": 1}, {"id": 2}]}, has_next=False))
    with pytest.raises(error, match="/Team"):
        HaloClient(client).unpaged(TEAMS)


def test_a_night_costs_what_the_docs_say(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=130)
    with rig(warehouse_dsn, world, vendor="halopsa") as running:
        running.run()
        sizes = Sizes(*(len(table.ids) for table in (world.companies, world.sites, world.assets, world.contacts)))
        assert len(running.simulator.requests) == sum(load("halopsa").cost(sizes).values())


# ---- fields that lists may not bring ----


def test_fields_of_types_and_custom_fields_land_where_setup_wants_them(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=30), setup=SETTINGS, vendor="halopsa") as running:
        running.run("assets", "contacts")
        assert wrong(running, "assets", "contacts") == []
        serials = sum(asset["serial_number"] is not None for asset in running.rows("assets"))
        assert serials > 100


def test_an_older_server_is_asked_for_each_record_and_the_log_says_so(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with rig(
        warehouse_dsn, World(seed=7, companies=5), setup=TAG, vendor="halopsa", faults=["older_server"]
    ) as running:
        running.run("assets")
        assert wrong(running, "assets") == []
    assert "/Asset does not contain customfields: each record is asked for on its own" in caplog.text


def test_empty_lists_of_fields_are_believed_once_a_single_record_has_none_either() -> None:
    rows = {"/Asset": [{"id": 1, "customfields": []}, {"id": 2, "customfields": []}]}
    field_10 = {"id": 10, "type": 0, "value": "A-1"}
    truthful = Scripted(rows, {"/Asset/1": {"id": 1, "customfields": []}})
    assert (read(truthful, "assets", TAG), truthful.asked) == (rows["/Asset"], ["/Asset/1"])
    deaf = Scripted(rows, {f"/Asset/{n}": {"id": n, "customfields": [field_10]} for n in (1, 2)})
    assert [record["customfields"] for record in read(deaf, "assets", TAG)] == [[field_10], [field_10]]


def test_a_record_whose_details_are_gone_is_a_reject_and_no_deletion() -> None:
    api = Scripted({"/Asset": [{"id": 1}, {"id": 2}]}, {"/Asset/1": {"id": 1, "customfields": []}})
    (page,) = stream("assets").read(context(api, TAG))
    assert ([record["id"] for record in page.records], [reject.source_id for reject in page.rejects]) == ([1], ["2"])


def test_assets_of_a_type_that_is_not_listed_are_read_all_the_same() -> None:
    listed = {"id": 1, "assettype_id": 4, "fields": [{"id": 117, "value": "S1"}]}
    hidden = {"id": 2, "assettype_id": 5}

    class TypeByType(Scripted):
        def listing(self, what: Any, **params: str) -> Iterator[Page]:
            yield Page([listed] if params.get("assettype_id") else [listed, hidden])

    api = TypeByType(
        {"/AssetType": [{"id": 4}], "/Asset": [listed, hidden]},
        {"/Asset/2": {"id": 2, "fields": [{"id": 117, "value": "S2"}]}},
    )
    serials = [row("assets", record, SERIAL)["serial_number"] for record in read(api, "assets", SERIAL)]
    assert serials == ["S1", "S2"]


# ---- filters ----

STRANGERS: dict[str, list[Any]] = {
    "/Client": [{"id": 7, "name": "Seven", "inactive": False}],
    "/Site": [{"id": 3, "client_id": "8.0"}],
    "/Users": [{"id": 4, "client_id": 8}],
    "/Asset": [{"id": 5, "client_id": 8, "assettype_id": 2}],
    "/AssetType": [{"id": 1}],
}


@pytest.mark.parametrize("table", ["company_sites", "contacts", "assets"])
def test_a_server_that_ignores_the_company_filter_is_refused(table: str) -> None:
    api = Scripted(STRANGERS, {"/Client/7": STRANGERS["/Client"][0]})
    with pytest.raises(ShapeError, match=r"\?client_id=7 delivered records that were filtered out"):
        read(api, table, company="7")


def test_a_server_that_ignores_the_filter_by_type_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"/Asset\?assettype_id=1 delivered records that were filtered out"):
        read(Scripted(STRANGERS), "assets", SERIAL)


def test_setup_can_leave_inactive_companies_out_with_all_that_belongs_to_them(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(statuses=("Active",)))
    with rig(warehouse_dsn, World(seed=7, companies=60), setup=setup, vendor="halopsa") as running:
        running.run()
        expected = truth(running.simulator.world, setup)
        active = {key for key, company in expected["companies"].items() if company["status"] == "Active"}
        assert {company["source_id"] for company in running.rows("companies")} == active
        for table in ("company_sites", "assets", "contacts"):
            of_active = {k for k, r in expected[table].items() if r["company_source_id"] in active}
            assert {r["source_id"] for r in running.rows(table)} == of_active
            assert len(of_active) < len(expected[table])


def test_a_contact_without_a_company_belongs_to_that_of_its_site() -> None:
    rows = {
        "/Users": [{"id": 1, "name": "Ann", "site_id": 3.0}, {"id": 2, "client_id": 9}],
        "/Site": STRANGERS["/Site"],
    }
    assert [row("contacts", r)["company_source_id"] for r in read(Scripted(rows), "contacts")] == ["8", "9"]


def test_a_site_with_an_odd_company_costs_no_other_contact_its_own() -> None:
    @dataclass
    class Counting(Scripted):
        def listing(self, what: Any, **params: str) -> Iterator[Page]:
            self.asked.append(what.path)
            yield from super().listing(what, **params)

    sites = [{"id": 3, "client_id": "8.0"}, {"id": 5, "client_id": "eight"}]
    api: Any = Counting(
        {"/Users": [{"id": n, "site_id": site} for n, site in ((1, 5), (2, 3), (4, 5))], "/Site": sites}
    )
    assert [row("contacts", r)["company_source_id"] for r in read(api, "contacts")] == [None, "8", None]
    assert api.asked == ["/Users", "/Site"]


def test_what_a_server_leaves_out_of_its_lists_is_asked_for_by_id_before_it_counts_as_gone(warehouse_dsn: str) -> None:
    setup = Setup(deletion_guard=DeletionGuard(rows=50))  # of more than the deletion guard allows, none is asked for
    with rig(warehouse_dsn, World(seed=7, companies=20), setup=setup, vendor="halopsa") as running:
        running.run("companies", "assets", "contacts")
        running.simulator.faults.add("active_only")
        counts = running.run("companies", "assets", "contacts")
        assert [counts[table].deleted for table in ("companies", "assets", "contacts")] == [0, 0, 0]
        assert wrong(running, "companies", "assets", "contacts") == []


@pytest.mark.parametrize("nothing", ["nothing_to_see", "empty_body", "null_body"])
def test_a_record_that_no_list_has_and_that_is_answered_with_nothing_is_gone(warehouse_dsn: str, nothing: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=20), vendor="halopsa") as running:
        running.run("assets")
        for fault in ("active_only:path=/Asset", f"{nothing}:path=/Asset/*,times=99"):
            running.simulator.faults.add(fault)
        counts = running.run("assets")["assets"]
        assert counts.deleted == 200 - counts.fetched > 0


def test_what_setup_leaves_out_is_not_brought_back_by_its_id() -> None:
    clients = {f"/Client/{key}": {"id": key, "inactive": key == 8} for key in (7, 8)}
    paths = ("/Asset", "/Users", "/Site")
    belongings = {f"{path}/{key}": {"id": key, "client_id": key} for path in paths for key in (7, 8)}
    homeless = {f"{path}/6": {"id": 6, "client_id": -1} for path in paths}
    api: Any = Scripted(details={**clients, **belongings, **homeless})
    for table in ("companies", "assets", "contacts", "company_sites"):
        find = stream(table).find
        assert find is not None
        pages = find(context(api, Setup(companies=CompanyChoice(statuses=("active",)))), ["6", "7", "8", "9"])
        assert [record["id"] for page in pages for record in page.records] == [7], table


# ---- one company ----


def test_what_left_the_company_is_found_where_it_is_now(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    with rig(warehouse_dsn, world, setup=SETTINGS, vendor="halopsa") as running:
        running.run()
        key, other = (int(company["source_id"]) for company in running.rows("companies", "deleted_at IS NULL")[1:3])
        for table in (world.assets, world.contacts, world.sites):
            leaving: Any = table[table.by("company_id")[key][-1]]
            table.add(replace(leaving, company_id=other, **({"is_primary": False} if table is world.sites else {})))
        before = len(running.simulator.requests)
        counts = running.run(request=Request(company=str(key)))
        assert [counts[table].deleted for table in ("company_sites", "assets", "contacts")] == [0, 0, 0]
        assert wrong(running, "companies", "assets", "contacts") == []
        assert len(running.simulator.requests) - before < 50


def test_a_company_is_found_by_number_and_by_name_in_any_case(warehouse_dsn: str) -> None:
    world = World(seed=7, companies=20)
    with rig(warehouse_dsn, world, vendor="halopsa") as running:
        client, find = running.client(), load("halopsa").find_company
        company = world.companies[world.companies.ids[4]]
        assert find(context(client), str(company.id)).name == company.name
        assert find(context(client), company.name.upper()).id == str(company.id)
        with pytest.raises(FormError, match="There is no company 'Nobody & Sons'"):
            find(context(client), "Nobody & Sons")
        with pytest.raises(FormError, match="Setup leaves"):
            inactive = next(c for c in running.simulator.world.companies.values() if not _is_active(world, c))
            find(context(client, Setup(companies=CompanyChoice(statuses=("active",)))), str(inactive.id))


def test_a_whole_name_is_found_behind_many_that_begin_alike() -> None:
    api: Any = Scripted(
        {"/Client": [{"id": n, "name": f"Acme {n}"} for n in range(2, 14)] + [{"id": 99, "name": "ACME"}]}
    )
    assert load("halopsa").find_company(context(api), "acme").id == "99"
    with pytest.raises(FormError, match=r"Similar: Acme 2 \(2\), .* Acme 11 \(11\)\."):
        load("halopsa").find_company(context(api), "acme inc")


def _is_active(world: World, company: Any) -> bool:
    return truth(world, Setup())["companies"].get(str(company.id), {}).get("status") != "Inactive"


# ---- preflight and discovery ----


def test_preflight_names_wrong_choices_and_offers_right_ones(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Client",), statuses=("Activ",), status_from="type"),
        custom_fields={"assets": {"tag": "9999"}, "contacts": {"language": "30"}},
        field_map={
            "assets": {"serial_number": MappedField("field:9999")},
            "contacts": {"title": MappedField("other9"), "type": MappedField("other1")},
        },
    )
    with rig(warehouse_dsn, setup=setup, vendor="halopsa") as running:
        said = " ".join(check_setup(running.client(), setup))
    assert "There is no company status 'Activ'. Did you mean 'Active'?" in said
    assert "companies.types: HaloPSA has no company types, take this out" in said
    assert "companies.status_from: HaloPSA has only 'activity'" in said
    assert "custom_fields.assets.tag: there is no custom field 9999. There are: 10 (Asset Tag)" in said
    assert "field_map.assets.serial_number: there is no custom field field:9999." in said
    assert "field:117 (Serial Number)" in said
    assert "field_map.contacts.title: there is no custom field other9." in said
    assert "custom_fields.contacts.language" not in said
    assert "field_map.contacts.type" not in said


def test_a_field_that_seems_by_its_name_to_hold_secrets_is_refused_in_setup() -> None:
    password = {"id": 19, "name": "CFAdminPassword", "label": "Admin", "type": 0, "value": "hunter2"}
    api: Any = Scripted({}, {"/Asset/1": {"id": 1, "customfields": [password]}})
    api.first_page = lambda _: [{"id": 1}]
    (problem,) = check_setup(api, Setup(custom_fields={"assets": {"admin": "19"}}))
    assert problem == (
        "custom_fields.assets.admin: field 19 seems by its name to hold secrets, which are never synced."
    )


@pytest.mark.parametrize(
    "fault",
    [
        "lost_right:path=/Asset*",
        "nothing_to_see:path=/Asset",
        "html_200:path=/Asset,times=99",
        "lost_right:path=/Field*",
    ],
)
def test_trouble_with_the_fields_of_one_kind_does_not_stop_the_others(warehouse_dsn: str, fault: str) -> None:
    with rig(warehouse_dsn, setup=SETTINGS, vendor="halopsa", faults=[fault]) as running:
        assert running.run("contacts")["contacts"].inserted == 100


def test_fields_that_cannot_be_looked_up_are_not_called_wrong(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    setup = Setup(
        custom_fields={"assets": {"tag": "9999"}},
        field_map={"assets": {"serial_number": MappedField("field:117"), "notes": MappedField("notes")}},
    )
    with rig(warehouse_dsn, setup=setup, vendor="halopsa", faults=["lost_right:path=/Field*"]) as running:
        (problem,) = check_setup(running.client(), setup)
    assert "there is no custom field notes" in problem
    assert "The list of fields cannot be read" in caplog.text


def test_an_account_that_sees_no_company_is_told(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, vendor="halopsa", faults=["emptied_list:path=/Client"]) as running:
        preflight(running.sync())
    assert "shows this login no company at all" in caplog.text
    with rig(warehouse_dsn, vendor="halopsa") as running:
        assert remarks(running.client()) == []


def test_discovery_lists_what_setup_can_choose_with_examples_but_never_secrets(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=20), vendor="halopsa") as running:
        choices = {(choice.group, choice.id): choice for choice in discover(running.client())}
        boards = {str(board) for board in running.simulator.world.boards}
    assert {key for group, key in choices if group == "boards"} == boards
    assert choices["custom fields of assets", "field:118"].label == "Manufacturer"
    assert "Dell" in choices["custom fields of assets", "field:118"].examples
    assert choices["custom fields of contacts", "130"].examples
    assert choices["custom fields of assets", "19"].label == "Local Admin Password"
    assert choices["custom fields of assets", "19"].examples == ()


def test_what_sounds_secret_or_is_encrypted_and_tables_cannot_be_chosen_and_examples_of_them_are_not_shown() -> None:
    entries = [
        {"id": 1, "label": "Wi-Fi password", "value": "hunter2"},
        {"id": 2, "label": "Notes", "value": "hunter2", "isencrypted": True},
        {"id": 3, "label": "Contracts", "type": 7, "value": [{"id": 1}]},
        {"id": 4, "label": "Colour", "value": "red"},
    ]
    choices = list(on_records("assets", CUSTOM, [{"id": 1, "customfields": entries}]))
    assert [(c.id, c.examples, bool(c.refused)) for c in choices] == [
        ("1", (), True),
        ("2", (), True),
        ("3", (), True),
        ("4", ("red",), False),
    ]


def test_a_dead_login_is_no_missing_right(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, World(companies=1), vendor="halopsa", faults=["expired_credentials:path=/[!t]*"]) as running,
        pytest.raises(AuthError) as caught,
    ):
        running.client().unpaged(TICKET_STATUSES)
    assert not isinstance(caught.value, RightsError)
