"""HaloPSA's login: what is typed into the connection, where tokens come from, and missing rights."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests

from include.connectors import load
from include.connectors.halopsa.auth import account_key, new_grant
from include.connectors.halopsa.client import TEAMS
from include.connectors.halopsa.listings import TICKET_STATUSES
from include.connectors.halopsa.setup import remarks
from include.http.call import Answer
from include.model.errors import AuthError, ConfigError, LoginRefused, NotFound, PsaError, RightsError, ServerError
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.sync import load as loading
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.preflight import preflight
from simulator.world import World
from tests.connectors.halopsa.scripted import LOGIN, wrong
from tests.support.rig import Unpaced, rig
from tests.support.worlds import new_world


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"login": "client\u200bid"}, "The login of the connection 'psa_halopsa' .* invisible"),
        ({"password": "client secret"}, "The password of the connection"),
        ({"password": "client\tsecret"}, "The password of the connection"),
        ({"extra": {"tenant": 7}}, "The extra tenant of the connection"),
        ({"extra": {"scope": ["all"]}}, "The extra scope of the connection"),
        ({"extra": {"authServer": "ftp://halo.example.org"}}, "The extra authServer of the connection"),
        ({"extra": {"authServer": "https://user:pw@halo.example.org"}}, "The extra authServer of the connection"),
        ({"extra": {"authServer": "https://[halo.example.org"}}, "The extra authServer of the connection"),
        ({"extra": {"authServer": "halo..example.org"}}, "The extra authServer of the connection"),
        ({"extra": {"authServer": "http://halo.example.org/auth"}}, "authServer of .* would be sent unencrypted"),
    ],
)
def test_a_connection_with_a_wrong_field_says_which(changes: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load("halopsa").connect(requests.Session(), replace(LOGIN, **changes), Unpaced())


@dataclass
class TokenServer:
    """Gives everyone a token, and publishes `info`; an error is raised instead."""

    info: Any = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    base_url: str = LOGIN.origin

    def get(self, path: str, *, anonymous: bool, tries: int) -> Answer:
        assert (path, anonymous) == ("/api/authinfo", True)
        if isinstance(self.info, Exception):
            raise self.info
        return Answer(self.info, has_next=False)

    def log_in(self, path: str, form: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        self.asked.append((path, params.get("tenant", ""), form["scope"]))
        return Answer({"access_token": "the-token", "expires_in": "3600"}, has_next=False)


OWN = {"auth_url": "https://auth.example.org/auth/", "tenant_id": "published"}


@pytest.mark.parametrize(
    ("info", "extra", "asked"),
    [
        (OWN, {}, ("https://auth.example.org/auth/token", "published", "all")),
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


@pytest.mark.parametrize("origin", [LOGIN.origin, "http://127.0.0.1:8080"])
@pytest.mark.parametrize("named", ["http://auth.example.org", "HTTP://auth.example.org/token"])
def test_a_secret_is_not_sent_in_the_clear_because_a_server_says_so(origin: str, named: str) -> None:
    server: Any = TokenServer({"auth_url": named})
    with pytest.raises(ConfigError, match="not encrypted"):
        new_grant(server, replace(LOGIN, origin=origin))
    assert server.asked == []


@pytest.mark.parametrize("named", [7, ["https://x"], "https://[x", "javascript:alert(1)", "https://u:p@x.example", ""])
def test_a_published_address_that_is_none_is_passed_over(named: Any) -> None:
    server: Any = TokenServer({"auth_url": named})
    new_grant(server, LOGIN)
    assert [path for path, _, _ in server.asked] == ["https://halo.example.org/auth/token"]


def test_wrong_secrets_tenants_and_scopes_have_messages_of_their_own(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=1), vendor="halopsa") as running:
        with pytest.raises(LoginRefused, match=r"invalid_client.*Client Secret"):
            remarks(running.client(password="wrong"))
        with pytest.raises(LoginRefused, match="Tenant that Halo shows"):
            remarks(running.client(extra={"tenant": "another"}))
        with pytest.raises(ConfigError, match=r"invalid_scope.*extra 'scope'"):
            remarks(running.client(extra={"tenant": "simulated", "scope": "read:users"}))


@pytest.mark.parametrize("path", ["*", "/Team"])
def test_a_wrong_base_address_is_answered_with_the_right_one(warehouse_dsn: str, path: str) -> None:
    with (
        rig(warehouse_dsn, World(companies=1), vendor="halopsa", faults=[f"html_200:path={path},times=99"]) as running,
        pytest.raises(ServerError, match="the connection's host must be the Resource Server"),
    ):
        running.client().unpaged(TEAMS)


def test_a_scope_that_covers_one_kind_only_leaves_the_others_red(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(), vendor="halopsa") as running:
        client = running.client(extra={"tenant": "simulated", "scope": "read:customers read:tickets"})
        assert load("halopsa").probe(client, "contacts") == 100
        with pytest.raises(RightsError, match="answered 403"):
            load("halopsa").probe(client, "assets")


def test_401_on_one_path_with_a_good_token_is_a_missing_right(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["unauthorized_path:path=/Asset*"]) as running:
        with pytest.raises(RightsError, match="/api/Asset answered 401"):
            running.run("assets", "contacts")
        assert running.run("contacts")["contacts"].inserted == 100


def test_a_token_that_ends_early_is_replaced(warehouse_dsn: str) -> None:
    listings = Setup(details_per_night=0)
    with rig(warehouse_dsn, setup=listings, vendor="halopsa", faults=["token_ended:path=/Asset"]) as running:
        assert running.run("assets")["assets"].inserted == 200
        assert sum(r.path == "/auth/token" for r in running.simulator.requests) == 2


def test_tasks_whose_new_tokens_end_each_others_all_succeed(warehouse_dsn: str) -> None:
    setup = Setup(details_per_night=100_000)
    with rig(warehouse_dsn, setup=setup, vendor="halopsa", faults=["one_token"], latency_ms=2) as running:
        preflight(running.sync())
        failures: list[BaseException] = []

        def work(kind: str) -> None:
            run = running.sync()
            try:
                extract(run, kind)
                loading.load(run, kind)
                read_details(run, kind)
            except PsaError as error:
                failures.append(error)

        workers = [threading.Thread(target=work, args=(kind,)) for kind in KINDS]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert failures == []
        assert wrong(running, *(table for tables in KINDS.values() for table in tables)) == []


def test_without_the_right_to_the_teams_only_ticket_settings_fail(
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


def test_a_login_that_ended_is_not_reported_as_a_missing_right(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, World(companies=1), vendor="halopsa", faults=["expired_credentials:path=/[!t]*"]) as running,
        pytest.raises(AuthError) as caught,
    ):
        running.client().unpaged(TICKET_STATUSES)
    assert not isinstance(caught.value, RightsError)
