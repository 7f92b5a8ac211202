"""What a person typed into the connection psa_warehouse is honoured, or refused by the name of its field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from demo.postgres import EmbeddedPostgres
from include.model.errors import ConfigError
from include.warehouse.connection import open_warehouse

NAME = "AIRFLOW_CONN_PSA_WAREHOUSE"


@pytest.fixture
def typed(postgres: EmbeddedPostgres) -> dict[str, Any]:
    """The fields of a connection that works."""
    found = conninfo_to_dict(postgres.url())
    fields = {"host": "host", "port": "port", "schema": "dbname", "login": "user", "password": "password"}
    return {"conn_type": "postgres", **{field: found[name] for field, name in fields.items()}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"conn_type": "postgres", "extra": "{sslmode"}', "extra of the .* 'psa_warehouse' is not JSON"),
        (
            '{"conn_type": "postgres", "extra": "{\\"sslmode\\": \\"disable\\", \\"sslmode\\": \\"require\\"}"}',
            "extra of the .* 'psa_warehouse' has 'sslmode' twice",
        ),
        ('{"conn_type": "postgres", "extra": "[1]"}', "extra of the .* 'psa_warehouse' must be a JSON object"),
        (
            '{"conn_type": "postgres", "extra": {"sslrootcert": "/no/ca.pem"}}',
            "'sslrootcert' .*'/no/ca.pem'.*no such file",
        ),
        ('{"conn_type": "postgres", "extra": {"sslcert": "/no/me.pem"}}', "'sslcert' in the extra .*no such file"),
        ('{"conn_type": "postgres", "extra": {"sslkey": {"a": 1}}}', "'sslkey' in the extra .*no such file"),
        ('{"conn_type": "postgres", "extra": {"passfile": "/"}}', "'passfile' in the extra .*no such file"),
    ],
)
def test_an_extra_that_cannot_be_used_names_the_field(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ConfigError, match=said):
        open_warehouse()


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"sslmode": "bogus"}, "sslmode"),
        ({"sslmode": ["require"]}, "sslmode"),
        ({"sslMode": "require"}, 'invalid connection option "sslMode"'),
        ({"keepalives": True}, '"keepalives"'),
        ({"connect_timeout": "soon"}, "connect_timeout"),
        ({"sqlalchemy_schema": "x"}, '"sqlalchemy_schema"'),
    ],
)
def test_a_wrong_name_or_value_in_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, typed: dict[str, Any], extra: dict[str, Any], said: str
) -> None:
    monkeypatch.setenv(NAME, json.dumps({**typed, "extra": extra}))
    with pytest.raises(ConfigError, match=said), open_warehouse().session():
        pass


@pytest.mark.parametrize(
    "extra",
    [
        {"cursor": "dictcursor"},
        {"cursor": "realdictcursor"},
        {"client_encoding": "LATIN1"},
        {"client_encoding": "MULE_INTERNAL"},
        {"autocommit": True, "prepare_threshold": 0},
        {"row_factory": "dict", "cursor_factory": "x", "context": "y"},
        {"options": "-c DateStyle=German -c search_path=mine"},
        {"connect_timeout": 5, "keepalives_idle": 30, "application_name": "mine"},
    ],
)
def test_what_the_sync_decides_itself_is_not_taken_from_the_extra(
    monkeypatch: pytest.MonkeyPatch, typed: dict[str, Any], extra: dict[str, Any]
) -> None:
    monkeypatch.setenv(NAME, json.dumps({**typed, "extra": extra}))
    with open_warehouse().session() as connection:
        for _ in range(6):
            assert connection.execute("SELECT 'ä', DATE '2026-11-22'::text").fetchone() == ("ä", "2026-11-22")


def test_a_worker_and_postgres_both_notice_that_the_other_has_vanished(
    monkeypatch: pytest.MonkeyPatch, typed: dict[str, Any]
) -> None:
    monkeypatch.setenv(NAME, json.dumps({**typed, "extra": {"keepalives_idle": 30}}))
    with open_warehouse().session() as connection:
        parameters = connection.info.get_parameters()
        assert (parameters["keepalives_idle"], parameters["keepalives_interval"]) == ("30", "10")
        assert connection.execute("SHOW tcp_keepalives_idle").fetchone() == ("60",)


def test_a_connection_that_is_not_there_says_what_it_is_for() -> None:
    with pytest.raises(ConfigError, match="There is no Airflow connection 'psa_warehouse'"):
        open_warehouse()


def test_the_file_of_a_certificate_that_is_there_is_no_error(
    monkeypatch: pytest.MonkeyPatch, typed: dict[str, Any], tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("", encoding="ascii")
    for extra in ({"sslrootcert": str(authority)}, {"sslrootcert": "system"}):
        monkeypatch.setenv(NAME, json.dumps({**typed, "extra": extra}))
        assert open_warehouse()
