"""An open login at one tenant of ConnectWise: addresses, codebases, listings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from include.connectors.common.values import pick, text
from include.http.call import Answer, Call
from include.http.client import TRIES, HttpClient
from include.http.paging import Keyset, integer_key
from include.model.errors import AuthError, ConfigError, NotFound, RequestRefused, RightsError, ServerError, ShapeError
from include.model.page import Page

log = logging.getLogger(__name__)

ROUTER_CODEBASE = "v4_6_release/"
PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 25  # what the server deals in when it does not listen


@dataclass
class ConnectWiseClient:
    """An open login at one tenant; `ticket_order` is what it lists tickets by, as far as the tenant is known."""

    http: HttpClient
    company_id: str
    codebase: str | None = None
    ticket_order: str = "lastUpdated desc,id desc"  # without the id, pages may deal what changed together twice

    def get(self, path: str, params: dict[str, str | int] | None = None, *, tries: int = TRIES) -> Answer:
        """GET below the API root."""
        return self._below_root(Call("GET", path, params or {}), tries)

    def post(self, path: str, params: dict[str, str | int], json: Any) -> Answer:
        """A query that is too long for an address, below the API root: nothing at the PSA changes by it."""
        return self._below_root(Call("POST", path, params, json=json), TRIES)

    def _below_root(self, call: Call, tries: int) -> Answer:
        """The answer; after a 404 once more if the tenant was moved to another codebase."""
        self.codebase = self.codebase or self._published_codebase() or ROUTER_CODEBASE
        try:
            return self._send(call, tries)
        except NotFound:
            published = self._published_codebase()
            if published in (None, self.codebase):
                raise
            log.info("ConnectWise moved this tenant from %s to %s.", self.codebase, published)
            self.codebase = published
        return self._send(call, tries)

    def _send(self, call: Call, tries: int) -> Answer:
        return self.http.send(replace(call, path=f"/{self.codebase}apis/3.0{call.path}"), tries=tries)

    def _published_codebase(self) -> str | None:
        """Where the tenant's API is now; None from servers that do not publish it, some self-hosted ones."""
        path = f"/login/companyinfo/{quote(self.company_id, safe='')}"
        try:
            info = self.http.get(path, anonymous=True, tries=2).body
        except (NotFound, AuthError, RequestRefused):
            return None
        except ServerError as error:
            if error.status != 200:
                raise
            return None
        if info is None:
            raise ConfigError(
                f"{self.http.base_url} knows no company '{self.company_id}'. It is what stands before the '+' in "
                "the connection's login: the company name of your ConnectWise sign-in page."
            )
        codebase = info.get("Codebase") if isinstance(info, dict) else None
        return f"{codebase.strip('/')}/" if isinstance(codebase, str) and codebase.strip("/") else None

    def count(self, path: str, conditions: str = "", child_conditions: str = "") -> int | None:
        """The server's own total; None where it keeps or tells none."""
        try:
            body = self.get(f"{path}/count", query(conditions=conditions, childConditions=child_conditions)).body
        except (NotFound, RequestRefused, RightsError):
            return None
        total = body.get("count") if isinstance(body, dict) else None
        if not isinstance(total, int):
            raise ShapeError(f"ConnectWise: {path}/count did not answer with a count.")
        return total

    def listing(
        self, path: str, *, fields: str = "", conditions: str = "", child_conditions: str = ""
    ) -> Iterator[Page]:
        """A whole top-level listing, its end proven by the server's total."""
        return self._walk(
            path, fields, conditions, child_conditions, lambda: self.count(path, conditions, child_conditions)
        )

    def short_listing(
        self, path: str, *, fields: str = "", conditions: str = "", child_conditions: str = ""
    ) -> Iterator[Page]:
        """A listing that fits on a page or two: its end is proven by a short or empty page, without asking for a total.

        So are the lists below a parent, for which there is none.
        """
        return self._walk(path, fields, conditions, child_conditions, lambda: None)

    def _walk(
        self, path: str, fields: str, conditions: str, child_conditions: str, count: Callable[[], int | None]
    ) -> Iterator[Page]:
        def fetch(after: int | None, size: int, tries: int, wanted: str = fields) -> Page:
            above = "" if after is None else f"id>{after}"
            where = " and ".join(filter(None, (f"({conditions})" if conditions and above else conditions, above)))
            params = query(conditions=where, childConditions=child_conditions, fields=wanted, orderBy="id asc")
            answer = self.get(path, {**params, "page": 1, "pageSize": size}, tries=tries)
            if not isinstance(answer.body, list):
                raise ShapeError(f"ConnectWise: {path} answered with {type(answer.body).__name__}, not a list.")
            return Page(answer.body, has_next=answer.has_next)

        def next_key(after: int | None) -> int | None:
            records = fetch(after, 1, TRIES, "id").records
            return integer_key(records[0]) if records else None

        return Keyset(f"ConnectWise {path}", fetch, next_key, count, PAGE_SIZE, DEFAULT_PAGE_SIZE, TRIES).pages()

    def labels(self, path: str) -> dict[str, str]:
        """id → name of a setup table."""
        records = [record for page in self.listing(path, fields="id,name") for record in page.records]
        return {str(known_key(record, path)): pick(text, record, "name") or "" for record in records}


def known_key(record: Any, path: str) -> int:
    """The id of a record that other listings hang on, so that it cannot be passed over."""
    key = integer_key(record)
    if key is None:
        raise ShapeError(f"ConnectWise: a record of {path} has no usable 'id'.")
    return key


def query(**params: str) -> dict[str, str | int]:
    """Parameters without the empty ones."""
    return {name: value for name, value in params.items() if value}
