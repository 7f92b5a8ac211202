"""A client of the simulated Kaseya BMS API."""

from __future__ import annotations

from typing import Any, ClassVar

import requests

from tests.simulator.clients import ApiClient


class Client(ApiClient):
    """A client of Kaseya BMS."""

    vendor: ClassVar[str] = "kaseya_bms"

    def log_in(self) -> None:
        self.use(self.authenticate().json()["result"] or {})

    def use(self, tokens: dict[str, str]) -> None:
        """Use these tokens for all later requests."""
        self.tokens = tokens
        self.session.headers["Authorization"] = f"Bearer {tokens.get('accessToken')}"

    def authenticate(self, **changes: str) -> requests.Response:
        """The response to a login with the right credentials, except for these changes."""
        own = self.simulator.connection
        right = {"GrantType": "password", "UserName": own["login"], "Password": own["password"]}
        return self.post("authenticate", right | {"Tenant": own["extra"]["tenant"]} | changes)

    def refresh(self) -> requests.Response:
        """The response to a renewal of the current tokens."""
        names = {"AccessToken": "accessToken", "RefreshToken": "refreshToken"}
        return self.post("refreshtoken", {name: self.tokens[own] for name, own in names.items()})

    def post(self, action: str, form: dict[str, str], **more: Any) -> requests.Response:
        """The response to a form."""
        return self.session.post(f"{self.simulator.url}/v2/security/{action}", data=form, timeout=10, **more)

    def ask(self, path: str, **query: Any) -> requests.Response:
        """The response, whatever it is. Parameters are named with _ for the dot."""
        params = {name.replace("Filter_", "Filter."): value for name, value in query.items()}
        return self.session.get(self.simulator.url + path, params=params, timeout=10)

    def search(self, path: str, **body: Any) -> requests.Response:
        """The response to a search by body."""
        return self.session.post(self.simulator.url + path, json=body, timeout=10)

    def result(self, path: str, **query: Any) -> Any:
        """The result of a successful response."""
        body = self.ask(path, **query).json()
        assert body["success"] is True, body
        return body["result"]

    def every(self, path: str, **query: Any) -> list[Any]:
        """The rows of a whole listing, active and inactive."""
        found: list[Any] = []
        for is_active in ("true", "false"):
            page, rows = 1, [None]
            while rows:
                rows = self.result(path, Filter_IsActive=is_active, PageSize=100, PageNumber=page, **query) or []
                found += rows
                page += 1
        return sorted(found, key=lambda row: row["id"])
