"""The text of the Variable: what preflight would say about it, and the document that the page's form edits."""

from __future__ import annotations

import json
from typing import Any

from include.model.errors import ConfigError
from include.model.setup import NEW, OLD, Setup, parse
from include.model.setup_messages import variable_of
from include.model.strict_json import parse_json, repeated_keys
from include.tickets.view import encodable

SAFE = 2**53  # browsers read larger whole numbers as other ones
RENAMED = f"'{OLD}' is the old name of '{NEW}'. It is saved under the new name."
NO_FORM = "The fields below cannot show this setup. Change it in the JSON."


def parsed(text: str, source: str) -> tuple[Setup | None, str]:
    """Setup, or None and what preflight would say."""
    try:
        return parse(text, where=variable_of(source)), ""
    except ConfigError as error:
        return None, encodable(error.said)


def read_document(text: str, source: str) -> dict[str, Any]:
    """The document for the form, None where it cannot show all of the text; what is wrong; and remarks."""
    setup, problem = parsed(text, source)
    document, remarks = _document(text), list[str]()
    if document is not None and OLD in document and NEW not in document:
        document = {NEW if key == OLD else key: value for key, value in document.items()}
        remarks.append(RENAMED)
    if document is not None and setup is not None and parsed(json.dumps(document), source)[0] != setup:
        document = None
    if document is None:
        remarks.append(NO_FORM)
    return {"document": document, "problem": problem, "remarks": remarks}


def _document(text: str) -> dict[str, Any] | None:
    """The whole object, unknown keys included; None where the text is no object, or repeats a key."""
    words = text.strip().removeprefix("\ufeff")
    try:
        found = parse_json(words) if words else {}
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or any(repeated_keys(found)):
        return None
    document: dict[str, Any] = _for_browsers(found)
    written = json.dumps(document, ensure_ascii=False)
    return document if written == encodable(written) else None


def _for_browsers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _for_browsers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_for_browsers(inner) for inner in value]
    is_large = isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE
    return str(value) if is_large else value
