"""The API as a whole: a server for tokens and one for data behind the same address, and error responses."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.entities import Address, Company
from simulator.faults.base import Fault
from simulator.faults.transport import html
from simulator.halopsa import faults as own_faults
from simulator.halopsa.auth import CLIENT_ID, CLIENT_SECRET, OAUTH, TENANT, Tokens, bearer_token, check_scope
from simulator.halopsa.routes import BY_PATH
from simulator.halopsa.serving import Serving, make_call
from simulator.halopsa.setup import AGENT
from simulator.messages import ApiError, Request, Response, to_json
from simulator.rate_limit import Limits, Rate
from simulator.world import START, World

ROOT = "/api"
TOKEN_PATHS = ("/auth/token", "/token")
UNCOUNTED = ("/token", "/authinfo")
DETAIL = re.compile(r"(?P<listed>/\w+)/(?P<id>[^/]+)")
# Errors without a body. A 400 has one; a 429 comes from the gateway as plain text.
EMPTY_BODY = (401, 403, 404, 405, 500)
JSON = {"Content-Type": "application/json; charset=utf-8"}

# Every tenant has this client. It owns what belongs to no other client.
UNKNOWN_CLIENT = Company(
    id=1,
    identifier="",
    name="Unknown",
    website=None,
    status_id=None,
    type_ids=(),
    phone=None,
    address=Address(),
    is_deleted=False,
    deleted_at=None,
    created_at=START,
    updated_at=START,
)


class HaloPSA:
    """One hosted tenant of HaloPSA."""

    limits: ClassVar[Limits] = Limits((Rate(700, 300.0),), retry_after=False)
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.world = world
        if UNKNOWN_CLIENT.id not in world.companies:
            world.companies.add(UNKNOWN_CLIENT)
        self._tokens = Tokens(clock)
        self._serving = Serving()

    def connection(self) -> Mapping[str, Any]:
        """The Airflow connection. The credentials are good for this simulator only."""
        return {"login": CLIENT_ID, "password": CLIENT_SECRET, "extra": {"tenant": TENANT}}

    def budget_key(self, endpoint: str) -> str | None:
        """All requests for data share one limit."""
        return None if endpoint in UNCOUNTED else "tenant"

    def endpoint(self, path: str) -> str:
        """The path below its server, as the API description has it."""
        return "/token" if path in TOKEN_PATHS else path.removeprefix(ROOT)

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request. Paths outside the API belong to the web application, which has a page for each."""
        if request.path in TOKEN_PATHS:
            return self._token(request, faults)
        if not request.path.startswith(f"{ROOT}/"):
            return html(200, "HaloPSA")
        if request.method != "GET":
            raise ApiError(405, "")
        if request.endpoint == "/authinfo":
            return _json({"auth_url": f"{request.origin}/auth", "tenant_id": TENANT})
        if any(isinstance(fault, own_faults.TokenEnded) for fault in faults):
            self._tokens.revoke(bearer_token(request))
        return self._data(request, faults, scopes=self._tokens.check(bearer_token(request)))

    def error_response(self, error: ApiError) -> Response:
        """An error response. Most have no body; that of a 400 has one of several formats."""
        if error.status in EMPTY_BODY:
            return Response(error.status, b"", error.headers)
        if error.status == 429:
            return Response(429, error.message.encode(), {"Content-Type": "text/plain", **error.headers})
        body: object = error.message
        if error.code:
            body = {"error": error.message} if error.code == OAUTH else {error.code: [error.message]}
        return replace(_json(body), status=error.status, headers={**JSON, **error.headers})

    def _token(self, request: Request, faults: Sequence[Fault]) -> Response:
        if request.method != "POST":
            raise ApiError(405, "")
        if any(isinstance(fault, own_faults.OneToken) for fault in faults):
            self._tokens.revoke_all()
        return _json(self._tokens.issue(request))

    def _data(self, request: Request, faults: Sequence[Fault], *, scopes: frozenset[str]) -> Response:
        if request.endpoint == "/Agent/me":
            return _json(AGENT)
        detail = DETAIL.fullmatch(request.endpoint)
        resource = BY_PATH.get(detail["listed"] if detail else request.endpoint)
        if resource is None or (detail and not resource.single):
            raise ApiError(404, "")
        check_scope(scopes, resource.scope)
        call = make_call(self, resource, request, faults)
        if detail is None:
            return _json(self._serving.list_rows(call))
        if not detail["id"].isdecimal():
            raise ApiError(400, f"The value '{detail['id']}' is not valid.", code="id")
        return _json(self._serving.single(call, int(detail["id"])))


def _json(body: object) -> Response:
    return Response(200, to_json(body), JSON)
