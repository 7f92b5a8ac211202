"""A ConnectWise server that answers what a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from include.connectors.connectwise.client import ConnectWiseClient
from tests.support.scripted_server import Asked, Line

ROOT = "/v2025_1/apis/3.0"
HOST = "https://na.myconnectwise.net"


def client(answer: Callable[[Asked], Any], origin: str = HOST) -> tuple[Line, ConnectWiseClient]:
    """An open login; the first request asks for the codebase, `answer` sees the paths below the API root."""

    def routed(asked: Asked) -> Any:
        if asked.path.startswith("/login/"):
            return {"Codebase": "v2025_1/"}
        return answer(Asked(asked.method, asked.url, asked.path.removeprefix(ROOT), asked.query, asked.json))

    line = Line(routed)
    opened: ConnectWiseClient = line.client("connectwise", origin, login="acme inc+key", extra={"clientId": "id"})
    return line, opened
