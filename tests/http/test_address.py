"""What people type as host, schema and port: an address, or a refusal by the name of the field."""

from __future__ import annotations

import pytest

from include.http.address import is_address, origin
from include.model.errors import ConfigError


@pytest.mark.parametrize(
    ("host", "schema", "port", "address"),
    [
        ("psa.example", "http", None, "http://psa.example"),
        ("psa.example", " HTTPS ", 8443, "https://psa.example:8443"),
        ("https://psa.example", "https", None, "https://psa.example"),
        ("psa.example:8443", None, 8443, "https://psa.example:8443"),
        ("HTTPS://PSA.example./", "", None, "https://psa.example"),
        ("münchen.example", None, None, "https://münchen.example"),
        ("[fe80::1%eth0]", None, None, "https://[fe80::1%eth0]"),
    ],
)
def test_host_schema_and_port_make_an_address(host: str, schema: str | None, port: int | None, address: str) -> None:
    assert origin(host, schema, port) == address


@pytest.mark.parametrize(
    ("host", "schema", "port", "named"),
    [
        ("https://psa.example", "odd", None, "schema 'odd'"),
        ("http://psa.example", "https", None, "schema is https, and its host begins with http://"),
        ("psa.example:8443", None, 443, "port is 443, and its host ends with :8443"),
        ("psa.example", None, 65_536, "port 65536"),
        ("psa.example:0", None, None, "port 0"),
        ("psa.example", None, -1, "port -1"),
        ("psa.example:99999", None, None, "host"),
        ("https://user:pw@psa.example", None, None, "a user or a password"),
        ("psa..example", None, None, "host"),
        ("x" * 70 + ".example", None, None, "host"),
        ("psa .example", None, None, "host"),
        ("psa\u200b.example", None, None, "invisible"),
        ("psa\n.example", None, None, "invisible"),
        ("psa.example%2Fapi", None, None, "host"),
        ("*.psa.example", None, None, "host"),
        ("https:/psa.example", None, None, "host"),
        ("https:\\\\psa.example", None, None, "host"),
        ("[psa.example]", None, None, "host"),
    ],
)
def test_what_has_two_meanings_or_none_is_refused_by_its_field(
    host: str, schema: str | None, port: int | None, named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        origin(host, schema, port)


@pytest.mark.parametrize(
    "text", ["", "psa.example", "ftp://psa.example", "https://u:p@psa.example", "https://psa.example?x=1", "https://[x"]
)
def test_only_an_http_address_without_user_and_query_is_one(text: str) -> None:
    assert is_address("https://psa.example/auth") and not is_address(text)
