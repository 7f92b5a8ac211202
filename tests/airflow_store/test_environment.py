"""Why a connection in the environment cannot be read, without any value of it."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import Connection

from include.airflow_store.environment import FIELDS, defect


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("https://key:pa/ss-1234@psa.example", "neither JSON nor a valid URI"),
        ("https://[key:ss-1234@psa.example", "neither JSON nor a valid URI"),
        ('{"host": "psa.example", "password": "ss-1234', "it is not JSON (Unterminated string starting at in line 1"),
        (
            "{'host': 'ss-1234'}",
            "it is not JSON (Expecting property name enclosed in double quotes in line 1, column 2",
        ),
        ('{"extra": ' + "[" * 100_000, "it is not JSON"),
        ('{"hostname": "ss-1234"}', "it has the field 'hostname', which no connection has"),
        ('{"password": 551234}', "its field 'password' must be text"),
        ('{"login": ["ss-1234"]}', "its field 'login' must be text"),
        ('{"port": "ss-1234"}', "its field 'port' must be a number"),
        ('{"port": -1}', "its field 'port' must be a number"),
    ],
)
def test_the_reason_is_named_and_no_value(text: str, reason: str) -> None:
    said = defect(text)
    assert said.startswith(reason) or reason in said
    assert "1234" not in said


def test_the_fields_are_those_that_airflow_reads() -> None:
    typed = dict.fromkeys(FIELDS, "1")
    assert Connection.from_json(json.dumps(typed), conn_id="x").port == 1
    with pytest.raises(TypeError):
        Connection.from_json(json.dumps({**typed, "hostname": "x"}), conn_id="x")
