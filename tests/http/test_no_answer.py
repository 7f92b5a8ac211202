"""A request without an answer: TLS, a proxy or the connection has to be fixed, or the network had a bad moment."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import certifi
import pytest
from urllib3.exceptions import InsecureRequestWarning

from include.http.auth import Keys
from include.http.client import HttpClient
from include.http.session import open_session
from include.model.errors import Blocked, ConfigError, PsaError, Unreachable
from tests.support.rig import Unpaced


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")  # connections may come from the environment
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


class Hello(http.server.BaseHTTPRequestHandler):
    connect_status = 407
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def do_CONNECT(self) -> None:
        self.send_response(self.connect_status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serving(context: ssl.SSLContext | None = None, connect_status: int = 407) -> Iterator[int]:
    """The port of a server, with TLS if there is a context; as a proxy it refuses with a status."""
    handler = type("Handler", (Hello,), {"connect_status": connect_status})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that do not like the certificate
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for this machine that no CA has signed, its key, and a file that is neither."""
    folder = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=psa.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *key, *subject], cwd=folder, check=True, capture_output=True)
    (folder / "garbage.pem").write_text("no certificate", encoding="utf-8")
    return folder


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem / "cert.pem", pem / "key.pem")
    return context


@pytest.fixture(scope="module")
def tls(pem: Path) -> Iterator[str]:
    with serving(server_context(pem)) as port:
        yield f"https://127.0.0.1:{port}"


def asked(monkeypatch: pytest.MonkeyPatch, host: str, **extra: Any) -> Any:
    typed = {"conn_type": "http", "host": host, "login": "user", "password": "secret-1234", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_PSA_TEST", json.dumps(typed))
    session, login = open_session("psa_test", ("host",))
    with session:
        return HttpClient("PSA", session, login.origin, Unpaced(), Keys({}), sleep=lambda _: None).get("/x").body


def test_the_connections_ca_counts_before_the_environments(
    monkeypatch: pytest.MonkeyPatch, tls: str, pem: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert asked(monkeypatch, tls, verify=str(pem / "cert.pem")) == []
    with pytest.warns(InsecureRequestWarning):
        assert asked(monkeypatch, tls, verify=False) == []


def test_the_environments_ca_counts_where_the_connection_names_none(
    monkeypatch: pytest.MonkeyPatch, tls: str, pem: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem / "cert.pem"))
    assert asked(monkeypatch, tls) == []


def test_an_unknown_certificate_is_a_setting_and_no_outage(monkeypatch: pytest.MonkeyPatch, tls: str) -> None:
    with pytest.raises(ConfigError, match=r"certificate is not accepted.*'verify'"):
        asked(monkeypatch, tls)


def test_a_client_certificate_may_be_a_pair_of_files_and_is_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, pem: Path
) -> None:
    context = server_context(pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(pem / "cert.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # where the alert comes before the request
    ca = str(pem / "cert.pem")
    with serving(context) as port:
        pair = [ca, str(pem / "key.pem")]
        assert asked(monkeypatch, f"https://127.0.0.1:{port}", verify=ca, cert=pair) == []
        with pytest.raises(ConfigError, match="'cert' in the connection's extra"):
            asked(monkeypatch, f"https://127.0.0.1:{port}", verify=ca)


@pytest.mark.parametrize("extra", ["verify", "cert"])
def test_a_file_that_is_no_certificate_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, tls: str, pem: Path, extra: str
) -> None:
    with pytest.raises(ConfigError, match="a file for TLS cannot be used"):
        asked(monkeypatch, tls, **{extra: str(pem / "garbage.pem")})


def test_a_ca_file_of_the_environment_that_is_not_there_is_a_setting(monkeypatch: pytest.MonkeyPatch, tls: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/ca.pem")
    with pytest.raises(ConfigError, match=r"/no/such/ca\.pem.*REQUESTS_CA_BUNDLE"):
        asked(monkeypatch, tls)


def test_a_port_without_tls_is_a_setting_and_a_handshake_that_is_cut_off_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving() as port, pytest.raises(ConfigError, match="no TLS at this address"):
        asked(monkeypatch, f"https://127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=close_at_once, args=(listener, 5))
        thread.start()
        with pytest.raises(Unreachable):
            asked(monkeypatch, f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()


def close_at_once(listener: socket.socket, connections: int) -> None:
    for _ in range(connections):
        listener.accept()[0].close()


PROXIES = [
    "http://proxy example:8080",
    "https:///proxy",
    "socks5://127.0.0.1:1",
    "ftp://127.0.0.1:1",
    "http://127.0.0.1:port",
    "http://[127.0.0.1:1",
    "http://us€r:pw@127.0.0.1:1",
]


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_is_none_is_a_setting(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match="HTTPS_PROXY on this worker") as refused:
        asked(monkeypatch, "https://psa.example")
    assert "us€r" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (407, ConfigError, "proxy asks for a login"),
        (403, Blocked, "refused with 403 by the proxy"),
        (502, Unreachable, "the proxy of .* answered 502"),
    ],
)
def test_a_proxy_that_does_not_connect_is_named(
    monkeypatch: pytest.MonkeyPatch, status: int, kind: type[PsaError], said: str
) -> None:
    with serving(connect_status=status) as port, pytest.raises(kind, match=said):
        asked(monkeypatch, "https://psa.example", proxies={"https": f"http://127.0.0.1:{port}"})


def test_the_connections_proxy_counts_before_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://not-asked.example")
    with serving() as port, pytest.raises(ConfigError, match="proxy asks for a login"):
        asked(monkeypatch, "https://psa.example", proxies={"https": f"http://127.0.0.1:{port}"})


def test_a_login_of_netrc_never_replaces_the_connections(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login other password other", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[str | None] = []

    class Noting(Hello):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            super().do_GET()

    server = http.server.HTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert asked(monkeypatch, f"http://127.0.0.1:{server.server_port}") == []
    thread.join()
    server.server_close()
    assert seen == [None]
