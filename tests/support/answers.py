"""Answers of a server without the server."""

from __future__ import annotations

import json
from typing import Any

import requests


def answer(status: int, body: Any = b"", **headers: str) -> requests.Response:
    """A response; a body that is neither bytes nor text is JSON. `Content_Type` is the header Content-Type."""
    response = requests.Response()
    response.status_code = status
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    response._content = text if isinstance(text, bytes) else text.encode()
    if not isinstance(body, (bytes, str)):
        response.headers["Content-Type"] = "application/json"
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response
