"""What is wrong with the text of a connection in a variable of the environment. No value of it is quoted."""

from __future__ import annotations

import json

FIELDS = ("conn_type", "description", "extra", "host", "login", "password", "port", "schema")
TEXTS = ("conn_type", "description", "host", "login", "password", "schema")


def defect(text: str) -> str:
    """The reason why Airflow cannot read it, as the end of a sentence."""
    if not text.strip():
        return "it is empty"
    if not text.strip().startswith("{"):
        return (
            "it is neither JSON nor a valid URI. In a URI every special character of login, password and extra has to "
            "be percent-encoded; JSON is simpler"
        )
    try:
        typed = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not JSON ({error.msg} in line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        return "it is not JSON"
    for name in typed:
        if name not in FIELDS:
            return f"it has the field '{name}', which no connection has; the fields are {', '.join(FIELDS)}"
    for name in TEXTS:
        if not isinstance(typed.get(name), (str, type(None))):
            return f"its field '{name}' must be text, in quotes"
    if not str(typed.get("port") or 0).isdecimal():
        return "its field 'port' must be a number"
    return "its field 'extra' must be a JSON object"
