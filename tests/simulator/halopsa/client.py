"""A client of the simulated HaloPSA API."""

from __future__ import annotations

from typing import Any, ClassVar

import requests

from tests.simulator.clients import ApiClient

PAGED = {"pageinate": "true", "page_size": "100", "order": "id", "includeactive": "true", "includeinactive": "true"}


class Client(ApiClient):
    """A client of HaloPSA."""

    vendor: ClassVar[str] = "halopsa"

    def token(self, *, path: str = "/auth/token", tenant: str | None = None, **form: str) -> requests.Response:
        """The response of the token server. A form field given as "" is left out."""
        own = self.simulator.connection
        usual = {"client_id": own["login"], "client_secret": own["password"], "scope": "all"}
        body = {"grant_type": "client_credentials", **usual, **form}
        query = {"tenant": own["extra"]["tenant"] if tenant is None else tenant}
        data = {name: value for name, value in body.items() if value}
        return self.session.post(f"{self.simulator.url}{path}", params=query, data=data, timeout=10)

    def log_in(self, **form: str) -> None:
        """Get a new token for all later requests."""
        self.session.headers["Authorization"] = f"Bearer {self.token(**form).json()['access_token']}"

    def ask(self, path: str, **query: Any) -> requests.Response:
        """The response, whatever it is."""
        return self.session.get(f"{self.simulator.url}/api{path}", params=query, timeout=10)

    def rows(self, path: str, **query: Any) -> Any:
        """The body of a successful response."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def every(self, path: str, key: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a paged list, read until a page has no new rows."""
        found: dict[int, dict[str, Any]] = {}
        for page in range(1, 100):
            body = self.rows(path, page_no=page, **{**PAGED, **query})
            new = {int(row["id"]): row for row in body[key] if int(row["id"]) not in found}
            if not new:
                assert len(found) == body["record_count"]
                return list(found.values())
            found |= new
        raise AssertionError(f"{path} has no end")
