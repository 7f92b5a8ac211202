"""Logins of Kaseya BMS: what a person typed, tokens, and one-time codes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.connectors.kaseya_bms.auth import account_key, api_origin, lasts_seconds
from include.http.address import origin
from include.http.session import PsaLogin
from include.model.errors import (
    ConfigError,
    LoginRefused,
    PsaError,
    RateLimited,
    Redirected,
    RequestRefused,
    ServerError,
)
from simulator.kaseya_bms.auth import TOTP_SECRET, one_time_code
from simulator.world import World
from tests.connectors.kaseya_bms.scripted import BMS, TOKENS, bad, cases, good, needs_specs, scripted
from tests.support.rig import rig
from tests.support.scripted_server import Line, Said


@needs_specs
@pytest.mark.parametrize("name", ["success, camelCase", "success, PascalCase, expiry without zone"])
def test_a_recorded_login_is_read_in_either_case(name: str) -> None:
    api, asked = scripted({"/v2/security/authenticate": cases("01_authenticate.json")[name], "/x": good(1)})
    assert api.result("/x") == 1
    assert asked[0][1] == {"GrantType": "password", "UserName": "api", "Password": "pw", "Tenant": "Example"}
    assert {"LUBARIBA.A", "LUBARIBA.R"} == {secret[:10] for secret in api.http.secrets} - {"pw"}


@needs_specs
@pytest.mark.parametrize("name", ["bad password with HTTP 200", "success false without error object"])
def test_a_login_refused_with_200_is_refused_at_once(name: str) -> None:
    api, asked = scripted({"/v2/security/authenticate": cases("01_authenticate.json")[name]})
    with pytest.raises(LoginRefused, match=r"answered 200.* with Success false\."):
        api.result("/x")
    assert len(asked) == 1


def test_a_token_that_runs_out_is_renewed_with_the_latest_pair() -> None:
    given = iter(range(1, 9))

    def answers(path: str, query: dict[str, str]) -> Any:
        if not path.startswith("/v2/security/"):
            return good(path)
        number = next(given)
        return good({**TOKENS, "accessToken": f"access-{number}", "refreshToken": f"refresh-{number}"})

    api, asked = scripted(answers)
    for _ in range(3):
        api.result("/x")
        api.http.auth.clock = lambda: float("inf")  # type: ignore[attr-defined]
    renewals = [form for path, form in asked if path == "/v2/security/refreshtoken"]
    assert [form["RefreshToken"] for form in renewals] == ["refresh-1", "refresh-2"]


@pytest.mark.parametrize(
    "faults", [["token_ends_early:after=30,times=3"], ["token_ends_early:after=9", "refresh_refused"]]
)
def test_a_token_that_ends_during_a_run_is_replaced_and_nothing_is_lost(warehouse_dsn: str, faults: list[str]) -> None:
    with rig(warehouse_dsn, vendor=BMS, faults=faults) as running:
        assert running.run("companies", "contacts")["contacts"].inserted == 100


@needs_specs
def test_a_refused_renewal_leads_to_one_login() -> None:
    refused = cases("01_authenticate.json")["refresh refused"]
    api, asked = scripted({"/v2/security/refreshtoken": refused, "/x": good(1)})
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
    api, _ = scripted({"/v2/security/authenticate": body})
    with pytest.raises(PsaError) as caught:
        api.result("/x")
    assert type(caught.value) is error


@pytest.mark.parametrize(("status", "error"), [(400, LoginRefused), (405, RequestRefused), (302, Redirected)])
def test_only_a_refused_form_is_a_refused_login(status: int, error: type[PsaError]) -> None:
    client = Line(lambda _: Said({}, status)).client(BMS, "https://bms.kaseya.com", extra={"tenant": "Example"})
    with pytest.raises(PsaError) as caught:
        client.result("/x")
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

    api, _ = scripted(answers, totpSecret=TOTP_SECRET)
    api.http.now, api.http.sleep = lambda: clock[0], sleep
    if used_up < codes:
        assert api.result("/x") == 1
    else:
        with pytest.raises(LoginRefused):
            api.result("/x")
    assert slept == [20]
    assert sent == [one_time_code(TOTP_SECRET, clock[0].timestamp() - late) for late in (20, 0)]


def test_a_date_that_cannot_be_that_of_a_new_token_is_ignored() -> None:
    now = datetime(2026, 11, 22, tzinfo=timezone.utc)
    assert lasts_seconds(now + timedelta(minutes=5), now) == 300
    assert lasts_seconds(now - timedelta(hours=5), now) == lasts_seconds(None, now) == 900


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extra": {}}, r'needs the extra {"tenant"'),
        ({"extra": {"tenant": " "}}, r'needs the extra {"tenant"'),
        ({"extra": {"tenant": 7}}, r'needs the extra {"tenant"'),
        ({"extra": {"tenant": "x", "totpSecret": 234567}}, "The extra totpSecret of the connection"),
        ({"extra": {"tenant": "x", "totpSecret": "no base 32!"}}, "totpSecret of the connection 'psa_kaseya_bms'"),
    ],
)
def test_an_incomplete_connection_says_what_is_missing(warehouse_dsn: str, changes: Any, said: str) -> None:
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
def test_the_host_that_people_sign_in_at_becomes_the_host_of_the_api(typed: str, asked: str) -> None:
    assert api_origin(origin(typed, None, None)) == asked


def test_all_users_of_a_tenant_share_a_budget() -> None:
    one, two = (PsaLogin("c", "https://bms.kaseya.com", user, "pw", {"tenant": "Acme "}) for user in ("a", "b"))
    assert account_key(one) == account_key(two) == "https://api.bms.kaseya.com acme"


def test_a_401_inside_a_200_is_answered_with_a_new_login() -> None:
    bodies = iter([bad(401), good([{"id": 1}])])
    api, asked = scripted(lambda path, _: next(bodies) if path == "/x" else None)
    assert api.lookup("/x") == [{"id": 1}]
    assert [path for path, _ in asked].count("/v2/security/authenticate") == 2
