"""Reads airflow_settings.yaml strictly, and converts it for Airflow's REST API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from demo.errors import DemoError

Entity = dict[str, Any]

CONNECTION = {
    "conn_id": "connection_id",
    "conn_type": "conn_type",
    "conn_host": "host",
    "conn_schema": "schema",
    "conn_login": "login",
    "conn_password": "password",
    "conn_port": "port",
    "conn_extra": "extra",
}
POOL = {"pool_name": "name", "pool_slot": "slots", "pool_description": "description"}
VARIABLE = {"variable_name": "key", "variable_value": "value"}


@dataclass(frozen=True)
class AirflowSettings:
    """Each entry as a body for the REST API."""

    connections: tuple[Entity, ...]
    pools: tuple[Entity, ...]
    variables: tuple[Entity, ...]

    def with_connections(self, changes: Mapping[str, Entity]) -> AirflowSettings:
        """The same settings with some connections' values replaced, in memory only."""
        unknown = changes.keys() - {connection["connection_id"] for connection in self.connections}
        if unknown:
            raise DemoError(f"airflow_settings.yaml has no connection {', '.join(sorted(unknown))}.")
        changed = tuple({**known, **changes.get(known["connection_id"], {})} for known in self.connections)
        return AirflowSettings(changed, self.pools, self.variables)

    def with_setup(self, changes: Mapping[str, Any]) -> AirflowSettings:
        """The same settings with changes to the setup of each PSA."""
        more = ({**known, "value": json.dumps({**json.loads(known["value"]), **changes})} for known in self.variables)
        return AirflowSettings(self.connections, self.pools, tuple(more))


def read(file: Path) -> AirflowSettings:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        sections = dict(document["airflow"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise DemoError(f"{file.name} cannot be read as settings of Airflow: {error}") from error
    connections = tuple(_entities(file, sections, "connections", CONNECTION))
    return AirflowSettings(
        connections=tuple({**entity, "extra": _text(entity.get("extra"))} for entity in connections),
        pools=tuple(_entities(file, sections, "pools", POOL)),
        variables=tuple(_entities(file, sections, "variables", VARIABLE)),
    )


def _entities(file: Path, sections: Mapping[str, Any], section: str, names: Mapping[str, str]) -> Iterator[Entity]:
    """The entries without empty values; a misspelt key is an error, because it would have no effect."""
    first = next(iter(names))
    for number, entry in enumerate(sections.get(section) or (), start=1):
        unknown = entry.keys() - names.keys()
        if unknown:
            raise DemoError(
                f"{file.name}, {section}, entry {number}: unknown {', '.join(sorted(unknown))};"
                f" allowed are {', '.join(names)}."
            )
        if not entry.get(first):
            raise DemoError(f"{file.name}, {section}, entry {number}: {first} is missing.")
        yield {names[key]: value for key, value in entry.items() if value is not None}


def _text(extra: Any) -> str | None:
    """A connection's extra as the JSON text that Airflow stores; the file may contain YAML instead."""
    return extra if extra is None or isinstance(extra, str) else json.dumps(extra)
