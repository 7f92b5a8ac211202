"""What a person typed into a connection is honoured, or refused by the name of its field."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from include.http.session import PsaLogin, open_session, read_login, session_of
from include.model.errors import ConfigError
from include.model.limits import MOST_IN_FLIGHT

ALL = ("host", "login", "password")
TYPED = {"conn_type": "http", "host": "psa.example", "login": "user", "password": "secret-1234", "extra": {}}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")  # connections may come from the environment
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def typed(monkeypatch: pytest.MonkeyPatch, connection: str | None = None, **changes: Any) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PSA_TEST", connection or json.dumps({**TYPED, **changes}))


@pytest.mark.parametrize(
    ("connection", "named"),
    [
        ("https://acme%2BKEY:SECRET@psa.example/v4_6_release?clientId=1", r"schema.*URI"),
        ("https://acme:SECRET@psa.example:port/", "psa_test"),
        ("{not json", "psa_test"),
        (json.dumps({**TYPED, "host": "https://[psa.example"}), "host"),
        (json.dumps({**TYPED, "host": "psa.example:notaport"}), "host"),
        (json.dumps({**TYPED, "host": "ftp://psa.example"}), "host"),
        (json.dumps({**TYPED, "schema": "https://"}), "schema"),
        (json.dumps({**TYPED, "schema": "httsp"}), "schema"),
        (json.dumps({**TYPED, "extra": "[1]"}), "extra"),
    ],
)
def test_a_connection_that_cannot_be_used_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, connection: str, named: str
) -> None:
    typed(monkeypatch, connection)
    with pytest.raises(ConfigError, match=named) as refused:
        open_session("psa_test", ALL)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    "extra",
    [
        {"verify": "False"},
        {"verify": "true"},
        {"verify": 0},
        {"verify": "/no/such/ca.pem"},
        {"verify": True, "cert": "/no/such/client.pem"},
        {"cert": ["/no/such/client.pem", "/no/such/key.pem"]},
        {"cert": ["/dev/null"]},
        {"cert": ["/dev/null", "/dev/null", "/dev/null"]},
        {"cert": [["/dev/null"], "/dev/null"]},
        {"verify": "a" * 5000},
        {"verify": ""},
        {"verify": []},
        {"proxies": "http://proxy.example:8080"},
        {"proxies": {"https": 8080}},
        {"trust_env": "false"},
        {"allow_http": "true"},
    ],
)
def test_what_a_field_of_the_extra_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any]
) -> None:
    typed(monkeypatch, extra=extra)
    with pytest.raises(ConfigError, match=rf"'{next(reversed(extra))}'"):
        open_session("psa_test", ALL)


def test_the_names_of_an_extra_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, extra={"clientid": "one", "TENANT": "two", "Verify": False, "PROXIES": {"https": "http://p:1"}})
    session, login = open_session("psa_test", ALL)
    assert (login.extra["clientId"], login.extra["tenant"]) == ("one", "two")
    assert (session.verify, session.proxies) == (False, {"https": "http://p:1"})
    assert not {"clientid", "tenant", "verify", "proxies"} & {name.lower() for name in session.headers}


@pytest.mark.parametrize("names", [("clientId", "clientid"), ("tenant", "Tenant"), ("verify", "VERIFY")])
def test_two_spellings_of_a_name_with_different_values_are_refused_by_name(names: tuple[str, str]) -> None:
    first, second = names
    with pytest.raises(ConfigError, match=f"'psa_test' has '{first}' and '{second}' with different values") as refused:
        PsaLogin("psa_test", "https://psa.example", "user", "secret-1234", {first: "SECRET-1", second: "SECRET-2"})
    assert "SECRET" not in str(refused.value)
    alike = PsaLogin("psa_test", "https://psa.example", "user", "secret-1234", {first: "x", second: "x"})
    assert alike.extra[first.upper()] == "x"


@pytest.mark.parametrize("host", ["http://psa.example", "http://10.0.0.7:8080", "http://[2001:db8::1]"])
def test_no_credentials_go_unencrypted_to_another_machine_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(ConfigError, match=r"unencrypted.*https://.*allow_http"):
        PsaLogin("psa_test", host, "user", "secret-1234", {"allow_http": "true"})
    assert PsaLogin("psa_test", host, "user", "secret-1234", {"allow_http": True}).origin == host


@pytest.mark.parametrize("host", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://psa.example"])
def test_this_machine_and_https_need_no_permission(host: str) -> None:
    assert PsaLogin("psa_test", host, "user", "secret-1234", {}).origin == host


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"conn_type": "postgres"}, "type 'postgres'"),
        ({"host": "https://user:secret-1234@psa.example"}, "user or a password"),
        ({"host": "psa.example", "extra": '{"verify": true'}, "extra.*is not JSON"),
        ({"extra": '{"clientId": "a", "clientId": "b"}'}, "extra.*'clientId' twice"),
        ({"extra": json.dumps(json.dumps({"clientId": "secret-1234"}))}, "extra.*quotes around it"),
        ({"extra": "[" * 100_000}, "extra.*JSON object"),
        ({"extra": "7"}, "extra.*JSON object"),
        ({"schema": "cret-secret-1234@psa.example"}, "schema '…'"),
    ],
)
def test_what_would_be_dropped_or_raise_something_else_is_refused_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], named: str
) -> None:
    typed(monkeypatch, **changes)
    with pytest.raises(ConfigError, match=named) as refused:
        open_session("psa_test", ALL)
    assert "secret-1234" not in str(refused.value)


def test_a_path_behind_the_host_is_named_as_unused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    typed(monkeypatch, host="https://psa.example/api/?token=secret-1234#top")
    with caplog.at_level(logging.INFO):
        assert open_session("psa_test", ALL)[1].origin == "https://psa.example"
    assert "psa_test: '/api?…#…' behind the host is not used" in caplog.text
    assert "secret-1234" not in caplog.text


def test_blanks_around_a_password_are_named_as_unused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    typed(monkeypatch, password=" secret-1234\n")
    with caplog.at_level(logging.INFO):
        assert open_session("psa_test", ALL)[1].password == "secret-1234"
    assert "psa_test: the blanks around the password are not sent." in caplog.text
    assert "login" not in caplog.text and "secret-1234" not in caplog.text


def test_null_in_the_extra_is_as_if_it_was_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, extra={"verify": None, "cert": None, "proxies": None, "clientId": None})
    session, login = open_session("psa_test", ALL)
    assert (login.extra, session.verify, session.cert) == ({}, True, None)


def test_a_connection_is_kept_open_for_each_request_that_setup_lets_be_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else those that are too many are made again for each request, with a warning in the log."""
    typed(monkeypatch)
    session, login = open_session("psa_test", ALL)
    adapter = session.get_adapter(login.origin)
    assert isinstance(adapter, HTTPAdapter)
    assert adapter.poolmanager.connection_pool_kw["maxsize"] == MOST_IN_FLIGHT


def test_airflow_is_asked_once_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, extra={"verify": False})
    login = read_login("psa_test", ALL)
    monkeypatch.delenv("AIRFLOW_CONN_PSA_TEST")
    for _ in range(2):
        assert session_of(login).verify is False
