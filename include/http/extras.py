"""The extra of a connection: the one place where it is read. Each field counts, or is refused by its name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from include.airflow_store.extra import parsed_extra
from include.model.errors import ConfigError

ALLOW_HTTP = "allow_http"
# What counts at every PSA, and what it must be; a vendor's own fields are in its `connection`.
COMMON = {
    "verify": "true, false, or the path of a CA file",
    "cert": "the path of a certificate, or a list of the paths of certificate and key",
    "proxies": 'an object such as {"https": "http://127.0.0.1:3128"}',
    "trust_env": "true or false",
    ALLOW_HTTP: "true or false",
}


def read_extra(conn_id: str, raw: object) -> Mapping[str, Any]:
    """The fields of a connection's extra, those for all PSAs checked; raises ConfigError, which quotes no value."""
    extra = parsed_extra(conn_id, raw)
    given = without_case(conn_id, {name: value for name, value in extra.items() if value is not None})
    _check_common(conn_id, given)
    return given


def without_case(conn_id: str, extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """The extra, whose names are found in any case; raises ConfigError for two spellings with different values."""
    found: Mapping[str, Any] = CaseInsensitiveDict(extra)
    spelled = {name.lower(): name for name in found}
    for name, value in extra.items():
        last = spelled[name.lower()]
        if value != extra[last]:
            raise ConfigError(
                f"The extra of the Airflow connection '{conn_id}' has '{name}' and '{last}' with different values. "
                "Capital letters make no difference there: remove one of the two."
            )
    return found


def _check_common(conn_id: str, given: Mapping[str, Any]) -> None:
    for name, demand in COMMON.items():
        if name in given and not _is_of_its_type(name, given[name]):
            raise ConfigError(
                f"'{name}' in the extra of the connection '{conn_id}' must be {demand}. Write true and false without "
                "quotes. A connection that is a URI has text only: write it as JSON instead."
            )
    for name, path in _files(given):
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for names that are too long
            raise ConfigError(
                f"'{name}' in the extra of the connection '{conn_id}' names {path!r}, and there is no such file on "
                "this worker. Write true or false without quotes, or the path of a file."
            )


def _is_of_its_type(name: str, value: Any) -> bool:
    if name == "verify":
        return isinstance(value, (bool, str))
    if name == "cert":
        return isinstance(value, str) or (isinstance(value, list) and len(value) == 2 and _are_texts(value))
    if name == "proxies":
        return isinstance(value, dict) and _are_texts(value.values())
    return isinstance(value, bool)


def _are_texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def _files(extra: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    verify, cert = extra.get("verify"), extra.get("cert", [])
    if isinstance(verify, str):
        yield "verify", verify
    yield from (("cert", path) for path in ([cert] if isinstance(cert, str) else cert))
