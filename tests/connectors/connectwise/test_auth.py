"""Addresses and credentials of ConnectWise."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.connectwise.auth import api_origin
from include.connectors.connectwise.client import CODEBASE, Listing
from include.connectors.connectwise.errors import judge
from include.http.address import origin
from include.model.errors import AuthError, ConfigError, RightsError, Unreachable
from simulator.world import World
from tests.support.rig import rig

COMPANIES = Listing("/company/companies")


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
def test_a_host_as_people_type_it_becomes_the_address_of_the_api(typed: str, asked: str) -> None:
    assert api_origin(origin(typed, None, None)) == asked


def test_schema_and_port_of_the_connection_count_where_the_host_has_none() -> None:
    assert origin("127.0.0.1", "http", 9100) == "http://127.0.0.1:9100"
    assert origin("[::1]", "http", 9100) == "http://[::1]:9100"


@pytest.mark.parametrize("host", ["", "ftp://cw.example.org", "https://", "cw.example.org:port", "[abc"])
def test_text_that_is_no_host_is_refused(host: str) -> None:
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


def test_wrong_keys_an_unknown_company_and_a_missing_server_have_messages_of_their_own(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running:
        public = running.simulator.connection["login"].partition("+")[2]
        with pytest.raises(AuthError, match="answered 401"):
            running.client(password="wrong").count(COMPANIES)
        with pytest.raises(ConfigError, match="knows no company 'unknown'"):
            running.client(login=f"unknown+{public}").count(COMPANIES)
        with pytest.raises(RightsError, match="answered 403"):
            running.client(extra={"clientId": "not-a-guid"}).labels("/company/companies/types")
        late = running.client()
    with pytest.raises(Unreachable, match="Is the host of the connection right"):
        late.count(COMPANIES)


def test_a_host_without_the_api_is_not_a_missing_right() -> None:
    said = "ConnectWise: GET /x answered 403 «Security SSL is required.»."
    refused = judge(403, {"code": "Security", "message": "SSL is required."}, said)
    assert isinstance(refused, ConfigError) and "the one that begins with api-" in refused.said
    assert judge(403, {"message": "No right"}, "X answered 403 «No right».") is None


@pytest.mark.parametrize("version", [2025.1, "2025\n1", "v€"])
def test_a_version_that_no_header_can_hold_is_refused_by_name(warehouse_dsn: str, version: Any) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running, pytest.raises(ConfigError, match="extra version"):
        running.client(extra={**running.login().extra, "version": version})


def test_the_pinned_model_can_be_changed_in_the_connection(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1)) as running:
        extra = {**running.login().extra, "version": "2024.1"}
        assert running.client(extra=extra).http.headers["Accept"].endswith("version=2024.1")


def test_a_self_hosted_server_without_companyinfo_is_asked_at_its_only_codebase(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1), faults=["html_200:path=/login/companyinfo/*"]) as running:
        client = running.client()
        assert client.count(COMPANIES) == 1
        assert client.http.known[CODEBASE] == "v4_6_release/"
