"""airflow_settings.yaml: read strictly, sent as Airflow wants it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo import settings
from demo.errors import DemoError
from include.connectors import NAMES

PROJECT = Path(__file__).parent.parent.parent


def written(folder: Path, text: str) -> Path:
    file = folder / "airflow_settings.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_projects_own_file_has_all_that_a_sync_needs() -> None:
    read = settings.read(PROJECT / "airflow_settings.yaml")
    psas = {f"psa_{name}" for name in NAMES}
    assert {one["connection_id"] for one in read.connections} == {*psas, "psa_warehouse"}
    assert {one["key"] for one in read.variables} == psas
    assert all(json.loads(one["value"]).keys() == {"custom_fields"} for one in read.variables)
    assert {one["name"] for one in read.pools} == {"psa_nightly", "psa_force_sync"}


def test_an_extra_may_be_text_or_spelt_out(tmp_path: Path) -> None:
    text = "airflow: {connections: [{conn_id: a, conn_extra: '{\"x\": 1}'}, {conn_id: b, conn_extra: {x: 1}}]}"
    connections = settings.read(written(tmp_path, text)).connections
    assert [json.loads(one["extra"]) for one in connections] == [{"x": 1}, {"x": 1}]


def test_pools_are_read_as_airflows_own_api_wants_them(tmp_path: Path) -> None:
    text = "airflow: {pools: [{pool_name: p, pool_slot: 4, pool_description: d}]}"
    assert settings.read(written(tmp_path, text)).pools == ({"name": "p", "slots": 4, "description": "d"},)


def test_an_empty_value_is_left_out(tmp_path: Path) -> None:
    text = "airflow: {connections: [{conn_id: a, conn_port: }]}"
    assert "port" not in settings.read(written(tmp_path, text)).connections[0]


def test_a_misspelt_key_is_named_with_what_is_allowed(tmp_path: Path) -> None:
    text = "airflow: {pools: [{pool_name: p, pool_slots: 4}]}"
    with pytest.raises(DemoError, match=r"pools, entry 1: unknown pool_slots; allowed are .*pool_slot"):
        settings.read(written(tmp_path, text))


def test_an_entry_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="variables, entry 1: variable_name is missing"):
        settings.read(written(tmp_path, "airflow: {variables: [{variable_value: x}]}"))


@pytest.mark.parametrize("text", ["", "airflow:", "airflow: [1", "- a", "connections: []"])
def test_a_file_of_another_shape_is_refused_in_plain_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(DemoError, match="cannot be read as settings of Airflow"):
        settings.read(written(tmp_path, text))


def test_the_demo_replaces_addresses_in_memory_only(tmp_path: Path) -> None:
    file = written(tmp_path, "airflow: {connections: [{conn_id: a, conn_host: real, conn_login: me}, {conn_id: b}]}")
    read = settings.read(file)
    changed = read.with_connections({"a": {"host": "127.0.0.1"}})
    assert changed.connections[0] == {"connection_id": "a", "host": "127.0.0.1", "login": "me", "extra": None}
    assert changed.connections[1] == read.connections[1]
    assert read.connections[0]["host"] == "real"


def test_the_demo_adds_to_the_setup_of_every_psa_and_keeps_what_it_says(tmp_path: Path) -> None:
    first, second = "{variable_name: a, variable_value: '{\"x\": 1}'}", "{variable_name: b, variable_value: '{}'}"
    text = f"airflow: {{variables: [{first}, {second}]}}"
    read = settings.read(written(tmp_path, text))
    changed = read.with_setup({"y": 2})
    assert [json.loads(one["value"]) for one in changed.variables] == [{"x": 1, "y": 2}, {"y": 2}]
    assert [json.loads(one["value"]) for one in read.variables] == [{"x": 1}, {}]


def test_a_connection_that_is_not_in_the_file_cannot_be_replaced(tmp_path: Path) -> None:
    read = settings.read(written(tmp_path, "airflow: {connections: [{conn_id: a}]}"))
    with pytest.raises(DemoError, match="no connection b"):
        read.with_connections({"b": {"host": "127.0.0.1"}})
