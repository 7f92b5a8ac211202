"""A JSON schema, read for people: what stands at a path, and what is allowed there in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]  # a part of a schema

NOUNS = {  # alone, and inside a list
    "string": ("text", "text"),
    "integer": ("a whole number", "whole numbers"),
    "number": ("a number", "numbers"),
    "object": ("an object", "objects"),
}


@dataclass(frozen=True)
class JsonSchema:
    """A schema as pydantic makes it."""

    document: Node

    def find(self, path: Iterable[str | int]) -> Node:
        """The part that a path leads to; empty where the schema does not go."""
        node = self.document
        for step in path:
            found = (_child(option, step) for option in self._options(node))
            node = self.resolved(next(filter(None, found), {}))
        return node

    def resolved(self, node: Node) -> Node:
        """The part itself, or what its `$ref` names, with what stands beside the `$ref`."""
        if "$ref" not in node:
            return node
        return {**self.document["$defs"][node["$ref"].rpartition("/")[2]], **node}

    def names(self, node: Node) -> Iterator[str]:
        """The keys that are allowed in an object, without deprecated ones."""
        for option in self._options(node):
            properties = option.get("properties", {})
            yield from (name for name, child in properties.items() if not child.get("deprecated"))
            yield from option.get("propertyNames", {}).get("enum", ())

    def settings(self, path: str = "", node: Node | None = None) -> Iterator[tuple[str, Node]]:
        """Path and schema of each setting: objects with named settings are walked, others are settings themselves."""
        node = self.document if node is None else self.resolved(node)
        if "properties" not in node:
            yield path, node
            return
        for name in self.names(node):
            yield from self.settings(f"{path}.{name}".lstrip("."), node["properties"][name])

    def words(self, node: Node, *, plural: bool = False) -> str:
        """What is allowed: `a whole number, 0 or more`, `text or a whole number`."""
        return _either(dict.fromkeys(self._words(option, plural=plural) for option in self._options(node)))

    def _words(self, node: Node, *, plural: bool) -> str:
        if "enum" in node:
            return _either(f"'{name}'" for name in node["enum"])
        if node["type"] == "array":
            return f"{'lists' if plural else 'a list'} of {self.words(self.resolved(node['items']), plural=True)}"
        example = f" such as {json.dumps(node['examples'][0])}" if "examples" in node else ""
        return f"{NOUNS[node['type']][plural]}{_limits(node)}{example}"

    def _options(self, node: Node) -> Iterator[Node]:
        """The part itself, or each that may stand in its place."""
        for option in node.get("anyOf", ()):
            yield from self._options(self.resolved(option))
        if "anyOf" not in node:
            yield node


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(step, int):
        return node.get("items")
    named = node.get("properties", {}).get(step)
    others = node.get("additionalProperties")
    return named or (others if isinstance(others, dict) else None)


def _limits(node: Node) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    if least is None:
        return ""
    return f", {least} or more" if most is None else f" from {least} to {most}"


def _either(options: Iterable[str]) -> str:
    """`a, b or c`."""
    *others, last = options
    return f"{', '.join(others)} or {last}" if others else last
