"""What docs/setup.md says about each setting, and the JSON schema beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from include.model.json_schema import Node
from include.model.setup import schema


def table() -> Iterable[str]:
    """Every setting, by its path."""
    yield from ("| setting | value | default | meaning |", "| --- | --- | --- | --- |")
    for path, node in schema().settings():
        default = f"`{json.dumps(node['default'])}`" if "default" in node else ""
        yield f"| `{path}` | {_value(node)} | {default} | {node['description']} |"


def schema_file() -> str:
    """For editors, and for checks of a Variable that is kept in a repository."""
    return json.dumps(schema().document, indent=2, ensure_ascii=False) + "\n"


def _value(node: Node) -> str:
    """Of an object whose names a person chooses, what stands under a name."""
    under = node.get("additionalProperties")
    return f"an object: name → {schema().words(schema().resolved(under))}" if under else schema().words(node)
