"""The API itself: two servers behind one address, one for tokens and one for data, and how each says no."""

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
from simulator.halopsa.auth import CLIENT_ID, CLIENT_SECRET, OAUTH, TENANT, Tokens, bearer, must_reach
from simulator.halopsa.routes import BY_PATH
from simulator.halopsa.serving import Serving, called
from simulator.halopsa.setup import AGENT
from simulator.messages import ApiError, Request, Response, to_json
from simulator.rate_limit import Limits, Rate
from simulator.world import START, World

ROOT = "/api"
TOKEN_PATHS = ("/auth/token", "/token")
UNCOUNTED = ("/token", "/authinfo")
DETAIL = re.compile(r"(?P<listed>/\w+)/(?P<id>[^/]+)")
# Only a 400 says anything; a 429 comes from the gateway, in plain text.
WORDLESS = (401, 403, 404, 405, 500)
JSON = {"Content-Type": "application/json; charset=utf-8"}

# Built into every tenant: whatever belongs to nobody belongs to it.
UNKNOWN = Company(
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
        if UNKNOWN.id not in world.companies:
            world.companies.add(UNKNOWN)
        self._tokens = Tokens(clock)
        self._serving = Serving()

    def connection(self) -> Mapping[str, Any]:
        """What to put into the connection. It opens nothing but this simulator."""
        return {"login": CLIENT_ID, "password": CLIENT_SECRET, "extra": {"tenant": TENANT}}

    def budget_key(self, endpoint: str) -> str | None:
        """All requests for data share one limit."""
        return None if endpoint in UNCOUNTED else "tenant"

    def endpoint(self, path: str) -> str:
        """The path below the server it is for, as the vendor's description has it; anything else as it is."""
        return "/token" if path in TOKEN_PATHS else path.removeprefix(ROOT)

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """The answer; an address that is no part of the API belongs to the web application, which knows every path."""
        if request.path in TOKEN_PATHS:
            return self._token(request, faults)
        if not request.path.startswith(f"{ROOT}/"):
            return html(200, "HaloPSA")
        if request.method != "GET":
            raise ApiError(405, "")
        if request.endpoint == "/authinfo":
            return _json({"auth_url": f"{request.origin}/auth", "tenant_id": TENANT})
        if any(isinstance(fault, own_faults.TokenEnded) for fault in faults):
            self._tokens.end(bearer(request))
        return self._data(request, faults, scopes=self._tokens.admit(bearer(request)))

    def error_response(self, error: ApiError) -> Response:
        """Most refusals have no body; a 400 has one of several shapes."""
        if error.status in WORDLESS:
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
            self._tokens.end_all()
        return _json(self._tokens.issue(request))

    def _data(self, request: Request, faults: Sequence[Fault], *, scopes: frozenset[str]) -> Response:
        if request.endpoint == "/Agent/me":
            return _json(AGENT)
        detail = DETAIL.fullmatch(request.endpoint)
        resource = BY_PATH.get(detail["listed"] if detail else request.endpoint)
        if resource is None or (detail and not resource.single):
            raise ApiError(404, "")
        must_reach(scopes, resource.scope)
        call = called(self, resource, request, faults)
        if detail is None:
            return _json(self._serving.listed(call))
        if not detail["id"].isdecimal():
            raise ApiError(400, f"The value '{detail['id']}' is not valid.", code="id")
        return _json(self._serving.single(call, int(detail["id"])))


def _json(body: object) -> Response:
    return Response(200, to_json(body), JSON)
