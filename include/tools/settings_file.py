"""The PSAs' entries in airflow_settings.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from include import connectors
from include.model.choices import ConnectionField


def connections() -> Iterable[str]:
    """The entries of airflow_settings.yaml for the PSAs."""
    for vendor, title in connectors.NAMES.items():
        yield from (f"    # {title}: docs/{vendor}.md", f"    - conn_id: psa_{vendor}", "      conn_type: http")
        fields = connectors.load(vendor).connection
        for name, typed in fields.items():
            if "." not in name:
                yield from (f"      # {typed.meaning}.", f'      conn_{name}: "{typed.example}"')
        yield from _extra({name.partition(".")[2]: typed for name, typed in fields.items() if "." in name})
        yield "      conn_schema: https"
        yield ""


def variables() -> Iterable[str]:
    """The entries of airflow_settings.yaml for setup."""
    for vendor in connectors.NAMES:
        yield f"    - variable_name: psa_{vendor}"
        yield """      variable_value: '{"custom_fields": {"assets": {}, "contacts": {}}}'"""


def _extra(fields: Mapping[str, ConnectionField]) -> Iterable[str]:
    """One JSON text with the required fields, below a comment for each field."""
    for name, typed in fields.items():
        yield f"      # {name}: {typed.meaning}."
        if not typed.required:
            yield f'      #   may be added: "{name}": "{typed.example}"'
    if fields:
        required = {name: typed.example for name, typed in fields.items() if typed.required}
        yield f"      conn_extra: '{json.dumps(required)}'"
