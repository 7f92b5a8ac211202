"""What is wrong with setup, in sentences: which key, what is allowed there, and what was probably meant."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import ErrorDetails

from include.model.json_schema import JsonSchema, Node
from include.model.strict_json import JsonPath
from include.model.wording import suggestion

UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")
EMPTY = ("string_too_short", "too_short")
KEY = "[key]"  # pydantic's mark at the end of a path: the key is wrong, not the value under it
SHOWN_CHARACTERS = 60


def variable_of(source: str) -> str:
    """What messages call the Variable with the setup of a source."""
    return f"Airflow Variable 'psa_{source}'"


def sentence(path: JsonPath, error: ErrorDetails, schema: JsonSchema) -> str:
    """What is wrong at a place, and what is allowed there."""
    kind = error["type"]
    if kind in UNKNOWN_KEY:
        return _unknown_key(path, schema)
    if path[-1:] == (KEY,) and kind == "literal_error":
        return _unknown_key(path[:-1], schema)
    if path[-2:] == ("", KEY) and kind in EMPTY:
        return f"{place(path[:-2])} has an empty name. Give it one."
    if kind in EMPTY:
        return f"{place(path)} must not be empty. Leave it out instead."
    node = {} if kind == "json_invalid" else schema.find(path)
    if not node:
        return f"{place(path)}: {error['msg']}."
    if kind == "missing":
        return f"{place(path)} is missing. It must be {schema.words(node)}."
    return f"{place(path)} must be {schema.words(node)}, not {_shown(error['input'])}.{_guess(error['input'], node)}"


def place(path: JsonPath) -> str:
    """Where in the Variable."""
    return f"'{'.'.join(map(str, path))}'" if path else "The whole value"


def _unknown_key(path: JsonPath, schema: JsonSchema) -> str:
    allowed = sorted(schema.names(schema.find(path[:-1])))
    guess = suggestion(str(path[-1]), allowed)
    return f"{place(path)} is not a setting.{guess} Allowed here: {', '.join(allowed)}."


def _guess(value: Any, node: Node) -> str:
    return suggestion(value, node["enum"]) if "enum" in node and isinstance(value, str) else ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
