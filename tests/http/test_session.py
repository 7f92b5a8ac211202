"""What a person typed into a connection is honoured, or refused by the name of its field."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from urllib3.exceptions import InsecureRequestWarning

from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.session import PsaLogin, open_session, origin
from include.model.errors import ConfigError
from tests.support.rig import Unpaced

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
    ],
)
def test_what_verify_and_cert_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any]
) -> None:
    typed(monkeypatch, extra=extra)
    with pytest.raises(ConfigError, match=r"'(verify|cert)'"):
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


def test_a_schema_that_is_a_scheme_counts_where_the_host_has_none() -> None:
    assert origin("psa.example", "http", None) == "http://psa.example"
    assert origin("https://psa.example", "odd", 8443) == "https://psa.example:8443"


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server with a certificate of its own, and the certificate's file."""
    folder = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=psa.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *key, *subject], cwd=folder, check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", folder / "cert.pem"
    server.shutdown()
    thread.join()
    server.server_close()


def asked(monkeypatch: pytest.MonkeyPatch, host: str, **extra: Any) -> Any:
    typed(monkeypatch, host=host, extra=extra)
    session, login = open_session("psa_test", ALL)
    with session:
        return HttpClient("PSA", session, login.origin, Unpaced(), Keys({}), sleep=lambda _: None).get("/x").body


def test_the_connections_ca_counts_before_the_environments(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[str, Path]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert asked(monkeypatch, tls[0], verify=str(tls[1])) == []
    with pytest.warns(InsecureRequestWarning):
        assert asked(monkeypatch, tls[0], verify=False) == []


def test_the_environments_ca_counts_where_the_connection_names_none(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[str, Path]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[1]))
    assert asked(monkeypatch, tls[0]) == []


def test_an_unknown_certificate_is_a_setting_and_no_outage(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[str, Path]
) -> None:
    with pytest.raises(ConfigError, match=r"certificate is not accepted.*'verify'"):
        asked(monkeypatch, tls[0])
