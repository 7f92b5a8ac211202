"""A client of the simulated ConnectWise API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import requests

from tests.simulator.clients import ApiClient

ACCEPT = "application/vnd.connectwise.com+json; version=2025.1"


class Client(ApiClient):
    """A client of ConnectWise."""

    vendor: ClassVar[str] = "connectwise"

    def log_in(self) -> None:
        own = self.simulator.connection
        self.session.auth = (own["login"], own["password"])
        self.session.headers.update({**own["extra"], "Accept": ACCEPT})

    def ask(
        self,
        path: str,
        *,
        codebase: str = "v4_6_release",
        headers: Mapping[str, str | None] | None = None,
        **query: Any,
    ) -> requests.Response:
        """The response, whatever it is."""
        url = f"{self.simulator.url}/{codebase}/apis/3.0{path}"
        return self.session.get(url, params=query, headers=headers, timeout=10)  # a header given as None is left out

    def rows(self, path: str, **query: Any) -> Any:
        """The body of a successful response."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path: str, **query: Any) -> list[int]:
        """The ids of one page."""
        return [row["id"] for row in self.rows(path, fields="id", **query)]

    def every_id(self, path: str, *, size: int = 1000) -> list[int]:
        """The ids of a whole listing. Each page continues after the last id."""
        found: list[int] = []
        while True:
            last = found[-1] if found else 0
            page = self.ids(path, conditions=f"id>{last}", orderBy="id asc", pageSize=size)
            found += page
            if len(page) < size:
                return found
