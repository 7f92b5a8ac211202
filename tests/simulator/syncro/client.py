"""A client of the simulated Syncro API."""

from __future__ import annotations

from typing import Any, ClassVar

import requests

from tests.simulator.clients import ApiClient

CUSTOMERS, CONTACTS, ASSETS = "/customers", "/contacts", "/customer_assets"
KEYS = {CUSTOMERS: "customers", CONTACTS: "contacts", ASSETS: "assets"}


class Client(ApiClient):
    """A client of Syncro."""

    vendor: ClassVar[str] = "syncro"

    def log_in(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.simulator.connection['password']}"

    def ask(self, path: str, *, headers: dict[str, str | None] | None = None, **query: Any) -> requests.Response:
        """The response, whatever it is, also a redirect to another server."""
        url = f"{self.simulator.url}/api/v1{path}"
        return self.session.get(url, params=query, headers=headers, timeout=10, allow_redirects=False)

    def body(self, path: str, **query: Any) -> Any:
        """The body of a successful response."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path: str, **query: Any) -> list[int]:
        """The ids of one page."""
        return [row["id"] for row in self.body(path, **query)[KEYS[path]]]

    def every_id(self, path: str, **query: Any) -> list[int]:
        """The ids of all pages that `meta` announces."""
        found: list[int] = []
        page, pages = 0, 1
        while page < pages:
            page += 1
            body = self.body(path, page=page, **query)
            found += [row["id"] for row in body[KEYS[path]]]
            pages = body["meta"]["total_pages"]
        return found
