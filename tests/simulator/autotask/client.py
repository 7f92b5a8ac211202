"""A client of the simulated Autotask API."""

from __future__ import annotations

from typing import Any, ClassVar

import requests

from tests.simulator.clients import ApiClient

EVERYTHING = {"op": "gte", "field": "id", "value": 0}


class Client(ApiClient):
    """A client of Autotask."""

    vendor: ClassVar[str] = "autotask"

    def log_in(self) -> None:
        own = self.simulator.connection
        self.root = f"{self.simulator.url}/ATServicesRest/V1.0"
        self.session.headers.update(
            {
                "ApiIntegrationCode": own["extra"]["integrationCode"],
                "UserName": own["login"],
                "Secret": own["password"],
                "Content-Type": "application/json",
            }
        )

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **more: Any) -> requests.Response:
        """The response, whatever it is."""
        url = path if path.startswith("http") else self.root + path
        return self.session.request(method, url, json=body, timeout=10, **more)

    def query(self, resource: str, *conditions: dict[str, Any], **more: Any) -> requests.Response:
        """A query by POST."""
        return self.ask(f"/{resource}/query", method="POST", body={"filter": list(conditions or (EVERYTHING,)), **more})

    def page(self, resource: str, *conditions: dict[str, Any], **more: Any) -> Any:
        """The body of a successful query."""
        answer = self.query(resource, *conditions, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, resource: str, *conditions: dict[str, Any], size: int = 500) -> list[dict[str, Any]]:
        """All rows. Each page continues after the last id."""
        found: list[dict[str, Any]] = []
        while True:
            position = {"op": "gt", "field": "id", "value": found[-1]["id"]} if found else EVERYTHING
            page = self.page(resource, position, *conditions, maxRecords=size)["items"]
            found += page
            if len(page) < size:
                return found

    def picklist(self, resource: str, name: str) -> Any:
        """The metadata of one field."""
        fields = self.ask(f"/{resource}/entityInformation/fields").json()["fields"]
        return next(one for one in fields if one["name"] == name)
